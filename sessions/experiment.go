package sessions

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"cnnbench/dataset"
	"cnnbench/nn"
	"cnnbench/nn/loss"
	"cnnbench/nn/metric"
	"cnnbench/nn/optim"
	"cnnbench/nn/train"
	"cnnbench/sessions/atomicfile"
	"cnnbench/spec"

	"go.yaml.in/yaml/v3"
)

// Experiment is the one thing a person edits: everything that a training follows from.
type Experiment struct {
	Name    string         `yaml:"name" doc:"names the sessions; empty: the file's own name"`
	Seed    uint64         `yaml:"seed" doc:"of all random draws: weights, order, dropout, generated data"`
	Data    dataset.Config `yaml:"data" required:"true" doc:"what is learnt from"`
	Model   nn.Model       `yaml:"model" required:"true" doc:"the network, layer by layer"`
	Compile Compile        `yaml:"compile" doc:"what is made small, how, and what is measured"`
	Fit     train.Fit      `yaml:"fit" doc:"how long, in which batches, with which callbacks"`

	at *place // of the file it was read from; nil for one that was made or edited here
}

// Compile is what Keras's compile takes.
type Compile struct {
	Loss        loss.Loss       `yaml:"loss" doc:"what training makes small; null: binary_ or categorical_crossentropy for classes, mean_squared_error for values"`
	Convolution string          `yaml:"convolution" oneof:"auto im2col" doc:"auto, or im2col: never another algorithm"`
	Optimizer   optim.Optimizer `yaml:"optimizer" null:"no" doc:"how the weights move"`
	Metrics     []metric.Named  `yaml:"metrics" doc:"what is measured beside the loss; null: accuracy for classes, mae for values"`
}

// New is an experiment with every default and neither data nor layers.
func New() *Experiment {
	rmsprop, err := optim.Family.New("rmsprop") // Keras's default of compile
	if err != nil {
		panic("sessions: the default optimizer is not registered")
	}
	return &Experiment{
		Data:    dataset.NewConfig(),
		Compile: Compile{Convolution: "auto", Optimizer: rmsprop.(optim.Optimizer)},
		Fit:     train.Defaults(),
	}
}

// maxExperiment is the largest experiment file in bytes that is read: far above any that a person writes.
const maxExperiment = 4 << 20

// ReadExperiment reads an experiment from a YAML or JSON file; each of set, "path=value", is put in its place first.
// The error of a person's mistake is a *spec.Error.
func ReadExperiment(path string, set ...string) (*Experiment, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fileError(path, err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxExperiment+1))
	switch {
	case err != nil:
		return nil, fileError(path, err)
	case len(text) > maxExperiment:
		return nil, &spec.Error{File: path, Msg: "the file is larger than 4 MB; an experiment is a page of YAML"}
	}
	return ParseExperiment(path, text, set...)
}

// fileError says in one sentence that the file cannot be read, and why.
func fileError(path string, err error) error {
	var pe *os.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	return &spec.Error{File: path, Msg: fmt.Sprintf("cannot read the experiment: %v", err)}
}

// ParseExperiment is ReadExperiment of a text; file is its name in errors, and names an experiment that does not name
// itself.
func ParseExperiment(file string, text []byte, set ...string) (*Experiment, error) {
	d := &spec.Decoder{File: file}
	root, err := d.Parse(text)
	if err != nil {
		return nil, err
	}
	for _, s := range set {
		path, value, ok := strings.Cut(s, "=")
		if !ok {
			return nil, &spec.Error{Msg: fmt.Sprintf("found %q to set; write it like fit.epochs=5", s)}
		}
		if err := spec.SetPath(root, strings.TrimSpace(path), value); err != nil {
			return nil, &spec.Error{File: file, Msg: err.Error()}
		}
	}
	e := New()
	if err := d.Decode(root, "", e); err != nil {
		return nil, err
	}
	if e.Name == "" {
		base := filepath.Base(file)
		e.Name = plainName(strings.TrimSuffix(base, filepath.Ext(base)))
	}
	e.at = &place{decoder: d, root: root}
	if err := e.checkAlone(); err != nil {
		return nil, err
	}
	return e, nil
}

// Encode writes the experiment as YAML in its canonical form: short, in a fixed order, without what equals a default.
// Reading it gives the same experiment.
func (e *Experiment) Encode() []byte {
	defaults := New()
	defaults.Name, defaults.Seed = e.Name+"?", e.Seed+1 // name and seed are always written
	var b bytes.Buffer
	enc := yaml.NewEncoder(&b)
	enc.SetIndent(2)
	if err := enc.Encode(spec.Node(*e, defaults)); err != nil {
		panic("sessions: an experiment cannot be encoded")
	}
	return b.Bytes()
}

// Save writes the experiment to a file in its canonical form, in one step.
func (e *Experiment) Save(path string) error {
	if err := atomicfile.WriteFile(path, e.Encode(), filePerm); err != nil {
		return fmt.Errorf("save the experiment: %w", err)
	}
	return nil
}

// Moved is the experiment as it has to be in another folder, so that the data and the weights that it names by paths from
// the folder it was in stay the same ones. What a training writes stays beside the experiment. Where nothing changes it is
// the experiment itself.
func (e *Experiment) Moved(from, to string) *Experiment {
	source, weights := e.Data.Source, e.Model.Weights
	if source != NoData && !dataset.Named(source) {
		source = moved(source, from, to)
		if dataset.Named(source) { // the folder has a name that means something else
			source = "." + string(filepath.Separator) + source
		}
	}
	if _, err := os.Stat(absolute(weights, from)); err == nil { // else it may be a session's name
		weights = moved(weights, from, to)
	}
	if source == e.Data.Source && weights == e.Model.Weights {
		return e
	}
	e = e.Clone()
	e.Data.Source, e.Model.Weights = source, weights
	return e
}

// moved is a path from the folder to that goes where path goes from the folder from.
func moved(path, from, to string) string {
	if path == "" || filepath.IsAbs(path) {
		return path
	}
	at := absolute(path, from)
	if at == absolute(path, to) {
		return path
	}
	if rel, err := filepath.Rel(absolute(".", to), at); err == nil {
		return rel
	}
	return at
}

// Clone copies the experiment deeply. The copy is no longer that of a file: its errors name the path, not the line.
func (e *Experiment) Clone() *Experiment {
	c := spec.Clone(*e)
	c.at = nil
	return &c
}
