// Package imports reads networks and weights that other programs wrote, so that they can become sessions: whole models
// of Keras as .keras and as legacy .h5, a model's JSON, and weights as .weights.h5, safetensors and npz.
package imports

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"cnnbench/dataset/npy"
	"cnnbench/nn"
	"cnnbench/sessions"
	"cnnbench/sessions/disk"
	"cnnbench/sessions/hdf5"
	"cnnbench/sessions/keras"
	"cnnbench/sessions/safetensors"
)

// maxFile is the largest file that is read: far above the networks of this program.
const maxFile = 2 << 30

// Network is what was read, ready to become a session by sessions.Store's Import.
type Network struct {
	Prepared *sessions.Prepared
	Weights  *sessions.Weights // nil: the file has none, and those drawn from the seed serve
	Notes    []string          // what could not be carried over, each a sentence
}

// Advice says what a person should know who predicts with the network; "": nothing.
func (n *Network) Advice() string {
	if d := n.Prepared.Experiment.Data; d.Source != sessions.NoData || d.Rescale != nil || len(n.Prepared.In) != 3 {
		return ""
	}
	return "how pictures are scaled is not in the file: they are handed on as 0 to 255, unless an experiment with data: {source: none, rescale: 1/255} says otherwise"
}

// contents is what a file holds, before it is known for which experiment.
type contents struct {
	model   *keras.Model // nil: weights alone
	own     string       // the experiment that a file of this program holds; "": none
	weights func(*nn.Summary) ([]safetensors.Tensor, []string, error)
}

// Options are what a person says beside the file. The zero value is fine for a whole model.
type Options struct {
	// Experiment is one that the network belongs to: weights alone need it; with a whole model it says everything but
	// the network. nil: there is none.
	Experiment *sessions.Found
	// Store is where downloaded data sets are; nil: there are none.
	Store *sessions.Store
	// Length is that of samples where the model takes any; 0: it is not known.
	Length int
}

// NeedError says that the file does not say enough: an experiment has to be named, or the samples' length.
type NeedError struct {
	Length bool // else the experiment
	err    error
}

func (e *NeedError) Error() string { return e.err.Error() }

func (e *NeedError) Unwrap() error { return e.err }

func needs(text string) error { return &NeedError{err: errors.New(text)} }

// Read reads a file. Where it does not say enough, the error is a NeedError.
func Read(path string, o Options) (*Network, error) {
	c, err := openFile(path)
	if err != nil {
		return nil, fmt.Errorf("import %s: %w", path, err)
	}
	n, err := c.network(strings.TrimSuffix(filepath.Base(path), filepath.Ext(path)), o)
	if err != nil {
		return nil, fmt.Errorf("import %s: %w", path, err)
	}
	return n, nil
}

func openFile(path string) (*contents, error) {
	st, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, disk.Reason(err)
	case st.IsDir():
		return nil, errors.New("it is a folder; a file is needed")
	case !st.Mode().IsRegular():
		return nil, errors.New("it is no file but a pipe or a device")
	case st.Size() > maxFile:
		return nil, errors.New("it is larger than 2 GB")
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, disk.Reason(err)
	}
	return open(path, text)
}

// open recognises a file by how it begins.
func open(path string, text []byte) (*contents, error) {
	switch {
	case bytes.HasPrefix(text, []byte("PK\x03\x04")):
		return openZip(text)
	case bytes.HasPrefix(text, []byte("\x89HDF")):
		return openHDF5(text)
	case bytes.HasPrefix(bytes.TrimSpace(text[:min(len(text), 100)]), []byte("{")):
		m, err := keras.Decode(text)
		return &contents{model: m}, err
	case strings.EqualFold(filepath.Ext(path), ".safetensors"):
		return openSafetensors(text)
	}
	return nil, errors.New("it is nothing that is read here: a .keras, .h5, .weights.h5, .safetensors or .npz file, or a model's JSON")
}

// openHDF5 reads a legacy .h5 with a whole model, or weights.
func openHDF5(text []byte) (*contents, error) {
	root, err := hdf5.Decode(text)
	if err != nil {
		return nil, err
	}
	c := &contents{weights: func(s *nn.Summary) ([]safetensors.Tensor, []string, error) { return keras.ReadWeights(root, s) }}
	config, err := attribute(root, "model_config")
	if config == "" || err != nil {
		return c, err
	}
	if c.model, err = keras.Decode([]byte(config)); err != nil {
		return nil, err
	}
	training, err := attribute(root, "training_config")
	if err == nil && training != "" {
		err = c.model.DecodeTraining([]byte(training))
	}
	return c, err
}

