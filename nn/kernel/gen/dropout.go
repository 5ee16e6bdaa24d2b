package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// dropoutKernels writes the family of dropout.
func dropoutKernels() {
	dropoutMask()
	var scale reg.VecVirtual
	loop("keepAVX2", "func(y, x *float32, mask *uint8, n int, scale float32)", map[string]int{"y": 4, "x": 4, "mask": 1},
		func() { scale = scalar("scale") }, func(at map[string]Mem) {
			v := YMM()
			VPMOVSXBD(at["mask"], v)
			VANDPS(at["x"], v, v)
			VMULPS(scale, v, v)
			VMOVUPS(v, at["y"])
		})
}

const philoxRounds = 10

// dropoutMask writes Philox4x32-10 for 4 counters of a vector and compares the 32 halves of their 16 words. Each word of
// the state lies in the lower half of 64 bits: so the products' lower halves are where they are needed, and what the
// upper halves hold does not matter.
//
// Of the first state c0 alone, the number of the block, is not the same everywhere: what follows from the other words
// in the first rounds is worked out once.
func dropoutMask() {
	TEXT("dropoutMaskAVX2", NOSPLIT, "func(mask *uint8, n int, key *[4]uint32, row, block uint32, drop uint32)")
	Doc("dropoutMaskAVX2 is the twin of DropoutMask for n values, a multiple of 32. drop is the threshold less one, its top bit flipped.")
	Pragma("noescape")
	mask, n, key := parameter("mask"), parameter("n"), parameter("key")
	SHRQ(Imm(5), n)
	m0, m1 := constant("philoxM0", rep(0xD2511F53)...), constant("philoxM1", rep(0xCD9E8D57)...)
	flip := constant("half_signs", rep(0x80008000)...)

	// The keys of the rounds, on the stack: a vector for each word.
	local := AllocLocal(32 * (2*philoxRounds + 2))
	keyAt := func(round, word int) Mem { return local.Offset(32 * (2*round + word)) }
	dropAt, counterAt := keyAt(philoxRounds, 0), keyAt(philoxRounds, 1)
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
	drop, counter, block := YMM(), YMM(), YMM()
	VMOVD(parameter32("drop"), drop.AsX())
	VPBROADCASTW(drop.AsX(), drop)
	VMOVDQU(drop, dropAt)
	VMOVD(parameter32("block"), block.AsX())
	VPBROADCASTD(block.AsX(), block)
	VPADDD(constant("first4", 0, 0, 1, 0, 2, 0, 3, 0), block, counter)
	VMOVDQU(counter, counterAt)

	m := [2]reg.VecVirtual{YMM(), YMM()}
	VMOVDQU(m0, m[0])
	VMOVDQU(m1, m[1])
	// Three vectors at a time keep the processor busy: the rounds of one wait for each other.
	for _, groups := range []int{3, 1} {
		id := fmt.Sprintf("%d_dropoutMask", groups)
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
			mask32(Mem{Base: mask, Disp: 32 * g}, c, dropAt)
		}
		ADDQ(Imm(uint64(32*groups)), mask)
		SUBQ(Imm(uint64(groups)), n)
		JMP(LabelRef("loop" + id))
		Label("done" + id)
	}
	VZEROUPPER()
	RET()
}

// mask32 writes a byte for each half of the 16 words of a state, after its rounds.
func mask32(mask Mem, c [4]reg.VecVirtual, drop Mem) {
	// Words 0 and 1, 2 and 3 side by side, then block by block.
	for i := 0; i < 4; i += 2 {
		VPSLLQ(Imm(32), c[i+1], c[i+1])
		VPBLENDD(Imm(0xAA), c[i+1], c[i], c[i])
	}
	kept := [2]reg.VecVirtual{YMM(), YMM()}
	VPUNPCKLQDQ(c[2], c[0], kept[0])
	VPUNPCKHQDQ(c[2], c[0], kept[1])
	for _, k := range kept {
		// Kept where draw > threshold-1, unsigned: both with the top bit flipped, signed.
		VPXOR(constant("odd_half_signs", 0, 0x80008000, 0, 0x80008000, 0, 0x80008000, 0, 0x80008000), k, k)
		VPCMPGTW(drop, k, k)
	}
	VPACKSSWB(kept[1], kept[0], kept[0])
	VMOVDQU(kept[0], mask)
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
