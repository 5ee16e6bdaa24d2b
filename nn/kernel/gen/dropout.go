package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// dropoutKernels writes the family of dropout.
func dropoutKernels() {
	dropout()
	var scale reg.VecVirtual
	loop("dropoutBackwardAVX2", "func(dx, dy *float32, mask *uint8, n int, scale float32)", map[string]int{"dx": 32, "dy": 32, "mask": 8}, []string{"dx", "dy", "mask"},
		func() { scale = scalar("scale") }, func(at map[string]Mem) {
			v := YMM()
			VPMOVSXBD(at["mask"], v)
			VANDPS(at["dy"], v, v)
			VMULPS(scale, v, v)
			VMOVUPS(v, at["dx"])
		})
}

const philoxRounds = 10

// dropout writes Philox4x32-10 for 8 counters at a time and drops by its 32 draws. Each word of the state lies in the
// lower half of 64 bits, in two vectors of 4 counters: so the products' lower halves are where they are needed, and what
// the upper halves hold does not matter.
//
// Of the first state c0 alone, the number of the block, is not the same everywhere: what follows from the other words
// in the first rounds is worked out once.
func dropout() {
	TEXT("dropoutAVX2", NOSPLIT, "func(y, x *float32, mask *uint8, n int, key *[4]uint32, row uint32, drop uint32, scale float32)")
	Doc("dropoutAVX2 is the twin of dropout for n values, a multiple of 32 and not 0. drop is the threshold less one, its top",
		"bit flipped.")
	Pragma("noescape")
	y, x, mask, n, key := parameter("y"), parameter("x"), parameter("mask"), parameter("n"), parameter("key")
	SHRQ(Imm(5), n)
	m0, m1 := constant("philoxM0", rep(0xD2511F53)...), constant("philoxM1", rep(0xCD9E8D57)...)
	flip := constant("signs", rep(0x80000000)...)

	// The keys of the rounds, on the stack: a vector for each word.
	local := AllocLocal(2 * 32 * philoxRounds)
	keyAt := func(round, word int) Mem { return local.Offset(32 * (2*round + word)) }
	var k [2]reg.VecVirtual
	for i := range k {
		k[i] = YMM()
		VPBROADCASTD(Mem{Base: key, Disp: 4 * i}, k[i])
	}
	weyl := [2]Mem{constant("philoxW0", rep(0x9E3779B9)...), constant("philoxW1", rep(0xBB67AE85)...)}
	for round := range philoxRounds {
		for i, v := range k {
			if round == philoxRounds-1 { // c0 and c2 are compared as signed numbers
				VPXOR(flip, v, v)
			}
			VMOVDQU(v, keyAt(round, i))
			VPADDD(weyl[i], v, v)
		}
	}
	row, c2, c3 := YMM(), YMM(), YMM()
	words := parameter32("row")
	VMOVD(words, row.AsX())
	VPBROADCASTD(row.AsX(), row)
	VPBROADCASTD(Mem{Base: key, Disp: 8}, c2)
	VPBROADCASTD(Mem{Base: key, Disp: 12}, c3)
	fold := func(v reg.VecVirtual, round, word int) {
		VPXOR(keyAt(round, word), v, v)
		VMOVDQU(v, keyAt(round, word))
	}
	fold(c3, 0, 1)
	b := YMM() // c1 after the first round
	VPMULUDQ(m1, c2, b)
	d := YMM() // c0 after the first round, then c3 after the second
	VPSRLQ(Imm(32), b, d)
	VPXOR(row, d, d)
	VPXOR(keyAt(0, 0), d, d)
	fold(b, 1, 0)
	VPMULUDQ(m0, d, d)
	high := YMM()
	VPSRLQ(Imm(32), d, high)
	fold(high, 1, 1)
	fold(d, 2, 1)

	drop, scale := YMM(), scalar("scale")
	VMOVD(parameter32("drop"), drop.AsX())
	VPBROADCASTD(drop.AsX(), drop)
	counter := YMM()
	VMOVDQU(constant("first4", 0, 0, 2, 0, 1, 0, 3, 0), counter)
	four := constant("fours", rep(4)...)
	Label("loop_dropout")
	var out [4]reg.VecVirtual
	var state [2][4]reg.VecVirtual
	for g := range state {
		c0 := YMM()
		VMOVDQA(counter, c0)
		VPADDD(four, counter, counter)
		state[g] = [4]reg.VecVirtual{c0}
	}
	for round := range philoxRounds {
		for g := range state {
			state[g] = philoxRound(round, state[g], m0, m1, keyAt)
		}
	}
	odd := constant("odd_signs", 0, 1<<31, 0, 1<<31, 0, 1<<31, 0, 1<<31)
	for g, c := range state {
		// Words 0 and 1, 2 and 3 side by side, then block by block: with the counters 0, 2, 1, 3 they are in order.
		for i := 0; i < 4; i += 2 {
			VPSLLQ(Imm(32), c[i+1], c[i+1])
			VPBLENDD(Imm(0xAA), c[i+1], c[i], c[i])
		}
		out[2*g], out[2*g+1] = YMM(), YMM()
		VPUNPCKLQDQ(c[2], c[0], out[2*g])
		VPUNPCKHQDQ(c[2], c[0], out[2*g+1])
	}
	for i, v := range out {
		// Kept where draw > threshold-1, unsigned: both with the top bit flipped, signed.
		VPXOR(odd, v, v)
		VPCMPGTD(drop, v, v)
		kept := YMM()
		VMULPS(Mem{Base: x, Disp: 32 * i}, scale, kept)
		VANDPS(v, kept, kept)
		VMOVUPS(kept, Mem{Base: y, Disp: 32 * i})
	}
	VPACKSSDW(out[1], out[0], out[0])
	VPACKSSDW(out[3], out[2], out[2])
	VPACKSSWB(out[2], out[0], out[0])
	order := YMM()
	VMOVDQU(constant("unpacked", 0, 4, 1, 5, 2, 6, 3, 7), order)
	VPERMD(out[0], order, out[0])
	VMOVDQU(out[0], Mem{Base: mask})
	ADDQ(U32(128), x)
	ADDQ(U32(128), y)
	ADDQ(Imm(32), mask)
	DECQ(n)
	JNZ(LabelRef("loop_dropout"))
	VZEROUPPER()
	RET()
}

