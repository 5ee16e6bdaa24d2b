package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// The elementwise kernels work on whole vectors of 8; Go does what is left over. Each does the operations of its Go
// twin in the same order, so the bits are the same.

// loop runs body for every 8 values; args are pointers, advanced by size bytes a round.
func loop(name, signature string, pointers map[string]int, order []string, prepare func(), body func(at map[string]Mem)) {
	TEXT(name, NOSPLIT, signature)
	Pragma("noescape")
	regs := map[string]reg.GPVirtual{}
	at := map[string]Mem{}
	for _, p := range order {
		r := GP64()
		Load(Param(p), r)
		regs[p], at[p] = r, Mem{Base: r}
	}
	n := GP64()
	Load(Param("n"), n)
	prepare()
	SHRQ(Imm(3), n)
	JZ(LabelRef("done_" + name))
	Label("loop_" + name)
	body(at)
	for _, p := range order {
		ADDQ(Imm(uint64(pointers[p])), regs[p])
	}
	DECQ(n)
	JNZ(LabelRef("loop_" + name))
	Label("done_" + name)
	VZEROUPPER()
	RET()
}

func scalar(name string) reg.VecVirtual {
	x := XMM()
	Load(Param(name), x)
	y := YMM()
	VBROADCASTSS(x, y)
	return y
}

// Predicates of VCMPPS: greater, not less or equal (true for NaN), unordered, and equal.
const (
	greater         = 0x1e // GT_OQ
	notLessEqual    = 0x16 // NLE_UQ
	notGreaterEqual = 0x19 // NGE_UQ
	unordered       = 0x03 // UNORD_Q
	equal           = 0x00 // EQ_OQ
)

func elementwise() {
	none := func() {}
	loop("addAVX2", "func(y, x *float32, n int)", map[string]int{"y": 32, "x": 32}, []string{"y", "x"}, none, func(at map[string]Mem) {
		v := YMM()
		VMOVUPS(at["y"], v)
		VADDPS(at["x"], v, v)
		VMOVUPS(v, at["y"])
	})

	var a reg.VecVirtual
	loop("axpyAVX2", "func(y, x *float32, n int, a float32)", map[string]int{"y": 32, "x": 32}, []string{"y", "x"}, func() { a = scalar("a") }, func(at map[string]Mem) {
		v := YMM()
		VMULPS(at["x"], a, v)
		VADDPS(at["y"], v, v)
		VMOVUPS(v, at["y"])
	})

	var zero reg.VecVirtual
	clear := func() { zero = YMM(); VXORPS(zero, zero, zero) }
	loop("reluAVX2", "func(y, z *float32, n int)", map[string]int{"y": 32, "z": 32}, []string{"y", "z"}, clear, func(at map[string]Mem) {
		v, m := YMM(), YMM()
		VMOVUPS(at["z"], v)
		VCMPPS(Imm(notLessEqual), zero, v, m)
		VANDPS(v, m, m)
		VMOVUPS(m, at["y"])
	})
	loop("reluBackwardAVX2", "func(dy, y *float32, n int)", map[string]int{"dy": 32, "y": 32}, []string{"dy", "y"}, clear, func(at map[string]Mem) {
		v, m := YMM(), YMM()
		VMOVUPS(at["y"], v)
		VCMPPS(Imm(notLessEqual), zero, v, m)
		VANDPS(at["dy"], m, m)
		VMOVUPS(m, at["dy"])
	})

	var rest1, rest2, rate, eps reg.VecVirtual
	all := map[string]int{"w": 32, "dw": 32, "m": 32, "v": 32}
	loop("adamAVX2", "func(w, dw, m, v *float32, n int, rest1, rest2, rate, eps float32)", all, []string{"w", "dw", "m", "v"}, func() {
		rest1, rest2, rate, eps = scalar("rest1"), scalar("rest2"), scalar("rate"), scalar("eps")
	}, func(at map[string]Mem) {
		g, m, v, t, w := YMM(), YMM(), YMM(), YMM(), YMM()
		VMOVUPS(at["dw"], g)
		VMOVUPS(at["m"], m)
		VSUBPS(m, g, t)
		VMULPS(rest1, t, t)
		VADDPS(t, m, m)
		VMOVUPS(m, at["m"])
		VMOVUPS(at["v"], v)
		VMULPS(g, g, t)
		VSUBPS(v, t, t)
		VMULPS(rest2, t, t)
		VADDPS(t, v, v)
		VMOVUPS(v, at["v"])
		VSQRTPS(v, v)
		VADDPS(eps, v, v)
		VMULPS(rate, m, m)
		VDIVPS(v, m, m)
		VMOVUPS(at["w"], w)
		VSUBPS(m, w, w)
		VMOVUPS(w, at["w"])
	})
	transpose()
	sumRows()
	functions()
}

