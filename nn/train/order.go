package train

import "cnnbench/rng"

// order is the endless stream of training samples: pass after pass over all of them, each in an order of its own that
// follows from the seed and the pass alone.
type order struct {
	seed    uint64
	shuffle bool
	pass    int   // that index holds; -1: none yet
	index   []int // [samples]
}

func newOrder(samples int, seed uint64, shuffle bool) *order {
	return &order{seed: seed, shuffle: shuffle, pass: -1, index: make([]int, samples)}
}

// batch is the next samples at p, at most size of them and never beyond the pass's end, and moves p behind them. The
// slice holds until the pass changes.
func (o *order) batch(p *Position, size int) []int {
	if p.Pass != o.pass {
		o.fill(p.Pass)
	}
	from := p.Cursor
	p.Cursor = min(from+size, len(o.index))
	out := o.index[from:p.Cursor]
	if p.Cursor == len(o.index) {
		p.Pass, p.Cursor = p.Pass+1, 0
	}
	return out
}

func (o *order) fill(pass int) {
	o.pass = pass
	if o.shuffle {
		rng.New(o.seed, rng.Shuffle, uint64(pass), 0).Stream().Perm(o.index)
		return
	}
	for i := range o.index {
		o.index[i] = i
	}
}
