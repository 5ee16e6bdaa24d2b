package kernel

import "math"

// LSTM is the geometry of a layer of long short-term memory with the usual functions: logistic gates, and the hyperbolic
// tangent of the candidates and of the cells. The gates lie in the order i, f, g, o.
type LSTM struct {
	F, U    int // features of a step's input, and units
	X, H, G int // distances between the rows of inputs, of states and of gates
}

// LSTMRows is what there is of rows of samples at a step, for W units: those of the layer, filled up to whole vectors
// with some whose weights are 0.
type LSTMRows struct {
	H     []float32 // [rows, W] states
	Gates []float32 // [rows, 4W] on the way back, the gradients by their inputs
	Cells []float32 // [rows, W/8, 2, 8] cells, and their hyperbolic tangents
}

// A group is eight units: one vector of each of their gates.
const (
	lstmGroup   = 8
	lstmColumns = 4 * lstmGroup
)

// Wide is the number of units in whole vectors.
func (g LSTM) Wide() int { return (g.U + lstmGroup - 1) &^ (lstmGroup - 1) }

// Packed is the size of the packed weights, [W/8, 1+F+U, 32]: of each group of eight units, the bias, the kernel and the
// recurrent kernel of its gates.
func (g LSTM) Packed() int { return g.Groups() * g.panel() }

// panel is the size of a group's weights.
func (g LSTM) panel() int { return (1 + g.F + g.U) * lstmColumns }

// Groups is the number of groups of units that the weights are packed in.
func (g LSTM) Groups() int { return g.Wide() / lstmGroup }

// Pack writes a group's part of the kernel w [F, 4U], the recurrent kernel r [U, 4U] and the bias b [4U], which may be
// nil, to p.
func (g LSTM) Pack(p, w, r, b []float32, group int) {
	u := group * lstmGroup
	panel := p[group*g.panel():][:g.panel()]
	FetchToWrite(panel)
	if b == nil {
		clear(panel[:lstmColumns])
	} else {
		g.packRows(panel, b, u, 1)
	}
	g.packRows(panel[lstmColumns:], w, u, g.F)
	g.packRows(panel[(1+g.F)*lstmColumns:], r, u, g.U)
}

// packRows copies the columns of the units from u on of the rows of w [rows, 4U].
func (g LSTM) packRows(p, w []float32, u, rows int) {
	n := min(g.U-u, lstmGroup)
	if n == lstmGroup && g.packSIMD(p, w, u, rows) {
		return
	}
	for l := range rows {
		for k := range 4 {
			to := p[l*lstmColumns+k*lstmGroup:][:lstmGroup]
			copy(to, w[(4*l+k)*g.U+u:][:n])
			clear(to[n:])
		}
	}
}

// Step takes rows of samples, whose inputs are x [rows, F], from before to now; before is zero at the first step: states
// and cells of 0. Its gates are not read, and its cells may be now's. The input of a gate is one chain of fused
// multiply-adds: bias, input, state.
func (g LSTM) Step(p, x []float32, before, now LSTMRows, rows int) {
	if !g.stepSIMD(p, x, before, now, rows) {
		g.step(p, x, before, now, rows)
	}
}

// step is the vector kernel's twin.
func (g LSTM) step(p, x []float32, before, now LSTMRows, rows int) {
	wide := g.Wide()
	if !g.inputsSIMD(p, x, before, now, rows) {
		g.inputs(p, x, before, now, rows)
	}
	for u := range wide {
		for r := range rows {
			var gate [4]float32
			for k := range gate {
				z := &now.Gates[r*g.G+k*wide+u]
				*z = gateFunction(*z, k == 2)
				gate[k] = *z
			}
			at, c := g.cell(r, u), float32(0)
			if before.H != nil {
				c = before.Cells[at]
			}
			c = fma(gate[1], c, float32(gate[0]*gate[2]))
			tc := gateFunction(c, true)
			now.Cells[at], now.Cells[at+lstmGroup] = c, tc
			now.H[r*g.H+u] = float32(gate[3] * tc)
		}
	}
}

