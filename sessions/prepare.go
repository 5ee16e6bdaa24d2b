package sessions

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"cnnbench/dataset"
	"cnnbench/nn"
	"cnnbench/nn/loss"
	"cnnbench/nn/metric"
	"cnnbench/nn/train"
	"cnnbench/sessions/surgery"
	"cnnbench/spec"
)

// Prepared is an experiment whose data is loaded and whose every setting was found to fit the others: what is left is
// to train it.
type Prepared struct {
	Experiment *Experiment
	Dir        string // where the experiment's relative paths start
	Data       *dataset.Data
	In         nn.Shape
	Summary    *nn.Summary
	Classes    []string // nil: the targets are values
	Loss       loss.Loss
	Target     loss.Target // the form in which the loss takes the targets
	Metrics    []metric.Named
	Weights    map[int]float64   // of the training samples' losses by class, balanced ones worked out; nil: all alike
	Features   *dataset.Features // that featurewise settings use; nil: there are none

	Train, Validation, Test train.Data      // nil: no such part; Train is never nil
	Started                 *surgery.Report // what the last Build found in model.weights; nil: it names nothing

	store *Store // where model.weights is looked for; nil: in files alone
}

// MaxLayers is the most layers that a model may have: far above any that a machine trains.
const MaxLayers = 1000

// Check works out what can be known of an experiment without its data, for samples of the shape in, or of model.input
// where in is nil and that is given. It is quick enough for every key that a person presses.
func Check(e *Experiment, in nn.Shape) (*nn.Summary, error) {
	switch n := len(e.Model.Layers); {
	case n == 0:
		return nil, e.errorf("model.layers", "found an empty list, needs at least one layer")
	case n > MaxLayers:
		return nil, e.errorf("model.layers", "found %d layers, needs at most %d", n, MaxLayers)
	}
	if in == nil {
		in = declared(&e.Model)
	}
	if in == nil {
		return nil, nil
	}
	s, err := nn.Summarize(e.Model.Layers, in)
	if err != nil {
		return s, e.layerError(err)
	}
	return s, nil
}

// checkAlone refuses what is wrong whatever the data is.
func (e *Experiment) checkAlone() error {
	for i, d := range e.Model.Input {
		if d != nil && *d < 1 {
			return e.errorf(fmt.Sprintf("model.input[%d]", i), "found %d, needs a whole number of 1 or more, or null for any length", *d)
		}
	}
	_, err := Check(e, nil)
	return err
}

// Prepare loads the experiment's data and checks everything that can be checked before training. Relative paths start
// at dir; public data sets are found where the store keeps them. Nothing is written. The error of a person's mistake is a
// *spec.Error.
func (s *Store) Prepare(e *Experiment, dir string) (*Prepared, error) {
	return s.PrepareContext(context.Background(), e, dir, dataset.Pass{})
}

// PrepareContext is Prepare until ctx ends; pass says how the pictures of a folder are gone through.
func (s *Store) PrepareContext(ctx context.Context, e *Experiment, dir string, pass dataset.Pass) (*Prepared, error) {
	p, err := load(ctx, e, dir, dataset.Options{Downloads: s.Downloads(), Pass: pass})
	if err == nil {
		p.store = s
	}
	return p, err
}

// Prepare is that of a store without downloaded data.
func Prepare(e *Experiment, dir string) (*Prepared, error) { return new(Store).Prepare(e, dir) }

// load is Prepare with what the options say beside the experiment.
func load(ctx context.Context, e *Experiment, dir string, o dataset.Options) (*Prepared, error) {
	if err := e.checkAlone(); err != nil {
		return nil, err
	}
	if e.Data.Source == NoData {
		return nil, e.errorf("data.source", "found %q: the network was imported without data; name a source", NoData)
	}
	o.Seed, o.Dir, o.Targets = e.Seed, dir, e.targets()
	data, err := dataset.LoadContext(ctx, e.Data, o)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		return nil, e.dataError(err)
	}
	return prepare(e, dir, data)
}

func prepare(e *Experiment, dir string, data *dataset.Data) (*Prepared, error) {
	p := &Prepared{Experiment: e, Dir: dir, Data: data, In: nn.Shape(data.Shape), Classes: slices.Clone(data.Classes), Features: data.Features}
	if err := e.agrees(p.In); err != nil {
		return nil, err
	}
	var err error
	if p.Summary, err = Check(e, p.In); err != nil {
		return nil, err
	}
	if err := p.chooseLoss(); err != nil {
		return nil, err
	}
	if e.Data.Augment.Mixup > 0 && p.Target == loss.Labels {
		return nil, e.errorf("data.augment.mixup", "the loss takes class numbers, which cannot be mixed; take categorical_crossentropy with one unit a class, or leave mixup out")
	}
	if err := p.chooseMetrics(); err != nil {
		return nil, err
	}
	p.Train, p.Validation, p.Test = p.adapt(data.Train), p.adapt(data.Validation), p.adapt(data.Test)
	return p, p.checkFit()
}

// Unmasked names the layer from which on the padding behind the sequences' ends is taken for a part of them; "" where none
// does so, or where nothing is padded.
func (p *Prepared) Unmasked() string {
	if p.Data == nil || !p.Data.Sequences() {
		return ""
	}
	if i := p.Summary.Unmasked(); i >= 0 {
		return p.Summary.Rows[i].Name
	}
	return ""
}

// declared is model.input as a shape, nil where it is not given.
func declared(m *nn.Model) nn.Shape {
	var in nn.Shape
	for _, d := range m.Input {
		if d == nil {
			in = append(in, 0)
		} else {
			in = append(in, *d)
		}
	}
	return in
}

