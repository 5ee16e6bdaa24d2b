package portable

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

var functions = map[string]struct {
	f, reference func(float64) float64
	draw         func(*rand.Rand) float64
	hash         string
}{
	"exp":   {Exp, math.Exp, func(r *rand.Rand) float64 { return float64(100*r.Float64()) - 50 }, "6d7bd99f7475c0ae"},
	"log":   {Log, math.Log, func(r *rand.Rand) float64 { return math.Ldexp(r.Float64(), r.IntN(80)-40) }, "f92ad3a955656a1e"},
	"log1p": {Log1p, math.Log1p, func(r *rand.Rand) float64 { return math.Ldexp(r.Float64(), -r.IntN(40)) }, "b5ea1c287bc16970"},
	"erf":   {Erf, math.Erf, func(r *rand.Rand) float64 { return float64(14*r.Float64()) - 7 }, "510708a43e6844f3"},
}

// TestFunctions holds the functions to those of math, up to the last places, and to their bits on every architecture.
func TestFunctions(t *testing.T) {
	for name, c := range functions {
		r := rand.New(rand.NewPCG(1, 2))
		h := sha256.New()
		for range 100000 {
			x := c.draw(r)
			got, want := c.f(x), c.reference(x)
			if math.Abs(got-want) > 5e-16*math.Abs(want) {
				t.Errorf("%s(%v) is %v, want %v", name, x, got, want)
			}
			binary.Write(h, binary.LittleEndian, got)
		}
		if got := fmt.Sprintf("%x", h.Sum(nil)[:8]); got != c.hash {
			t.Errorf("%s has other bits here: %s, want %s", name, got, c.hash)
		}
		for _, x := range []float64{0, math.Copysign(0, -1), 1, -1, math.Inf(1), math.Inf(-1), math.NaN(), 1e300, -1e300, 1e-300, -1e-300, 709.7, -708.3} {
			got, want := c.f(x), c.reference(x)
			if (got == got || want == want) && (math.Abs(got-want) > 5e-16*math.Abs(want) || math.Signbit(got) != math.Signbit(want)) && got != want {
				t.Errorf("%s(%v) is %v, want %v", name, x, got, want)
			}
		}
	}
}

// TestSmallest: where math's functions on some architectures give 0, or the logarithm of another number.
func TestSmallest(t *testing.T) {
	if got := Exp(-745); got != math.SmallestNonzeroFloat64 {
		t.Errorf("exp(-745) is %v", got)
	}
	if got := Log(math.SmallestNonzeroFloat64); math.Abs(got+744.4400719213812) > 1e-12 {
		t.Errorf("log of the smallest number is %v", got)
	}
}
