package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

// lanesShape is a convolution, whose geometry depends on the kernels in use.
type lanesShape struct {
	g       Window
	filters int
	pool    bool
}

func (s lanesShape) geometry() Lanes { return NewLanes(s.g, s.filters, s.pool) }

// lanesShapes covers same and valid padding, pooling with and without rows that it drops, all sizes of groups of filters
// and channels, and windows larger than the image.
func lanesShapes() []lanesShape {
	var shapes []lanesShape
	for _, c := range []struct{ h, w, c, f, kh, kw int }{
		{8, 8, 1, 6, 5, 5}, {7, 9, 6, 16, 5, 5}, {6, 5, 3, 7, 3, 3}, {9, 6, 8, 4, 3, 2}, {4, 5, 2, 1, 1, 1}, {3, 4, 13, 3, 2, 4}, {4, 4, 5, 2, 4, 3}, {2, 3, 4, 5, 2, 2}, {5, 6, 10, 9, 3, 5},
		// Tiles that slide, beside those that do not: all groups of filters and parts of groups, one tile of a window's
		// row and several, rows of pixels that end anywhere in a round.
		{6, 9, 2, 5, 3, 3}, {5, 7, 3, 6, 2, 3}, {4, 6, 1, 3, 2, 3}, {4, 8, 1, 12, 2, 3}, {3, 12, 2, 4, 2, 9}, {3, 8, 2, 3, 2, 6},
		{3, 12, 3, 7, 2, 10}, {4, 13, 1, 3, 2, 10}, {4, 15, 2, 13, 3, 15}, {4, 16, 2, 11, 3, 15},
		{5, 11, 3, 11, 3, 5}, {4, 7, 3, 7, 1, 5}, {3, 5, 1, 2, 1, 5}, {3, 7, 4, 4, 3, 2}, {3, 7, 2, 2, 2, 3},
	} {
		for _, same := range []bool{false, true} {
			g := Window{H: c.h, W: c.w, C: c.c, KH: c.kh, KW: c.kw, SH: 1, SW: 1, DH: 1, DW: 1, OH: c.h - c.kh + 1, OW: c.w - c.kw + 1}
			if same {
				g.OH, g.OW, g.Top, g.Left = c.h, c.w, (c.kh-1)/2, (c.kw-1)/2
			}
			shapes = append(shapes, lanesShape{g, c.f, false})
			if g.OH > 1 && g.OW > 1 {
				shapes = append(shapes, lanesShape{g, c.f, true})
			}
		}
	}
	return shapes
}

// lanesRun does one convolution of n images, with the gradients of everything, by the kernels. Rows of the output's
// gradient are held by a few, or all.
type lanesResult struct {
	y, dx, dw, db []float32
	from          []uint32
}

const lines = 2 // that the tests compute at a time

