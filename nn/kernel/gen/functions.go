package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// number is a constant of eight equal float32s.
func number(name string, v float32) Mem { return constant(name, rep(math.Float32bits(v))...) }

// mul is a * b, and add a + b; one of the two may be in memory.
func mul(a, b Op) reg.VecVirtual { a, b = memoryFirst(a, b); d := YMM(); VMULPS(a, b, d); return d }
func add(a, b Op) reg.VecVirtual { a, b = memoryFirst(a, b); d := YMM(); VADDPS(a, b, d); return d }

func memoryFirst(a, b Op) (Op, Op) {
	if IsM256(b) {
		return b, a
	}
	return a, b
}

// sub is a - b.
func sub(a, b Op) reg.VecVirtual { d := YMM(); VSUBPS(b, a, d); return d }

// div is a / b.
func div(a, b Op) reg.VecVirtual { d := YMM(); VDIVPS(b, a, d); return d }

// compare is all ones where a is p to b.
func compare(p uint64, a, b Op) reg.VecVirtual { d := YMM(); VCMPPS(Imm(p), b, a, d); return d }

// choose is a where the mask is set, else b.
func choose(mask, a, b Op) reg.VecVirtual { d := YMM(); VBLENDVPS(mask, a, b, d); return d }

// fixed loads a constant.
func fixed(m Mem) reg.VecVirtual { d := YMM(); VMOVUPS(m, d); return d }

const less = 0x11 // LT_OQ

// exp is the twin of Exp.
func exp(x reg.VecVirtual) reg.VecVirtual {
	n := YMM()
	VROUNDPS(Imm(1), add(mul(x, number("log2e", 1.44269504088896341)), number("half", .5)), n)
	r := sub(x, mul(n, number("ln2hi", 0.693359375)))
	r = sub(r, mul(n, number("ln2lo", -2.12194440e-4)))
	y := add(mul(r, number("exp0", 1.9875691500e-4)), number("exp1", 1.3981999507e-3))
	y = add(mul(y, r), number("exp2", 8.3334519073e-3))
	y = add(mul(y, r), number("exp3", 4.1665795894e-2))
	y = add(mul(y, r), number("exp4", 1.6666665459e-1))
	y = add(mul(y, r), number("exp5", 5.0000001201e-1))
	y = add(add(mul(y, mul(r, r)), r), number("one", 1))
	whole, half := YMM(), YMM()
	VCVTTPS2DQ(n, whole)
	VPSRLD(Imm(31), whole, half)
	VPADDD(whole, half, half)
	VPSRAD(Imm(1), half, half)
	VPSUBD(half, whole, whole)
	bias := constant("bias127", rep(127)...)
	for _, v := range []reg.VecVirtual{half, whole} {
		VPADDD(bias, v, v)
		VPSLLD(Imm(23), v, v)
		y = mul(y, v)
	}
	y = choose(compare(greater, x, fixed(number("expmax", 88.72283))), fixed(number("inf", float32(math.Inf(1)))), y)
	low := compare(less, x, fixed(number("expmin", -87.33654)))
	VANDNPS(y, low, y)
	return choose(compare(unordered, x, x), x, y)
}

func functions() {
	none := func() {}
	two := map[string]int{"y": 4, "z": 4}
	loop("sigmoidAVX2", "func(y, z *float32, n int)", two, none, func(at map[string]Mem) {
		x := YMM()
		VMOVUPS(at["z"], x)
		e := YMM()
		VORPS(constant("signs", rep(0x80000000)...), x, e) // -|x|
		e = exp(e)
		one := fixed(number("one", 1))
		zero := YMM()
		VXORPS(zero, zero, zero)
		VMOVUPS(div(choose(compare(0x1d, x, zero), one, e), add(e, one)), at["y"]) // GE_OQ
	})
	loop("tanhAVX2", "func(y, z *float32, n int)", two, none, func(at map[string]Mem) {
		x, sign, a := YMM(), YMM(), YMM()
		VMOVUPS(at["z"], x)
		VANDPS(constant("signs", rep(0x80000000)...), x, sign)
		VXORPS(sign, x, a)
		one := fixed(number("one", 1))
		large := sub(one, div(fixed(number("two", 2)), add(exp(add(a, a)), one)))
		large = choose(compare(greater, a, fixed(number("nine", 9))), one, large)
		VORPS(sign, large, large)
		z := mul(x, x)
		p := add(mul(z, number("tanh0", -5.70498872745e-3)), number("tanh1", 2.06390887954e-2))
		p = add(mul(p, z), number("tanh2", -5.37397155531e-2))
		p = add(mul(p, z), number("tanh3", 1.33314422036e-1))
		p = add(mul(p, z), number("tanh4", -3.33332819422e-1))
		small := add(mul(mul(p, z), x), x)
		VMOVUPS(choose(compare(0x1d, a, fixed(number("tanhcut", .625))), large, small), at["y"])
	})
	loop("expAVX2", "func(y *float32, n int)", map[string]int{"y": 4}, none, func(at map[string]Mem) {
		VMOVUPS(exp(fixed(at["y"])), at["y"])
	})
	back := map[string]int{"dy": 4, "y": 4}
	loop("sigmoidBackwardAVX2", "func(dy, y *float32, n int)", back, none, func(at map[string]Mem) {
		y := YMM()
		VMOVUPS(at["y"], y)
		VMOVUPS(mul(at["dy"], mul(y, sub(fixed(number("one", 1)), y))), at["dy"])
	})
	loop("tanhBackwardAVX2", "func(dy, y *float32, n int)", back, none, func(at map[string]Mem) {
		y := YMM()
		VMOVUPS(at["y"], y)
		VMOVUPS(mul(at["dy"], sub(fixed(number("one", 1)), mul(y, y))), at["dy"])
	})
	loop("mulAVX2", "func(y, a, b *float32, n int)", map[string]int{"y": 4, "a": 4, "b": 4}, none, func(at map[string]Mem) {
		a := YMM()
		VMOVUPS(at["a"], a)
		VMOVUPS(mul(at["b"], a), at["y"])
	})
	loop("mulAdd2AVX2", "func(y, a, b, c, d *float32, n int)", map[string]int{"y": 4, "a": 4, "b": 4, "c": 4, "d": 4}, none, func(at map[string]Mem) {
		a, c := YMM(), YMM()
		VMOVUPS(at["a"], a)
		VMOVUPS(at["c"], c)
		VMOVUPS(add(mul(at["d"], c), mul(at["b"], a)), at["y"])
	})
}