// philoxRound is one round of 4 counters. In the first rounds some words of the state are the same for all blocks: they
// are folded into the keys, and nil here.
func philoxRound(round int, c [4]reg.VecVirtual, m0, m1 Mem, keyAt func(round, word int) Mem) [4]reg.VecVirtual {
	product := func(m Mem, c reg.VecVirtual) (hi, lo reg.VecVirtual) {
		hi, lo = YMM(), YMM()
		VPMULUDQ(m, c, lo)
		VPSRLQ(Imm(32), lo, hi)
		return hi, lo
	}
	mix := func(v, c reg.VecVirtual, word int) reg.VecVirtual {
		if c != nil {
			VPXOR(c, v, v)
		}
		VPXOR(keyAt(round, word), v, v)
		return v
	}
	switch round {
	case 0:
		hi0, lo0 := product(m0, c[0])
		return [4]reg.VecVirtual{nil, nil, mix(hi0, nil, 1), lo0}
	case 1:
		hi1, lo1 := product(m1, c[2])
		return [4]reg.VecVirtual{mix(hi1, nil, 0), lo1, mix(c[3], nil, 1), nil}
	}
	hi1, lo1 := product(m1, c[2])
	hi0, lo0 := product(m0, c[0])
	return [4]reg.VecVirtual{mix(hi1, c[1], 0), lo1, mix(hi0, c[3], 1), lo0}
}
