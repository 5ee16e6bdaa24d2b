package command

import (
	"fmt"

	"github.com/spf13/cobra"
)

func (p *Program) verify() *cobra.Command {
	return &cobra.Command{
		Use:   "verify SESSION",
		Short: "Train a session again beside it and compare every bit",
		Long: "Trains a session again, up to where it stands, and compares the figures and the weights of every epoch and all\n" +
			"that its checkpoints hold. It prints same bits, or the first epoch that differs. The session stays as it is.",
		Example: "cnnbench verify lecture-cnn-1",
		Args:    wordsOf(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := p.stored(args[0])
			if err != nil {
				return err
			}
			store, err := p.store()
			if err != nil {
				return err
			}
			line := newProgress(p.Stderr)
			v, err := store.Verify(cmd.Context(), args[0], p.threads, &stepLine{line, s.Planned})
			line.clear()
			if err != nil {
				return startError(err)
			}
			for _, d := range v.Damaged {
				fmt.Fprintf(p.Stderr, "cnnbench: %v; it was left out\n", d)
			}
			if !v.Same {
				fmt.Fprintf(p.Stdout, "differs: epoch %d: %s\n", v.Epoch, v.Differ)
				return failed(fmt.Errorf("%s does not come out as it did; it was trained by %s, %s kernels on %s/%s", s.Name, s.Program, s.ISA, s.GOOS, s.GOARCH))
			}
			fmt.Fprintf(p.Stdout, "same bits: %d epochs, %d steps\n", v.Epochs, v.Step)
			return nil
		},
	}
}