// agrees checks that model.input, where it is given, is the shape of the data's samples.
func (e *Experiment) agrees(in nn.Shape) error {
	want := declared(&e.Model)
	if want == nil {
		return nil
	}
	same := len(want) == len(in)
	for i := 0; same && i < len(in); i++ {
		same = want[i] == 0 || want[i] == in[i]
	}
	if !same {
		return e.errorf("model.input", "found %s, but the samples of the data are %s; write that, or leave input out", list(want), list(in))
	}
	return nil
}

// list writes a shape as it stands in an experiment.
func list(s nn.Shape) string {
	parts := make([]string, len(s))
	for i, d := range s {
		if parts[i] = strconv.Itoa(d); d == 0 {
			parts[i] = "null"
		}
	}
	return "[" + strings.Join(parts, ", ") + "]"
}

// targets says what the loss and the head take the targets for, before there is data. What can be read both ways is
// classes, but for a head of one unit beside a loss that compares values.
func (e *Experiment) targets() dataset.Targets {
	one := headUnits(e.Model.Layers) == 1
	switch e.Compile.Loss.(type) {
	case *loss.CategoricalCrossentropy, *loss.SparseCategoricalCrossentropy:
		return dataset.Labels
	case *loss.BinaryCrossentropy:
		if one {
			return dataset.Labels
		}
	case nil:
		if one && !probabilities(e.Model.Layers) {
			return dataset.Values
		}
	default:
		if one {
			return dataset.Values
		}
	}
	return dataset.Either
}

// headUnits is the width of the last dense layer, 0 where the model does not end with one.
func headUnits(layers []nn.Layer) int {
	for _, l := range slices.Backward(layers) {
		switch l := l.(type) {
		case *nn.ActivationLayer, *nn.Dropout:
			continue
		case *nn.Dense:
			return l.Units
		}
		break
	}
	return 0
}

// probabilities reports whether the model's outputs are meant as such.
func probabilities(layers []nn.Layer) bool {
	switch nn.HeadActivation(layers[len(layers)-1]) {
	case "softmax", "sigmoid":
		return true
	}
	return false
}

// chooseLoss takes the experiment's loss, or where there is none the one that fits the targets and the head, and checks
// that it fits.
func (p *Prepared) chooseLoss() error {
	e, out := p.Experiment, p.Summary.Out()
	at := fmt.Sprintf("model.layers[%d].%s", len(p.Summary.Rows)-1, p.Summary.Rows[len(p.Summary.Rows)-1].Kind)
	head := loss.Head{Units: out[len(out)-1], Activation: nn.HeadActivation(e.Model.Layers[len(e.Model.Layers)-1])}
	rows := out.Size() / head.Units // of predictions for one sample
	data := loss.Data{Classes: len(p.Classes), Open: p.Data.Open(), Columns: p.Data.Width}
	switch {
	case rows == 1:
	case p.Classes != nil && len(out) == 3:
		return e.errorf(at, "the network ends with a picture %s, but a sample has one class; end with flatten and dense: {units: %d, activation: softmax}", list(out), len(p.Classes))
	case p.Classes != nil:
		return e.errorf(at, "the network ends with a sequence %s, but a sample has one class; let the last recurrent layer hand on its end only (return_sequences: false), or flatten", list(out))
	case data.Columns%rows != 0 || data.Columns/rows != head.Units:
		return e.errorf(at, "the network answers with %s, %d values, but a target has %d; end with flatten and dense: {units: %d}", list(out), out.Size(), data.Columns, data.Columns)
	default:
		data.Columns /= rows
	}
	fitting := fittingLoss(head, data)
	p.Loss = e.Compile.Loss
	if p.Loss == nil {
		p.Loss = fitting
	}
	var err error
	if p.Target, err = p.Loss.Fit(head, data); err == nil {
		for c := len(p.Classes); p.Classes != nil && c < max(head.Units, 2); c++ { // of which there is no sample
			p.Classes = append(p.Classes, strconv.Itoa(c))
		}
		return nil
	}
	// Where another loss would fit this head and this data, or the loss is of classes and there are none, the loss is
	// what is wrong, and else the head.
	_, other := fitting.Fit(head, data)
	_, values := fitting.(*loss.MeanSquaredError)
	if other == nil || values && e.targets() == dataset.Labels {
		at = "compile.loss"
	}
	return e.errorf(at, "%v", err)
}

// fittingLoss is the usual loss for the targets.
func fittingLoss(h loss.Head, d loss.Data) loss.Loss {
	switch {
	case d.Classes == 0:
		return &loss.MeanSquaredError{}
	case h.Units == 1 || h.Activation == "sigmoid":
		return &loss.BinaryCrossentropy{}
	}
	return &loss.CategoricalCrossentropy{}
}

// chooseMetrics takes the experiment's metrics, or where it does not say the usual ones, and checks that they fit.
func (p *Prepared) chooseMetrics() error {
	out := p.Summary.Out()
	width := out[len(out)-1]
	p.Metrics = p.Experiment.Compile.Metrics
	if p.Metrics == nil {
		p.Metrics = metric.Default(p.Classes != nil)
	}
	if err := metric.Check(p.Metrics, p.Target.Columns(width), width); err != nil {
		return p.Experiment.errorf("compile.metrics", "%v", err)
	}
	return nil
}

// dataError puts a mistake of the data section in its place.
func (e *Experiment) dataError(err error) error {
	var field *spec.FieldError
	if errors.As(err, &field) {
		return e.errorf("data."+field.Key, "%v", field.Err)
	}
	return e.errorf("data", "%v", err)
}
