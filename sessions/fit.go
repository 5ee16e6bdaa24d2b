package sessions

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"cnnbench/dataset"
	"cnnbench/nn"
	"cnnbench/nn/train"
	"cnnbench/sessions/atomicfile"
	"cnnbench/sessions/safetensors"
	"cnnbench/spec"
)

// inferenceBatch is how many samples a network takes at once that only predicts and has no training part to go by.
const inferenceBatch = 32

// batch is the number of samples that a network of the experiment takes at once.
func (p *Prepared) batch() int {
	if p.Train == nil {
		return inferenceBatch
	}
	return p.Experiment.Fit.Batch(p.Train.Len())
}

// setup is what the callbacks have to go by.
func (p *Prepared) setup() train.Setup {
	return train.Setup{Metrics: p.Metrics, Validation: p.Validation != nil,
		Scheduled: p.Experiment.Compile.Optimizer.Settings().LearningRate.Schedule != nil}
}

// monitor names the figure that says which epoch is best.
func (p *Prepared) monitor() string {
	name, _ := p.Experiment.Fit.Monitor(p.setup())
	return name
}

// checkFit refuses callbacks and class weights that cannot work.
func (p *Prepared) checkFit() error {
	e := p.Experiment
	if err := e.Fit.Check(p.setup()); err != nil {
		return e.fitError(err)
	}
	for i, c := range e.Fit.Callbacks {
		if m, ok := c.(*train.ModelCheckpoint); ok && !strings.HasSuffix(m.Filepath, ".safetensors") {
			return e.errorf(fmt.Sprintf("fit.callbacks[%d].model_checkpoint.filepath", i),
				"found %q; checkpoints are written as safetensors here: end it in .safetensors", m.Filepath)
		}
	}
	return p.weigh()
}

// weigh works out the weights of the classes and refuses what cannot be.
func (p *Prepared) weigh() error {
	e, n := p.Experiment, len(p.Classes)
	c := e.Fit.ClassWeight
	switch {
	case !c.Given():
		return nil
	case n == 0:
		return e.errorf("fit.class_weight", "found weights of classes, but the targets are values; leave class_weight out")
	case c.Balanced:
		p.Weights = dataset.BalancedWeights(p.Data.Train.Counts())
		return nil
	}
	for _, class := range slices.Sorted(maps.Keys(c.Of)) {
		if class >= n {
			return e.errorf("fit.class_weight", "found class %d, but there are %d classes, numbered from 0", class, n)
		}
	}
	p.Weights = c.Of
	return nil
}

// fitError puts a mistake of the fit section in its place.
func (e *Experiment) fitError(err error) error {
	path := "fit"
	var field *spec.FieldError
	for errors.As(err, &field) {
		path, err = path+"."+field.Key, field.Err
	}
	return e.errorf(path, "%v", err)
}

// options are those of the trainer.
func (p *Prepared) options(n *nn.Network, o RunOptions, observers []train.Observer) train.Options {
	fit := p.Experiment.Fit
	fit.ClassWeight = train.ClassWeight{Of: p.Weights}
	return train.Options{Net: n, Fit: &fit, Train: p.ahead(p.shown(n)), Validation: p.Validation, Metrics: p.Metrics, Seed: p.Experiment.Seed,
		Observers: observers, PauseOnDivergence: o.PauseOnDivergence, StartPaused: o.StartPaused, Save: p.saveCheckpoint}
}

// saveCheckpoint writes a file for model_checkpoint. Relative paths start where the experiment's do.
func (p *Prepared) saveCheckpoint(path string, n *nn.Network) error {
	text, err := safetensors.Encode(Copy(n).File(p.Experiment))
	if err != nil {
		return err
	}
	path = absolute(path, p.Dir)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return atomicfile.WriteFile(path, text, filePerm)
}
