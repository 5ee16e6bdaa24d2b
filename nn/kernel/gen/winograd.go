package main

import (
	"fmt"
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
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

// winograd writes one transform: the arithmetic of its twins in Go, in the same order, on the vectors of one
// instruction set.
type winograd struct {
	isa
	constants map[float64]Op
}

func winogradKernels() {
	for _, s := range sets {
		cells := "cells **float32, "
		w := &winograd{isa: s}
		w.function("winogradInput", cells+"v *float32, ld, ahead", "cells", "v", "", "ld", 6, 6, w.input, false)
		w.function("winogradGradient", cells+"d *float32, ld", "cells", "d", "", "ld", 4, 6, w.gradient, false)
		w.function("winogradOutput", cells+"m, bias *float32, ld, ahead", "m", "cells", "ld", "", 6, 4, w.output, false)
		w.function("winogradOutputRelu", cells+"m, bias *float32, ld, ahead", "m", "cells", "ld", "", 6, 4, w.output, true)
		w.function("winogradKernel", "u, w *float32, lu, lw", "w", "u", "lw", "lu", 3, 6, w.kernel, false)
		w.function("winogradKernelGradient", "dw, du *float32, lw, lu", "du", "dw", "lu", "lw", 6, 3, w.kernelGradient, false)
	}
}

// function writes the transform of p x p values to q x q for the channels from..to, in bytes. Without a stride, in or
// out is a table of the cells' addresses.
func (w *winograd) function(name, params, in, out, inStride, outStride string, p, q int, f func(x []reg.VecVirtual, store func(int, reg.VecVirtual)), relu bool) {
	name += w.name
	TEXT(name, 0, "func("+params+", from, to int)")
	Pragma("noescape")
	width := 4 * w.lanes
	w.constants = map[float64]Op{}
	load := func(param string) reg.Register {
		if param == "" {
			return nil
		}
		return Load(Param(param), GP64())
	}
	src, dst, srcStep, dstStep := load(in), load(out), load(inStride), load(outStride)
	at, to := load("from"), load("to")
	var bias reg.Register
	if inStride != "" && outStride == "" {
		bias = load("bias")
	}
	// Images are often met here for the first time: the columns that the next tile adds are asked for early.
	var ahead reg.Register
	if p == 6 && q != 3 {
		ahead = load("ahead")
		ADDQ(at, ahead)
	}
	// The values between the two passes, on vectors' boundaries.
	mid := GP64()
	LEAQ(AllocLocal(p*q*width+64), mid)
	ADDQ(Imm(63), mid)
	ANDQ(I8(-64), mid)

	var zero reg.VecVirtual
	if relu {
		zero = w.vec()
		w.clear(zero)
	}
	if w.mask {
		w.prepare(p, q)
	}
	Label("loop_" + name)
	cursor := func(base reg.Register) reg.GPVirtual {
		r := GP64()
		LEAQ(Mem{Base: base, Index: at, Scale: 1}, r)
		return r
	}
	var from, into reg.GPVirtual
	if srcStep != nil {
		from = cursor(src)
	}
	for i := range p {
		x := make([]reg.VecVirtual, p)
		for j := range x {
			x[j] = w.vec()
			if srcStep != nil {
				VMOVUPS(Mem{Base: from}, x[j])
				ADDQ(srcStep, from)
			} else {
				cell := GP64()
				MOVQ(Mem{Base: src, Disp: 8 * (i*p + j)}, cell)
				VMOVUPS(Mem{Base: cell, Index: at, Scale: 1}, x[j])
				if ahead != nil && j >= 2 {
					PREFETCHT0(Mem{Base: cell, Index: ahead, Scale: 1})
				}
			}
		}
		f(x, func(j int, v reg.VecVirtual) { VMOVUPS(v, Mem{Base: mid, Disp: (i*q + j) * width}) })
	}
	if dstStep != nil {
		into = cursor(dst)
	}
	for j := range q {
		x := make([]reg.VecVirtual, p)
		for i := range x {
			x[i] = w.vec()
			VMOVUPS(Mem{Base: mid, Disp: (i*q + j) * width}, x[i])
		}
		f(x, func(i int, v reg.VecVirtual) {
			if dstStep != nil {
				VMOVUPS(v, Mem{Base: into})
				ADDQ(dstStep, into)
				return
			}
			VADDPS(Mem{Base: bias, Index: at, Scale: 1}, v, v)
			cell := GP64()
			MOVQ(Mem{Base: dst, Disp: 8 * (j*q + i)}, cell)
			y := Mem{Base: cell, Index: at, Scale: 1}
			switch {
			case relu && w.mask:
				keep := K()
				VCMPPS(Imm(notLessEqual), zero, v, keep)
				VMOVUPS_Z(v, keep, v)
			case relu:
				keep := w.vec()
				VCMPPS(Imm(notLessEqual), zero, v, keep)
				VANDPS(keep, v, v)
			}
			VMOVUPS(v, y)
			PREFETCHT0(Mem{Base: cell, Index: ahead, Scale: 1})
		})
	}
	if ahead != nil {
		ADDQ(Imm(uint64(width)), ahead)
	}
	ADDQ(Imm(uint64(width)), at)
	CMPQ(at, to)
	JLT(LabelRef("loop_" + name))
	VZEROUPPER()
	RET()
}

func (w *winograd) clear(v reg.VecVirtual) {
	if w.mask {
		VPXORD(v, v, v)
	} else {
		VXORPS(v, v, v)
	}
}

// prepare loads the constants that a transform of p to q values needs, where there are registers for them.
func (w *winograd) prepare(p, q int) {
	need := map[[2]int][]float64{
		{6, 6}: {wgProduct, wgSum, wgA2, wgB2, wgA, wgB},
		{4, 6}: {wgA2, wgB2, wgA, wgB},
		{6, 4}: {wgA, wgB, wgA2, wgB2, wgA3, wgB3},
		{3, 6}: {wgN0, wgNA, wgNB, wgA2, wgB2, wgA, wgB},
		{6, 3}: {wgN0, wgNA, wgNB, wgA, wgB, wgA2, wgB2},
	}
	for _, v := range need[[2]int{p, q}] {
		r := w.vec()
		VBROADCASTSS(w.memory(v), r)
		w.constants[v] = r
	}
}

// memory is eight times a constant in memory.
func (w *winograd) memory(v float64) Mem {
	return number(fmt.Sprintf("wg%08x", math.Float32bits(float32(v))), float32(v))
}

// fixed is a constant, in a register or in memory.
func (w *winograd) fixed(v float64) Op {
	if r, ok := w.constants[v]; ok {
		return r
	}
	return w.memory(v)
}

// fma is a*x + y, or -a*x + y.
func (w *winograd) fma(a float64, x, y reg.VecVirtual) reg.VecVirtual {
	d := w.vec()
	VMOVAPS(y, d)
	VFMADD231PS(w.fixed(a), x, d)
	return d
}

func (w *winograd) fnma(a float64, x, y reg.VecVirtual) reg.VecVirtual {
	d := w.vec()
	VMOVAPS(y, d)
	VFNMADD231PS(w.fixed(a), x, d)
	return d
}

func (w *winograd) add(a, b reg.VecVirtual) reg.VecVirtual { d := w.vec(); VADDPS(b, a, d); return d }
func (w *winograd) sub(a, b reg.VecVirtual) reg.VecVirtual { d := w.vec(); VSUBPS(b, a, d); return d }
func (w *winograd) mul(a float64, x reg.VecVirtual) reg.VecVirtual {
	d := w.vec()
	VMULPS(w.fixed(a), x, d)
	return d
}

func (w *winograd) input(x []reg.VecVirtual, store func(int, reg.VecVirtual)) {
	store(0, w.fnma(wgSum, x[2], w.fma(wgProduct, x[0], x[4])))
	e, d := w.fnma(wgB2, x[2], x[4]), w.fnma(wgB2, x[1], x[3])
	store(1, w.fma(wgA, d, e))
	store(2, w.fnma(wgA, d, e))
	e, d = w.fnma(wgA2, x[2], x[4]), w.fnma(wgA2, x[1], x[3])
	store(3, w.fma(wgB, d, e))
	store(4, w.fnma(wgB, d, e))
	store(5, w.fnma(wgSum, x[3], w.fma(wgProduct, x[1], x[5])))
}

func (w *winograd) gradient(y []reg.VecVirtual, store func(int, reg.VecVirtual)) {
	store(0, y[0])
	e, d := w.fma(wgA2, y[2], y[0]), w.fma(wgA2, y[3], y[1])
	store(1, w.fma(wgA, d, e))
	store(2, w.fnma(wgA, d, e))
	e, d = w.fma(wgB2, y[2], y[0]), w.fma(wgB2, y[3], y[1])
	store(3, w.fma(wgB, d, e))
	store(4, w.fnma(wgB, d, e))
	store(5, y[3])
}

func (w *winograd) output(m []reg.VecVirtual, store func(int, reg.VecVirtual)) {
	s1, d1, s2, d2 := w.add(m[1], m[2]), w.sub(m[1], m[2]), w.add(m[3], m[4]), w.sub(m[3], m[4])
	store(0, w.add(w.add(m[0], s1), s2))
	store(1, w.fma(wgB, d2, w.mul(wgA, d1)))
	store(2, w.fma(wgB2, s2, w.mul(wgA2, s1)))
	store(3, w.fma(wgB3, d2, w.fma(wgA3, d1, m[5])))
}

func (w *winograd) kernel(k []reg.VecVirtual, store func(int, reg.VecVirtual)) {
	store(0, w.mul(wgN0, k[0]))
	e := w.fma(wgA2, k[2], k[0])
	store(1, w.mul(wgNA, w.fma(wgA, k[1], e)))
	store(2, w.mul(wgNA, w.fnma(wgA, k[1], e)))
	e = w.fma(wgB2, k[2], k[0])
	store(3, w.mul(wgNB, w.fma(wgB, k[1], e)))
	store(4, w.mul(wgNB, w.fnma(wgB, k[1], e)))
	store(5, k[2])
}

func (w *winograd) kernelGradient(u []reg.VecVirtual, store func(int, reg.VecVirtual)) {
	s1, d1 := w.mul(wgNA, w.add(u[1], u[2])), w.mul(wgNA, w.sub(u[1], u[2]))
	s2, d2 := w.mul(wgNB, w.add(u[3], u[4])), w.mul(wgNB, w.sub(u[3], u[4]))
	store(0, w.fma(wgN0, u[0], w.add(s1, s2)))
	store(1, w.fma(wgB, d2, w.mul(wgA, d1)))
	store(2, w.fma(wgB2, s2, w.fma(wgA2, s1, u[5])))
}
