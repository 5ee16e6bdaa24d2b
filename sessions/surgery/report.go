package surgery

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Fate is what became of a weight.
type Fate string

// The fates.
const (
	Kept     Fate = "kept"
	Widened  Fate = "widened"
	Identity Fate = "identity"
	Fresh    Fate = "drawn anew"
)

// Weight is what became of one weight of the new network.
type Weight struct {
	Name  string `json:"name"` // dense_1.kernel
	From  string `json:"from,omitempty"`
	Shape []int  `json:"shape"`
	Was   []int  `json:"was,omitempty"` // the shape of From
	Fate  Fate   `json:"fate"`
	State bool   `json:"state,omitempty"` // the optimizer's state is kept
	Anew  bool   `json:"anew,omitempty"`  // the optimizer's state starts afresh
}

// Report says what became of each weight, in the new network's order.
type Report struct {
	Weights []Weight `json:"weights"`
	LeftOut []string `json:"left_out,omitempty"` // layers of the old network that the new one does not have
}

// Layer is what became of a layer, in words.
type Layer struct{ Name, Text string }

// Layers tells it layer by layer.
func (r *Report) Layers() []Layer {
	var out []Layer
	for _, group := range r.byLayer() {
		name, _, _ := strings.Cut(group[0].Name, ".")
		out = append(out, Layer{name, layerText(name, group)})
	}
	for _, name := range r.LeftOut {
		out = append(out, Layer{name, "left out"})
	}
	return out
}

// byLayer groups the weights.
func (r *Report) byLayer() [][]Weight {
	var out [][]Weight
	for _, w := range r.Weights {
		layer, _, _ := strings.Cut(w.Name, ".")
		if n := len(out); n > 0 && strings.HasPrefix(out[n-1][0].Name, layer+".") {
			out[n-1] = append(out[n-1], w)
		} else {
			out = append(out, []Weight{w})
		}
	}
	return out
}

// layerText is what became of the weights of one layer.
func layerText(name string, group []Weight) string {
	var parts []string
	one := !slices.ContainsFunc(group, func(w Weight) bool { return w.Fate != group[0].Fate })
	for _, w := range group {
		text := ""
		if !one {
			_, param, _ := strings.Cut(w.Name, ".")
			text = param + " "
		}
		text += string(w.Fate)
		if w.Was != nil && !slices.Equal(w.Was, w.Shape) {
			text += ", " + shapeText(w.Was) + " to " + shapeText(w.Shape)
		}
		if parts = append(parts, text); one {
			break
		}
	}
	text := strings.Join(parts, "; ")
	if was, _, _ := strings.Cut(group[0].From, "."); was != "" && was != name {
		text += " (it was " + was + ")"
	}
	return text
}

// Optimizer says in a sentence what becomes of the optimizer's state.
func (r *Report) Optimizer() string {
	var kept, fresh []string
	for _, group := range r.byLayer() {
		name, _, _ := strings.Cut(group[0].Name, ".")
		var k, f []string
		for _, w := range group {
			switch {
			case w.State:
				k = append(k, w.Name)
			case w.Anew:
				f = append(f, w.Name)
			}
		}
		switch {
		case len(f) == 0 && len(k) > 0:
			kept = append(kept, name)
		case len(k) == 0 && len(f) > 0:
			fresh = append(fresh, name)
		default:
			kept, fresh = append(kept, k...), append(fresh, f...)
		}
	}
	switch {
	case len(fresh) == 0 && len(kept) == 0:
		return "no weight is trained"
	case len(fresh) == 0:
		return "its state is kept"
	case len(kept) == 0:
		return "its state starts afresh"
	}
	return "its state is kept, but that of " + strings.Join(fresh, ", ") + " starts afresh"
}

// Plain reports that every weight is kept under its name, and none left out.
func (r *Report) Plain() bool {
	return len(r.LeftOut) == 0 && !slices.ContainsFunc(r.Weights, func(w Weight) bool { return w.Fate != Kept || w.From != w.Name })
}

// Fresh lists the weights that are drawn anew.
func (r *Report) Fresh() []string {
	var out []string
	for _, w := range r.Weights {
		if w.Fate == Fresh {
			out = append(out, w.Name)
		}
	}
	return out
}

// Count is the number of layers with a weight of that fate.
func (r *Report) Count(f Fate) int {
	n := 0
	for _, group := range r.byLayer() {
		if slices.ContainsFunc(group, func(w Weight) bool { return w.Fate == f }) {
			n++
		}
	}
	return n
}

// String is the report in a line.
func (r *Report) String() string {
	var parts []string
	for _, f := range []Fate{Kept, Widened, Identity, Fresh} {
		if n := r.Count(f); n > 0 {
			parts = append(parts, fmt.Sprintf("%s in %s", f, layers(n)))
		}
	}
	if n := len(r.LeftOut); n > 0 {
		parts = append(parts, layers(n)+" left out")
	}
	return "weights: " + strings.Join(parts, ", ")
}

func layers(n int) string {
	if n == 1 {
		return "1 layer"
	}
	return strconv.Itoa(n) + " layers"
}

// shapeText writes a shape as 3x3x1x32.
func shapeText(shape []int) string {
	parts := make([]string, len(shape))
	for i, d := range shape {
		parts[i] = strconv.Itoa(d)
	}
	return strings.Join(parts, "x")
}
