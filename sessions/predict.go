package sessions

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"cnnbench/dataset"
	"cnnbench/dataset/npy"
	"cnnbench/nn"
	"cnnbench/spec"
)

// PredictPicture lets the network answer a picture file, which is converted and resized to what the network receives and
// rescaled as the session's data section says.
func (p *Prepared) PredictPicture(n *nn.Network, path string) (*Prediction, error) {
	if len(p.In) != 3 || p.In[2] != 1 && p.In[2] != 3 {
		return nil, fmt.Errorf("the network receives %s, no pictures", list(p.In))
	}
	picture, err := dataset.ReadPicture(path)
	if err != nil {
		return nil, err
	}
	cfg := p.Experiment.Data
	channels := "rgb"
	if p.In[2] == 1 {
		channels = "grayscale"
	}
	cfg.Image.Size, cfg.Image.Color = &spec.Pair{p.In[0], p.In[1]}, &channels
	if p.Experiment.Data.Image.Size == nil {
		cfg.Image.Interpolation = "bilinear" // nothing says how; this one also smooths where pictures shrink
	}
	prepare, err := dataset.NewPreparation(cfg, picture.Shape)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if err := prepare.Use(cfg, p.Features); err != nil {
		return nil, err
	}
	if err := prepare.Bytes(n.Input()[:p.In.Size()], picture.Pix); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	n.Predict(1)
	q := p.prediction(n, 0)
	return &q, nil
}

// Samples are samples as a network receives them.
type Samples struct {
	X       []float32 // [samples, input]
	Lengths []int     // steps of each that count, where they are sequences that end early; nil: all
}

// PredictArray lets the network answer samples. progress, if not nil, is told how far it is; ctx ends it between batches.
func (p *Prepared) PredictArray(ctx context.Context, n *nn.Network, s *Samples, progress func(done, total int)) ([]Prediction, error) {
	size := p.In.Size()
	total := len(s.X) / size
	if total*size != len(s.X) {
		panic("sessions: samples do not fill their shape")
	}
	out := make([]Prediction, 0, total)
	for at := 0; at < total; {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		rows := min(n.Batch(), total-at)
		copy(n.Input(), s.X[at*size:(at+rows)*size])
		clear(n.Lengths())
		if s.Lengths != nil {
			copy(n.Lengths(), s.Lengths[at:at+rows])
		}
		n.Predict(rows)
		for row := range rows {
			q := p.prediction(n, row)
			q.Sample = at + row
			out = append(out, q)
		}
		at += rows
		if progress != nil {
			progress(at, total)
		}
	}
	return out, nil
}

// Samples makes the array x [samples, ...] of an archive, and lengths where there are some, ready for PredictArray. Without
// preprocess the samples are as the network receives them already; with it they go through the data section's resizing,
// conversion, rescaling and standardization first. Where the experiment says sequences of any length, those of fewer
// steps than the network was built for are taken too.
func (p *Prepared) Samples(arrays npy.Arrays, preprocess bool) (*Samples, error) {
	x, ok := arrays.Lookup("x")
	if !ok {
		return nil, errors.New("there is no array x")
	}
	if len(x.Shape) < 1 || x.Shape[0] == 0 {
		return nil, fmt.Errorf("x has shape %v, needs at least one sample", x.Shape)
	}
	s := &Samples{}
	var err error
	if lengths, ok := arrays.Lookup("lengths"); ok {
		if len(p.In) != 2 {
			return nil, fmt.Errorf("there are lengths, but the network receives %s, no sequences; leave lengths out", list(p.In))
		}
		if s.Lengths, err = dataset.ReadLengths(x, lengths); err != nil {
			return nil, err
		}
	}
	if x, s.Lengths, err = p.lengthened(x, s.Lengths); err != nil {
		return nil, err
	}
	if preprocess {
		s.X, err = p.preprocessed(x, s.Lengths)
	} else {
		s.X, err = p.ready(x)
	}
	return s, err
}

