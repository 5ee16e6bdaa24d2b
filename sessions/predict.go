package sessions

import (
	"context"
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

// PredictArray lets the network answer samples as it receives them, x [samples, input]. progress, if not nil, is told how
// far it is; ctx ends it between batches.
func (p *Prepared) PredictArray(ctx context.Context, n *nn.Network, x []float32, progress func(done, total int)) ([]Prediction, error) {
	size := p.In.Size()
	total := len(x) / size
	if total*size != len(x) {
		panic("sessions: samples do not fill their shape")
	}
	out := make([]Prediction, 0, total)
	for at := 0; at < total; {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		rows := min(n.Batch(), total-at)
		copy(n.Input(), x[at*size:(at+rows)*size])
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

// Samples turns an array [samples, ...] into what PredictArray takes. Without preprocess its samples are as the network
// receives them already; with it they go through the data section's resizing, conversion, rescaling and standardization first.
func (p *Prepared) Samples(x npy.Array, preprocess bool) ([]float32, error) {
	if len(x.Shape) < 1 || x.Shape[0] == 0 {
		return nil, fmt.Errorf("x has shape %v, needs at least one sample", x.Shape)
	}
	shape := x.Shape[1:]
	if preprocess {
		return p.preprocessed(x, shape)
	}
	if nn.Shape(shape).Size() != p.In.Size() || !slices.Equal(squeezed(shape), squeezed(p.In)) {
		return nil, fmt.Errorf("x has samples of %s, but the network receives %s; --preprocess sends them through the session's resizing first", list(shape), list(p.In))
	}
	return x.Float32s()
}

// squeezed is the shape without axes of length 1: a grey picture may or may not have its channel's.
func squeezed(shape []int) []int {
	return slices.DeleteFunc(slices.Clone(shape), func(d int) bool { return d == 1 })
}

func (p *Prepared) preprocessed(x npy.Array, shape []int) ([]float32, error) {
	n := x.Shape[0]
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
	src := &dataset.Source{Name: "x", Shape: shape, Width: 1, Train: &dataset.Set{Samples: samples, Values: make([]float32, n)}}
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
