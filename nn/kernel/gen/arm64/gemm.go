package main

import "fmt"

// The tile of arm64: 6 x 16 makes 24 of the 32 registers accumulators; a step along k then takes 4 vectors of B, and a
// value of A for each row, which is multiplied by element, so that it need not be spread out.
const (
	mostRows    = 6
	mostVectors = 4 // of 4 columns
	regB        = mostRows * mostVectors
	regA        = regB + mostVectors
)

// What is in which register. Row i of A is at R(1+i) + R7.
const (
	rStep    = "R7"  // bytes from A's first k to this one
	rStepK   = "R8"  // bytes between A's k
	rFirst   = "R9"  // B's row
	rLast    = "R10" // the last vector of B's row
	rStrideB = "R11" // bytes between B's rows
	rRow     = "R12" // a row of C
	rStrideC = "R13" // bytes between C's rows
	rLeft    = "R14" // steps left
	rCols    = "R15" // columns of the tile
	rBeyond  = "R19" // bytes from the first column to the last vector
	rFirstC  = "R20"
	rZero    = "R21"
)

// The offsets of tile's fields.
const (
	offA, offB, offC    = 0, 8, 16
	offRS, offKS        = 24, 32 // bytes between rows of A, and between its k
	offBS, offLDC, offK = 40, 48, 56
	offMask             = 64 // a bit for each column
	offZero             = 72 // 1: C is 0 at first
)

func gemm(n *family) {
	for m := 1; m <= mostRows; m++ {
		tile(n, m)
	}
	peak(n)
}

// tile writes the kernel of m rows: C[m, cols] (+)= A[m, k] B[k, cols], where the mask of tile says how many columns
// there are, up to 16. As with the other sets, each element is one chain of fused multiply-adds in ascending k that begins
// with C.
//
// No lane is masked: where the columns do not fill the last vector, it begins that much earlier, and what it shares with
// the one before is computed twice, to the same bits. Fewer than 4 columns are loaded and stored one by one.
func tile(n *family, m int) {
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
	n.op("MOVD $0, %s", rStep)
	load(offKS, rStepK)
	load(offB, rFirst)
	load(offBS, rStrideB)
	load(offC, rFirstC)
	load(offLDC, rStrideC)
	load(offK, rLeft)
	load(offZero, rZero)
	n.op("MOVHU %d(R0), R22", offMask)
	n.op("CLZW R22, R22")
	n.op("MOVD $32, %s", rCols)
	n.op("SUB R22, %s, %s", rCols, rCols)
	n.byColumns()
	for v := 1; v <= mostVectors; v++ {
		columns(n, m, v)
	}
	narrow(n, m)
}

// byColumns goes to the code for as many vectors as the columns take.
func (n *family) byColumns() {
	n.op("SUB $4, %s, %s", rCols, rBeyond)
	n.op("LSL $2, %s, %s", rBeyond, rBeyond)
	for v := mostVectors; v >= 2; v-- {
		n.op("CMP $%d, %s", 4*(v-1), rCols)
		n.op("BGT columns%d", v)
	}
	n.op("CMP $4, %s", rCols)
	n.op("BLT narrow")
}

// columns writes the kernel for as many columns as v vectors have, or less than 4 fewer.
func columns(n *family, m, v int) {
	id := fmt.Sprint(v)
	n.label("columns" + id)
	n.op("ADD %s, %s, %s", rBeyond, rFirst, rLast)
	rows := func(f func(i, j int, at string)) { n.tileOfC(m, v, f) }
	n.begin(m, id, func() {
		rows(func(i, j int, at string) { n.op("FMOVQ %s, F%d", at, acc(i, j)) })
	}, func(i int) {
		for j := range v {
			n.clear(acc(i, j))
		}
	})
	n.loop(m, id, func() { n.loadB(v) }, func(i, a int) {
		for j := range v {
			n.fmlaLane(acc(i, j), regB+j, a)
		}
	})
	rows(func(i, j int, at string) { n.op("FMOVQ F%d, %s", acc(i, j), at) })
	n.op("RET")
}

// acc is the register of vector j of row i of the tile.
func acc(i, j int) int { return i*mostVectors + j }

// tileOfC walks over the vectors of C.
func (n *family) tileOfC(m, v int, f func(i, j int, at string)) {
	n.op("MOVD %s, %s", rFirstC, rRow)
	for i := range m {
		if i > 0 {
			n.op("ADD %s, %s, %s", rStrideC, rRow, rRow)
		}
		for j := range v - 1 {
			f(i, j, fmt.Sprintf("%d(%s)", 16*j, rRow))
		}
		n.op("ADD %s, %s, R22", rBeyond, rRow)
		f(i, v-1, "(R22)")
	}
}

