package main

import "fmt"

// The offsets of implicitProduct's fields.
const (
	offImplicitA, offImplicitCols    = 0, 16
	offImplicitEnd                   = 32 // bytes of cols
	offImplicitB, offImplicitLDC     = 40, 56
	offImplicitBias                  = 64 // or nil
	offImplicitZero, offImplicitRelu = 72, 80
	offImplicitWidth                 = 104
)

const (
	rList = rStepK // walks along the list of A's columns
	rBias = "R23"
	rRelu = "R24"
)

func conv(n *family) {
	for m := 1; m <= mostRows; m++ {
		implicit(n, m, false)
	}
	for m := 1; m <= mostRows; m++ {
		implicit(n, m, true)
	}
}

// implicit writes the kernel of m rows of an implicit product: the tile's, with an A whose elements are where two lists
// say. It is given its part of the list of rows, and of C. What adds to C has 16 columns; the other begins with 0, and
// ends with the bias and relu.
func implicit(n *family, m int, adds bool) {
	name := "implicitNEON"
	if adds {
		name = "implicitAddNEON"
	}
	n.function(fmt.Sprintf("%s_%d", name, m), "", "t, rows, c *byte", 0)
	n.arg("t", "R0")
	load := func(off int, r string) { n.op("MOVD %d(R0), %s", off, r) }
	load(offImplicitA, "R22")
	n.arg("rows", "R23")
	for i := range m {
		n.op("MOVW %d(R23), R%d", 4*i, 1+i)
		n.op("ADD R22, R%d, R%d", 1+i, 1+i)
	}
	load(offImplicitCols, rList)
	load(offImplicitEnd, rLeft)
	load(offImplicitB, rFirst)
	n.arg("c", rFirstC)
	load(offImplicitLDC, rStrideC)
	if adds {
		load(offImplicitZero, rZero)
		n.op("MOVD $48, %s", rBeyond)
		n.chains(m, mostVectors, "", true)
		n.tileOfC(m, mostVectors, func(i, j int, at string) { n.op("FMOVQ F%d, %s", acc(i, j), at) })
		n.op("RET")
		return
	}
	load(offImplicitWidth, rCols)
	load(offImplicitBias, rBias)
	load(offImplicitRelu, rRelu)
	n.byColumns()
	for v := 1; v <= mostVectors; v++ {
		n.label(fmt.Sprintf("columns%d", v))
		n.chains(m, v, fmt.Sprint(v), false)
		n.tileOfC(m, v, func(i, j int, at string) { n.op("FMOVQ F%d, %s", acc(i, j), at) })
		n.op("RET")
	}
	n.label("narrow")
	n.op("MOVD $0, %s", rBeyond) // the panel of B has columns beyond C's
	n.chains(m, 1, "0", false)
	n.op("MOVD %s, %s", rFirstC, rRow)
	for i := range m {
		n.lanes(fmt.Sprint(i), func(op string) { n.op("%s F%d, (%s)", op, acc(i, 0), rRow) }, func() {
			n.op("ADD $8, %s, R22", rRow)
			n.op("VST1 V%d.S[2], (R22)", acc(i, 0))
		})
		n.op("ADD %s, %s, %s", rStrideC, rRow, rRow)
	}
	n.op("RET")
}

// chains computes v vectors of each row of the products.
func (n *family) chains(m, v int, id string, adds bool) {
	n.op("ADD %s, %s, %s", rBeyond, rFirst, rLast)
	if adds {
		n.op("CBNZ %s, zero%s", rZero, id)
		n.tileOfC(m, v, func(i, j int, at string) { n.op("FMOVQ %s, F%d", at, acc(i, j)) })
		n.op("B loop%s", id)
		n.label("zero" + id)
	}
	each := func(f func(v int)) {
		for i := range m {
			for j := range v {
				f(acc(i, j))
			}
		}
	}
	each(n.clear)
	n.label("loop" + id)
	n.op("MOVW.P 4(%s), %s", rList, rStep)
	n.loadB(v)
	n.valuesOfA(m, func(i, a int) {
		for j := range v {
			n.fmlaLane(acc(i, j), regB+j, a)
		}
	})
	n.op("ADD $64, %s, %s", rFirst, rFirst)
	n.op("ADD $64, %s, %s", rLast, rLast)
	n.op("SUBS $4, %s, %s", rLeft, rLeft)
	n.op("BNE loop%s", id)
	if adds {
		return
	}
	n.op("CBZ %s, store%s", rBias, id)
	for j := range v - 1 {
		n.op("FMOVQ %d(%s), F%d", 16*j, rBias, regB+j)
	}
	n.op("ADD %s, %s, %s", rBeyond, rBias, rBias)
	n.op("FMOVQ (%s), F%d", rBias, regB+v-1)
	for i := range m {
		for j := range v {
			n.fadd(acc(i, j), acc(i, j), regB+j)
		}
	}
	n.op("CBZ %s, store%s", rRelu, id)
	each(func(v int) {
		n.fcmle0(regB, v)
		n.bic(v, v, regB)
	})
	n.label("store" + id)
}
