package rng

import (
	"math"
	"testing"
)

// The known answers are those of Random123's kat_vectors for philox4x32 with 10 rounds.
func TestPhiloxKnownAnswers(t *testing.T) {
	for _, c := range []struct {
		ctr    [4]uint32
		k0, k1 uint32
		want   [4]uint32
	}{
		{[4]uint32{}, 0, 0, [4]uint32{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
		{[4]uint32{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, 0xffffffff, 0xffffffff, [4]uint32{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
		{[4]uint32{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, 0xa4093822, 0x299f31d0, [4]uint32{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
	} {
		if got := philox(c.ctr, c.k0, c.k1); got != c.want {
			t.Errorf("philox(%x) = %x, want %x", c.ctr, got, c.want)
		}
	}
}

func TestStreamsDiffer(t *testing.T) {
	seen := map[uint32]bool{}
	for seed := range uint64(5) {
		for _, p := range []Purpose{Init, Shuffle, Dropout} {
			for a := range uint64(5) {
				v := New(seed, p, a, 0).Stream().Uint32()
				if seen[v] {
					t.Fatalf("seed %d purpose %d index %d starts like another stream", seed, p, a)
				}
				seen[v] = true
			}
		}
	}
}

func TestMoments(t *testing.T) {
	s := New(1, Init, 0, 0).Stream()
	const n = 200000
	var u, n1, n2 float64
	for range n {
		u += s.Float64()
		x := s.Norm()
		n1 += x
		n2 += x * x
	}
	for _, c := range []struct {
		name           string
		got, want, tol float64
	}{{"mean of uniform", u / n, .5, .004}, {"mean of normal", n1 / n, 0, .012}, {"variance of normal", n2 / n, 1, .02}} {
		if math.Abs(c.got-c.want) > c.tol {
			t.Errorf("%s: got %v, want %v", c.name, c.got, c.want)
		}
	}
}

func TestPermIsAPermutation(t *testing.T) {
	p := make([]int, 1000)
	New(3, Shuffle, 0, 0).Stream().Perm(p)
	seen := make([]bool, len(p))
	fixed := 0
	for i, v := range p {
		if seen[v] {
			t.Fatal("value twice")
		}
		seen[v] = true
		if i == v {
			fixed++
		}
	}
	if fixed > 10 {
		t.Errorf("%d of %d stay in place", fixed, len(p))
	}
}

func TestIntNCoversItsRange(t *testing.T) {
	s := New(9, Search, 0, 0).Stream()
	var hits [7]int
	for range 7000 {
		hits[s.IntN(7)]++
	}
	for v, h := range hits {
		if h < 850 || h > 1150 {
			t.Errorf("value %d drawn %d times of 7000", v, h)
		}
	}
}
