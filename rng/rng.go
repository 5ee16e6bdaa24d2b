// Package rng draws random numbers that depend on a key alone: the seed, what the draw is for, and where it stands
// (epoch, step, sample). Nothing depends on who draws first, so any number of workers gets the same numbers.
//
// The generator is Philox4x32-10 (Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy as 1, 2, 3", SC 2011).
package rng

import (
	"math"

	"cnnbench/portable"
)

// Purpose separates the streams of one seed.
type Purpose uint32

// The purposes of draws. The numbers are part of every saved run: never reuse one.
const (
	Init    Purpose = 1 // initial weights; index: the parameter tensor
	Shuffle Purpose = 2 // order of the training samples; index: the pass over the data
	Dropout Purpose = 3 // dropout masks; index: layer and step
	Data    Purpose = 4 // generated data sets; index: the sample
	Augment Purpose = 5 // augmentation; index: epoch and sample
	Search  Purpose = 6 // hyperparameter search
	Surgery Purpose = 7 // units that a widened layer copies; index: the layer
)

// Key names a stream of draws: counter c of the stream is the same number wherever it is drawn.
type Key struct{ k0, k1, hi0, hi1 uint32 }

// New makes the key of (seed, purpose, a, b); a and b are whatever tells the purpose's streams apart.
func New(seed uint64, purpose Purpose, a, b uint64) Key {
	// The seed and the purpose are hashed into the key words, a and b by a first Philox round trip, so that
	// neighbouring streams share nothing.
	x := philox([4]uint32{uint32(a), uint32(a >> 32), uint32(b), uint32(b >> 32)}, uint32(seed), uint32(seed>>32)^uint32(purpose)*0x9E3779B9)
	return Key{x[0], x[1], x[2], x[3]}
}

// Words are the key's two words and the upper half of its counters, for kernels that draw many at once.
func (k Key) Words() [4]uint32 { return [4]uint32{k.k0, k.k1, k.hi0, k.hi1} }

// At returns the four 32-bit words number c of the stream.
func (k Key) At(c uint64) [4]uint32 {
	return philox([4]uint32{uint32(c), uint32(c >> 32), k.hi0, k.hi1}, k.k0, k.k1)
}

func philox(c [4]uint32, k0, k1 uint32) [4]uint32 {
	for range 10 {
		p0 := uint64(c[0]) * 0xD2511F53
		p1 := uint64(c[2]) * 0xCD9E8D57
		c = [4]uint32{uint32(p1>>32) ^ c[1] ^ k0, uint32(p1), uint32(p0>>32) ^ c[3] ^ k1, uint32(p0)}
		k0 += 0x9E3779B9
		k1 += 0xBB67AE85
	}
	return c
}

// Stream draws one number after another from a key. The zero value of the position is the stream's start.
type Stream struct {
	key Key
	c   uint64
	buf [4]uint32
	n   int
}

// Stream starts the stream of the key.
func (k Key) Stream() *Stream { return &Stream{key: k} }

// Uint32 draws 32 random bits.
func (s *Stream) Uint32() uint32 {
	if s.n == 0 {
		s.buf = s.key.At(s.c)
		s.c++
		s.n = 4
	}
	s.n--
	return s.buf[3-s.n]
}

// Float64 draws from [0, 1) with 53 bits.
func (s *Stream) Float64() float64 {
	a, b := s.Uint32()>>5, s.Uint32()>>6
	return (float64(a)*67108864 + float64(b)) / 9007199254740992
}

// Uniform draws from [lo, hi).
func (s *Stream) Uniform(lo, hi float64) float64 { return lo + float64((hi-lo)*s.Float64()) }

// IntN draws from 0..n-1 without bias (masked rejection).
func (s *Stream) IntN(n int) int {
	if n <= 0 || n > math.MaxInt32 {
		panic("rng: IntN needs 1 to 2^31-1")
	}
	mask := uint32(n - 1)
	mask |= mask >> 1
	mask |= mask >> 2
	mask |= mask >> 4
	mask |= mask >> 8
	mask |= mask >> 16
	for {
		if v := s.Uint32() & mask; v < uint32(n) {
			return int(v)
		}
	}
}

// Norm draws from the standard normal distribution (Marsaglia's polar method).
func (s *Stream) Norm() float64 {
	for {
		u, v := 2*s.Float64()-1, 2*s.Float64()-1
		r := float64(u*u) + float64(v*v)
		if r > 0 && r < 1 {
			return u * math.Sqrt(-2*portable.Log(r)/r)
		}
	}
}

// Perm fills p with a random order of 0..len(p)-1 (Fisher and Yates).
func (s *Stream) Perm(p []int) {
	for i := range p {
		p[i] = i
	}
	for i := len(p) - 1; i > 0; i-- {
		j := s.IntN(i + 1)
		p[i], p[j] = p[j], p[i]
	}
}