func lanesRun(l Lanes, n int, x, w, bias, dy []float32, relu bool, held int) lanesResult {
	out := l.OH * l.OW * l.F
	if l.Pool {
		out = l.PH * l.PW * l.F
	}
	r := lanesResult{make([]float32, n*out), make([]float32, n*l.H*l.W*l.C), make([]float32, l.K()*l.F), make([]float32, l.F), make([]uint32, l.PH*l.FromSize())}
	xp, packed, turned, row := make([]float32, l.InputSize()), make([]float32, l.K()*l.F), make([]float32, l.TurnedSize()), make([]float32, lines*l.RowSize())
	Fill(xp, float32(math.NaN()))
	l.Load(xp, x, n)
	l.Pack(packed, w)
	for p := 0; p < l.PH; p += lines {
		some := min(lines, l.PH-p)
		l.Forward(row, r.from[p*l.FromSize():], xp, packed, bias, p, some, relu)
		for q := range some {
			row, p := row[q*l.RowSize():(q+1)*l.RowSize()], p+q
			if l.Pool {
				StoreLanes(r.y[p*l.PW*l.F:], row, out, n, l.PW*l.F)
				continue
			}
			for i := range min(2, l.OH-2*p) {
				StoreLanes(r.y[(2*p+i)*l.OW*l.F:], row[i*len(row)/2:], out, n, l.OW*l.F)
			}
		}
	}
	sums, dz, line := make([]float32, 8*l.Sums()), make([]float32, l.GradientSize(held)), make([]float32, max(l.OW, l.PW)*l.F*8)
	Fill(dz, float32(math.NaN()))
	Fill(sums, float32(math.NaN()))
	l.Begin(sums)
	for p := range l.PH {
		rows, at := min(2, l.OH-2*p), p
		if held < l.OH {
			at = 0
		}
		if l.Pool {
			LoadLanes(line, dy[p*l.PW*l.F:], out, n, l.PW*l.F)
			l.Expand(dz, sums, line, r.from[p*l.FromSize():], at, held)
		} else {
			for i := range rows {
				LoadLanes(line, dy[(2*p+i)*l.OW*l.F:], out, n, l.OW*l.F)
				l.Regroup(dz, sums, line, 2*at+i, held)
			}
		}
		l.WeightGradient(sums, xp, dz, 2*p, rows, held, p == 0)
	}
	total := make([]float32, l.Sums())
	SumLanes(total, sums, len(total))
	l.Unpack(r.dw, r.db, total, l.Places(), 0, len(total))
	if held == l.OH {
		l.Turn(turned, w)
		dx := make([]float32, l.InputGradientSize())
		for h := range l.H {
			l.InputGradient(dx, dz, turned, h)
			StoreLanes(r.dx[h*l.W*l.C:], dx, l.H*l.W*l.C, n, l.W*l.C)
		}
	}
	return r
}

// lanesDefinition is the same from the definition, in float64.
func lanesDefinition(l Lanes, n int, x, w, bias, dy []float32, relu bool) (y, dx, dw, db []float64) {
	z, dz := make([]float64, l.OH*l.OW*l.F), make([]float64, l.OH*l.OW*l.F)
	dx, dw, db = make([]float64, n*l.H*l.W*l.C), make([]float64, l.K()*l.F), make([]float64, l.F)
	each := func(image int, f func(out, in, weight int)) {
		for oh := range l.OH {
			for ow := range l.OW {
				for i := range l.KH {
					for j := range l.KW {
						h, s := oh+i-l.Top, ow+j-l.Left
						if h < 0 || h >= l.H || s < 0 || s >= l.W {
							continue
						}
						for c := range l.C {
							for m := range l.F {
								f((oh*l.OW+ow)*l.F+m, ((image*l.H+h)*l.W+s)*l.C+c, ((i*l.KW+j)*l.C+c)*l.F+m)
							}
						}
					}
				}
			}
		}
	}
	for image := range n {
		clear(dz)
		for i := range z {
			z[i] = float64(bias[i%l.F])
		}
		each(image, func(o, i, k int) { z[o] += float64(x[i]) * float64(w[k]) })
		if l.Pool {
			for p := range l.PH * l.PW * l.F {
				first := (p/l.F/l.PW*2*l.OW+p/l.F%l.PW*2)*l.F + p%l.F
				best := first
				for _, o := range []int{first + l.F, first + l.OW*l.F, first + l.OW*l.F + l.F} {
					if z[o] > z[best] {
						best = o
					}
				}
				d := float64(dy[image*l.PH*l.PW*l.F+p])
				if v := z[best]; relu && v <= 0 {
					y, d = append(y, 0), 0
				} else {
					y = append(y, v)
				}
				dz[best] = d
			}
		} else {
			for i, v := range z { // whose relu goes backward elsewhere
				if relu {
					v = max(v, 0)
				}
				y = append(y, v)
				dz[i] = float64(dy[image*len(dz)+i])
			}
		}
		for i, d := range dz {
			db[i%l.F] += d
		}
		each(image, func(o, i, k int) {
			dx[i] += dz[o] * float64(w[k])
			dw[k] += dz[o] * float64(x[i])
		})
	}
	return y, dx, dw, db
}

func lanesDraw(r *rand.Rand, l Lanes, n int, draw func(*rand.Rand, int) []float32) (x, w, bias, dy []float32) {
	return draw(r, n*l.H*l.W*l.C), random(r, l.K()*l.F), random(r, l.F), draw(r, n*l.OH*l.OW*l.F)
}

