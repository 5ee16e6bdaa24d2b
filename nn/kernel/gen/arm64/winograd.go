package main

import (
	"fmt"
	"slices"
)

// The constants of F(4x4, 3x3) on the points 0, +-3/4, +-3/2: those of winograd_transform.go.
const (
	wgA, wgB   = 3. / 4, 3. / 2
	wgA2, wgB2 = wgA * wgA, wgB * wgB
	wgProduct  = wgA2 * wgB2
	wgSum      = wgA2 + wgB2
	wgA3, wgB3 = wgA2 * wgA, wgB2 * wgB
	wgN0       = 1 / wgProduct
	wgNA       = 1 / (2 * wgA2 * (wgA2 - wgB2))
	wgNB       = 1 / (2 * wgB2 * (wgB2 - wgA2))
)

// transform writes Winograd's transforms: the arithmetic of their twins in Go, in the same order.
type transform struct {
	*family
	constants map[float64]*vector
}

func winograd(n *family) {
	cells := "cells **float32, "
	w := &transform{family: n}
	w.function("winogradInputNEON", cells+"v *float32, ld, from, to int", "cells", "v", "", "ld", 6, 6, w.input, false)
	w.function("winogradGradientNEON", cells+"d *float32, ld, from, to int", "cells", "d", "", "ld", 4, 6, w.gradient, false)
	w.function("winogradOutputNEON", cells+"m, bias *float32, ld, from, to int", "m", "cells", "ld", "", 6, 4, w.output, false)
	w.function("winogradOutputReluNEON", cells+"m, bias *float32, ld, from, to int", "m", "cells", "ld", "", 6, 4, w.output, true)
	w.function("winogradKernelNEON", "u, w *float32, lu, lw, from, to int", "w", "u", "lw", "lu", 3, 6, w.kernel, false)
	w.function("winogradKernelGradientNEON", "dw, du *float32, lw, lu, from, to int", "du", "dw", "lu", "lw", 6, 3, w.kernelGradient, false)
}

// function writes the transform of p x p values to q x q for the channels from..to, in bytes. Without a stride, in or out
// is a table of the cells' addresses.
func (w *transform) function(name, params, in, out, inStride, outStride string, p, q int, f func(x []*vector, store func(int, *vector)), relu bool) {
	const src, dst, at, to, bias, mid, cursor = "R0", "R1", "R4", "R5", "R6", "R7", "R8"
	size := p*q*16 + 16
	w.family.function(name, "", params, size)
	w.constants = map[float64]*vector{}
	w.arg(in, src)
	w.arg(out, dst)
	w.arg("from", at)
	w.arg("to", to)
	inStep, outStep := "", ""
	if inStride != "" {
		inStep = "R2"
		w.arg(inStride, inStep)
	}
	if outStride != "" {
		outStep = "R3"
		w.arg(outStride, outStep)
	}
	if _, ok := w.args["bias"]; ok {
		w.arg("bias", bias)
	}
	// The values between the two passes, on vectors' boundaries.
	w.op("MOVD $mid-%d(SP), %s", size, mid)
	w.op("ADD $15, %s, %s", mid, mid)
	w.op("AND $~15, %s, %s", mid, mid)
	w.steps = append(w.steps, step{emit: func(int, []int) { w.label("loop") }})
	// cell is the address of a cell, or of what a cursor that walks along the points has come to.
	cell := func(base, step string, i int) string {
		if step == "" {
			w.also("MOVD %d(%s), %s", 8*i, base, cursor)
			w.also("ADD %s, %s, %s", at, cursor, cursor)
		} else if i == 0 {
			w.also("ADD %s, %s, %s", at, base, cursor)
		} else {
			w.also("ADD %s, %s, %s", step, cursor, cursor)
		}
		return "(" + cursor + ")"
	}
	between := func(i, j int) string { return fmt.Sprintf("%d(%s)", 16*(i*q+j), mid) }
	for i := range p {
		x := make([]*vector, p)
		for j := range x {
			x[j] = w.load(cell(src, inStep, i*p+j))
		}
		f(x, func(j int, v *vector) { w.store(v, between(i, j)) })
	}
	for j := range q {
		x := make([]*vector, p)
		for i := range x {
			x[i] = w.load(between(i, j))
		}
		f(x, func(i int, v *vector) {
			if outStride == "" {
				w.also("ADD %s, %s, %s", at, bias, cursor)
				v = w.family.add(v, w.load("("+cursor+")"))
				if relu {
					v = w.without(v, w.notAbove(v))
				}
			}
			w.store(v, cell(dst, outStep, j*q+i))
		})
	}
	w.flush()
	w.op("ADD $16, %s, %s", at, at)
	w.op("CMP %s, %s", to, at)
	w.op("BLT loop")
	w.op("RET")
}

