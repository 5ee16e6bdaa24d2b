package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// normalizeKernels writes the family of batch normalisation.
func normalizeKernels() {
	moments("momentsAVX2", "func(sum, dot, shift *float64, x *float32, rows, n, stride int, mask *int32)", false)
	moments("momentsBackwardAVX2", "func(sum, dot, shift *float64, x, dy *float32, rows, n, stride int, mask *int32)", true)
	normalize()
	normalizeBackward()
	momentsRelu()
	normalizeRelu()
	normalizeReluBackward()
	normalizePool()
	momentsPool()
	normalizePoolBackward()
}

// moments writes the sums over rows of d = x - shift and of its square or, backward, of dy and dy*d: of 16 columns at
// a time, then 8, then those left over, fewer than 8, under a mask. Every column is one chain in the order of the rows.
func moments(name, signature string, backward bool) {
	TEXT(name, NOSPLIT, signature)
	Doc(name+" adds to sum and dot [n] in the order of the rows of x [rows, n]; stride is in bytes, and mask",
		"that of the columns after the last whole eight.")
	Pragma("noescape")
	sum, dot, shift, x := parameter("sum"), parameter("dot"), parameter("shift"), parameter("x")
	n, stride := parameter("n"), parameter("stride")
	data := []reg.GPVirtual{x}
	if backward {
		data = append(data, parameter("dy"))
	}
	at := []reg.GPVirtual{GP64(), GP64()}[:len(data)]
	left := GP64()
	for _, width := range []int{16, 8, 0} { // 0: what is left
		id := fmt.Sprintf("%d_%s", width, name)
		vectors := max(width, 8) / 4
		Label("columns_" + id)
		var mask reg.VecVirtual
		var halves [2]reg.VecVirtual
		if width > 0 {
			CMPQ(n, Imm(uint64(width)))
			JLT(LabelRef("done_" + id))
		} else {
			TESTQ(n, n)
			JZ(LabelRef("done_" + id))
			m := parameter("mask")
			mask, halves = YMM(), [2]reg.VecVirtual{YMM(), YMM()}
			VMOVDQU(Mem{Base: m}, mask)
			VPMOVSXDQ(Mem{Base: m}, halves[0])
			VPMOVSXDQ(Mem{Base: m, Disp: 16}, halves[1])
		}
		load := func(p reg.GPVirtual) []reg.VecVirtual {
			v := make([]reg.VecVirtual, vectors)
			for i := range v {
				v[i] = YMM()
				if width > 0 {
					VMOVUPD(Mem{Base: p, Disp: 32 * i}, v[i])
				} else {
					VMASKMOVPD(Mem{Base: p, Disp: 32 * i}, halves[i], v[i])
				}
			}
			return v
		}
		s, d := load(sum), load(dot)
		var from []reg.VecVirtual
		if !backward || width < 16 {
			from = load(shift)
		}
		for i, p := range data {
			MOVQ(p, at[i])
		}
		rows := parameter("rows")
		MOVQ(rows, left)
		Label("rows_" + id)
		// values are four columns of a row in double precision.
		values := func(p reg.GPVirtual) func(i int) reg.VecVirtual {
			if width > 0 {
				return func(i int) reg.VecVirtual {
					v := YMM()
					VCVTPS2PD(Mem{Base: p, Disp: 16 * i}, v)
					return v
				}
			}
			whole, high := YMM(), XMM()
			VMASKMOVPS(Mem{Base: p}, mask, whole)
			VEXTRACTF128(Imm(1), whole, high)
			return func(i int) reg.VecVirtual {
				v := YMM()
				VCVTPS2PD([]reg.Register{whole.AsX(), high}[i], v)
				return v
			}
		}
		xs := values(at[0])
		g := xs
		if backward {
			g = values(at[1])
		}
		for i := range s {
			v := xs(i)
			if from != nil {
				VSUBPD(from[i], v, v)
			} else {
				VSUBPD(Mem{Base: shift, Disp: 32 * i}, v, v)
			}
			w := v
			if backward {
				w = g(i)
			}
			VADDPD(w, s[i], s[i])
			VFMADD231PD(v, w, d[i])
		}
		for _, p := range at {
			ADDQ(stride, p)
		}
		DECQ(left)
		JNZ(LabelRef("rows_" + id))
		for i := range s {
			if width > 0 {
				VMOVUPD(s[i], Mem{Base: sum, Disp: 32 * i})
				VMOVUPD(d[i], Mem{Base: dot, Disp: 32 * i})
			} else {
				VMASKMOVPD(s[i], halves[i], Mem{Base: sum, Disp: 32 * i})
				VMASKMOVPD(d[i], halves[i], Mem{Base: dot, Disp: 32 * i})
			}
		}
		if width > 0 {
			for _, p := range []reg.GPVirtual{sum, dot, shift} {
				ADDQ(U32(uint32(8*width)), p)
			}
			for _, p := range data {
				ADDQ(Imm(uint64(4*width)), p)
			}
			SUBQ(Imm(uint64(width)), n)
			JMP(LabelRef("columns_" + id))
		}
		Label("done_" + id)
	}
	VZEROUPPER()
	RET()
}

