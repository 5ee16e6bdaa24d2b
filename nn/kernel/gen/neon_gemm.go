package main

import "fmt"

// The tile of arm64: 6 x 16 makes 24 of the 32 registers accumulators; a step along k then takes 4 vectors of B, and a
// value of A for each row, which is multiplied by element, so that it need not be spread out.
const (
	neonRows    = 6
	neonVectors = 4 // of 4 columns
	neonB       = neonRows * neonVectors
	neonA       = neonB + neonVectors
)

// What is in which register. Row i of A is at R(1+i) + R7.
const (
	neonStep   = "R7"  // bytes from A's first k to this one
	neonKS     = "R8"  // bytes between A's k
	neonFirst  = "R9"  // B's row
	neonLast   = "R10" // the last vector of B's row
	neonBS     = "R11" // bytes between B's rows
	neonRow    = "R12" // a row of C
	neonLDC    = "R13" // bytes between C's rows
	neonK      = "R14" // steps left
	neonCols   = "R15" // columns of the tile
	neonBeyond = "R19" // bytes from the first column to the last vector
	neonC      = "R20"
	neonZero   = "R21"
)

func neonGemm(n *neon) {
	for m := 1; m <= neonRows; m++ {
		neonTile(n, m)
	}
	neonPeak(n)
}

// neonTile writes the kernel of m rows: C[m, cols] (+)= A[m, k] B[k, cols], where the mask of tile says how many columns
// there are, up to 16. As with the other sets, each element is one chain of fused multiply-adds in ascending k that begins
// with C.
//
// No lane is masked: where the columns do not fill the last vector, it begins that much earlier, and what it shares with
// the one before is computed twice, to the same bits. Fewer than 4 columns are loaded and stored one by one.
func neonTile(n *neon, m int) {
	n.function(fmt.Sprintf("gemmNEON_%d", m), "", "t *byte", 0)
	n.arg("t", "R0")
	load := func(off int, r string) { n.op("MOVD %d(R0), %s", off, r) }
	load(offA, "R1")
	load(offRS, "R2")
	for i := m - 1; i >= 1; i-- { // R2 holds the stride until it becomes the second row
		if i == 1 {
			n.op("ADD R1, R2, R2")
			break
		}
		n.op("MOVD $%d, R%d", i, 1+i)
		n.op("MADD R2, R1, R%d, R%d", 1+i, 1+i)
	}
	n.op("MOVD $0, %s", neonStep)
	load(offKS, neonKS)
	load(offB, neonFirst)
	load(offBS, neonBS)
	load(offC, neonC)
	load(offLDC, neonLDC)
	load(offK, neonK)
	load(offZero, neonZero)
	n.op("MOVHU %d(R0), R22", offMask)
	n.op("CLZW R22, R22")
	n.op("MOVD $32, %s", neonCols)
	n.op("SUB R22, %s, %s", neonCols, neonCols)
	n.op("SUB $4, %s, %s", neonCols, neonBeyond)
	n.op("LSL $2, %s, %s", neonBeyond, neonBeyond)
	for v := neonVectors; v >= 2; v-- {
		n.op("CMP $%d, %s", 4*(v-1), neonCols)
		n.op("BGT columns%d", v)
	}
	n.op("CMP $4, %s", neonCols)
	n.op("BLT narrow")
	for v := 1; v <= neonVectors; v++ {
		neonColumns(n, m, v)
	}
	neonNarrow(n, m)
}

// neonColumns writes the kernel for as many columns as v vectors have, or less than 4 fewer.
func neonColumns(n *neon, m, v int) {
	id := fmt.Sprint(v)
	n.label("columns" + id)
	n.op("ADD %s, %s, %s", neonBeyond, neonFirst, neonLast)
	rows := func(f func(i, j int, at string)) {
		n.op("MOVD %s, %s", neonC, neonRow)
		for i := range m {
			if i > 0 {
				n.op("ADD %s, %s, %s", neonLDC, neonRow, neonRow)
			}
			for j := range v - 1 {
				f(i, j, fmt.Sprintf("%d(%s)", 16*j, neonRow))
			}
			n.op("ADD %s, %s, R22", neonBeyond, neonRow)
			f(i, v-1, "(R22)")
		}
	}
	acc := func(i, j int) int { return i*neonVectors + j }
	n.begin(m, id, func() {
		rows(func(i, j int, at string) { n.op("FMOVQ %s, F%d", at, acc(i, j)) })
	}, func(i int) {
		for j := range v {
			n.clear(acc(i, j))
		}
	})
	n.loop(m, id, func() {
		for j := 0; j < v-1; j += 2 {
			if at := fmt.Sprintf("%d(%s)", 16*j, neonFirst); j+1 < v-1 {
				n.op("FLDPQ %s, (F%d, F%d)", at, neonB+j, neonB+j+1)
			} else {
				n.op("FMOVQ %s, F%d", at, neonB+j)
			}
		}
		n.op("FMOVQ (%s), F%d", neonLast, neonB+v-1)
	}, func(i, a int) {
		for j := range v {
			n.fmlaLane(acc(i, j), neonB+j, a)
		}
	})
	rows(func(i, j int, at string) { n.op("FMOVQ F%d, %s", acc(i, j), at) })
	n.op("RET")
}

