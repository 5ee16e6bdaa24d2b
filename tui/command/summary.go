package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"cnnbench/nn"
	"cnnbench/sessions"
	"cnnbench/spec"
)

func (p *Program) summary() *cobra.Command {
	var set []string
	cmd := &cobra.Command{
		Use:     "summary EXPERIMENT or SESSION",
		Short:   "Print the network as Keras does, with its cost in operations and memory",
		Example: "cnnbench summary lecture-cnn",
		Args:    wordsOf(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			store, err := p.store()
			if err != nil {
				return err
			}
			found, err := store.Find(args[0], set...)
			if err != nil {
				return err
			}
			model, net, err := p.plan(cmd.Context(), found)
			if err != nil {
				return err
			}
			fmt.Fprint(p.Stdout, kerasTable(model.Summary))
			printCost(p.Stdout, model.Summary)
			if net != nil {
				fmt.Fprintf(p.Stdout, " Memory to train: %s with batches of %d\n", kerasBytes(float64(net.Bytes())), net.Batch())
				net.Close()
			}
			if name := model.Unmasked(); name != "" {
				fmt.Fprintf(p.Stdout, " From %s on, what pads the shorter sequences is taken for a part of them, as in Keras\n", name)
			}
			return nil
		},
	}
	cmd.Flags().StringArrayVar(&set, "set", nil, "change a setting first: PATH=VALUE")
	return cmd
}

// plan works out the network. The data may be missing where the experiment says the shape of its input, or the session
// knows it; there is no built network then.
func (p *Program) plan(ctx context.Context, f *sessions.Found) (*sessions.Prepared, *nn.Network, error) {
	prepared, err := p.prepare(ctx, f)
	if err == nil {
		net, err := prepared.Build(sessions.BuildOptions{Threads: p.threads})
		return prepared, net, err
	}
	var se *spec.Error
	if !errors.As(err, &se) || !strings.HasPrefix(se.Path, "data") {
		return nil, nil, err
	}
	if f.Session != "" {
		s, openErr := p.stored(f.Session)
		if openErr != nil {
			return nil, nil, openErr
		}
		model, err := s.Model()
		return model, nil, err
	}
	if f.Experiment.Model.Input == nil || slices.Contains(f.Experiment.Model.Input, nil) {
		return nil, nil, err
	}
	s, err := sessions.Check(f.Experiment, nil)
	return &sessions.Prepared{Summary: s}, nil, err
}

// printCost prints the multiply-accumulates of the layers that have some.
func printCost(w io.Writer, s *nn.Summary) {
	fmt.Fprintf(w, " MACs per sample: %s (%s forward)\n", thousands(s.MACs), flops(2*float64(s.MACs)))
	width := 0
	for _, r := range s.Rows {
		if r.MACs > 0 {
			width = max(width, len(r.Name))
		}
	}
	for _, r := range s.Rows {
		if r.MACs > 0 {
			fmt.Fprintf(w, "   %-*s %*s %5.1f %%\n", width, r.Name, len(thousands(s.MACs)), thousands(r.MACs), 100*float64(r.MACs)/float64(s.MACs))
		}
	}
}

// flops writes a number of operations with a factor of a thousand: 17.22 MFLOP.
func flops(x float64) string {
	if x < 1000 {
		return fmt.Sprintf("%.0f FLOP", x)
	}
	units := []string{"K", "M", "G", "T"}
	for x /= 1000; x >= 1000 && len(units) > 1; x /= 1000 {
		units = units[1:]
	}
	return fmt.Sprintf("%.2f %sFLOP", x, units[0])
}
