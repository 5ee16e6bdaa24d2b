package sessions

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"cnnbench/nn"
	"cnnbench/nn/train"
	"cnnbench/sessions/disk"
	"cnnbench/sessions/safetensors"
	"cnnbench/sessions/surgery"
)

// Foreign reads weights that other programs saved. Package imports has one.
type Foreign interface {
	// Weights reads a file's weights by the names that they have in the network that is in the file too, or where there
	// is none, in the network of the summary.
	Weights(path string, s *nn.Summary) ([]safetensors.Tensor, error)
}

// start gives the network the initial values that model.weights names, by name and shape: of a file, or of a stored
// session as it ended. Started then tells what was taken; the rest starts as it would without it.
func (p *Prepared) start(n *nn.Network) error {
	e := p.Experiment
	from := e.Model.Weights
	var tensors []safetensors.Tensor
	var err error
	if p.startsFromSession() {
		tensors, err = p.store.lastWeights(from)
	} else {
		from = absolute(from, p.Dir)
		tensors, err = p.weightsFile(from, n.Summary())
	}
	if err == nil {
		p.Started, err = take(n, tensors)
	}
	if err != nil {
		return e.errorf("model.weights", "cannot start from %s: %v", from, err)
	}
	return nil
}

// startsFromSession reports whether model.weights names a session, and no file that is there.
func (p *Prepared) startsFromSession() bool {
	name := p.Experiment.Model.Weights
	if p.store == nil || !p.store.Exists(name) {
		return false
	}
	_, err := os.Stat(absolute(name, p.Dir))
	return err != nil
}

// lastWeights are a session's at the end of its training.
func (s *Store) lastWeights(name string) ([]safetensors.Tensor, error) {
	session, err := s.Open(name)
	if err != nil {
		return nil, err
	}
	w, err := session.Weights(Last)
	if err != nil {
		return nil, err
	}
	return w.Tensors, nil
}

// weightsFile reads a file with weights for a network.
func (p *Prepared) weightsFile(path string, s *nn.Summary) ([]safetensors.Tensor, error) {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".keras", ".h5", ".hdf5", ".npz":
		if p.store != nil && p.store.Foreign != nil {
			return p.store.Foreign.Weights(path, s)
		}
	}
	f, err := safetensors.Read(path)
	var format *safetensors.FormatError
	switch {
	case errors.As(err, &format): // without the path, which the caller names
		return nil, fmt.Errorf("it is no whole safetensors file, which is what is read: %w", format)
	case err != nil:
		return nil, disk.Reason(err)
	case f.Metadata[metaSchema] != checkpointSchema:
		return f.Tensors, nil
	}
	var out []safetensors.Tensor // of a session: its weights are a part of it
	for _, t := range f.Tensors {
		if name, ok := strings.CutPrefix(t.Name, train.ModelPrefix); ok {
			t.Name = name
			out = append(out, t)
		}
	}
	return out, nil
}

// take writes the tensors that have the name of one of the network's weights.
func take(n *nn.Network, tensors []safetensors.Tensor) (*surgery.Report, error) {
	taken, err := (&Weights{Tensors: tensors}).match(n)
	if err != nil {
		return nil, err
	}
	r := &surgery.Report{}
	some := false
	for i, t := range n.Weights() {
		w := surgery.Weight{Name: t.Name, Shape: t.Shape, Fate: surgery.Fresh, Anew: t.Trainable()}
		if taken[i] != nil {
			w.Fate, w.From, w.Was = surgery.Kept, t.Name, t.Shape
			some = true
		}
		r.Weights = append(r.Weights, w)
	}
	if !some {
		return nil, errors.New("no tensor there has the name of one of the network's weights, such as " + n.Weights()[0].Name)
	}
	taken.write(n)
	return r, nil
}
