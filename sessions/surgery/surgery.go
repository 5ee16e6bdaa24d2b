// Package surgery carries what a network has learnt over into a changed one: weights that still fit are kept, those of
// layers that became wider can be kept so that the network computes what it did (Net2WiderNet of Chen, Goodfellow and
// Shlens 2016, "Net2Net: Accelerating learning via knowledge transfer"), and new layers can begin as the identity
// (Net2DeeperNet, of the same paper). The rest is drawn anew.
//
// What becomes of each weight follows from the two declarations alone, so that it can be shown before anything is done.
package surgery

import (
	"slices"

	"cnnbench/nn"
	"cnnbench/rng"
)

// Net is a declared network, and what its layers make of its input: a row a layer.
type Net struct {
	Layers  []nn.Layer
	Summary *nn.Summary
}

// Options say how far surgery goes. The zero value keeps what fits, and draws the rest anew.
type Options struct {
	// Widen: dense layers and convolutions that got more units keep the old ones, the others are copies of some of them,
	// and the layer behind shares its weights out among the copies: the network computes what it did.
	Widen bool
	// Deepen: a new dense layer or convolution that hands on as many channels as it gets, with an activation that leaves
	// these as they are (linear, or relu where nothing is below 0), begins as the identity.
	Deepen bool
	Seed   uint64 // of the choice of units to copy
	// NewOptimizer: the optimizer is of another kind, so that its state is of no use.
	NewOptimizer bool
}

// Plan says what becomes of each weight.
type Plan struct {
	Report Report
	maps   map[string]spread // of the widened ones, by name
}

// spread says where the values of a widened weight come from. nil: that axis is as it was.
type spread struct {
	in, out []int // of each input and of each output of the new one, the old one's number
	copies  []int // how many of the inputs come from the same one, by the old one's number
}

// flow says what a layer's inputs are in terms of the old network's: input j is the old one's from[j], of n. A nil flow
// says that they are as they were, or that nothing is known.
type flow struct {
	from []int
	n    int
}

// New works out what becomes of the weights of the new network, out of those of the old one.
func New(old, changed Net, o Options) *Plan {
	s := &surgeon{old: old, net: changed, o: o, pairs: match(old, changed), plan: &Plan{maps: map[string]spread{}}}
	var in *flow
	for i := range changed.Layers {
		in = s.layer(i, in)
	}
	s.leftOut()
	return s.plan
}

// surgeon is what New works with.
type surgeon struct {
	old, net Net
	o        Options
	pairs    []int // of the new network's layers, the old one's number, or -1
	plan     *Plan
}

// layer decides about one layer of the new network, whose inputs are in, and tells what it hands on.
func (s *surgeon) layer(i int, in *flow) *flow {
	r := &s.net.Summary.Rows[i]
	if len(r.Params) == 0 {
		return passes(s.net.Layers[i], r, in)
	}
	j := s.pairs[i]
	if j < 0 {
		if s.identity(i) {
			for k := range r.Params {
				s.add(i, k, -1, Identity, spread{})
			}
			return in
		}
		for k := range r.Params {
			s.add(i, k, -1, Fresh, spread{})
		}
		return passes(s.net.Layers[i], r, in)
	}
	axes, out, ok := s.axes(i, j, in)
	for k := range r.Params {
		p := &r.Params[k]
		at := param(&s.old.Summary.Rows[j], p.Name)
		switch {
		case at < 0:
			s.add(i, k, -1, Fresh, spread{})
		case ok && (axes[k].in != nil || axes[k].out != nil):
			s.add(i, k, j, Widened, axes[k])
		case slices.Equal(s.old.Summary.Rows[j].Params[at].Shape, p.Shape):
			s.add(i, k, j, Kept, spread{})
		default:
			s.add(i, k, j, Fresh, spread{})
		}
	}
	if !ok {
		return nil
	}
	return out
}

// axes works out how the weights of layer i come from those of the old network's layer j, and what the layer hands on.
// ok is false where they do not, so that only those of the same shape can be kept.
func (s *surgeon) axes(i, j int, in *flow) (axes []spread, out *flow, ok bool) {
	r, was := &s.net.Summary.Rows[i], &s.old.Summary.Rows[j]
	axes = make([]spread, len(r.Params))
	inputs := spread{}
	if in != nil {
		inputs = spread{in: in.from, copies: count(in)}
	}
	switch s.net.Layers[i].(type) {
	case *nn.BatchNormalization:
		if in == nil {
			return axes, nil, true
		}
		for k := range axes {
			axes[k].out = in.from
		}
		return axes, in, last(was.In) == in.n
	case *nn.Dense, *nn.Conv2D:
		at := param(was, "kernel")
		now, then := r.Params[0].Shape, was.Params[at].Shape
		n := len(now)
		if len(then) != n || !slices.Equal(now[:n-2], then[:n-2]) || !fits(in, then[n-2], now[n-2]) {
			return nil, nil, false
		}
		axes[0] = inputs
		if now[n-1] == then[n-1] {
			return axes, nil, true
		}
		if !s.o.Widen || now[n-1] < then[n-1] || j == head(s.old) || !s.absorbed(i) {
			return nil, nil, false
		}
		out = &flow{from: s.copies(i, then[n-1], now[n-1]), n: then[n-1]}
		for k := range axes {
			axes[k].out = out.from
		}
		return axes, out, true
	}
	// A recurrent layer: its state does not grow, but its inputs may.
	now, then := r.Params[0].Shape, was.Params[0].Shape
	if now[1] != then[1] || !fits(in, then[0], now[0]) {
		return nil, nil, false
	}
	axes[0] = inputs
	return axes, nil, true
}

