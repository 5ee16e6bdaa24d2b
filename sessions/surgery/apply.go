package surgery

import (
	"strings"

	"cnnbench/nn/train"
)

// Apply makes of the old network's checkpoint that of the new one: with the weights that were kept, widened or are an
// identity, and the optimizer's state of those that were kept. The others are not in it: they start as they would
// without it.
func (p *Plan) Apply(c *train.Checkpoint) *train.Checkpoint {
	out := &train.Checkpoint{}
	models, slots := map[string]train.Tensor{}, map[string][]train.Tensor{} // by the weight's name
	for _, t := range c.Tensors {
		if name, ok := strings.CutPrefix(t.Name, train.ModelPrefix); ok {
			models[name] = t
		} else if _, name, ok := slot(t.Name); ok {
			slots[name] = append(slots[name], t)
		} else {
			out.Tensors = append(out.Tensors, t)
		}
	}
	for _, w := range p.Report.Weights {
		t, found := models[w.From]
		switch {
		case w.Fate == Identity:
			t.F32 = identity(w.Shape)
		case w.Fate == Fresh || !found:
			continue
		case w.Fate == Widened:
			t.F32 = widen(t.F32, w.Was, w.Shape, p.maps[w.Name])
		}
		t.Name, t.Shape = train.ModelPrefix+w.Name, w.Shape
		out.Tensors = append(out.Tensors, t)
		if !w.State {
			continue
		}
		for _, t := range slots[w.From] {
			of, _, _ := slot(t.Name)
			t.Name = train.OptimPrefix + of + "/" + w.Name
			out.Tensors = append(out.Tensors, t)
		}
	}
	return out
}

// slot takes the name of the optimizer's state of a weight apart: optim/momentum/conv2d.kernel.
func slot(name string) (slot, weight string, ok bool) {
	rest, ok := strings.CutPrefix(name, train.OptimPrefix)
	if !ok {
		return "", "", false
	}
	return strings.Cut(rest, "/")
}

// widen makes the values of a widened weight [.., in, out], or [out]. An input that stands several times hands on its
// share each time.
func widen(old []float32, was, shape []int, s spread) []float32 {
	axis := func(shape []int, back int) int {
		if len(shape) < back {
			return 1
		}
		return shape[len(shape)-back]
	}
	ins, outs, oldIns, oldOuts := axis(shape, 2), axis(shape, 1), axis(was, 2), axis(was, 1)
	blocks := len(old) / (oldIns * oldOuts)
	w := make([]float32, 0, blocks*ins*outs)
	for b := range blocks {
		for i := range ins {
			share := float32(1)
			if s.in != nil {
				i = s.in[i]
				share = float32(s.copies[i])
			}
			row := old[(b*oldIns+i)*oldOuts:][:oldOuts]
			for o := range outs {
				if s.out != nil {
					o = s.out[o]
				}
				w = append(w, row[o]/share)
			}
		}
	}
	return w
}

// identity makes a kernel [n, n] or [kh, kw, n, n] that hands on what it gets, or a bias [n] that adds nothing.
func identity(shape []int) []float32 {
	size := 1
	for _, d := range shape {
		size *= d
	}
	w := make([]float32, size)
	if len(shape) < 2 {
		return w
	}
	n := shape[len(shape)-1]
	middle := size / (n * n) / 2 * n * n
	for i := range n {
		w[middle+i*n+i] = 1
	}
	return w
}
