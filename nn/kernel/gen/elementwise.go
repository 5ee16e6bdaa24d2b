package main

import (
	"log"
	"maps"
	"slices"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// The elementwise kernels work on whole vectors of 8; Go does what is left over. Each does the operations of its Go
// twin in the same order, so the bits are the same.

// loop writes a function that runs body for every 8 values; pointers are so many bytes for each value.
func loop(name, signature string, pointers map[string]int, prepare func(), body func(at map[string]Mem)) {
	TEXT(name, NOSPLIT, signature)
	Pragma("noescape")
	s := begin(pointers)
	prepare()
	s.vectors(name, 8, func(at map[string]Mem, _ int) { body(at) })
	VZEROUPPER()
	RET()
}

// stream is where a loop stands: its arguments' ends, and how many values before them.
type stream struct {
	at     map[string]Mem
	before reg.GPVirtual // negative
}

// begin loads the pointers, each so many bytes for each value, and n, a multiple of 8.
func begin(pointers map[string]int) stream {
	n := Load(Param("n"), GP64()).(reg.GPVirtual)
	s := stream{map[string]Mem{}, n}
	for _, name := range slices.Sorted(maps.Keys(pointers)) {
		p, size := Load(Param(name), GP64()), pointers[name]
		LEAQ(Mem{Base: p, Index: n, Scale: uint8(size)}, p)
		s.at[name] = Mem{Base: p, Index: n, Scale: uint8(size)}
	}
	NEGQ(n)
	return s
}

// ahead are the places so many values farther on.
func (s *stream) ahead(values int) map[string]Mem {
	at := map[string]Mem{}
	for name, m := range s.at {
		at[name] = m.Offset(values * int(m.Scale))
	}
	return at
}

// vectors runs body for every vector of so many values, two a round, 0 and 1: what a round costs beside is an addition and
// a jump. Where vectors are larger than 8, less than one may be left: before says so, and the flags whether it is 0.
func (s *stream) vectors(name string, lanes int, body func(at map[string]Mem, which int)) {
	ADDQ(Imm(uint64(2*lanes)), s.before)
	JG(LabelRef("odd_" + name))
	Label("loop_" + name)
	body(s.ahead(-2*lanes), 0)
	body(s.ahead(-lanes), 1)
	ADDQ(Imm(uint64(2*lanes)), s.before)
	JLE(LabelRef("loop_" + name))
	Label("odd_" + name)
	SUBQ(Imm(uint64(lanes)), s.before)
	JG(LabelRef("rest_" + name))
	body(s.ahead(-lanes), 0)
	ADDQ(Imm(uint64(lanes)), s.before)
	Label("rest_" + name)
	SUBQ(Imm(uint64(lanes)), s.before)
}

func scalar(name string) reg.VecVirtual { y := YMM(); lanes(name, y); return y }

// lanes loads a float32 parameter to all lanes of v. Load would do so by an instruction of SSE, each of which takes a
// hundred nanoseconds where the upper half of a vector is in use.
func lanes(name string, v reg.VecVirtual) {
	p, err := Param(name).Resolve()
	if err != nil {
		log.Fatalf("parameter %s: %v", name, err)
	}
	VBROADCASTSS(p.Addr, v)
}

// Predicates of VCMPPS: greater, not less and not less or equal (true for NaN), unordered, and equal.
const (
	greater         = 0x1e // GT_OQ
	notLess         = 0x15 // NLT_UQ
	notLessEqual    = 0x16 // NLE_UQ
	notGreaterEqual = 0x19 // NGE_UQ
	unordered       = 0x03 // UNORD_Q
	equal           = 0x00 // EQ_OQ
)

// elements are what a loop's body works on: vectors in memory, scalars in all lanes, and zeros.
type elements struct {
	isa
	which   int // vector of a round, 0 or 1
	at      map[string]Mem
	scalars map[string]reg.VecVirtual
	zero    reg.VecVirtual
}

// scalar loads parameters to all lanes.
func (e *elements) scalar(names ...string) {
	for _, name := range names {
		e.scalars[name] = e.vec()
		lanes(name, e.scalars[name])
	}
}

func (e *elements) clear() {
	e.zero = e.vec()
	VXORPS(e.zero, e.zero, e.zero)
}

// half are the same in vectors of half the size.
func (e *elements) half() *elements {
	h := &elements{isa: narrow, at: e.at, scalars: map[string]reg.VecVirtual{}}
	for name, v := range e.scalars {
		h.scalars[name] = v.AsY().(reg.VecVirtual)
	}
	if e.zero != nil {
		h.zero = e.zero.AsY().(reg.VecVirtual)
	}
	return h
}

// positive is x where y is above 0 or not a number, else 0.
func (e *elements) positive(y, x Mem) reg.VecVirtual {
	if e.mask {
		above, v := K(), e.vec()
		VCMPPS(Imm(notGreaterEqual), y, e.zero, above) // 0 is not greater or equal
		VMOVUPS_Z(x, above, v)
		return v
	}
	v, m := e.vec(), e.vec()
	VMOVUPS(y, v)
	VCMPPS(Imm(notLessEqual), e.zero, v, m)
	if x == y {
		VANDPS(v, m, m)
	} else {
		VANDPS(x, m, m)
	}
	return m
}

// normal is x, or 0 where it is subnormal.
func (e *elements) normal(x reg.VecVirtual) reg.VecVirtual {
	if !e.mask {
		return normal(x)
	}
	above, v := K(), e.vec()
	VPTESTMD(e.scalars["exponent"], x, above)
	VMOVUPS_Z(x, above, v)
	return v
}

// normalSquare is normal for an x that is not below 0, or not a number.
func (e *elements) normalSquare(x reg.VecVirtual) reg.VecVirtual {
	if e.mask {
		return e.normal(x)
	}
	v := compare(notLess, x, number("normal", 0x1p-126))
	VANDPS(x, v, v)
	return v
}

// loops writes a function that runs body for every vector, for each instruction set; larger vectors leave the last 8
// values to half of one. pointers are float32s'.
func loops(name, signature string, pointers []string, prepare, body func(e *elements)) {
	sizes := map[string]int{}
	for _, p := range pointers {
		sizes[p] = 4
	}
	for _, set := range sets {
		name := name + set.name
		TEXT(name, NOSPLIT, signature)
		Pragma("noescape")
		s := begin(sizes)
		e := &elements{isa: set, at: s.at, scalars: map[string]reg.VecVirtual{}}
		prepare(e)
		s.vectors(name, set.lanes, func(at map[string]Mem, which int) {
			e.at, e.which = at, which
			body(e)
		})
		if set.lanes > 8 {
			JZ(LabelRef("done_" + name))
			e.at = s.at
			body(e.half())
			Label("done_" + name)
		}
		VZEROUPPER()
		RET()
	}
}

func elementwise() {
	loops("add", "func(y, x *float32, n int)", []string{"y", "x"}, func(*elements) {}, func(e *elements) {
		v := e.vec()
		VMOVUPS(e.at["y"], v)
		VADDPS(e.at["x"], v, v)
		VMOVUPS(v, e.at["y"])
	})
	loops("axpy", "func(y, x *float32, n int, a float32)", []string{"y", "x"}, func(e *elements) { e.scalar("a") }, func(e *elements) {
		v := e.vec()
		VMULPS(e.at["x"], e.scalars["a"], v)
		VADDPS(e.at["y"], v, v)
		VMOVUPS(v, e.at["y"])
	})
	loops("relu", "func(y, z *float32, n int)", []string{"y", "z"}, (*elements).clear, func(e *elements) {
		VMOVUPS(e.positive(e.at["z"], e.at["z"]), e.at["y"])
	})
	loops("reluBackward", "func(dy, y *float32, n int)", []string{"dy", "y"}, (*elements).clear, func(e *elements) {
		VMOVUPS(e.positive(e.at["y"], e.at["dy"]), e.at["dy"])
	})
	fetchLines()
	// minus is the rate, negative: what is added to the weights can be so where they are in memory.
	loops("adam", "func(w, dw, m, v *float32, n int, rest1, rest2, minus, eps float32)", []string{"w", "dw", "m", "v"}, func(e *elements) {
		e.scalar("rest1", "rest2", "minus", "eps")
		if e.mask {
			e.scalars["exponent"] = e.vec()
			VBROADCASTSS(constant("exponent", rep(0x7f800000)...), e.scalars["exponent"])
		}
	}, func(e *elements) {
		g, m, v, t := e.vec(), e.vec(), e.vec(), e.vec()
		if e.which*e.lanes%16 == 0 { // a line begins, about
			fetchToWrite(e.at["w"].Offset(writtenAhead)) // every core has read it in the forward pass
		}
		VMOVUPS(e.at["dw"], g)
		VMOVUPS(e.at["m"], m)
		VSUBPS(m, g, t)
		VMULPS(e.scalars["rest1"], t, t)
		VADDPS(t, m, m)
		m = e.normal(m)
		VMOVUPS(m, e.at["m"])
		VMOVUPS(e.at["v"], v)
		VMULPS(g, g, t)
		VSUBPS(v, t, t)
		VMULPS(e.scalars["rest2"], t, t)
		VADDPS(t, v, v)
		v = e.normalSquare(v)
		VMOVUPS(v, e.at["v"])
		VSQRTPS(v, v)
		VADDPS(e.scalars["eps"], v, v)
		VMULPS(e.scalars["minus"], m, m)
		VDIVPS(v, m, m)
		VADDPS(e.at["w"], m, m)
		VMOVUPS(m, e.at["w"])
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
