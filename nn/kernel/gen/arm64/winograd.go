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
	kind
	constants map[float64]*vector
}

// kind is one of the transforms: of p x p values to q x q. The values of one side are the cells of an image, in a table of
// their addresses, or lie stride bytes apart.
type kind struct {
	name, params   string
	in, inStride   string
	out, outStride string
	p, q           int
	line           func(w *transform, x []*vector, store func(int, *vector))
	bias, relu     bool // of the cells that are written
	mask           bool // cells are read as 0 where those of ys are not above 0
	sums           bool // of the cells that are read, for each channel
	shards         bool // what is read is the sum of so many values, apart bytes apart
	adds           bool // to the first two rows and columns of the cells
}

func winograd(n *family) {
	output := kind{name: "winogradOutputNEON", params: "cells **float32, m, bias *float32, ld, to int", in: "m", inStride: "ld", out: "cells", p: 6, q: 4,
		line: (*transform).output, bias: true}
	relu := output
	relu.name, relu.relu = "winogradOutputReluNEON", true
	gradient := kind{name: "winogradGradientNEON", params: "cells **float32, d, sums *float32, ld, to int", in: "cells", out: "d", outStride: "ld", p: 4, q: 6,
		line: (*transform).gradient, sums: true}
	masked := gradient
	masked.name, masked.params, masked.mask = "winogradGradientReluNEON", "cells, ys **float32, d, sums *float32, ld, to int", true
	for _, k := range []kind{
		{name: "winogradInputNEON", params: "cells **float32, v *float32, ld, to int", in: "cells", out: "v", outStride: "ld", p: 6, q: 6, line: (*transform).input},
		gradient, masked, output, relu,
		{name: "winogradSpreadNEON", params: "cells **float32, m *float32, ld, to int", in: "m", inStride: "ld", out: "cells", p: 6, q: 6, line: (*transform).spread, adds: true},
		{name: "winogradKernelNEON", params: "u, w *float32, lu, lw, to int", in: "w", inStride: "lw", out: "u", outStride: "lu", p: 3, q: 6, line: (*transform).kernel},
		{name: "winogradKernelGradientNEON", params: "dw, du *float32, lw, lu, shards, apart, to int", in: "du", inStride: "lu", out: "dw", outStride: "lw", p: 6, q: 3,
			line: (*transform).kernelGradient, shards: true},
	} {
		(&transform{family: n, kind: k}).function()
	}
}

// What is in which register.
const (
	wgSrc    = "R0"
	wgDst    = "R1"
	wgIn     = "R2" // strides
	wgOut    = "R3"
	wgAt     = "R4" // bytes of the channels that are done
	wgTo     = "R5"
	wgRow    = "R6" // the bias or the sums
	wgMid    = "R7"
	wgCursor = "R8"
	wgYs     = "R9"
	wgShards = "R10" // besides the first
	wgApart  = "R11"
)

// function writes the transform of the channels up to byte to.
func (w *transform) function() {
	k := w.kind
	size := k.p*k.q*16 + 16
	w.family.function(k.name, "", k.params, size)
	w.constants = map[float64]*vector{}
	load := func(param, r string) {
		if param != "" {
			w.arg(param, r)
		}
	}
	load(k.in, wgSrc)
	load(k.inStride, wgIn)
	load(k.out, wgDst)
	load(k.outStride, wgOut)
	load("to", wgTo)
	switch {
	case k.bias:
		load("bias", wgRow)
	case k.sums:
		load("sums", wgRow)
	case k.shards:
		load("shards", wgShards)
		w.op("SUB $1, %s, %s", wgShards, wgShards)
		load("apart", wgApart)
	}
	if k.mask {
		load("ys", wgYs)
	}
	w.op("MOVD $0, %s", wgAt)
	// The values between the two passes, on vectors' boundaries.
	w.op("MOVD $mid-%d(SP), %s", size, wgMid)
	w.op("ADD $15, %s, %s", wgMid, wgMid)
	w.op("AND $~15, %s, %s", wgMid, wgMid)
	w.steps = append(w.steps, step{emit: func(int, []int) { w.label("loop") }})
	var total *vector
	for i := range k.p {
		x := make([]*vector, k.p)
		for j := range x {
			x[j] = w.read(i, j)
		}
		if k.sums {
			line := w.add(w.add(x[0], x[1]), w.add(x[2], x[3]))
			if i > 0 {
				line = w.add(line, total)
			}
			total = line
		}
		k.line(w, x, func(j int, v *vector) { w.store(v, w.between(i, j)) })
	}
	if k.sums {
		at := w.along(wgRow)
		w.store(w.add(total, w.load(at)), at)
	}
	for j := range k.q {
		x := make([]*vector, k.p)
		for i := range x {
			x[i] = w.load(w.between(i, j))
		}
		k.line(w, x, func(i int, v *vector) { w.write(j, i, v) })
	}
	w.flush()
	w.op("ADD $16, %s, %s", wgAt, wgAt)
	w.op("CMP %s, %s", wgTo, wgAt)
	w.op("BLT loop")
	w.op("RET")
}

