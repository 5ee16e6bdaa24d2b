package command

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"cnnbench/dataset"
	"cnnbench/sessions"
)

// first is what a pipe begins with where nothing is named, as the workbench does.
const first = "lecture-cnn"

// open opens the workbench, or without a terminal trains what the workbench would have shown.
func (p *Program) open(cmd *cobra.Command, args []string) error {
	switch p.symbols {
	case "", "ascii", "block", "braille":
	default:
		return fmt.Errorf("found --symbols %s, needs one of ascii, block, braille", p.symbols)
	}
	store, err := p.store()
	if err != nil {
		return err
	}
	word := first
	if len(args) > 0 {
		word = args[0]
	}
	// A dumb terminal, as an editor's, can show lines and no screens.
	terminal := p.Workbench != nil && isTerminal(p.Stdin) && isTerminal(p.Stdout) && os.Getenv("TERM") != "dumb"
	if terminal && len(args) == 0 {
		return failed(p.Workbench(cmd.Context(), Options{Store: store, Threads: p.threads, Symbols: p.symbols, NoMouse: p.noMouse}))
	}
	found, err := store.Find(word)
	if err != nil {
		return err
	}
	if terminal {
		return failed(p.Workbench(cmd.Context(), Options{Store: store, Open: word, Threads: p.threads, Symbols: p.symbols, NoMouse: p.noMouse}))
	}
	fmt.Fprintf(p.Stderr, "cnnbench: no terminal here, so no workbench; training %s as `cnnbench train` does\n", found.Experiment.Name)
	return p.fit(cmd, found, trainFlags{})
}

// prepare loads the experiment's data and checks it, and says how far it is with a folder of pictures.
func (p *Program) prepare(ctx context.Context, f *sessions.Found) (*sessions.Prepared, error) {
	show := newProgress(p.Stderr)
	prepared, err := p.reading().PrepareContext(ctx, f.Experiment, f.Dir, dataset.Pass{Told: show.share("looking at the pictures")})
	show.clear()
	if errors.Is(err, context.Canceled) {
		return nil, errInterrupted
	}
	return prepared, err
}
