package kernel

import (
	"math"
	"math/rand/v2"
	"testing"
)

// rowsOf makes room for rows of samples.
func rowsOf(g LSTM, rows int) LSTMRows {
	return LSTMRows{H: make([]float32, rows*g.H), Gates: make([]float32, rows*g.G), Cells: make([]float32, rows*2*g.Wide())}
}

// lstmRun takes rows of samples through two steps, keeping the cells and gates of both or of the last alone, and back.
func lstmRun(g LSTM, rows int, draw func(*rand.Rand, int) []float32, seed uint64) [][]float32 {
	r := rand.New(rand.NewPCG(seed, 26))
	x, w, u, b := draw(r, 2*rows*g.X), random(r, g.F*4*g.U), random(r, g.U*4*g.U), draw(r, 4*g.U)
	scaled(x, float32(1+seed%30))
	if seed%2 == 0 {
		b = nil
	}
	p := make([]float32, g.Packed())
	packAll(g, p, w, u, b)
	first, last, once := rowsOf(g, rows), rowsOf(g, rows), rowsOf(g, rows)
	g.Step(p, x, LSTMRows{}, first, rows)
	g.Step(p, x[rows*g.X:], first, last, rows)
	g.Step(p, x, LSTMRows{}, once, rows)
	again := once
	again.H = make([]float32, rows*g.H)
	g.Step(p, x[rows*g.X:], once, again, rows)
	kept := append(append([]float32{}, first.Gates...), last.Gates...)
	dh, dc := draw(r, rows*g.Wide()), random(r, rows*g.Wide())
	g.Back(first, last, dh, dc, rows)
	g.Back(LSTMRows{}, first, dh, dc, rows)
	return [][]float32{last.H, last.Cells, again.H, again.Cells, p, first.H, first.Cells, kept, first.Gates, last.Gates, dc}
}

// TestLSTMTwins: the vector kernels give the bits of their Go twins, also of values that are not finite; a step that
// overwrites the cells before, those of one that does not.
func TestLSTMTwins(t *testing.T) {
	defer Use("")
	for seed := range uint64(60) {
		f, u := 1+int(seed*7%19), 1+int(seed*5%37)
		g := LSTM{F: f, U: u, X: f + 3}
		g.H, g.G = g.Wide()+2, 4*g.Wide()+5
		rows := 1 + int(seed%9)
		draw := random
		if seed%3 == 0 {
			draw = oddly
		}
		run := func(isa string) [][]float32 {
			if err := Use(isa); err != nil {
				t.Fatal(err)
			}
			return lstmRun(g, rows, draw, seed)
		}
		want, got := run("generic"), run("")
		for k := range got {
			for i, v := range got[k] {
				w := want[k][i]
				if math.Float32bits(v) != math.Float32bits(w) && (v == v || w == w) { // which NaN it is may differ
					t.Fatalf("%+v, %d rows, on %s: result %d, element %d is %v, want %v", g, rows, ISA(), k, i, v, w)
				}
			}
		}
		for k := range 2 {
			for i, v := range got[k] {
				if w := got[k+2][i]; math.Float32bits(v) != math.Float32bits(w) && v == v {
					t.Fatalf("%+v, %d rows: overwritten, result %d, element %d is %v, want %v", g, rows, k, i, w, v)
				}
			}
		}
	}
}

// TestGateFunction compares the functions of the gates with those in float64.
func TestGateFunction(t *testing.T) {
	for b := uint64(0); b < 1<<32; b += 1009 {
		z := math.Float32frombits(uint32(b))
		if z != z {
			continue
		}
		for _, tanh := range []bool{false, true} {
			want := 1 / (1 + math.Exp(-float64(z)))
			if tanh {
				want = math.Tanh(float64(z))
			}
			got := float64(gateFunction(z, tanh))
			if z < -86 && !tanh { // the least that it gives is e^-86
				if got > 5e-38 {
					t.Fatalf("the logistic function of %v is %v", z, got)
				}
				continue
			}
			if math.Abs(got-want) > 4e-7*math.Abs(want)+1e-45 {
				t.Fatalf("tanh %v: f(%v) is %v, want %v", tanh, z, got, want)
			}
		}
	}
	nan := float32(math.NaN())
	for _, tanh := range []bool{false, true} {
		if v := gateFunction(nan, tanh); v == v {
			t.Errorf("tanh %v: f(NaN) is %v", tanh, v)
		}
	}
}

// BenchmarkLSTM measures the two kernels on a chunk of samples of the reference network.
func BenchmarkLSTM(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 2))
	g := LSTM{F: 28, U: 64, X: 28 * 28, H: 80, G: 272}
	const rows = 8
	p, w, u := make([]float32, g.Packed()), random(r, g.F*4*g.U), random(r, g.U*4*g.U)
	scaled(w, .1)
	scaled(u, .1)
	x, dh, dc := random(r, rows*g.X), make([]float32, rows*g.U), make([]float32, rows*g.U)
	before, now := rowsOf(g, rows), rowsOf(g, rows)
	b.Run("pack", func(b *testing.B) {
		for b.Loop() {
			packAll(g, p, w, u, nil)
		}
	})
	b.Run("step", func(b *testing.B) {
		for b.Loop() {
			g.Step(p, x, before, now, rows)
		}
	})
	b.Run("back", func(b *testing.B) {
		for b.Loop() {
			g.Back(before, now, dh, dc, rows)
		}
	})
}

// packAll packs the weights of all groups.
func packAll(g LSTM, p, w, r, b []float32) {
	for group := range g.Groups() {
		g.Pack(p, w, r, b, group)
	}
}
