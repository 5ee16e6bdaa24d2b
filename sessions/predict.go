package sessions

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	_ "image/gif" // the formats that are read
	_ "image/jpeg"
	_ "image/png"
	"io"
	"os"
	"slices"

	"cnnbench/dataset"
	"cnnbench/dataset/npy"
	"cnnbench/nn"
	"cnnbench/spec"
)

// The limits of a picture file: a small file can declare a picture that no memory holds.
const (
	maxPictureBytes  = 64 << 20
	maxPicturePixels = 16_000_000
)

// PredictPicture lets the network answer a picture file (PNG, JPEG or GIF), which is converted and resized to what the
// network receives and rescaled as the session's data section says.
func (p *Prepared) PredictPicture(n *nn.Network, path string) (*Prediction, error) {
	if len(p.In) != 3 || p.In[2] != 1 && p.In[2] != 3 {
		return nil, fmt.Errorf("the network receives %s, no pictures", list(p.In))
	}
	pixels, shape, err := readPicture(path)
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
	prepare, err := dataset.NewPreparation(cfg, shape)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if err := prepare.Bytes(n.Input()[:p.In.Size()], pixels); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	n.Predict(1)
	q := p.prediction(n, 0)
	return &q, nil
}

// readPicture decodes a picture file into bytes [rows, columns, channels]: one channel where it is grey, else red, green
// and blue. Opacity is left out, as Keras does.
func readPicture(path string) (pixels []byte, shape []int, err error) {
	st, err := os.Stat(path) // before the open, which would wait for ever on a pipe without a writer
	switch {
	case err != nil:
		return nil, nil, fmt.Errorf("read the picture: %w", err)
	case !st.Mode().IsRegular():
		return nil, nil, fmt.Errorf("%s is no file", path)
	case st.Size() > maxPictureBytes:
		return nil, nil, fmt.Errorf("%s is %d MB large; pictures up to %d MB are read", path, st.Size()>>20, maxPictureBytes>>20)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, fmt.Errorf("read the picture: %w", err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxPictureBytes))
	if err != nil {
		return nil, nil, fmt.Errorf("read the picture %s: %w", path, err)
	}
	c, _, err := image.DecodeConfig(bytes.NewReader(text))
	if err != nil {
		return nil, nil, fmt.Errorf("%s is no picture that can be read (PNG, JPEG or GIF): %w", path, err)
	}
	if c.Width < 1 || c.Height < 1 || int64(c.Width) > maxPicturePixels/int64(c.Height) {
		return nil, nil, fmt.Errorf("%s has %d by %d pixels; pictures up to 16 million are read", path, c.Width, c.Height)
	}
	img, _, err := image.Decode(bytes.NewReader(text))
	if err != nil {
		return nil, nil, fmt.Errorf("%s is damaged: %w", path, err)
	}
	if b := img.Bounds(); b.Dx() != c.Width || b.Dy() != c.Height {
		return nil, nil, fmt.Errorf("%s is damaged: its header tells another size than its pixels", path)
	}
	pixels, channels := pictureBytes(img)
	return pixels, []int{c.Height, c.Width, channels}, nil
}

// pictureBytes are a picture's values in row-major order, and how many each pixel has.
func pictureBytes(img image.Image) (pixels []byte, channels int) {
	b := img.Bounds()
	switch img.ColorModel() {
	case color.GrayModel, color.Gray16Model:
		pixels = make([]byte, 0, b.Dx()*b.Dy())
		for y := b.Min.Y; y < b.Max.Y; y++ {
			for x := b.Min.X; x < b.Max.X; x++ {
				pixels = append(pixels, color.GrayModel.Convert(img.At(x, y)).(color.Gray).Y)
			}
		}
		return pixels, 1
	}
	pixels = make([]byte, 0, 3*b.Dx()*b.Dy())
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			c := color.NRGBAModel.Convert(img.At(x, y)).(color.NRGBA)
			pixels = append(pixels, c.R, c.G, c.B)
		}
	}
	return pixels, 3
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
// receives them already; with it they go through the resizing, conversion and rescaling of the data section first.
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
	cfg.Image, cfg.Rescale = p.Experiment.Data.Image, p.Experiment.Data.Rescale
	cfg.Split.Validation = new(dataset.Amount)
	src := &dataset.Source{Name: "x", Shape: shape, Width: 1, Train: &dataset.Set{Samples: samples, Values: make([]float32, n)}}
	data, err := dataset.Divide(src, cfg, dataset.Options{})
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
