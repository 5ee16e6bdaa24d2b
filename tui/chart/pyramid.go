package chart

import "math"

// fanout is how many nodes, or values, a node of the level above covers.
const fanout = 16

// summary is what a draw needs to know about a run of values.
type summary struct {
	lo, hi float64 // smallest and largest finite value
	pos    float64 // smallest finite value above 0, or +Inf: the foot of a logarithmic axis
	sum    float64 // of the finite values
	n      int     // number of finite values
}

var nothing = summary{lo: math.Inf(1), hi: math.Inf(-1), pos: math.Inf(1)}

func (s *summary) add(v float64) {
	if !finite(v) {
		return
	}
	s.lo, s.hi = min(s.lo, v), max(s.hi, v)
	if v > 0 {
		s.pos = min(s.pos, v)
	}
	s.sum += v
	s.n++
}

func (s *summary) merge(o summary) {
	s.lo, s.hi = min(s.lo, o.lo), max(s.hi, o.hi)
	s.pos = min(s.pos, o.pos)
	s.sum += o.sum
	s.n += o.n
}

// mean of the finite values, always between the smallest and the largest, also
// where their sum is too large for a float64.
func (s *summary) mean() float64 {
	m := s.sum / float64(s.n)
	if math.IsNaN(m) {
		m = s.lo/2 + s.hi/2
	}
	return min(max(m, s.lo), s.hi)
}

// depth is how many levels a pyramid has. The topmost node covers
// fanout^depth, some 16 million, values; more of them stand side by side.
const depth = 6

// pyramid summarises an append-only list of values at every power of fanout,
// so that any stretch of n of them is summarised in O(log n).
type pyramid struct {
	levels [depth][]summary // levels[k][i] covers fanout^(k+1) values from i*fanout^(k+1) on
}

// append adds the value with index i, which is the number of values so far.
func (p *pyramid) append(i int, v float64) {
	for k := range p.levels {
		i /= fanout
		if i == len(p.levels[k]) {
			p.levels[k] = append(p.levels[k], nothing)
		}
		p.levels[k][i].add(v)
	}
}

// truncate keeps the first n values; at returns a value by index.
func (p *pyramid) truncate(n int, at func(int) float64) {
	span := 1
	for k := range p.levels {
		below := span
		span *= fanout
		whole := n / span
		p.levels[k] = p.levels[k][:whole]
		if whole*span == n {
			continue
		}
		// The last, unfinished node anew, out of what lies below it.
		node := nothing
		if k == 0 {
			for i := whole * span; i < n; i++ {
				node.add(at(i))
			}
		} else {
			for _, child := range p.levels[k-1][whole*span/below:] {
				node.merge(child)
			}
		}
		p.levels[k] = append(p.levels[k], node)
	}
}

// query summarises the values i to j-1; at returns a value by index.
func (p *pyramid) query(i, j int, at func(int) float64) summary {
	s := nothing
	for i < j && i%fanout != 0 {
		s.add(at(i))
		i++
	}
	for i < j && j%fanout != 0 {
		j--
		s.add(at(j))
	}
	i, j = i/fanout, j/fanout
	for k := 0; i < j; k++ {
		nodes := p.levels[k]
		if k == depth-1 {
			for ; i < j; i++ {
				s.merge(nodes[i])
			}
			break
		}
		for i < j && i%fanout != 0 {
			s.merge(nodes[i])
			i++
		}
		for i < j && j%fanout != 0 {
			j--
			s.merge(nodes[j])
		}
		i, j = i/fanout, j/fanout
	}
	return s
}
