package command

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"cnnbench/nn/metric"
	"cnnbench/nn/train"
	"cnnbench/sessions"
	"cnnbench/tui/layout"
)

// weightsFlags say which of a session's weights are meant.
type weightsFlags struct {
	epoch int
	best  bool
}

func (f *weightsFlags) add(cmd *cobra.Command) {
	cmd.Flags().IntVar(&f.epoch, "epoch", -1, "take the weights after so many finished epochs; 0 is the start")
	cmd.Flags().BoolVar(&f.best, "best", false, "take the weights of the best epoch")
}

func (f *weightsFlags) which(cmd *cobra.Command) (sessions.Which, error) {
	switch {
	case f.best && cmd.Flags().Changed("epoch"):
		return sessions.Last, errors.New("found --best and --epoch, needs one of them")
	case f.best:
		return sessions.BestWeights, nil
	case !cmd.Flags().Changed("epoch"):
		return sessions.Last, nil
	case f.epoch < 0:
		return sessions.Last, fmt.Errorf("found --epoch %d, needs a number of finished epochs; 0 is the start", f.epoch)
	}
	return sessions.AtEpoch(f.epoch), nil
}

// given reports whether the person chose.
func (f *weightsFlags) given(cmd *cobra.Command) bool { return f.best || cmd.Flags().Changed("epoch") }

// weights reads those of a session's weights that are meant.
func (p *Program) weights(cmd *cobra.Command, s *sessions.Session, f *weightsFlags) (*sessions.Weights, sessions.Which, error) {
	which, err := f.which(cmd)
	if err != nil {
		return nil, which, err
	}
	w, err := s.Weights(which)
	var gone *sessions.GoneError
	if errors.As(err, &gone) && gone.Epoch <= s.Epochs {
		if gone.Err != nil {
			fmt.Fprintf(p.Stderr, "cnnbench: %v\n", gone.Err)
		}
		return p.recomputed(cmd, s, gone.Epoch, which)
	}
	for _, e := range passedOver(w) {
		fmt.Fprintf(p.Stderr, "cnnbench: %v; an earlier one is taken, of epoch %d, step %d\n", e, w.Epoch, w.Step)
	}
	if err == nil && len(w.Passed) == 0 && which == sessions.Last && s.Behind(w) {
		fmt.Fprintf(p.Stderr, "cnnbench: the weights of the end of %s were never saved; these are of epoch %d, step %d\n", s.Name, w.Epoch, w.Step)
	}
	return w, which, err
}

func passedOver(w *sessions.Weights) []error {
	if w == nil {
		return nil
	}
	return w.Passed
}

// recomputed computes the weights of an epoch again whose checkpoint is no longer kept.
func (p *Program) recomputed(cmd *cobra.Command, s *sessions.Session, epoch int, which sessions.Which) (*sessions.Weights, sessions.Which, error) {
	fmt.Fprintf(p.Stderr, "cnnbench: the checkpoint of epoch %d is not kept; it is computed again from the one before\n", epoch)
	store, err := p.store()
	if err != nil {
		return nil, which, err
	}
	w, err := store.Recompute(cmd.Context(), s, epoch, p.threads)
	if err != nil {
		err = startError(err)
	}
	return w, which, err
}

func (p *Program) evaluate() *cobra.Command {
	var weights weightsFlags
	var split, source string
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "evaluate SESSION",
		Short:   "Loss, metrics, confusion matrix and per-class report on a part of the data",
		Example: "cnnbench evaluate lecture-cnn-1\ncnnbench evaluate lecture-cnn-1 --split validation --best",
		Args:    wordsOf(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := p.stored(args[0])
			if err != nil {
				return err
			}
			w, which, err := p.weights(cmd, s, &weights)
			if err != nil {
				return err
			}
			prepared, err := p.evaluated(s, &split, source)
			if err != nil {
				return err
			}
			net, err := prepared.Load(w, p.threads)
			if err != nil {
				return err
			}
			defer net.Close()
			line := newProgress(p.Stderr)
			ev, err := prepared.Evaluate(cmd.Context(), net, split, line.counted("evaluating"))
			line.clear()
			if err != nil {
				return failed(err)
			}
			if asJSON {
				p.printJSON(evaluationJSON(s.Name, which, ev))
			} else {
				printEvaluation(p.Stdout, ev)
			}
			return nil
		},
	}
	weights.add(cmd)
	cmd.Flags().StringVar(&split, "split", "test", "part of the data: train, validation or test")
	cmd.Flags().StringVar(&source, "data", "", "another source of data, of the same shape and classes; the part that it has of its own, else all of it")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return cmd
}

