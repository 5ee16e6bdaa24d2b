package kernel

import (
	"bytes"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"cnnbench/rng"
)

// TestDropoutMaxPool: pooling of what dropout leaves gives the values and gradients of the two one by one, bit for bit
// and on every kernel set, also of values that are not finite and of equal ones, and writes nothing beyond.
func TestDropoutMaxPool(t *testing.T) {
	everySet(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(43, 44))
		for range 500 {
			g := Window{H: 2 + r.IntN(9), W: 2 + r.IntN(9), C: 8 * (1 + r.IntN(5)), KH: 2, KW: 2, SH: 2, SW: 2, DH: 1, DW: 1}
			g.OH, g.OW = g.H/2, g.W/2
			if !g.Pairs() {
				t.Fatalf("%+v has windows that are not whole", g)
			}
			in, out, edge := g.H*g.W*g.C, g.Pixels()*g.C, 2*g.W*g.C
			x, dy := oddly(r, in), oddly(r, out)
			if r.IntN(2) == 0 { // ties, among them those of what is dropped
				for i := range x {
					x[i] = float32(r.IntN(3) - 1)
				}
			}
			key, row := rng.New(r.Uint64(), rng.Dropout, 1, 2), uint32(r.IntN(100))
			drop := []uint32{0, 1, 13107, 1 << 15, Draws - 1, Draws}[r.IntN(6)]
			const scale = 1.25

			kept, mask := dirty(in), make([]uint8, in)
			DropoutMask(mask, key, row, 0, drop)
			Keep(kept, x, mask, scale)
			want, dwant, index := dirty(out), dirty(in), make([]uint8, out)
			g.MaxPool(want, index, kept)
			g.MaxPoolBackward(dwant, dy, index)
			Keep(dwant, dwant, mask, scale)

			const guard = 40
			y, dx := dirty(out+guard), dirty(in+guard)
			arg, work := bytes.Repeat([]byte{77}, out+guard), bytes.Repeat([]byte{77}, edge+guard)
			g.DropoutMaxPool(y[:out], arg[:out], x, work[:edge], key, row, drop, scale)
			scaled := slices.Clone(dy)
			Scale(scaled, scale)
			g.MaxPoolBackward(dx[:in], scaled, arg[:out])
			for _, c := range []struct {
				name      string
				got, want []float32
			}{{"y", y, append(want, dirty(guard)...)}, {"dx", dx, append(dwant, dirty(guard)...)}} {
				for i, v := range c.got {
					w := c.want[i]
					if math.Float32bits(v) != math.Float32bits(w) && (v == v || w == w) {
						t.Fatalf("%+v, %d dropped, on %s: %s[%d] is %v, want %v", g, drop, ISA(), c.name, i, v, w)
					}
				}
			}
			for _, beyond := range [][]byte{arg[out:], work[edge:]} {
				if !bytes.Equal(beyond, bytes.Repeat([]byte{77}, guard)) {
					t.Fatalf("%+v: bytes beyond the end were written", g)
				}
			}
		}
	})
}