// attribute is a text of the root; "" where there is none.
func attribute(root *hdf5.Object, name string) (string, error) {
	a := root.Attribute(name)
	if a == nil {
		return "", nil
	}
	s, err := a.Strings()
	if err != nil || len(s) != 1 {
		return "", fmt.Errorf("the attribute %s is no text", name)
	}
	return s[0], nil
}

func openSafetensors(text []byte) (*contents, error) {
	f, err := safetensors.Decode(text)
	if err != nil {
		return nil, err
	}
	return &contents{own: f.Metadata["experiment"], weights: byName(f.Tensors)}, nil
}

func openNPZ(text []byte) (*contents, error) {
	arrays, err := npy.DecodeZip(bytes.NewReader(text), int64(len(text)), unzipped(text))
	if err != nil {
		return nil, err
	}
	var tensors []safetensors.Tensor
	for _, a := range arrays {
		values, err := a.Float32s()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", a.Name, err)
		}
		tensors = append(tensors, safetensors.F32(a.Name, a.Shape, values))
	}
	return &contents{weights: byName(tensors)}, nil
}

// byName takes the tensors of a network's names, and notes the others.
func byName(tensors []safetensors.Tensor) func(*nn.Summary) ([]safetensors.Tensor, []string, error) {
	return func(s *nn.Summary) (taken []safetensors.Tensor, notes []string, err error) {
		names := map[string]bool{}
		for _, r := range s.Rows {
			for _, p := range r.Params {
				names[r.Name+"."+p.Name] = true
			}
		}
		for _, t := range tensors {
			if names[t.Name] {
				taken = append(taken, t)
			} else {
				notes = append(notes, fmt.Sprintf("the network has no weight %s, which the file has", t.Name))
			}
		}
		if len(taken) == 0 {
			return nil, nil, errors.New("no tensor there has the name of one of the network's weights, such as " + some(names))
		}
		return taken, notes, nil
	}
}

// some is the first of the names.
func some(names map[string]bool) string {
	first := ""
	for n := range names {
		if first == "" || n < first {
			first = n
		}
	}
	return first
}

// network joins what the file holds with the experiment.
func (c *contents) network(name string, o Options) (*Network, error) {
	given := o.Experiment
	var notes []string
	e, dir := sessions.New(), "."
	switch {
	case given != nil:
		e, dir = given.Experiment.Clone(), given.Dir
	case c.own != "":
		own, err := sessions.ParseExperiment("", []byte(c.own))
		if err != nil {
			return nil, fmt.Errorf("the experiment in it: %w", err)
		}
		e = own
	case c.model == nil:
		return nil, needs("it holds weights and no network, and needs the experiment that they belong to")
	default:
		e.Name, e.Data.Source = name, sessions.NoData
	}
	if m := c.model; m != nil {
		e.Model = nn.Model{Input: m.Input, Layers: m.Layers}
		if given == nil {
			e.Compile.Loss, e.Compile.Metrics = m.Loss, m.Metrics
			if m.Optimizer != nil {
				e.Compile.Optimizer = m.Optimizer
			}
		}
		notes = m.Notes
	}
	e.Model.Weights = "" // they are here
	var p *sessions.Prepared
	var err error
	if e.Data.Source != sessions.NoData {
		p, err = cmp.Or(o.Store, new(sessions.Store)).Prepare(e, dir)
		if err != nil && given == nil {
			err = &NeedError{err: fmt.Errorf("%w; that is what the experiment in the file asks for, and another may be named", err)}
		}
	} else {
		p, err = bare(e, o.Length)
	}
	if err != nil {
		return nil, err
	}
	return c.join(p, notes)
}

// join finds the network's weights in the file.
func (c *contents) join(p *sessions.Prepared, notes []string) (*Network, error) {
	if c.weights == nil {
		return &Network{Prepared: p, Notes: append(notes, "the file has no weights: the network starts with those drawn from the seed")}, nil
	}
	tensors, more, err := c.weights(p.Summary)
	if err != nil {
		return nil, err
	}
	return &Network{Prepared: p, Weights: &sessions.Weights{Tensors: tensors}, Notes: append(notes, more...)}, nil
}

// bare prepares a model without data, by what it says of itself.
func bare(e *sessions.Experiment, length int) (*sessions.Prepared, error) {
	if e.Model.Input == nil {
		return nil, needs("the model does not say what comes in, and needs an experiment with data of that shape")
	}
	var in nn.Shape
	for _, d := range e.Model.Input {
		switch {
		case d != nil:
			in = append(in, *d)
		case length < 1:
			return nil, &NeedError{Length: true, err: errors.New("the model takes samples of any length, and needs that of yours")}
		default:
			in = append(in, length)
		}
	}
	s, err := sessions.Check(e, in)
	if err != nil {
		return nil, err
	}
	return sessions.Bare(e, in, sessions.Answers(e, s))
}
