package export

import (
	"errors"
	"fmt"
	"slices"

	"cnnbench/nn"
)

// network is what formats for other programs go through: the layers in order, each with its shapes and weights.
type network struct {
	in     nn.Shape // 0: any length
	out    nn.Shape
	layers []layer
}

// layer is a layer of the network. Weights are under their names within the layer: kernel.
type layer struct {
	nn.Row
	set     nn.Layer // its settings
	weights map[string][]float32
}

// network joins the experiment's layers with the weights. The length of sequences stays open where no layer needs it, so
// that shorter ones than those of the training need no padding.
func (in *Input) network() (*network, error) {
	if in.Model == nil {
		return nil, errNoModel
	}
	layers, shape := in.Experiment.Model.Layers, slices.Clone(in.Model.In)
	s, err := nn.Summarize(layers, shape)
	if err != nil {
		return nil, err
	}
	if len(shape) == 2 {
		if open, err := nn.Summarize(layers, nn.Shape{0, shape[1]}); err == nil {
			s, shape = open, nn.Shape{0, shape[1]}
		}
	}
	n := &network{in: shape, out: s.Out()}
	for i, row := range s.Rows {
		l := layer{Row: row, set: layers[i], weights: map[string][]float32{}}
		for _, p := range row.Params {
			if l.weights[p.Name], err = in.weight(row.Name+"."+p.Name, p.Shape); err != nil {
				return nil, err
			}
		}
		n.layers = append(n.layers, l)
	}
	return n, nil
}

// errNoModel is of a caller that gives weights without their network.
var errNoModel = errors.New("the export needs the network")

// shape is that of a sample, with 0 for an axis that the experiment says is of any length.
func (in *Input) shape() nn.Shape {
	shape := slices.Clone(in.Model.In)
	if declared := in.Experiment.Model.Input; len(declared) == len(shape) {
		for i, d := range declared {
			if d == nil {
				shape[i] = 0
			}
		}
	}
	return shape
}

// weight finds the values of a weight of the shape.
func (in *Input) weight(name string, shape []int) ([]float32, error) {
	for _, t := range in.Weights.Tensors {
		if t.Name != name {
			continue
		}
		if !slices.Equal(t.Shape, shape) {
			return nil, fmt.Errorf("the weight %s has the shape %v, needs %v", name, t.Shape, shape)
		}
		return t.Float32s()
	}
	return nil, fmt.Errorf("the weights have no %s; they are those of another network", name)
}

// cannot is the error of a layer or setting that a format has no words for.
func (l *layer) cannot(format, what string) error {
	return fmt.Errorf("layer %s (%s): %s cannot say %s", l.Name, l.Kind, format, what)
}

// permute lays an array out anew: axis i of the result is axis order[i] of the values, whose lengths are dims.
func permute(values []float32, dims []int, order ...int) []float32 {
	strides := make([]int, len(dims)) // of the values, by the axes of the result
	for i, axis := range order {
		strides[i] = 1
		for _, d := range dims[axis+1:] {
			strides[i] *= d
		}
	}
	out := make([]float32, 0, len(values))
	var walk func(axis, at int)
	walk = func(axis, at int) {
		if axis == len(order) {
			out = append(out, values[at])
			return
		}
		for range dims[order[axis]] {
			walk(axis+1, at)
			at += strides[axis]
		}
	}
	walk(0, 0)
	return out
}

// window is the geometry of a layer that slides a window over images.
type window struct {
	size, stride, dilation [2]int
	before, after          [2]int // padding, rows and columns
}

// windowOf works out the padding of a layer, which is Keras's: the odd cell comes after.
func windowOf(l *layer, size, stride, dilation [2]int, padding string) window {
	w := window{size: size, stride: stride, dilation: dilation}
	if padding == "same" {
		for i := range 2 {
			total := max(0, (l.Out[i]-1)*stride[i]+dilation[i]*(size[i]-1)+1-l.In[i])
			w.before[i], w.after[i] = total/2, total-total/2
		}
	}
	return w
}

func (w *window) padded() bool { return w.before != [2]int{} || w.after != [2]int{} }

func poolWindow(l *layer, p *nn.Pooling) window {
	stride := p.PoolSize
	if p.Strides != nil {
		stride = *p.Strides
	}
	return windowOf(l, p.PoolSize, stride, [2]int{1, 1}, p.Padding)
}

func convWindow(l *layer, c *nn.Conv2D) window {
	return windowOf(l, c.KernelSize, c.Strides, c.DilationRate, c.Padding)
}

// takesAnyOrder reports whether the values that a flatten layer makes of an image may stay in another order than ours,
// because all layers up to the next dense one look at each value alone; that one's rows are then put into that order.
func (n *network) takesAnyOrder(flatten int) bool {
	for _, l := range n.layers[flatten+1:] {
		switch s := l.set.(type) {
		case *nn.Dense:
			return true
		case *nn.Dropout, *nn.LeakyReLU:
		case *nn.ActivationLayer:
			if isSoftmax(s.Activation) {
				return false
			}
		default:
			return false
		}
	}
	return false
}

func isSoftmax(a nn.Activation) bool {
	_, ok := a.(*nn.Softmax)
	return ok
}

// channelsFirst gives a dense kernel whose inputs are an image [H, W, C] the rows of the order C, H, W.
func channelsFirst(kernel []float32, image nn.Shape, units int) []float32 {
	return permute(kernel, []int{image[0], image[1], image[2], units}, 2, 0, 1, 3)
}