// constant spreads a constant before the loop.
func (w *transform) constant(v float64) *vector {
	if w.constants[v] == nil {
		w.constants[v] = w.number(float32(v))
		last := len(w.steps) - 1
		w.steps = slices.Insert(w.steps[:last], 0, w.steps[last])
	}
	return w.constants[v]
}

// fma is a*x + y, or -a*x + y.
func (w *transform) fma(a float64, x, y *vector) *vector {
	return w.family.fma(w.constant(a), x, y)
}

func (w *transform) fnma(a float64, x, y *vector) *vector {
	return w.family.fnma(w.constant(a), x, y)
}

func (w *transform) mul(a float64, x *vector) *vector { return w.family.mul(w.constant(a), x) }

func (w *transform) input(x []*vector, store func(int, *vector)) {
	store(0, w.fnma(wgSum, x[2], w.fma(wgProduct, x[0], x[4])))
	e, d := w.fnma(wgB2, x[2], x[4]), w.fnma(wgB2, x[1], x[3])
	store(1, w.fma(wgA, d, e))
	store(2, w.fnma(wgA, d, e))
	e, d = w.fnma(wgA2, x[2], x[4]), w.fnma(wgA2, x[1], x[3])
	store(3, w.fma(wgB, d, e))
	store(4, w.fnma(wgB, d, e))
	store(5, w.fnma(wgSum, x[3], w.fma(wgProduct, x[1], x[5])))
}

func (w *transform) gradient(y []*vector, store func(int, *vector)) {
	store(0, y[0])
	e, d := w.fma(wgA2, y[2], y[0]), w.fma(wgA2, y[3], y[1])
	store(1, w.fma(wgA, d, e))
	store(2, w.fnma(wgA, d, e))
	e, d = w.fma(wgB2, y[2], y[0]), w.fma(wgB2, y[3], y[1])
	store(3, w.fma(wgB, d, e))
	store(4, w.fnma(wgB, d, e))
	store(5, y[3])
}

func (w *transform) output(m []*vector, store func(int, *vector)) {
	s1, d1, s2, d2 := w.add(m[1], m[2]), w.sub(m[1], m[2]), w.add(m[3], m[4]), w.sub(m[3], m[4])
	store(0, w.add(w.add(m[0], s1), s2))
	store(1, w.fma(wgB, d2, w.mul(wgA, d1)))
	store(2, w.fma(wgB2, s2, w.mul(wgA2, s1)))
	store(3, w.fma(wgB3, d2, w.fma(wgA3, d1, m[5])))
}

func (w *transform) kernel(k []*vector, store func(int, *vector)) {
	store(0, w.mul(wgN0, k[0]))
	e := w.fma(wgA2, k[2], k[0])
	store(1, w.mul(wgNA, w.fma(wgA, k[1], e)))
	store(2, w.mul(wgNA, w.fnma(wgA, k[1], e)))
	e = w.fma(wgB2, k[2], k[0])
	store(3, w.mul(wgNB, w.fma(wgB, k[1], e)))
	store(4, w.mul(wgNB, w.fnma(wgB, k[1], e)))
	store(5, k[2])
}

func (w *transform) kernelGradient(u []*vector, store func(int, *vector)) {
	s1, d1 := w.mul(wgNA, w.add(u[1], u[2])), w.mul(wgNA, w.sub(u[1], u[2]))
	s2, d2 := w.mul(wgNB, w.add(u[3], u[4])), w.mul(wgNB, w.sub(u[3], u[4]))
	store(0, w.fma(wgN0, u[0], w.add(s1, s2)))
	store(1, w.fma(wgB, d2, w.mul(wgA, d1)))
	store(2, w.fma(wgB2, s2, w.fma(wgA2, s1, u[5])))
}