// fits reports whether a layer that had so many inputs can take the flow as so many.
func fits(in *flow, then, now int) bool {
	if in == nil {
		return then == now
	}
	return in.n == then && len(in.from) == now
}

// copies chooses the old unit that each unit of a widened layer is: the first are as they were, the others drawn.
func (s *surgeon) copies(layer, then, now int) []int {
	draw := rng.New(s.o.Seed, rng.Surgery, uint64(layer), 0).Stream()
	from := make([]int, now)
	for u := range from {
		if from[u] = u; u >= then {
			from[u] = draw.IntN(then)
		}
	}
	return from
}

// absorbed reports whether copies of layer i's units can be shared out again by a layer behind it, with nothing between
// them that looks at all units together.
func (s *surgeon) absorbed(i int) bool {
	if together(s.net.Layers[i]) {
		return false
	}
	for i++; i < len(s.net.Layers); i++ {
		switch l := s.net.Layers[i].(type) {
		case *nn.Dense, *nn.Conv2D:
			if s.pairs[i] >= 0 || !s.identity(i) {
				return true
			}
		case *nn.LSTM, *nn.SimpleRNN:
			return true
		case *nn.Reshape:
			return false
		default:
			if together(l) {
				return false
			}
		}
	}
	return false
}

// together reports whether a layer's activation looks at all of its units together.
func together(l nn.Layer) bool { return nn.HeadActivation(l) == "softmax" }

// passes tells what a layer without weights of the old network hands on.
func passes(l nn.Layer, r *nn.Row, in *flow) *flow {
	if in == nil {
		return nil
	}
	switch l.(type) {
	case *nn.Flatten:
		now := last(r.In)
		out := &flow{n: r.In.Size() / now * in.n}
		for at := 0; at < r.In.Size(); at += now {
			for _, f := range in.from {
				out.from = append(out.from, at/now*in.n+f)
			}
		}
		return out
	case *nn.Dense, *nn.Conv2D, *nn.LSTM, *nn.SimpleRNN, *nn.Reshape:
		return nil
	}
	return in // channel by channel
}

// identity reports whether layer i, which the old network does not have, can hand on what it gets.
func (s *surgeon) identity(i int) bool {
	r := &s.net.Summary.Rows[i]
	if !s.o.Deepen || last(r.In) != last(r.Out) {
		return false
	}
	var fn nn.Activation
	switch l := s.net.Layers[i].(type) {
	case *nn.Dense:
		fn = l.Activation
	case *nn.Conv2D:
		one := [2]int{1, 1}
		if l.Strides != one || l.KernelSize[0]%2 == 0 || l.KernelSize[1]%2 == 0 || l.KernelSize != one && l.Padding != "same" {
			return false
		}
		fn = l.Activation
	default:
		return false
	}
	switch fn.(type) {
	case nil, *nn.Linear:
		return true
	case *nn.Relu:
		return s.positive(i)
	}
	return false
}

// positive reports whether nothing that reaches layer i is below 0.
func (s *surgeon) positive(i int) bool {
	for i--; i >= 0; i-- {
		switch s.net.Layers[i].(type) {
		case *nn.Dropout, *nn.MaxPooling2D, *nn.AveragePooling2D, *nn.GlobalMaxPooling2D, *nn.GlobalAveragePooling2D, *nn.Flatten, *nn.Reshape:
			continue
		}
		switch nn.HeadActivation(s.net.Layers[i]) {
		case "relu", "sigmoid", "softmax", "softplus":
			return true
		}
		return false
	}
	return false
}

// add notes what becomes of the new network's weight k of layer i.
func (s *surgeon) add(i, k, j int, fate Fate, from spread) {
	r := &s.net.Summary.Rows[i]
	p := &r.Params[k]
	w := Weight{Name: r.Name + "." + p.Name, Shape: p.Shape, Fate: fate}
	if j >= 0 {
		was := &s.old.Summary.Rows[j]
		w.From, w.Was = was.Name+"."+p.Name, was.Params[param(was, p.Name)].Shape
		moved := !p.State && s.net.Layers[i].Settings().Trainable
		w.State = fate == Kept && !s.o.NewOptimizer && moved && s.old.Layers[j].Settings().Trainable
		w.Anew = moved && !w.State
	} else {
		w.Anew = !p.State && s.net.Layers[i].Settings().Trainable
	}
	if fate == Widened {
		s.plan.maps[w.Name] = from
	}
	s.plan.Report.Weights = append(s.plan.Report.Weights, w)
}

// leftOut notes the old network's layers that the new one does not have.
func (s *surgeon) leftOut() {
	for j, r := range s.old.Summary.Rows {
		if len(r.Params) > 0 && !slices.Contains(s.pairs, j) {
			s.plan.Report.LeftOut = append(s.plan.Report.LeftOut, r.Name)
		}
	}
}

// param is the number of a layer's parameter of that name, or -1.
func param(r *nn.Row, name string) int {
	return slices.IndexFunc(r.Params, func(p nn.Param) bool { return p.Name == name })
}

func last(s nn.Shape) int { return s[len(s)-1] }

// count tells how often each old feature is there.
func count(f *flow) []int {
	out := make([]int, f.n)
	for _, c := range f.from {
		out[c]++
	}
	return out
}