// periodic runs body for every 8 of n values; the parameters' vectors, at the index, begin again after period values.
func periodic(name string, pointers []reg.GPVirtual, body func(index reg.GPVirtual)) {
	n, period, index, zero := parameter("n"), parameter("period"), GP64(), GP64()
	XORQ(index, index)
	XORQ(zero, zero)
	SHRQ(Imm(3), n)
	Label("loop_" + name)
	body(index)
	for _, p := range pointers {
		ADDQ(Imm(32), p)
	}
	ADDQ(Imm(8), index)
	CMPQ(index, period)
	CMOVQEQ(zero, index)
	DECQ(n)
	JNZ(LabelRef("loop_" + name))
	VZEROUPPER()
	RET()
}

func normalize() {
	TEXT("normalizeAVX2", NOSPLIT, "func(y, x *float32, n, period int, shift, scale, beta *float32)")
	Doc("normalizeAVX2 is the twin of normalize for n values, a multiple of 8, as is period; n is not 0.")
	Pragma("noescape")
	y, x := parameter("y"), parameter("x")
	shift, scale, beta := parameter("shift"), parameter("scale"), parameter("beta")
	periodic("normalize", []reg.GPVirtual{y, x}, func(index reg.GPVirtual) {
		v := YMM()
		VMOVUPS(Mem{Base: x}, v)
		VSUBPS(Mem{Base: shift, Index: index, Scale: 4}, v, v)
		VMULPS(Mem{Base: scale, Index: index, Scale: 4}, v, v)
		VADDPS(Mem{Base: beta, Index: index, Scale: 4}, v, v)
		VMOVUPS(v, Mem{Base: y})
	})
}

func normalizeBackward() {
	TEXT("normalizeBackwardAVX2", NOSPLIT, "func(dx, dy, x *float32, n, period int, shift, a, b, m *float32)")
	Doc("normalizeBackwardAVX2 is the twin of normalizeBackward for n values, a multiple of 8, as is period; n is not 0.")
	Pragma("noescape")
	dx, dy, x := parameter("dx"), parameter("dy"), parameter("x")
	shift, a, b, m := parameter("shift"), parameter("a"), parameter("b"), parameter("m")
	periodic("normalizeBackward", []reg.GPVirtual{dx, dy, x}, func(index reg.GPVirtual) {
		v, g := YMM(), YMM()
		VMOVUPS(Mem{Base: x}, v)
		VSUBPS(Mem{Base: shift, Index: index, Scale: 4}, v, v)
		VMULPS(Mem{Base: b, Index: index, Scale: 4}, v, v)
		VMOVUPS(Mem{Base: dy}, g)
		VMULPS(Mem{Base: a, Index: index, Scale: 4}, g, g)
		VADDPS(v, g, g)
		VADDPS(Mem{Base: m, Index: index, Scale: 4}, g, g)
		VMOVUPS(g, Mem{Base: dx})
	})
}
