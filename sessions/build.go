package sessions

import (
	"context"
	"errors"
	"slices"
	"strings"

	"cnnbench/dataset"
	"cnnbench/nn"
	"cnnbench/nn/train"
)

// BuildOptions say what a network is built for. The zero value trains on all cores.
type BuildOptions struct {
	Threads   int  // 0: as many as GOMAXPROCS
	Inference bool // neither optimizer nor gradients nor model.weights: the caller has weights to apply
	Bare      bool // no model.weights: the caller has a checkpoint to go on from
}

// Build makes the network of the experiment with its initial weights, those of model.weights where it names a file.
// The caller closes it.
func (p *Prepared) Build(o BuildOptions) (*nn.Network, error) {
	e := p.Experiment
	c := nn.Config{Batch: p.batch(), Seed: e.Seed, Threads: o.Threads, Convolution: e.Compile.Convolution}
	if p.Loss != nil {
		c.Objective = &nn.Objective{Loss: p.Loss, Target: p.Target}
		if !o.Inference {
			c.Objective.Optimizer = e.Compile.Optimizer
		}
	}
	n, err := nn.Build(&e.Model, p.In, c)
	if err != nil {
		var le *nn.LayerError
		if errors.As(err, &le) {
			return nil, e.layerError(err)
		}
		return nil, e.errorf("model", "%v", err)
	}
	if o.Inference || o.Bare || e.Model.Weights == "" {
		return n, nil
	}
	if err := p.start(n); err != nil {
		n.Close()
		return nil, err
	}
	return n, nil
}

// Prepare loads the session's data again.
func (s *Session) Prepare() (*Prepared, error) {
	return load(context.Background(), s.Experiment, s.Dir, dataset.Options{Downloads: s.downloads, Features: s.Features})
}

// Model is the session's network without its data, which may be gone: enough to predict, not to train or evaluate.
func (s *Session) Model() (*Prepared, error) {
	p := &Prepared{Experiment: s.Experiment, Dir: s.Dir, In: s.Input, Classes: s.Classes, Features: s.Features}
	var err error
	p.Summary, err = Check(s.Experiment, p.In)
	return p, err
}

// Load builds the network for inference with these weights. The caller closes it.
func (p *Prepared) Load(w *Weights, threads int) (*nn.Network, error) {
	n, err := p.Build(BuildOptions{Threads: threads, Inference: true})
	if err != nil {
		return nil, err
	}
	if err := w.Apply(n); err != nil {
		n.Close()
		return nil, err
	}
	return n, nil
}

// PrepareOn prepares another source of data, of the same shape and the same classes, for the session's network: its own
// parts of a name, and all the rest as the training part. Relative paths start at dir.
func (s *Session) PrepareOn(source, dir string) (*Prepared, error) {
	e := s.Experiment.Clone()
	e.Data.Source, e.Data.Limit, e.Data.Split = source, nil, dataset.NewConfig().Split
	e.Fit = train.Defaults() // nothing will be trained on it
	o := dataset.Options{Seed: e.Seed, Dir: dir, Targets: e.targets(), Downloads: s.downloads, Features: s.Features}
	src, err := dataset.Open(e.Data, o)
	if err != nil {
		return nil, e.dataError(err)
	}
	if src.Validation == nil {
		e.Data.Split.Validation = new(dataset.Amount)
	}
	if src.Unnamed {
		e.Data.Classes = nil
	}
	data, err := dataset.Divide(src, e.Data, o)
	if err != nil {
		return nil, e.dataError(err)
	}
	// Another source is what is wrong here, never the network.
	unnamed := data.Classes != nil && src.Unnamed && len(data.Classes) <= len(s.Classes)
	numbered := len(data.Classes) == len(s.Classes) && slices.Equal(s.Classes, classNumbers(len(s.Classes))) // so that the data names them
	switch {
	case !fits(data.Shape, s.Input, declared(&e.Model)):
		return nil, e.errorf("data.source", "the samples of %s are %s, but session %s was trained on %s", source, list(data.Shape), s.Name, list(s.Input))
	case !unnamed && !numbered && !slices.Equal(data.Classes, s.Classes):
		return nil, e.errorf("data.source", "%s has the classes %s, but session %s was trained on %s", source, words(data.Classes), s.Name, words(s.Classes))
	}
	p, err := prepare(e, dir, data)
	if err != nil {
		return nil, err
	}
	if unnamed {
		p.Classes = s.Classes
	}
	return p, nil
}

// fits reports whether a network that was trained on samples of the shape trained, and declared so, takes others: of the
// same shape, or where it says any length, of another length.
func fits(shape []int, trained, declared nn.Shape) bool {
	if len(shape) != len(trained) {
		return false
	}
	for i, d := range shape {
		if d != trained[i] && (declared == nil || declared[i] != 0) {
			return false
		}
	}
	return true
}

// words lists names, or says that there are none.
func words(names []string) string {
	if len(names) == 0 {
		return "none (its targets are values)"
	}
	return strings.Join(names, ", ")
}
