package sessions

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"cnnbench/nn"
	"cnnbench/nn/loss"
	"cnnbench/nn/metric"
	"cnnbench/nn/train"
	"cnnbench/sessions/disk"
)

// NoData stands for the source of the data where a network was imported without any.
const NoData = "none"

// Bare is an experiment without its data, for samples of the shape in with these classes; nil: the targets are values.
// It is enough to predict, and to keep a network from elsewhere as a session.
func Bare(e *Experiment, in nn.Shape, classes []string) (*Prepared, error) {
	p := &Prepared{Experiment: e, Dir: ".", In: in, Classes: classes}
	var err error
	p.Summary, err = Check(e, in)
	return p, err
}

// Import makes a session at epoch 0 of a network that was trained elsewhere: of that name or, where it is empty, of the
// experiment's with the first free number. Without weights it starts with those that the experiment's seed draws. An
// error leaves nothing behind, and ctx ends it as long as nothing is there.
func (s *Store) Import(ctx context.Context, name string, p *Prepared, w *Weights) (string, error) {
	if name != "" {
		if err := CheckName(name); err != nil {
			return "", err
		}
		if s.Exists(name) {
			return "", &ExistsError{Name: name}
		}
	}
	n, err := p.Build(BuildOptions{Threads: 1, Inference: true})
	if err != nil {
		return "", err
	}
	defer n.Close()
	if w != nil {
		if err := w.Apply(n); err != nil {
			return "", err
		}
	}
	if err := ctx.Err(); err != nil {
		return "", err
	}
	r, rec := &Run{Prepared: p}, &recorder{disk: s.fs(), stamp: stamp{experiment: string(p.Portable().Encode())}}
	l, err := s.create(r, rec, name, p.header(1), nil, train.Start(n.Weights()))
	if err != nil {
		return "", err
	}
	defer l.Close()
	err = rec.journal.append(line{End: &endLine{State: train.Finished.String(), Ended: time.Now().UTC()}})
	if err := errors.Join(err, rec.journal.close()); err != nil {
		return "", fmt.Errorf("cannot save in %s: %w", r.Dir, disk.Reason(err))
	}
	return r.Name, nil
}

// Settled is the experiment with the loss and the metrics that it leaves to the data.
func (p *Prepared) Settled() *Experiment {
	e, out := p.Experiment.Clone(), p.Summary.Out()
	if e.Compile.Loss == nil {
		head := loss.Head{Units: out[len(out)-1], Activation: nn.HeadActivation(e.Model.Layers[len(e.Model.Layers)-1])}
		e.Compile.Loss = fittingLoss(head, loss.Data{Classes: len(p.Classes)})
	}
	if e.Compile.Metrics == nil {
		e.Compile.Metrics = metric.Default(p.Classes != nil)
	}
	return e
}

// classNumbers are the names of classes that have none: 0, 1 and so on.
func classNumbers(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = strconv.Itoa(i)
	}
	return out
}

// Answers are the classes that a network tells apart, by its loss or, where that is not known, by its head: as many as it
// has units, or two for one unit, named by their numbers. nil: it answers with values.
func Answers(e *Experiment, s *nn.Summary) []string {
	out := s.Out()
	units := out[len(out)-1]
	switch e.Compile.Loss.(type) {
	case *loss.CategoricalCrossentropy, *loss.SparseCategoricalCrossentropy, *loss.BinaryCrossentropy:
	case nil:
		if !probabilities(e.Model.Layers) {
			return nil
		}
	default:
		return nil
	}
	return classNumbers(max(units, 2))
}