// loadB loads a row of B.
func (n *family) loadB(v int) {
	for j := 0; j < v-1; j += 2 {
		if at := fmt.Sprintf("%d(%s)", 16*j, rFirst); j+1 < v-1 {
			n.op("FLDPQ %s, (F%d, F%d)", at, regB+j, regB+j+1)
		} else {
			n.op("FMOVQ %s, F%d", at, regB+j)
		}
	}
	n.op("FMOVQ (%s), F%d", rLast, regB+v-1)
}

// narrow writes the kernel of 1 to 3 columns.
func narrow(n *family, m int) {
	n.label("narrow")
	n.op("ADD $8, %s, %s", rFirst, rLast)
	count := 0
	move := func(f func(op string), third func()) {
		count++
		n.lanes(fmt.Sprint(count), f, third)
	}
	load := func(v int, first, third string) {
		move(func(op string) { n.op("%s (%s), F%d", op, first, v) }, func() { n.op("VLD1 (%s), V%d.S[2]", third, v) })
	}
	rows := func(f func(i int)) {
		n.op("MOVD %s, %s", rFirstC, rRow)
		for i := range m {
			if i > 0 {
				n.op("ADD %s, %s, %s", rStrideC, rRow, rRow)
			}
			n.op("ADD $8, %s, R22", rRow)
			f(i)
		}
	}
	n.begin(m, "0", func() { rows(func(i int) { load(i, rRow, "R22") }) }, n.clear)
	n.loop(m, "0", func() { load(regB, rFirst, rLast) }, func(i, a int) { n.fmlaLane(i, regB, a) })
	rows(func(i int) {
		move(func(op string) { n.op("%s F%d, (%s)", op, i, rRow) }, func() { n.op("VST1 V%d.S[2], (R22)", i) })
	})
	n.op("RET")
}

// lanes moves the 1 to 3 columns of a row: the first, or the first two, and the third.
func (n *family) lanes(id string, first func(op string), third func()) {
	n.op("TBZ $1, %s, one%s", rCols, id)
	first("FMOVD")
	n.op("TBZ $0, %s, moved%s", rCols, id)
	third()
	n.op("B moved%s", id)
	n.label("one" + id)
	first("FMOVS")
	n.label("moved" + id)
}

func (n *family) clear(v int) { n.op("VEOR V%d.B16, V%d.B16, V%d.B16", v, v, v) }

// begin sets the accumulators to C, or each row to 0.
func (n *family) begin(m int, id string, load func(), clear func(i int)) {
	n.op("CBNZ %s, zero%s", rZero, id)
	load()
	n.op("B start%s", id)
	n.label("zero" + id)
	for i := range m {
		clear(i)
	}
	n.label("start" + id)
	n.op("CBZ %s, store%s", rLeft, id)
}

// loop walks along k: load loads a row of B, and multiply adds row i's products with the value in register a.
func (n *family) loop(m int, id string, load func(), multiply func(i, a int)) {
	n.label("loop" + id)
	load()
	n.valuesOfA(m, multiply)
	n.op("ADD %s, %s, %s", rStepK, rStep, rStep)
	n.op("ADD %s, %s, %s", rStrideB, rFirst, rFirst)
	n.op("ADD %s, %s, %s", rStrideB, rLast, rLast)
	n.op("SUBS $1, %s, %s", rLeft, rLeft)
	n.op("BNE loop%s", id)
	n.label("store" + id)
}

// valuesOfA loads a value of each row of A.
func (n *family) valuesOfA(m int, multiply func(i, a int)) {
	for i := range m {
		a := regA + i%(32-regA)
		n.op("FMOVS (R%d)(%s), F%d", 1+i, rStep, a)
		multiply(i, a)
	}
}

// peak writes a loop of independent fused multiply-adds: as many as a tile has, which no core needs more of.
func peak(n *family) {
	n.function("peakNEON", fmt.Sprintf("peakNEON runs n rounds of %d independent fused multiply-adds of 4 lanes.", regB), "n int", 0)
	n.arg("n", "R0")
	for i := range regB + 2 {
		n.clear(i)
	}
	n.label("loop")
	for i := range regB {
		n.fmlaLane(i, regB, regB+1)
	}
	n.op("SUBS $1, R0, R0")
	n.op("BNE loop")
	n.op("RET")
}
