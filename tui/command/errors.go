package command

import (
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/spf13/cobra"

	"cnnbench/sessions"
	"cnnbench/spec"
)

// isMistake reports whether the error is in the experiment or the command line.
func isMistake(err error) bool {
	var se *spec.Error
	var exists *sessions.ExistsError
	return errors.As(err, &se) || errors.As(err, &exists)
}

// interrupted is errInterrupted if a signal came.
func interrupted(cmd *cobra.Command) error {
	if cmd.Context().Err() != nil {
		return errInterrupted
	}
	return nil
}

// many is no upper bound.
const many = math.MaxInt

// wordsOf refuses a command line with fewer or more words behind the command, and says how it is written.
func wordsOf(least, most int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		switch n := len(args); {
		case n > most && cmd.HasSubCommands() && (most == 0 || !cmd.HasParent()):
			return fmt.Errorf("found %q, which is no command of %s; `%[2]s --help` lists them", args[0], cmd.CommandPath())
		case n < least || n > most:
			noun := "words"
			if n == 1 {
				noun = "word"
			}
			return fmt.Errorf("found %d %s behind %s; write %s", n, noun, cmd.CommandPath(), cmd.UseLine())
		}
		return nil
	}
}

// some lists the first few of many words.
func some(words []string) string {
	const most = 4
	if len(words) <= most {
		return strings.Join(words, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(words[:most], ", "), len(words)-most)
}