// evaluated is the session's data, or that of another source with the whole source as a part where it has none of the
// name.
func (p *Program) evaluated(s *sessions.Session, split *string, source string) (*sessions.Prepared, error) {
	if source == "" {
		prepared, err := s.Prepare()
		if err != nil {
			return nil, err
		}
		_, err = prepared.Part(*split)
		return prepared, err
	}
	prepared, err := s.PrepareOn(source, ".")
	if err != nil {
		return nil, err
	}
	switch *split {
	case "train", "validation", "test":
	default:
		return nil, fmt.Errorf("found --split %q, needs one of %s", *split, strings.Join(sessions.Splits, ", "))
	}
	if _, err := prepared.Part(*split); err != nil {
		*split = "train"
	}
	return prepared, nil
}

func printEvaluation(w io.Writer, ev *sessions.Evaluation) {
	fmt.Fprintf(w, "%s samples: %d\n", ev.Split, ev.Samples)
	fmt.Fprintf(w, "loss: %s\n", train.FormatValue(ev.Loss))
	for _, m := range ev.Metrics {
		fmt.Fprintf(w, "%s: %s\n", m.Name, train.FormatValue(m.Value))
	}
	if ev.Confusion == nil {
		return
	}
	fmt.Fprintf(w, "\nconfusion matrix (rows: the true class, columns: what it was taken for)\n")
	printConfusion(w, ev)
	fmt.Fprintln(w)
	printReport(w, ev)
}

func printConfusion(w io.Writer, ev *sessions.Evaluation) {
	classes := ev.Classes
	name, cell := 0, 1
	for t := range classes {
		name = max(name, layout.Width(classes[t]))
		for c := range classes {
			cell = max(cell, len(fmt.Sprint(ev.Confusion.At(t, c))))
		}
	}
	for _, c := range classes {
		cell = max(cell, min(layout.Width(c), 8))
	}
	fmt.Fprint(w, layout.Spaces(name))
	for _, c := range classes {
		fmt.Fprint(w, "  ", layout.FitLeft(c, cell))
	}
	fmt.Fprintln(w)
	for t, c := range classes {
		fmt.Fprint(w, layout.Fit(c, name))
		for k := range classes {
			fmt.Fprintf(w, "  %*d", cell, ev.Confusion.At(t, k))
		}
		fmt.Fprintln(w)
	}
}

// printReport prints scikit-learn's classification report.
func printReport(w io.Writer, ev *sessions.Evaluation) {
	name := len("weighted avg")
	for _, c := range ev.Classes {
		name = max(name, layout.Width(c))
	}
	fmt.Fprintf(w, "%s  precision  recall  f1-score  support\n", layout.Spaces(name))
	row := func(label string, s metric.Score) {
		fmt.Fprintf(w, "%s  %9.4f  %6.4f  %8.4f  %7d\n", layout.Fit(label, name), s.Precision, s.Recall, s.F1, s.Support)
	}
	for i, c := range ev.Classes {
		row(c, ev.Report.Classes[i])
	}
	row("macro avg", ev.Report.Macro)
	row("weighted avg", ev.Report.Weighted)
}

func evaluationJSON(name string, which sessions.Which, ev *sessions.Evaluation) object {
	o := object{{"session", name}, {"weights", which.String()}, {"split", ev.Split}, {"samples", ev.Samples}, {"loss", figure(ev.Loss)}}
	for _, m := range ev.Metrics {
		o.add(m.Name, figure(m.Value))
	}
	if ev.Confusion == nil {
		return o
	}
	o.add("classes", ev.Classes)
	matrix := make([][]int64, len(ev.Classes))
	report := object{}
	for t, c := range ev.Classes {
		matrix[t] = ev.Confusion.Counts[t*len(ev.Classes) : (t+1)*len(ev.Classes)]
		report.add(c, ev.Report.Classes[t])
	}
	report.add("macro avg", ev.Report.Macro)
	report.add("weighted avg", ev.Report.Weighted)
	o.add("confusion", matrix)
	o.add("report", report)
	return o
}