// neonNarrow writes the kernel of 1 to 3 columns: the first, or the first two, and the third.
func neonNarrow(n *neon, m int) {
	n.label("narrow")
	n.op("ADD $8, %s, %s", neonFirst, neonLast)
	// move loads or stores a row's columns at first, the third of them at third.
	count := 0
	move := func(f func(op, lane string), first, third string) {
		count++
		n.op("TBZ $1, %s, one%d", neonCols, count)
		f("FMOVD", first)
		n.op("TBZ $0, %s, moved%d", neonCols, count)
		f("lane", third)
		n.op("B moved%d", count)
		n.label(fmt.Sprintf("one%d", count))
		f("FMOVS", first)
		n.label(fmt.Sprintf("moved%d", count))
	}
	load := func(v int, first, third string) {
		move(func(op, at string) {
			if op == "lane" {
				n.op("VLD1 %s, V%d.S[2]", at, v)
			} else {
				n.op("%s %s, F%d", op, at, v)
			}
		}, first, third)
	}
	rows := func(f func(i int)) {
		n.op("MOVD %s, %s", neonC, neonRow)
		for i := range m {
			if i > 0 {
				n.op("ADD %s, %s, %s", neonLDC, neonRow, neonRow)
			}
			n.op("ADD $8, %s, R22", neonRow)
			f(i)
		}
	}
	row := "(" + neonRow + ")"
	n.begin(m, "0", func() { rows(func(i int) { load(i, row, "(R22)") }) }, n.clear)
	n.loop(m, "0", func() { load(neonB, "("+neonFirst+")", "("+neonLast+")") }, func(i, a int) { n.fmlaLane(i, neonB, a) })
	rows(func(i int) {
		move(func(op, at string) {
			if op == "lane" {
				n.op("VST1 V%d.S[2], %s", i, at)
			} else {
				n.op("%s F%d, %s", op, i, at)
			}
		}, row, "(R22)")
	})
	n.op("RET")
}

func (n *neon) clear(v int) { n.op("VEOR V%d.B16, V%d.B16, V%d.B16", v, v, v) }

// begin sets the accumulators to C, or each row to 0.
func (n *neon) begin(m int, id string, load func(), clear func(i int)) {
	n.op("CBNZ %s, zero%s", neonZero, id)
	load()
	n.op("B start%s", id)
	n.label("zero" + id)
	for i := range m {
		clear(i)
	}
	n.label("start" + id)
	n.op("CBZ %s, store%s", neonK, id)
}

// loop walks along k: load loads a row of B, and multiply adds row i's products with the value in register a.
func (n *neon) loop(m int, id string, load func(), multiply func(i, a int)) {
	n.label("loop" + id)
	load()
	for i := range m {
		a := neonA + i%(32-neonA)
		n.op("FMOVS (R%d)(%s), F%d", 1+i, neonStep, a)
		multiply(i, a)
	}
	n.op("ADD %s, %s, %s", neonKS, neonStep, neonStep)
	n.op("ADD %s, %s, %s", neonBS, neonFirst, neonFirst)
	n.op("ADD %s, %s, %s", neonBS, neonLast, neonLast)
	n.op("SUBS $1, %s, %s", neonK, neonK)
	n.op("BNE loop%s", id)
	n.label("store" + id)
}

// neonPeak writes a loop of independent fused multiply-adds: as many as a tile has, which no core needs more of.
func neonPeak(n *neon) {
	n.function("peakNEON", fmt.Sprintf("peakNEON runs n rounds of %d independent fused multiply-adds of 4 lanes.", neonB), "n int", 0)
	n.arg("n", "R0")
	for i := range neonB + 2 {
		n.clear(i)
	}
	n.label("loop")
	for i := range neonB {
		n.fmlaLane(i, neonB, neonB+1)
	}
	n.op("SUBS $1, R0, R0")
	n.op("BNE loop")
	n.op("RET")
}
