package sessions

import (
	"errors"

	"cnnbench/nn"
)

// BuildOptions say what a network is built for. The zero value trains on all cores.
type BuildOptions struct {
	Threads   int  // 0: as many as GOMAXPROCS
	Inference bool // neither optimizer nor gradients nor model.weights: the caller has weights to apply
}

// Build makes the network of the experiment with its initial weights, those of model.weights where it names a file.
// The caller closes it.
func (p *Prepared) Build(o BuildOptions) (*nn.Network, error) {
	e := p.Experiment
	c := nn.Config{Batch: p.batch(), Seed: e.Seed, Threads: o.Threads}
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
	if o.Inference || e.Model.Weights == "" {
		return n, nil
	}
	path := absolute(e.Model.Weights, p.Dir)
	if p.Fresh, err = start(n, path); err != nil {
		n.Close()
		return nil, e.errorf("model.weights", "cannot start from %s: %v", path, err)
	}
	return n, nil
}

// Prepare loads the session's data again.
func (s *Session) Prepare() (*Prepared, error) { return Prepare(s.Experiment, s.Dir) }

// Model is the session's network without its data, which may be gone: enough to predict, not to train or evaluate.
func (s *Session) Model() (*Prepared, error) {
	p := &Prepared{Experiment: s.Experiment, Dir: s.Dir, In: s.Input, Classes: s.Classes}
	var err error
	p.Summary, err = Check(s.Experiment, p.In)
	return p, err
}

// Load builds the session's network for inference, with the weights asked for. The caller closes it.
func (s *Session) Load(p *Prepared, w Which, threads int) (*nn.Network, error) {
	weights, err := s.Weights(w)
	if err != nil {
		return nil, err
	}
	n, err := p.Build(BuildOptions{Threads: threads, Inference: true})
	if err != nil {
		return nil, err
	}
	if err := weights.Apply(n); err != nil {
		n.Close()
		return nil, err
	}
	return n, nil
}
