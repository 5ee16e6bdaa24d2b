package tfevents

import (
	"bytes"
	"hash/crc32"
	"math"
	"os"
	"testing"
	"time"
)

func TestChecksum(t *testing.T) {
	// The first is that of tensorboard's masked_crc.rs, the second that of RFC 3720, B.4.
	if got := masked([]byte("\x1a\x11CRC test, one two")); got != 0x5794d08a {
		t.Errorf("the masked checksum is %#x", got)
	}
	if got := crc32.Checksum(make([]byte, 32), castagnoli); got != 0x8a9136aa {
		t.Errorf("the checksum of 32 zeros is %#x", got)
	}
}

// TestGolden holds the bytes to those that TensorBoard's own messages, histograms and checksum make; testdata/golden.py
// wrote them.
func TestGolden(t *testing.T) {
	want, err := os.ReadFile("testdata/golden.tfevents")
	if err != nil {
		t.Fatal(err)
	}
	at := func(seconds float64) time.Time {
		return time.Unix(1.7e9, 0).Add(time.Duration(seconds * float64(time.Second)))
	}
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	got := AppendVersion(nil, at(0))
	for _, e := range []Event{
		{at(0.25), 0, []Value{Scalar("epoch_loss", 0.1), Scalar("epoch_für \"<x>\"", inf)}},
		{at(1.5), 300, []Value{Scalar("epoch_loss", nan)}},
		{at(2), 1 << 40, []Value{Histogram("w", []float32{-1.25, 0, 0.1, 0.5, 2, 1e-40, 0.3333333, 1.9999}), Histogram("same", []float32{3, 3, 3})}},
		{at(3), 2, []Value{Image("filters", 3, 2, []byte("\x89PNG\x00"), []byte("two")), Text("experiment", "a: 1", "b <script>")}},
	} {
		got = e.Append(got)
	}
	if !bytes.Equal(got, want) {
		n := 0
		for n < min(len(got), len(want)) && got[n] == want[n] {
			n++
		}
		t.Errorf("%d bytes, want %d; the first other one is %d: %q, want %q", len(got), len(want), n, got[n:min(n+40, len(got))], want[n:min(n+40, len(want))])
	}
}

func TestBuckets(t *testing.T) {
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	for _, c := range []struct {
		name           string
		values         []float32
		lo, hi, counts float64
	}{
		{"none", nil, 0, 0, 0},
		{"one value", []float32{2, 2}, 2, 2, 2},
		{"spread", []float32{-1, 0, 3, 3}, -1, 3, 4},
		{"not finite", []float32{nan, 1, inf, -inf, 5}, 1, 5, 2},
		{"only not finite", []float32{nan, inf}, 0, 0, 0},
		{"widest", []float32{-math.MaxFloat32, math.MaxFloat32}, -math.MaxFloat32, math.MaxFloat32, 2},
		{"narrowest", []float32{0, math.SmallestNonzeroFloat32}, 0, math.SmallestNonzeroFloat32, 2},
	} {
		b := buckets(c.values)
		sum := 0.0
		for i, row := range b {
			sum += row[2]
			if i > 0 && row[0] != b[i-1][1] || row[1] < row[0] {
				t.Errorf("%s: bucket %d is %v after %v", c.name, i, row, b[max(i-1, 0)])
			}
		}
		if b[0][0] != c.lo || b[Buckets-1][1] != c.hi || sum != c.counts {
			t.Errorf("%s: from %v to %v with %v values, want %v to %v with %v", c.name, b[0][0], b[Buckets-1][1], sum, c.lo, c.hi, c.counts)
		}
	}
}

// A tag that is not UTF-8 would make the whole event unreadable.
func TestTagsAreUTF8(t *testing.T) {
	e := Event{Values: []Value{Scalar("a\xffb", 1)}}
	if got := e.Append(nil); bytes.Contains(got, []byte("a\xffb")) || !bytes.Contains(got, []byte("a\ufffdb")) {
		t.Errorf("wrote %q", got)
	}
}