// inputs computes those of the gates.
func (g LSTM) inputs(p, x []float32, before, now LSTMRows, rows int) {
	wide := g.Wide()
	for u := range wide {
		w := p[u/lstmGroup*g.panel()+u%lstmGroup:]
		for r := range rows {
			for k := range 4 {
				column := w[k*lstmGroup:]
				z := column[0]
				for l, v := range x[r*g.X:][:g.F] {
					z = fma(v, column[(1+l)*lstmColumns], z)
				}
				if before.H != nil {
					for l, v := range before.H[r*g.H:][:g.U] {
						z = fma(v, column[(1+g.F+l)*lstmColumns], z)
					}
				}
				now.Gates[r*g.G+k*wide+u] = z
			}
		}
	}
}

// cell is the place of a unit's cell; its tangent's is eight after it.
func (g LSTM) cell(row, unit int) int { return 2*(row*g.Wide()+unit) - unit%lstmGroup }

// Back takes rows of samples back from now to before, zero again at the first step, as far as each unit goes by itself:
// from the gradients by the states, dh [rows, W], and by the cells, dc [rows, W], to those by the inputs of the gates, in
// the gates' place, and by the cells before, in dc.
func (g LSTM) Back(before, now LSTMRows, dh, dc []float32, rows int) {
	if !g.backSIMD(before, now, dh, dc, rows) {
		g.back(before, now, dh, dc, rows)
	}
}

// back is the vector kernel's twin.
func (g LSTM) back(before, now LSTMRows, dh, dc []float32, rows int) {
	inner := func(v float32) float32 { return float32(v * (1 - v)) }
	rest := func(v float32) float32 { return fma(-v, v, 1) }
	wide := g.Wide()
	for r := range rows {
		for u := range wide {
			gate := now.Gates[r*g.G+u:]
			i, f, a, o := gate[0], gate[wide], gate[2*wide], gate[3*wide]
			at, c := g.cell(r, u), float32(0)
			if before.H != nil {
				c = before.Cells[at]
			}
			tc, d := now.Cells[at+lstmGroup], dh[r*wide+u]
			cell := fma(float32(d*o), rest(tc), dc[r*wide+u])
			gate[0] = float32(float32(cell*a) * inner(i))
			gate[wide] = float32(float32(cell*c) * inner(f))
			gate[2*wide] = float32(float32(cell*i) * rest(a))
			gate[3*wide] = float32(float32(d*tc) * inner(o))
			dc[r*wide+u] = float32(cell * f)
		}
	}
}

// gateFunction is the logistic function, or the hyperbolic tangent, as the vector kernels have it: in fused
// multiply-adds, from e^a - 1 or e^a where a = -|z|, or -2|z|, is at least -86.
func gateFunction(z float32, tanh bool) float32 {
	const sign = 1 << 31
	bits := math.Float32bits(z)
	a := math.Float32frombits(bits | sign)
	if tanh {
		a += a
	}
	if a < -86 {
		a = -86
	}
	// e^a = 2^n e^r; the sum with 3 2^22 rounds to a whole number, which its last bits hold.
	const magic = 3 << 22
	t := fma(a, 1.44269504088896341, magic)
	r := fma(t-magic, -math.Ln2, a)
	s := math.Float32frombits(math.Float32bits(t)<<23 + 127<<23)
	q := float32(1.381454001702946e-3)
	q = fma(q, r, 8.368745116439775e-3)
	q = fma(q, r, 4.166839078687683e-2)
	q = fma(q, r, 1.6666520398961537e-1)
	q = fma(q, r, 4.999999343211257e-1)
	q = fma(q, float32(r*r), r) // e^r - 1
	if tanh {
		m := fma(q, s, s-1)
		m = math.Float32frombits(math.Float32bits(m)&^sign) / (2 + m)
		return math.Float32frombits(math.Float32bits(m) | bits&sign)
	}
	e := fma(q, s, s)
	if bits&sign != 0 {
		return e / (1 + e)
	}
	return 1 / (1 + e)
}