// TestLanesAgainstDefinition holds whole and partial blocks to the definition.
func TestLanesAgainstDefinition(t *testing.T) {
	r := rand.New(rand.NewPCG(31, 32))
	for _, shape := range lanesShapes() {
		l := shape.geometry()
		for _, n := range []int{8, 3} {
			x, w, bias, dy := lanesDraw(r, l, n, random)
			relu := n == 8
			got := lanesRun(l, n, x, w, bias, dy, relu, l.OH)
			y, dx, dw, db := lanesDefinition(l, n, x, w, bias, dy, relu)
			for what, pair := range map[string]struct {
				got  []float32
				want []float64
			}{"y": {got.y, y}, "dx": {got.dx, dx}, "dw": {got.dw, dw}, "db": {got.db, db}} {
				worst, top := 0.0, 0.0
				for i, v := range pair.want {
					worst, top = max(worst, math.Abs(float64(pair.got[i])-v)), max(top, math.Abs(v))
				}
				if !(worst <= 1e-5+2e-6*top) || len(pair.got) != len(pair.want) {
					t.Errorf("%+v, %d images: %s is off by %.2g", l, n, what, worst/top)
				}
			}
		}
	}
}

// TestLanesTwins: every set of kernels gives the same bits, also of values that are not finite, and however many rows of
// the gradient are held; and so does the wide ones' way on any processor.
func TestLanesTwins(t *testing.T) {
	defer Use("")
	r := rand.New(rand.NewPCG(33, 34))
	for i, shape := range lanesShapes() {
		for _, draw := range []func(*rand.Rand, int) []float32{random, oddly} {
			n := 8 - i%3*2
			x, w, bias, dy := lanesDraw(r, shape.geometry(), n, draw)
			var want lanesResult
			for _, isa := range append([]string{"generic", "wide"}, assembled()...) {
				if isa != "wide" && Use(isa) != nil { // the second one is the first one's still
					continue
				}
				l := shape.geometry()
				if isa == "wide" {
					l.widen()
				}
				for _, held := range []int{l.OH, min(2, l.OH)} {
					got := lanesRun(l, n, x, w, bias, dy, i%2 == 0, held)
					if held < l.OH {
						got.dx = want.dx
					}
					if want.y == nil {
						want = got
					}
					for k, pair := range [][2][]float32{{want.y, got.y}, {want.dx, got.dx}, {want.dw, got.dw}, {want.db, got.db}} {
						for j, v := range pair[0] {
							o := pair[1][j]
							if math.Float32bits(v) != math.Float32bits(o) && (v == v || o == o) { // which NaN it is may differ
								t.Fatalf("%+v on %s: result %d, element %d is %v, want %v", l, isa, k, j, o, v)
							}
						}
					}
					if fmt.Sprint(got.from) != fmt.Sprint(want.from) {
						t.Fatalf("%+v on %s: other cells are the largest", l, isa)
					}
				}
			}
		}
	}
}

