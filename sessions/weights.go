package sessions

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"cnnbench/nn"
	"cnnbench/sessions/safetensors"
)

// Weights is a copy of a network's weights, named as Keras names them: conv2d.kernel. Kernels are kh,kw,in,out.
type Weights struct {
	Epoch   int   // finished epochs
	Step    int64 // steps done
	Tensors []safetensors.Tensor
	Passed  []error // newer checkpoints that were passed over, and why
}

// Copy takes a network's weights; it must be called where the network is not in use.
func Copy(n *nn.Network) *Weights {
	w := &Weights{Tensors: make([]safetensors.Tensor, 0, len(n.Weights()))}
	for _, t := range n.Weights() {
		w.Tensors = append(w.Tensors, safetensors.F32(t.Name, t.Shape, t.Data))
	}
	w.sort()
	return w
}

// sort puts the tensors into the order in which they lie in a file: what is written is the same wherever it comes from.
func (w *Weights) sort() {
	slices.SortFunc(w.Tensors, func(a, b safetensors.Tensor) int { return strings.Compare(a.Name, b.Name) })
}

// Apply writes all of a network's weights. The error names what is missing or of another shape; the network is then
// unchanged.
func (w *Weights) Apply(n *nn.Network) error {
	taken, err := w.match(n)
	if err != nil {
		return err
	}
	for i, t := range n.Weights() {
		if taken[i] == nil {
			return fmt.Errorf("the weights have no %s; they are those of another network", t.Name)
		}
	}
	taken.write(n)
	return nil
}

// match finds, for each of the network's weights, the values of that name; nil where there are none.
func (w *Weights) match(n *nn.Network) (matched, error) {
	out := make(matched, len(n.Weights()))
	for i, t := range n.Weights() {
		at := slices.IndexFunc(w.Tensors, func(x safetensors.Tensor) bool { return x.Name == t.Name })
		if at < 0 {
			continue
		}
		found := w.Tensors[at]
		if !slices.Equal(found.Shape, t.Shape) {
			layer, _, _ := strings.Cut(t.Name, ".")
			return nil, fmt.Errorf("%s is %s there and %s in the network; give layer %s another name to start it afresh",
				t.Name, shapeText(found.Shape), shapeText(t.Shape), layer)
		}
		values, err := found.Float32s()
		if err != nil {
			return nil, err
		}
		out[i] = values
	}
	return out, nil
}

// matched holds values for a network's weights, in their order.
type matched [][]float32

func (m matched) write(n *nn.Network) {
	for i, t := range n.Weights() {
		if m[i] != nil {
			copy(t.Data, m[i])
		}
	}
}

// shapeText writes a shape as 3x3x1x32.
func shapeText(shape []int) string {
	if len(shape) == 0 {
		return "a single value"
	}
	parts := make([]string, len(shape))
	for i, d := range shape {
		parts[i] = strconv.Itoa(d)
	}
	return strings.Join(parts, "x")
}

// The metadata keys of a session's weights files.
const (
	metaFormat     = "format"
	metaLayout     = "layout"
	metaEpoch      = "epoch"
	metaStep       = "step"
	metaExperiment = "experiment"
)

// File is the weights as a safetensors file with what one needs to know about them.
func (w *Weights) File(e *Experiment) *safetensors.File {
	return &safetensors.File{Tensors: w.Tensors, Metadata: map[string]string{
		metaFormat:     "cnnbench",
		metaLayout:     "keras-HWIO",
		metaEpoch:      strconv.Itoa(w.Epoch),
		metaStep:       strconv.FormatInt(w.Step, 10),
		metaExperiment: string(e.Encode()),
	}}
}
