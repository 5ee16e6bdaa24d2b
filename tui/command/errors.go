package command

import (
	"errors"
	"fmt"
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

// some lists the first few of many words.
func some(words []string) string {
	const most = 4
	if len(words) <= most {
		return strings.Join(words, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(words[:most], ", "), len(words)-most)
}
