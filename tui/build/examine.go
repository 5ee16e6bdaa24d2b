package build

import (
	"errors"
	"strings"

	"go.yaml.in/yaml/v3"

	"cnnbench/nn"
	"cnnbench/sessions"
	"cnnbench/spec"
	"cnnbench/tui/screen"
	"cnnbench/tui/theme"
)

// problem is why the draft cannot be trained. The zero value is that it can.
type problem struct {
	layer int    // that it is about; -1: none, or no problem
	path  string // of the setting: compile.loss
	text  string // what was found and what would work
}

func (p problem) found() bool { return p.text != "" }

// section is the part of the experiment that the problem is about: data, compile, fit; "" for the model.
func (p problem) section() string {
	s, _, _ := strings.Cut(p.path, ".")
	if s == "model" {
		return ""
	}
	return s
}

// examine works out what the layers make of the data's samples, and what is wrong. The summary has the rows before the
// impossible layer; it is nil where the shape of a sample is not known.
func examine(e *sessions.Experiment, data *screen.Data, draft *screen.Draft) (*nn.Summary, problem) {
	in := data.Source.In
	if in == nil {
		in = declared(e.Model.Input)
	}
	var sum *nn.Summary
	if in != nil && len(e.Model.Layers) > 0 {
		var err error
		if sum, err = nn.Summarize(e.Model.Layers, in); err != nil {
			return sum, problemOf(err)
		}
	}
	if data.Known(draft) && data.Err != nil {
		return sum, problemOf(data.Err)
	}
	return sum, problem{layer: -1}
}

// declared is model.input as a shape, nil where it is not given.
func declared(input []*int) nn.Shape {
	var in nn.Shape
	for _, d := range input {
		if d == nil {
			in = append(in, 0)
		} else {
			in = append(in, *d)
		}
	}
	return in
}

func problemOf(err error) problem {
	p := problem{layer: -1, text: err.Error()}
	if i, ok := screen.LayerAt(err); ok {
		p.layer = i
	}
	var le *nn.LayerError
	var se *spec.Error
	switch {
	case errors.As(err, &le):
		p.text = le.Err.Error()
	case errors.As(err, &se):
		p.path, p.text = se.Path, se.Msg
		// The setting within the layer belongs to the sentence; the layer is where it is shown.
		if _, key, ok := strings.Cut(se.Path, "]."); ok && p.layer >= 0 {
			if _, key, ok := strings.Cut(key, "."); ok {
				p.text = key + ": " + p.text
			}
		}
	}
	return p
}

// field is how many pixels of the input one value of a layer's output sees, rows and columns, and how far apart two
// neighbours are; both are counted along the layers (Araujo et al., "Computing Receptive Fields of Convolutional
// Neural Networks", 2019). ok is false where the layers are none of an image.
type field struct {
	size, step [2]int
	ok         bool
}

// through is the field after one more layer.
func (f field) through(l nn.Layer) field {
	window := func(size, stride, dilation spec.Pair) field {
		for a := range 2 {
			f.size[a] += (size[a] - 1) * dilation[a] * f.step[a]
			f.step[a] *= stride[a]
		}
		return f
	}
	switch l := l.(type) {
	case *nn.Conv2D:
		return window(l.KernelSize, l.Strides, l.DilationRate)
	case *nn.MaxPooling2D:
		return window(l.PoolSize, stridesOf(&l.Pooling), spec.Square(1))
	case *nn.AveragePooling2D:
		return window(l.PoolSize, stridesOf(&l.Pooling), spec.Square(1))
	case *nn.Dropout, *nn.ActivationLayer, *nn.BatchNormalization, *nn.LeakyReLU:
		return f
	}
	return field{}
}

func stridesOf(p *nn.Pooling) spec.Pair {
	if p.Strides != nil {
		return *p.Strides
	}
	return p.PoolSize
}

// fieldsOf is the field after each layer.
func fieldsOf(layers []nn.Layer, in nn.Shape) []field {
	out := make([]field, len(layers))
	f := field{size: [2]int{1, 1}, step: [2]int{1, 1}, ok: len(in) == 3}
	for i, l := range layers {
		if f.ok {
			f = f.through(l)
		}
		out[i] = f
	}
	return out
}

// denseTwin is the number of parameters of a dense layer from the same input to the same output.
func denseTwin(r *nn.Row) int64 {
	out := int64(r.Out.Size())
	return int64(r.In.Size())*out + out
}

// brief is what a layer is set to in a few signs, what is left at its default left out: 32 3×3 relu.
func brief(l nn.Layer) string {
	kind := nn.Layers.Must(l)
	n := spec.Node(l, kind.New())
	var parts, last []string
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, body := n.Content[i].Value, n.Content[i+1]
		text := body.Value
		if len(body.Content) > 0 {
			text = body.Content[0].Value // the name of a kind that has settings
		}
		switch key {
		case "filters", "units", "rate":
			parts = append(parts, text)
		case "kernel_size", "pool_size", "strides":
			size := pairText(body)
			if key == "strides" {
				size = "/" + size
			}
			parts = append(parts, size)
		case "target_shape":
			parts = append(parts, listText(body))
		case "padding":
			parts = append(parts, text)
		case "activation":
			last = append(last, text)
		case "name":
		case "trainable":
			last = append(last, "frozen")
		case "return_sequences":
			parts = append(parts, "sequences")
		default:
			last = append(last, key)
		}
	}
	return strings.Join(append(parts, last...), " ")
}

// pairText writes a size: 3 as 3×3, [3, 5] as 3×5.
func pairText(n *yaml.Node) string {
	if n.Kind == yaml.ScalarNode {
		return n.Value + theme.Times + n.Value
	}
	return listText(n)
}

// listText writes a list of lengths: 4×4×8.
func listText(n *yaml.Node) string {
	parts := make([]string, len(n.Content))
	for i, c := range n.Content {
		parts[i] = c.Value
	}
	return strings.Join(parts, theme.Times)
}
