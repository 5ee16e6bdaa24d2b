package nn

import (
	"fmt"
)

// Row is one line of a summary.
type Row struct {
	Name      string // conv2d_1: the layer's own name, or Keras's by class order
	Kind      string // conv2d
	Class     string // Conv2D
	In, Out   Shape
	Params    []Param
	Total     int   // parameters
	Trainable int   // those that the optimizer moves
	MACs      int64 // multiply-accumulates a sample, forward
	Masking   Masking
	Steps     bool // the output is a sequence that ends where the network's input does
}

// Summary is what the layers make of an input shape.
type Summary struct {
	In        Shape
	Rows      []Row
	Total     int
	Trainable int
	MACs      int64
}

// Out is the shape that the last layer hands on.
func (s *Summary) Out() Shape {
	if len(s.Rows) == 0 {
		return s.In
	}
	return s.Rows[len(s.Rows)-1].Out
}

// Unmasked is the first layer to take the padding of sequences that end early for a part of them; -1: none does.
func (s *Summary) Unmasked() int {
	steps := len(s.In) == 2
	for i := range s.Rows {
		if steps && s.Rows[i].Masking == Ignores {
			return i
		}
		steps = s.Rows[i].Steps
	}
	return -1
}

// LayerError says which layer is impossible, and why.
type LayerError struct {
	Index int    // from 0
	Kind  string // conv2d
	Err   error
}

func (e *LayerError) Error() string {
	return fmt.Sprintf("model.layers[%d].%s: %v", e.Index, e.Kind, e.Err)
}
func (e *LayerError) Unwrap() error { return e.Err }

// Summarize works out every layer's shape, parameters and cost for samples of the shape in. On an error, a
// *LayerError, the rows before the impossible layer are there.
func Summarize(layers []Layer, in Shape) (*Summary, error) {
	s := &Summary{In: in}
	steps := len(in) == 2
	names, err := layerNames(layers)
	if err != nil {
		return s, err
	}
	for i, l := range layers {
		kind := Layers.Must(l)
		p, err := l.Plan(in)
		if err != nil {
			return s, &LayerError{Index: i, Kind: kind.Name, Err: err}
		}
		steps = steps && p.Masking == Keeps
		r := Row{Name: names[i], Kind: kind.Name, Class: kind.Class, In: in, Out: p.Out, Params: p.Params, MACs: p.MACs, Masking: p.Masking, Steps: steps}
		for j := range p.Params {
			n := p.Params[j].Size()
			r.Total += n
			if !p.Params[j].State && l.Settings().Trainable {
				r.Trainable += n
			}
		}
		s.Rows = append(s.Rows, r)
		s.Total += r.Total
		s.Trainable += r.Trainable
		s.MACs += r.MACs
		if s.Total > maxParams {
			return s, &LayerError{Index: i, Kind: kind.Name, Err: fmt.Errorf("the network would have more than %d million parameters up to here; make it smaller", maxParams/1_000_000)}
		}
		in = p.Out
	}
	return s, nil
}

// maxParams keeps a slip of the finger from asking for all the memory there is.
const maxParams = 500_000_000

// layerNames gives each layer its own name or, as Keras does, that of its class with a running number.
func layerNames(layers []Layer) ([]string, error) {
	names := make([]string, len(layers))
	count := map[string]int{}
	seen := map[string]int{}
	for i, l := range layers {
		kind := Layers.Must(l)
		name := l.Settings().Name
		if name == "" {
			name = KerasName(kind.Class)
			if n := count[name]; n > 0 {
				name = fmt.Sprintf("%s_%d", name, n)
			}
			count[KerasName(kind.Class)]++
		}
		if j, taken := seen[name]; taken {
			return nil, &LayerError{Index: i, Kind: kind.Name, Err: fmt.Errorf("name: %q is also the name of layer %d; give each layer its own", name, j)}
		}
		seen[name] = i
		names[i] = name
	}
	return names, nil
}

// KerasName is Keras's to_snake_case of a class name: Conv2D is conv2d, LeakyReLU is leaky_re_lu.
func KerasName(class string) string {
	lower := func(c byte) bool { return c >= 'a' && c <= 'z' }
	upper := func(c byte) bool { return c >= 'A' && c <= 'Z' }
	digit := func(c byte) bool { return c >= '0' && c <= '9' }
	var out []byte
	for i := range len(class) {
		c := class[i]
		if upper(c) && i > 0 {
			// A new word starts at an upper-case letter that a lower-case one follows, or that follows a lower-case one.
			next := i+1 < len(class) && lower(class[i+1])
			if next && !digit(class[i-1]) || lower(class[i-1]) || next && digit(class[i-1]) {
				out = append(out, '_')
			}
		}
		if upper(c) {
			c += 'a' - 'A'
		}
		out = append(out, c)
	}
	return string(out)
}
