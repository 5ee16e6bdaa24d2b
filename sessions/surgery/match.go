package surgery

import (
	"slices"

	"cnnbench/nn"
)

// match finds, for each layer of the new network that has weights, the one of the old network that it goes on from; -1
// where there is none.
//
// First come those of the same name and shapes. The others without a name of their own are laid beside each other in
// their order, since Keras's names move on by one where a layer is inserted; one that has a name of its own goes on from
// that of the same name alone, so that another name starts a layer afresh.
func match(old, changed Net) []int {
	pairs := make([]int, len(changed.Layers))
	taken := make([]bool, len(old.Layers))
	for i := range pairs {
		pairs[i] = -1
		r := &changed.Summary.Rows[i]
		j := slices.IndexFunc(old.Summary.Rows, func(o nn.Row) bool { return o.Name == r.Name && o.Kind == r.Kind && likeness(&o, r, false) == whole })
		if j >= 0 && len(r.Params) > 0 {
			pairs[i], taken[j] = j, true
		}
	}
	var news, olds []int
	for i := range changed.Layers {
		if len(changed.Summary.Rows[i].Params) > 0 && pairs[i] < 0 {
			news = append(news, i)
		}
	}
	for j := range old.Layers {
		if len(old.Summary.Rows[j].Params) > 0 && !taken[j] {
			olds = append(olds, j)
		}
	}
	for _, p := range align(olds, news, func(j, i int) int { return score(old, changed, j, i) }) {
		pairs[p[1]] = p[0]
	}
	return pairs
}

// align pairs two lists in their order so that the sum of the scores is the largest; pairs that score nothing are left
// out. Of equal sums the one that pairs earlier members wins.
func align(olds, news []int, score func(j, i int) int) [][2]int {
	best := make([][]int, len(olds)+1) // [a][b] of what is left from olds[a] and news[b] on
	for a := range best {
		best[a] = make([]int, len(news)+1)
	}
	scores := make([][]int, len(olds))
	for a := len(olds) - 1; a >= 0; a-- {
		scores[a] = make([]int, len(news))
		for b := len(news) - 1; b >= 0; b-- {
			scores[a][b] = score(olds[a], news[b])
			best[a][b] = max(best[a+1][b], best[a][b+1])
			if scores[a][b] > 0 {
				best[a][b] = max(best[a][b], scores[a][b]+best[a+1][b+1])
			}
		}
	}
	var out [][2]int
	for a, b := 0, 0; a < len(olds) && b < len(news); {
		switch {
		case scores[a][b] > 0 && best[a][b] == scores[a][b]+best[a+1][b+1]:
			out = append(out, [2]int{olds[a], news[b]})
			a, b = a+1, b+1
		case best[a][b] == best[a+1][b]:
			a++
		default:
			b++
		}
	}
	return out
}

// score says how much speaks for it that the new network's layer i is the old one's j; 0: they are not the same.
func score(old, changed Net, j, i int) int {
	was, r := &old.Summary.Rows[j], &changed.Summary.Rows[i]
	same := was.Name == r.Name
	own := old.Layers[j].Settings().Name != "" || changed.Layers[i].Settings().Name != ""
	if was.Kind != r.Kind || own && !same {
		return 0
	}
	n := likeness(was, r, j == head(old))
	if same {
		n++
	}
	return n + 1
}

// How much two layers of a kind are alike.
const (
	whole = 1000 // all weights have the same shapes
	wider = 100  // the new one has as many inputs and outputs, or more, and the old one is no head
	part  = 10   // for each weight of the same shape
)

// head is the last layer that has weights, or -1. It does not grow: nothing behind it would share its units out.
func head(n Net) int {
	for j := len(n.Layers) - 1; j >= 0; j-- {
		if len(n.Summary.Rows[j].Params) > 0 {
			return j
		}
	}
	return -1
}

// likeness compares the weights of two layers of a kind.
func likeness(was, r *nn.Row, isHead bool) int {
	n, same, grown := 0, len(was.Params) == len(r.Params), !isHead
	for _, p := range r.Params {
		k := param(was, p.Name)
		if k < 0 {
			same = false
			continue
		}
		then := was.Params[k].Shape
		if slices.Equal(then, p.Shape) {
			n += part
			continue
		}
		same = false
		for a := range p.Shape {
			grown = grown && len(then) == len(p.Shape) && p.Shape[a] >= then[a]
		}
	}
	switch {
	case same:
		return whole
	case grown:
		return n + wider
	}
	return n
}