// between is where value (i, j) is kept between the passes.
func (w *transform) between(i, j int) string { return fmt.Sprintf("%d(%s)", 16*(i*w.q+j), wgMid) }

// along is the place of the channels in a row of them.
func (w *transform) along(base string) string {
	w.also("ADD %s, %s, %s", wgAt, base, wgCursor)
	return "(" + wgCursor + ")"
}

// cell is a place in the cell that is i-th in a table.
func (w *transform) cell(table string, i int) string {
	w.also("MOVD %d(%s), %s", 8*i, table, wgCursor)
	return w.along(wgCursor)
}

// point is a place in the i-th of the values that are a stride apart: they are come to in their order.
func (w *transform) point(base, stride string, i int) string {
	if i == 0 {
		return w.along(base)
	}
	w.also("ADD %s, %s, %s", stride, wgCursor, wgCursor)
	return "(" + wgCursor + ")"
}

// read loads value (i, j).
func (w *transform) read(i, j int) *vector {
	at := i*w.p + j
	if w.inStride == "" {
		x := w.load(w.cell(wgSrc, at))
		if w.mask {
			x = w.without(x, w.notAbove(w.load(w.cell(wgYs, at))))
		}
		return x
	}
	x := w.load(w.point(wgSrc, wgIn, at))
	if !w.shards {
		return x
	}
	const next, left, value = "R12", "R13", 31
	w.used[value] = true
	return w.step(true, func(d int, _ []int) {
		w.op("MOVD %s, %s", wgCursor, next)
		w.op("MOVD %s, %s", wgShards, left)
		w.op("CBZ %s, summed%d", left, at)
		w.label(fmt.Sprintf("shard%d", at))
		w.op("ADD %s, %s, %s", wgApart, next, next)
		w.op("FMOVQ (%s), F%d", next, value)
		w.fadd(d, d, value)
		w.op("SUBS $1, %s, %s", left, left)
		w.op("BNE shard%d", at)
		w.label(fmt.Sprintf("summed%d", at))
	}, x)
}

// write stores value (i, j).
func (w *transform) write(i, j int, v *vector) {
	if w.outStride != "" {
		w.store(v, w.point(wgDst, wgOut, i*w.q+j))
		return
	}
	if w.bias {
		v = w.add(v, w.load(w.along(wgRow)))
		if w.relu {
			v = w.without(v, w.notAbove(v))
		}
	}
	at := w.cell(wgDst, i*w.q+j)
	if w.adds && (i < 2 || j < 2) {
		v = w.add(v, w.load(at))
	}
	w.store(v, at)
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

func (w *transform) spread(m []*vector, store func(int, *vector)) {
	s1, d1, s2, d2 := w.add(m[1], m[2]), w.sub(m[1], m[2]), w.add(m[3], m[4]), w.sub(m[3], m[4])
	store(0, w.mul(wgProduct, m[0]))
	store(1, w.fnma(wgB*wgA2, d2, w.fnma(wgA*wgB2, d1, w.mul(wgProduct, m[5]))))
	store(2, w.fnma(wgSum, m[0], w.negative(w.fma(wgA2, s2, w.mul(wgB2, s1)))))
	store(3, w.fnma(wgSum, m[5], w.fma(wgB, d2, w.mul(wgA, d1))))
	store(4, w.add(w.add(m[0], s1), s2))
	store(5, m[5])
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