// TestLanesPooling: what is largest, and the first of several, is as for MaxPool after the activation.
func TestLanesPooling(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	values := []float32{0, float32(math.Copysign(0, -1)), 1, 2, -1, inf, -inf, nan}
	l := NewLanes(Window{H: 2, W: 2, C: 1, KH: 1, KW: 1, SH: 1, SW: 1, DH: 1, DW: 1, OH: 2, OW: 2}, 1, true)
	g := Window{H: 2, W: 2, C: 1, KH: 2, KW: 2, SH: 2, SW: 2, DH: 1, DW: 1, OH: 1, OW: 1}
	var packed [1]float32
	l.Pack(packed[:], []float32{1})
	for first := range len(values) * len(values) * len(values) * len(values) / 8 {
		x := make([]float32, 32) // [8, 2, 2, 1]
		for i := range 8 {
			for cell, at := 0, first*8+i; cell < 4; cell, at = cell+1, at/len(values) {
				x[4*i+cell] = values[at%len(values)]
			}
		}
		xp, y, chosen := make([]float32, l.InputSize()), make([]float32, 8), make([]uint32, 1)
		l.Load(xp, x, 8)
		for _, relu := range []bool{false, true} {
			l.Forward(y, chosen, xp, packed[:], make([]float32, 1), 0, 1, relu)
			for i := range 8 {
				z, best, from, dy, dz := append([]float32{}, x[4*i:4*i+4]...), []float32{0}, []uint8{0}, []float32{1}, make([]float32, 4)
				if relu {
					Relu(z, z)
				}
				g.MaxPool(best, from, z)
				g.MaxPoolBackward(dz, dy, from)
				if relu {
					ReluBackward(dz, z)
				}
				cell, got := 4, 4
				for c, d := range dz {
					if d != 0 {
						cell = c
					}
				}
				if bits := chosen[0] >> i; bits>>16&1 != 0 {
					got = int(bits&1 + bits>>8&1*2)
				}
				if (y[i] != best[0] && (y[i] == y[i] || best[0] == best[0])) || got != cell {
					t.Fatalf("%v, relu %v: %v from %d, want %v from %d", x[4*i:4*i+4], relu, y[i], got, best[0], cell)
				}
			}
		}
	}
}

// BenchmarkLanes times the parts of lenet5's convolutions on one core, by image: the best of all rounds.
func BenchmarkLanes(b *testing.B) {
	for _, c := range []struct {
		name string
		l    Lanes
		held int
	}{
		{"conv1", NewLanes(Window{H: 28, W: 28, C: 1, KH: 5, KW: 5, Top: 2, Left: 2, OH: 28, OW: 28}, 6, true), 2},
		{"conv2", NewLanes(Window{H: 14, W: 14, C: 6, KH: 5, KW: 5, OH: 10, OW: 10}, 16, true), 10},
	} {
		l := c.l
		r := rand.New(rand.NewPCG(1, 2))
		x, w, bias, dy := lanesDraw(r, l, 8, random)
		xp, packed, turned, row := make([]float32, l.InputSize()), make([]float32, l.K()*l.F), make([]float32, l.TurnedSize()), make([]float32, l.PH*l.RowSize())
		from, sums, dz, dx := make([]uint32, l.PH*l.FromSize()), make([]float32, 8*l.Sums()), make([]float32, l.GradientSize(c.held)), make([]float32, l.InputGradientSize())
		y, total := make([]float32, 8*l.PH*l.PW*l.F), make([]float32, l.Sums())
		l.Load(xp, x, 8)
		l.Pack(packed, w)
		l.Turn(turned, w)
		flops := 2 * float64(l.OH*l.OW*l.F*l.K())
		run := func(name string, flops float64, f func()) {
			b.Run(c.name+"/"+name, func(b *testing.B) {
				best := time.Hour
				for b.Loop() {
					start := time.Now()
					f()
					best = min(best, time.Since(start))
				}
				each := best.Seconds() / 8
				b.ReportMetric(each*1e6, "us/image")
				if flops > 0 {
					b.ReportMetric(flops/each/1e9, "GFLOPS")
				}
			})
		}
		run("load", 0, func() { l.Load(xp, x, 8) })
		run("forward", flops, func() {
			l.Forward(row, from, xp, packed, bias, 0, l.PH, true)
		})
		run("store", 0, func() {
			for p := range l.PH {
				StoreLanes(y[p*l.PW*l.F:], row, l.PH*l.PW*l.F, 8, l.PW*l.F)
			}
		})
		run("expand", 0, func() {
			for p := range l.PH {
				at := p % (c.held / 2)
				l.Expand(dz, sums, dy[:l.RowSize()], from[p*l.FromSize():], at, c.held)
			}
		})
		run("weight-gradient", flops, func() {
			for row := 0; row < l.OH; row += c.held {
				l.WeightGradient(sums, xp, dz, row, c.held, c.held, row == 0)
			}
		})
		run("sum", 0, func() { SumLanes(total, sums, len(total)) })
		if c.held == l.OH {
			run("input-gradient", flops, func() {
				for h := range l.H {
					l.InputGradient(dx, dz, turned, h)
				}
			})
		}
	}
}