// ready are the samples of x, which are as the network receives them.
func (p *Prepared) ready(x npy.Array) ([]float32, error) {
	shape := x.Shape[1:]
	if nn.Shape(shape).Size() != p.In.Size() || !slices.Equal(squeezed(shape), squeezed(p.In)) {
		return nil, fmt.Errorf("x has samples of %s, but the network receives %s; --preprocess sends them through the session's resizing first", list(shape), list(p.In))
	}
	return x.Float32s()
}

// lengthened are the sequences x with the steps that the network was built for, where they have fewer and the experiment
// says any length.
func (p *Prepared) lengthened(x npy.Array, lengths []int) (npy.Array, []int, error) {
	if !p.anyLength() || len(x.Shape) < 2 || x.Len() == 0 || x.Shape[1] >= p.In[0] {
		return x, lengths, nil
	}
	if lengths == nil {
		lengths = slices.Repeat([]int{x.Shape[1]}, x.Shape[0])
	}
	x, err := dataset.ExtendSequences(x, lengths, p.In[0])
	return x, lengths, err
}

// anyLength reports whether the experiment says sequences of any length.
func (p *Prepared) anyLength() bool {
	in := declared(&p.Experiment.Model)
	return len(p.In) == 2 && len(in) == 2 && in[0] == 0
}

// Reaching is the model for the sequences of the archive's array x, where they have more steps than it was prepared for and
// the experiment says any length; else it is the model itself.
func (p *Prepared) Reaching(arrays npy.Arrays) (*Prepared, error) {
	x, _ := arrays.Lookup("x")
	if !p.anyLength() || len(x.Shape) < 2 || x.Shape[1] <= p.In[0] {
		return p, nil
	}
	q := *p
	q.In = nn.Shape{x.Shape[1], p.In[1]}
	var err error
	if q.Summary, err = Check(p.Experiment, q.In); err != nil {
		return nil, err
	}
	if !slices.Equal(q.Summary.Out(), p.Summary.Out()) {
		return p, nil // it answers every step: one answer would be longer than another
	}
	return &q, nil
}

// squeezed is the shape without axes of length 1: a grey picture may or may not have its channel's.
func squeezed(shape []int) []int {
	return slices.DeleteFunc(slices.Clone(shape), func(d int) bool { return d == 1 })
}

func (p *Prepared) preprocessed(x npy.Array, lengths []int) ([]float32, error) {
	n, shape := x.Shape[0], x.Shape[1:]
	if len(shape) == 0 || nn.Shape(shape).Size() == 0 {
		return nil, fmt.Errorf("x has shape %v, needs samples with values", x.Shape)
	}
	var samples dataset.Samples
	if x.DType == "|u1" {
		samples = dataset.Bytes(shape, x.Data)
	} else {
		floats, err := x.Float32s()
		if err != nil {
			return nil, err
		}
		samples = dataset.Floats(shape, floats)
	}
	cfg := dataset.NewConfig()
	cfg.Image, cfg.Rescale, cfg.Standardize = p.Experiment.Data.Image, p.Experiment.Data.Rescale, p.Experiment.Data.Standardize
	cfg.Split.Validation = new(dataset.Amount)
	src := &dataset.Source{Name: "x", Shape: shape, Width: 1, Train: &dataset.Set{Samples: samples, Values: make([]float32, n), Lengths: lengths}}
	data, err := dataset.Divide(src, cfg, dataset.Options{Features: p.Features})
	if err != nil {
		return nil, fmt.Errorf("prepare x: %w", err)
	}
	if !slices.Equal(data.Shape, p.In) {
		return nil, fmt.Errorf("x has samples of %s, %s once prepared, but the network receives %s", list(shape), list(data.Shape), list(p.In))
	}
	size := p.In.Size()
	out := make([]float32, n*size)
	for i := range n {
		if err := data.Train.Read(out[i*size:(i+1)*size], i); err != nil {
			return nil, err
		}
	}
	return out, nil
}
