package nn

import "cnnbench/nn/kernel"

// cut is a fixed cutting of n items into chunks of size, whatever the number of workers.
type cut struct{ n, size int }

func (c cut) chunks() int { return (c.n + c.size - 1) / c.size }

func (c cut) at(chunk int) (lo, hi int) { return chunk * c.size, min((chunk+1)*c.size, c.n) }

// blocks cuts n items into as few blocks of at most most as will do, whose sizes differ by one at most.
type blocks struct{ n, most int }

func (b blocks) chunks() int { return (b.n + b.most - 1) / b.most }

func (b blocks) at(i int) (lo, hi int) {
	k := b.chunks()
	return i * b.n / k, (i + 1) * b.n / k
}

// shards is a sum that parts of a batch make each for itself: most of them, fixed by the layer, of size values. It is
// the sum of these in their order, whoever made them. The zero value is no sum.
type shards struct {
	most, size int
	sums       []float32 // [most, size]
}

// shardsOf is the number of parts into which a batch is cut for a gradient of so many weights: many of few, so that many
// cores have work, few of many, which cost memory.
func shardsOf(weights int) int {
	switch {
	case weights <= 1<<15:
		return 16
	case weights <= 1<<17:
		return 8
	}
	return 4
}

// build reserves the memory.
func (s *shards) build(b *Builder, most, size int) {
	s.most, s.size = most, size
	b.Floats(&s.sums, most*size)
}

// of cuts n items into at most as many parts of equal size as there are sums; into single ones without a sum.
func (s *shards) of(n int) cut {
	if s.most == 0 {
		return cut{n, 1}
	}
	return cut{n, (n + s.most - 1) / s.most}
}

// part is the sum of one part.
func (s *shards) part(i int) []float32 { return s.sums[i*s.size : (i+1)*s.size] }

// reduce adds the values lo..hi of the first parts in their order, and returns them.
func (s *shards) reduce(parts, lo, hi int) []float32 {
	sum := s.sums[lo:hi]
	for i := 1; i < parts; i++ {
		kernel.Add(sum, s.part(i)[lo:hi])
	}
	return sum
}

// spread is the distance at which to keep rows of n values: an odd number of cache lines, so that the rows of a column
// fall to all places of the first cache.
func spread(n int) int { return ((n+15)/16 | 1) * 16 }
