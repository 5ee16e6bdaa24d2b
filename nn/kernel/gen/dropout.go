package main

import (
	"fmt"

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

// dropout writes Philox4x32-10 for 4 counters of a vector and drops by their 16 draws. Each word of the state lies in
// the lower half of 64 bits: so the products' lower halves are where they are needed, and what
// the upper halves hold does not matter.
//
// Of the first state c0 alone, the number of the block, is not the same everywhere: what follows from the other words
// in the first rounds is worked out once.
func dropout() {
	TEXT("dropoutAVX2", NOSPLIT, "func(y, x *float32, mask *uint8, n int, key *[4]uint32, row uint32, drop uint32, scale float32)")
	Doc("dropoutAVX2 is the twin of dropout for n values, a multiple of 16. drop is the threshold less one, its top bit flipped.")
	Pragma("noescape")
	y, x, mask, n, key := parameter("y"), parameter("x"), parameter("mask"), parameter("n"), parameter("key")
	SHRQ(Imm(4), n)
	m0, m1 := constant("philoxM0", rep(0xD2511F53)...), constant("philoxM1", rep(0xCD9E8D57)...)
	flip := constant("signs", rep(0x80000000)...)

	// The keys of the rounds, on the stack: a vector for each word.
	local := AllocLocal(32 * (2*philoxRounds + 3))
	keyAt := func(round, word int) Mem { return local.Offset(32 * (2*round + word)) }
	dropAt, scaleAt, counterAt := keyAt(philoxRounds, 0), keyAt(philoxRounds, 1), keyAt(philoxRounds+1, 0)
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

	// What the loops need once a round is on the stack as well: the registers are the states'.
	drop := YMM()
	VMOVD(parameter32("drop"), drop.AsX())
	VPBROADCASTD(drop.AsX(), drop)
	VMOVDQU(drop, dropAt)
	VMOVUPS(scalar("scale"), scaleAt)
	counter := YMM()
	VMOVDQU(constant("first4", 0, 0, 2, 0, 1, 0, 3, 0), counter)
	VMOVDQU(counter, counterAt)

	m := [2]reg.VecVirtual{YMM(), YMM()}
	VMOVDQU(m0, m[0])
	VMOVDQU(m1, m[1])
	// Three vectors at a time keep the processor busy: the rounds of one wait for each other.
	for _, groups := range []int{3, 1} {
		id := fmt.Sprintf("%d_dropout", groups)
		Label("loop" + id)
		CMPQ(n, Imm(uint64(groups)))
		JLT(LabelRef("done" + id))
		state := make([][4]reg.VecVirtual, groups)
		c0 := YMM()
		VMOVDQU(counterAt, c0)
		for g := range state {
			v := YMM()
			VMOVDQA(c0, v)
			state[g] = [4]reg.VecVirtual{v}
			VPADDD(constant("fours", rep(4)...), c0, c0)
		}
		VMOVDQU(c0, counterAt)
		for round := range philoxRounds {
			philoxRound(round, state, m, keyAt)
		}
		for g, c := range state {
			drop16(c, Mem{Base: y, Disp: 64 * g}, Mem{Base: x, Disp: 64 * g}, Mem{Base: mask, Disp: 16 * g}, dropAt, scaleAt)
		}
		ADDQ(U32(uint32(64*groups)), x)
		ADDQ(U32(uint32(64*groups)), y)
		ADDQ(Imm(uint64(16*groups)), mask)
		SUBQ(Imm(uint64(groups)), n)
		JMP(LabelRef("loop" + id))
		Label("done" + id)
	}
	VZEROUPPER()
	RET()
}

// drop16 drops by the 16 words of a state after its rounds.
func drop16(c [4]reg.VecVirtual, y, x, mask, drop, scale Mem) {
	// Words 0 and 1, 2 and 3 side by side, then block by block: with the counters 0, 2, 1, 3 they are in order.
	for i := 0; i < 4; i += 2 {
		VPSLLQ(Imm(32), c[i+1], c[i+1])
		VPBLENDD(Imm(0xAA), c[i+1], c[i], c[i])
	}
	kept := [2]reg.VecVirtual{YMM(), YMM()}
	VPUNPCKLQDQ(c[2], c[0], kept[0])
	VPUNPCKHQDQ(c[2], c[0], kept[1])
	odd := constant("odd_signs", 0, 1<<31, 0, 1<<31, 0, 1<<31, 0, 1<<31)
	for i, k := range kept {
		// Kept where draw > threshold-1, unsigned: both with the top bit flipped, signed.
		VPXOR(odd, k, k)
		VPCMPGTD(drop, k, k)
		v := YMM()
		VMOVUPS(x.Offset(32*i), v)
		VMULPS(scale, v, v)
		VANDPS(k, v, v)
		VMOVUPS(v, y.Offset(32*i))
	}
	high := XMM()
	VPACKSSDW(kept[1], kept[0], kept[0])
	VEXTRACTI128(Imm(1), kept[0], high)
	VPACKSSWB(high, kept[0].AsX(), high)
	VPSHUFD(Imm(0xD8), high, high)
	VMOVDQU(high, mask)
}

// philoxRound is one round of each state. In the first rounds some words of the states are the same for all blocks: they
// are folded into the keys, and nil here.
func philoxRound(round int, states [][4]reg.VecVirtual, m [2]reg.VecVirtual, keyAt func(round, word int) Mem) {
	before := append([][4]reg.VecVirtual{}, states...)
	for word := range 2 { // words 0 and 1 from c2 and c1, then 2 and 3 from c0 and c3
		key := YMM()
		VMOVDQU(keyAt(round, word), key)
		for g := range states {
			c := before[g]
			low, with := c[2-2*word], c[1+2*word]
			switch {
			case low == nil && with == nil:
				states[g][2*word], states[g][2*word+1] = nil, nil
				continue
			case low == nil:
				VPXOR(key, with, with)
				states[g][2*word], states[g][2*word+1] = with, nil
				continue
			}
			high := YMM()
			VPMULUDQ(m[1-word], low, low)
			VPSRLQ(Imm(32), low, high)
			if with == nil {
				with = YMM()
				VPXOR(key, high, with)
			} else {
				VPXOR(key, with, with) // while the product is worked out
				VPXOR(high, with, with)
			}
			states[g][2*word], states[g][2*word+1] = with, low
		}
	}
}
