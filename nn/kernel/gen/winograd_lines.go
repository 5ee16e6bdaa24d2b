package main

import (
	"fmt"
	"math"
	"slices"

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

func (w *winograd) clear(v reg.VecVirtual) {
	if w.mask {
		VPXORD(v, v, v)
	} else {
		VXORPS(v, v, v)
	}
}

// prepare loads constants to registers, the others to the larger register file only. Filters need too many for the smaller
// one, and are few.
func (w *winograd) prepare(constants, others []float64) {
	if w.mask && len(constants) == 0 {
		constants = []float64{wgN0, wgNA, wgNB, wgA2, wgB2, wgA, wgB}
	}
	if w.mask {
		constants = slices.Concat(constants, others)
	}
	w.constants = map[float64]Op{}
	for _, v := range constants {
		r := w.vec()
		VBROADCASTSS(w.memory(v), r)
		w.constants[v] = r
	}
}

// memory is eight times a constant in memory.
func (w *winograd) memory(v float64) Mem {
	return number(fmt.Sprintf("wg%08x", math.Float32bits(float32(v))), float32(v))
}

// fixed is a constant, in a register or in memory, where it is no longer than eight lanes.
func (w *winograd) fixed(v float64) Op {
	if r, ok := w.constants[v]; ok {
		return r
	}
	if w.lanes > 8 {
		panic(fmt.Sprintf("%v is in no register", v))
	}
	return w.memory(v)
}

// plus makes a*x + y of y, and minus -a*x + y.
func (w *winograd) plus(a float64, x, y reg.VecVirtual) reg.VecVirtual {
	VFMADD231PS(w.fixed(a), x, y)
	return y
}

func (w *winograd) minus(a float64, x, y reg.VecVirtual) reg.VecVirtual {
	VFNMADD231PS(w.fixed(a), x, y)
	return y
}

// fma is a*x + y, and fnma -a*x + y, beside y.
func (w *winograd) fma(a float64, x, y reg.VecVirtual) reg.VecVirtual { return w.plus(a, x, w.copy(y)) }

func (w *winograd) fnma(a float64, x, y reg.VecVirtual) reg.VecVirtual {
	return w.minus(a, x, w.copy(y))
}

func (w *winograd) copy(x reg.VecVirtual) reg.VecVirtual { d := w.vec(); VMOVAPS(x, d); return d }

func (w *winograd) add(a, b reg.VecVirtual) reg.VecVirtual { d := w.vec(); VADDPS(b, a, d); return d }
func (w *winograd) sub(a, b reg.VecVirtual) reg.VecVirtual { d := w.vec(); VSUBPS(b, a, d); return d }
func (w *winograd) mul(a float64, x reg.VecVirtual) reg.VecVirtual {
	d := w.vec()
	VMULPS(w.fixed(a), x, d)
	return d
}

// The lines destroy what they are given: with six constants in registers there are ten others.

// odd stores e + a*d and e - a*d.
func (w *winograd) odd(a float64, e, d reg.VecVirtual, i int, store func(int, reg.VecVirtual)) {
	store(i, w.fma(a, d, e))
	store(i+1, w.minus(a, d, e))
}

func (w *winograd) input(x []reg.VecVirtual, store func(int, reg.VecVirtual)) {
	store(0, w.minus(wgSum, x[2], w.fma(wgProduct, x[0], x[4])))
	store(5, w.minus(wgSum, x[3], w.plus(wgProduct, x[1], x[5])))
	w.odd(wgA, w.fnma(wgB2, x[2], x[4]), w.fnma(wgB2, x[1], x[3]), 1, store)
	w.odd(wgB, w.minus(wgA2, x[2], x[4]), w.minus(wgA2, x[1], x[3]), 3, store)
}

func (w *winograd) gradient(y []reg.VecVirtual, store func(int, reg.VecVirtual)) {
	store(0, y[0])
	store(5, y[3])
	w.odd(wgA, w.fma(wgA2, y[2], y[0]), w.fma(wgA2, y[3], y[1]), 1, store)
	w.odd(wgB, w.plus(wgB2, y[2], y[0]), w.plus(wgB2, y[3], y[1]), 3, store)
}

func (w *winograd) output(m []reg.VecVirtual, store func(int, reg.VecVirtual)) {
	s1, d1, s2, d2 := w.add(m[1], m[2]), w.sub(m[1], m[2]), w.add(m[3], m[4]), w.sub(m[3], m[4])
	store(0, w.add(w.add(m[0], s1), s2))
	store(3, w.plus(wgB3, d2, w.plus(wgA3, d1, m[5])))
	store(1, w.plus(wgB, d2, w.mul(wgA, d1)))
	store(2, w.plus(wgB2, s2, w.mul(wgA2, s1)))
}

func (w *winograd) spread(m []reg.VecVirtual, store func(int, reg.VecVirtual)) {
	s1, d1, s2, d2 := w.add(m[1], m[2]), w.sub(m[1], m[2]), w.add(m[3], m[4]), w.sub(m[3], m[4])
	store(4, w.add(w.add(m[0], s1), s2))
	even := w.plus(wgA2, s2, w.mul(wgB2, s1))
	VFNMSUB231PS(w.fixed(wgSum), m[0], even) // -a*x - y
	store(2, even)
	store(0, w.mul(wgProduct, m[0]))
	store(1, w.minus(wgB*wgA2, d2, w.minus(wgA*wgB2, d1, w.mul(wgProduct, m[5]))))
	store(3, w.minus(wgSum, m[5], w.plus(wgB, d2, w.mul(wgA, d1))))
	store(5, m[5])
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
