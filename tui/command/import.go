package command

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"cnnbench/sessions/imports"
)

func (p *Program) importing() *cobra.Command {
	var name, experiment string
	var options imports.Options
	cmd := &cobra.Command{
		Use:   "import MODEL",
		Short: "Make a session of a network that another program saved",
		Long: "Reads a whole Keras model (.keras, or a legacy .h5), a model's JSON in the dialect of Keras 2 or 3, or weights alone (.weights.h5,\n" +
			".safetensors, .npz), which need --experiment. The session is at epoch 0, ready for predict, evaluate and export. What cannot be\n" +
			"carried over is named; a layer or a setting that is not known here is an error, and nothing is imported.",
		Example: "cnnbench import model.keras\ncnnbench import model.weights.h5 --experiment lenet5 --name lenet5-keras",
		Args:    wordsOf(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			store, err := p.store()
			if err != nil {
				return err
			}
			options.Store = store
			if experiment != "" {
				if options.Experiment, err = store.Find(experiment); err != nil {
					return err
				}
			}
			n, err := imports.Read(args[0], options)
			var need *imports.NeedError
			switch {
			case errors.As(err, &need) && need.Length:
				return startError(fmt.Errorf("%w: --length N", err))
			case errors.As(err, &need):
				return startError(fmt.Errorf("%w: --experiment FILE", err))
			case err != nil:
				return startError(err)
			}
			made, err := store.Import(cmd.Context(), name, n.Prepared, n.Weights)
			if err != nil {
				return startError(fmt.Errorf("import %s: %w", args[0], err))
			}
			if a := n.Advice(); a != "" {
				n.Notes = append(n.Notes, a)
			}
			for _, note := range n.Notes {
				fmt.Fprintf(p.Stdout, "note: %s\n", note)
			}
			fmt.Fprintf(p.Stdout, "layers: %d\nparameters: %s\nsession: %s\n", len(n.Prepared.Summary.Rows), thousands(int64(n.Prepared.Summary.Total)), made)
			return nil
		},
	}
	cmd.Flags().StringVar(&name, "name", "", "the session's name (default the model's file's with the first free number)")
	cmd.Flags().StringVar(&experiment, "experiment", "", "file, preset or session whose data and training the network gets; weights alone need it")
	cmd.Flags().IntVar(&options.Length, "length", 0, "how long samples are, where the model takes any length")
	return cmd
}
