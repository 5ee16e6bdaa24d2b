package main

import "fmt"

// The instructions on vectors of four float32s that Go's assembler does not know, encoded: Vd = Va op Vb.

// word writes a code, with the instruction for the reader.
func (n *family) word(code uint32, format string, args ...any) {
	n.op("WORD $0x%08x // %s", code, fmt.Sprintf(format, args...))
}

// three fills in the registers of an instruction: Rm, Rn and Rd of the manual are b, a and d.
func (n *family) three(code uint32, name string, d, a, b int) {
	n.word(code|uint32(b)<<16|uint32(a)<<5|uint32(d), "%s V%d, V%d, V%d", name, d, a, b)
}

func (n *family) two(code uint32, name string, d, a int) {
	n.word(code|uint32(a)<<5|uint32(d), "%s V%d, V%d", name, d, a)
}

func (n *family) fadd(d, a, b int) { n.three(0x4e20d400, "FADD.4S", d, a, b) }
func (n *family) fsub(d, a, b int) { n.three(0x4ea0d400, "FSUB.4S", d, a, b) }
func (n *family) fmul(d, a, b int) { n.three(0x6e20dc00, "FMUL.4S", d, a, b) }
func (n *family) fdiv(d, a, b int) { n.three(0x6e20fc00, "FDIV.4S", d, a, b) }
func (n *family) fneg(d, a int)    { n.two(0x6ea0f800, "FNEG.4S", d, a) }
func (n *family) fsqrt(d, a int)   { n.two(0x6ea1f800, "FSQRT.4S", d, a) }

// fmla adds a*b to d, rounded once; fmls takes it off.
func (n *family) fmla(d, a, b int) { n.three(0x4e20cc00, "FMLA.4S", d, a, b) }
func (n *family) fmls(d, a, b int) { n.three(0x4ea0cc00, "FMLS.4S", d, a, b) }

// fmlaLane adds a times b[0] to d: FMLA by element, 0 Q 0 01111 1 sz L M Rm 0001 H 0 Rn Rd with Q = 1 (128 bits), sz = 0
// (float32), H:L = 0 (lane 0) and M:Rm = b.
func (n *family) fmlaLane(d, a, b int) {
	n.word(0x4f801000|uint32(b)<<16|uint32(a)<<5|uint32(d), "FMLA.4S V%d, V%d, V%d[0]", d, a, b)
}

// fcmle0 is all ones where a <= 0, which a NaN is not, and bic a where b's bits are clear.
func (n *family) fcmle0(d, a int) { n.two(0x6ea0d800, "FCMLE0.4S", d, a) }
func (n *family) bic(d, a, b int) { n.three(0x4e601c00, "BIC.16B", d, a, b) }

// cmtst is all ones where a and b have bits in common, and and what they have.
func (n *family) cmtst(d, a, b int) { n.three(0x4ea08c00, "CMTST.4S", d, a, b) }
func (n *family) and(d, a, b int)   { n.three(0x4e201c00, "AND.16B", d, a, b) }

// trn1 is a[0] b[0] a[2] b[2], and trn2 a[1] b[1] a[3] b[3]; the others do the same with pairs of values.
func (n *family) trn1(d, a, b int)      { n.three(0x4e802800, "TRN1.4S", d, a, b) }
func (n *family) trn2(d, a, b int)      { n.three(0x4e806800, "TRN2.4S", d, a, b) }
func (n *family) trn1pairs(d, a, b int) { n.three(0x4ec02800, "TRN1.2D", d, a, b) }
func (n *family) trn2pairs(d, a, b int) { n.three(0x4ec06800, "TRN2.2D", d, a, b) }