func rep(v uint32) []uint32 { return []uint32{v, v, v, v, v, v, v, v} }

var constants = map[string]Mem{}

// constant is a vector of eight words in read-only memory.
func constant(name string, words ...uint32) Mem {
	if m, ok := constants[name]; ok {
		return m
	}
	m := GLOBL(name, RODATA|NOPTR)
	for i, w := range words {
		DATA(4*i, U32(w))
	}
	constants[name] = m
	return m
}

// transpose writes 8 columns of 8 rows and more: dst [n, 8] = src [8, n] transposed, n a multiple of 8.
func transpose() {
	TEXT("transposeAVX2", NOSPLIT, "func(dst, src *float32, n, dstStride, srcStride int)")
	Doc("transposeAVX2 writes dst [n, 8] = src [8, n] transposed; n is a multiple of 8, strides are in bytes.")
	Pragma("noescape")
	dst, src, n := Load(Param("dst"), GP64()), Load(Param("src"), GP64()), Load(Param("n"), GP64())
	ds, ss := Load(Param("dstStride"), GP64()), Load(Param("srcStride"), GP64())
	ss3, src4, ds3, dst4 := GP64(), GP64(), GP64(), GP64()
	LEAQ(Mem{Base: ss, Index: ss, Scale: 2}, ss3)
	LEAQ(Mem{Base: ds, Index: ds, Scale: 2}, ds3)
	SHRQ(Imm(3), n)
	JZ(LabelRef("done_transpose"))
	Label("loop_transpose")
	LEAQ(Mem{Base: src, Index: ss, Scale: 4}, src4)
	LEAQ(Mem{Base: dst, Index: ds, Scale: 4}, dst4)
	rows := func(base, base4, s, s3 reg.Register) [8]Mem {
		return [8]Mem{{Base: base}, {Base: base, Index: s, Scale: 1}, {Base: base, Index: s, Scale: 2}, {Base: base, Index: s3, Scale: 1},
			{Base: base4}, {Base: base4, Index: s, Scale: 1}, {Base: base4, Index: s, Scale: 2}, {Base: base4, Index: s3, Scale: 1}}
	}
	from, to := rows(src, src4, ss, ss3), rows(dst, dst4, ds, ds3)
	var r [8]reg.VecVirtual
	for i := range r {
		r[i] = YMM()
		VMOVUPS(from[i], r[i])
	}
	for i, v := range transposed(r) {
		VMOVUPS(v, to[i])
	}
	ADDQ(Imm(32), src)
	LEAQ(Mem{Base: dst, Index: ds, Scale: 8}, dst)
	DECQ(n)
	JNZ(LabelRef("loop_transpose"))
	Label("done_transpose")
	VZEROUPPER()
	RET()
}

// sumRows adds rows of n values, a multiple of 8, to one: 32 columns at a time, then 8.
func sumRows() {
	TEXT("sumRowsAVX2", NOSPLIT, "func(sum, x *float32, rows, n, stride int)")
	Doc("sumRowsAVX2 adds the rows of x [rows, n] to sum [n], in order; n is a multiple of 8, rows at least 1, stride in bytes.")
	Pragma("noescape")
	sum, x := Load(Param("sum"), GP64()), Load(Param("x"), GP64())
	rows, n, stride := Load(Param("rows"), GP64()), Load(Param("n"), GP64()), Load(Param("stride"), GP64())
	row, left := GP64(), GP64()
	for _, vectors := range []int{4, 1} {
		id := string(rune('0' + vectors))
		Label("columns_sumRows" + id)
		CMPQ(n, Imm(uint64(8*vectors)))
		JLT(LabelRef("done_sumRows" + id))
		acc := make([]reg.VecVirtual, vectors)
		for i := range acc {
			acc[i] = YMM()
			VMOVUPS(Mem{Base: sum, Disp: 32 * i}, acc[i])
		}
		MOVQ(x, row)
		MOVQ(rows, left)
		Label("rows_sumRows" + id)
		for i := range acc {
			VADDPS(Mem{Base: row, Disp: 32 * i}, acc[i], acc[i])
		}
		ADDQ(stride, row)
		DECQ(left)
		JNZ(LabelRef("rows_sumRows" + id))
		for i := range acc {
			VMOVUPS(acc[i], Mem{Base: sum, Disp: 32 * i})
		}
		ADDQ(U32(uint32(32*vectors)), x)
		ADDQ(U32(uint32(32*vectors)), sum)
		SUBQ(Imm(uint64(8*vectors)), n)
		JMP(LabelRef("columns_sumRows" + id))
		Label("done_sumRows" + id)
	}
	VZEROUPPER()
	RET()
}
