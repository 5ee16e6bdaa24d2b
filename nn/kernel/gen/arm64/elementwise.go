package main

import (
	"fmt"
	"math"
)

// loop runs body for every 4 of the n values at the pointers, the first parameters of the function.
func loop(n *family, name, params string, pointers int, prepare func(), body func(p []string)) {
	n.function(name, "", params, 0)
	names := []string{"y", "x"}
	if pointers == 4 {
		names = []string{"w", "dw", "m", "v"}
	}
	var regs, at []string
	for i, p := range names {
		regs = append(regs, fmt.Sprintf("R%d", i))
		at = append(at, "("+regs[i]+")")
		n.arg(p, regs[i])
	}
	n.arg("n", "R8")
	n.op("CBZ R8, done")
	prepare()
	n.flush()
	n.label("loop")
	body(at)
	n.flush()
	for _, r := range regs {
		n.op("ADD $16, %s, %s", r, r)
	}
	n.op("SUBS $4, R8, R8")
	n.op("BNE loop")
	n.label("done")
	n.op("RET")
}

// elementwise writes the elementwise kernels that training meets most. Each does the operations of its Go twin in the
// same order; n is a multiple of 4.
func elementwise(n *family) {
	none := func() {}
	loop(n, "addNEON", "y, x *float32, n int", 2, none, func(p []string) { n.store(n.add(n.load(p[0]), n.load(p[1])), p[0]) })
	var a *vector
	loop(n, "axpyNEON", "y, x *float32, n int, a float32", 2, func() { a = n.scalar("a") }, func(p []string) {
		n.store(n.add(n.load(p[0]), n.mul(a, n.load(p[1]))), p[0])
	})
	loop(n, "reluNEON", "y, x *float32, n int", 2, none, func(p []string) {
		x := n.load(p[1])
		n.store(n.without(x, n.notAbove(x)), p[0])
	})
	loop(n, "reluBackwardNEON", "y, x *float32, n int", 2, none, func(p []string) {
		n.store(n.without(n.load(p[0]), n.notAbove(n.load(p[1]))), p[0])
	})
	var rest1, rest2, rate, eps, exponent *vector
	loop(n, "adamNEON", "w, dw, m, v *float32, n int, rest1, rest2, rate, eps float32", 4, func() {
		rest1, rest2, rate, eps = n.scalar("rest1"), n.scalar("rest2"), n.scalar("rate"), n.scalar("eps")
		exponent = n.number(float32(math.Inf(1)))
	}, func(p []string) {
		g, m, v := n.load(p[1]), n.load(p[2]), n.load(p[3])
		normal := func(x *vector) *vector { return n.with(n.and, x, n.with(n.cmtst, x, exponent)) } // or 0 where it is subnormal
		m = normal(n.add(m, n.mul(n.sub(g, m), rest1)))
		v = normal(n.add(v, n.mul(n.sub(n.mul(g, g), v), rest2)))
		n.store(m, p[2])
		n.store(v, p[3])
		n.store(n.sub(n.load(p[0]), n.div(n.mul(m, rate), n.add(n.sqrt(v), eps))), p[0])
	})
	transpose(n)
	sumRows(n)
}

// transpose writes the transposition of 4 rows.
func transpose(n *family) {
	n.function("transposeNEON", "transposeNEON writes 4 rows of n values, a multiple of 4, as columns; strides in bytes.", "dst, src *float32, n, dstStride, srcStride int", 0)
	n.arg("dst", "R0")
	n.arg("src", "R1")
	n.arg("n", "R2")
	n.arg("dstStride", "R3")
	n.arg("srcStride", "R4")
	n.op("ADD R4, R1, R5")
	n.op("ADD R4, R5, R6")
	n.op("ADD R4, R6, R7")
	n.label("loop")
	var rows [4]*vector
	from := [4]int{1, 5, 6, 7}
	for i, r := range from {
		rows[i] = n.load(fmt.Sprintf("(R%d)", r))
	}
	cols := n.transpose4(rows)
	for i, c := range cols {
		n.store(c, "(R0)")
		n.also("ADD R3, R0, R0")
		n.also("ADD $16, R%d, R%d", from[i], from[i])
	}
	n.flush()
	n.op("SUBS $4, R2, R2")
	n.op("BNE loop")
	n.op("RET")
}

// sumRows adds rows of n values, a multiple of 4, to one: 16 columns at a time, then 4.
func sumRows(n *family) {
	n.function("sumRowsNEON", "sumRowsNEON adds the rows of x [rows, n] to sum [n], in order; n is a multiple of 4, rows at least 1, stride in bytes.",
		"sum, x *float32, rows, n, stride int", 0)
	n.arg("sum", "R0")
	n.arg("x", "R1")
	n.arg("rows", "R2")
	n.arg("n", "R3")
	n.arg("stride", "R4")
	for _, vectors := range []int{4, 1} {
		n.label(fmt.Sprintf("columns%d", vectors))
		n.op("CMP $%d, R3", 4*vectors)
		n.op("BLT done%d", vectors)
		for i := range vectors {
			n.op("FMOVQ %d(R0), F%d", 16*i, i)
		}
		n.op("MOVD R1, R5")
		n.op("MOVD R2, R6")
		n.label(fmt.Sprintf("rows%d", vectors))
		for i := range vectors {
			n.op("FMOVQ %d(R5), F%d", 16*i, 4+i)
			n.fadd(i, i, 4+i)
		}
		n.op("ADD R4, R5, R5")
		n.op("SUBS $1, R6, R6")
		n.op("BNE rows%d", vectors)
		for i := range vectors {
			n.op("FMOVQ F%d, %d(R0)", i, 16*i)
		}
		n.op("ADD $%d, R0, R0", 16*vectors)
		n.op("ADD $%d, R1, R1", 16*vectors)
		n.op("SUB $%d, R3, R3", 4*vectors)
		n.op("B columns%d", vectors)
		n.label(fmt.Sprintf("done%d", vectors))
	}
	n.op("RET")
}
