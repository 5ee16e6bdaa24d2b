package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// back writes the elementwise part of a step back, for whole rows.
func (l *lstm) back() {
	id := "lstmBack"
	TEXT(id+l.name, NOSPLIT, "func(gates, c, before, dh, dc *float32, bs, gate, gs, groups, rows int)")
	Pragma("noescape")
	g, c, before := Load(Param("gates"), GP64()), Load(Param("c"), GP64()), Load(Param("before"), GP64())
	dh, dc := Load(Param("dh"), GP64()), Load(Param("dc"), GP64())
	bs, apart := Load(Param("bs"), GP64()), GP64()
	Load(Param("gate"), apart)
	rows := Load(Param("rows"), GP64())
	one := l.ones()
	at := GP64()
	b := &lstmBackRow{one, dh, dc, c, before, bs, at, gatesAt(at, apart)}

	Label("row_" + id)
	MOVQ(g, at)
	n := Load(Param("groups"), GP64())
	if l.wide() {
		SHRQ(Imm(1), n)
		JZ(LabelRef("last_" + id))
	}
	Label("group_" + id)
	l.backGroup(b)
	DECQ(n)
	JNZ(LabelRef("group_" + id))
	if l.wide() {
		Label("last_" + id)
		Load(Param("groups"), n)
		TESTQ(U32(1), n)
		JZ(LabelRef("next_" + id))
		half := &lstm{isa: narrow}
		b.one = one.AsY()
		half.backGroup(b)
		Label("next_" + id)
	}
	gs := Load(Param("gs"), GP64())
	ADDQ(gs, g)
	DECQ(rows)
	JNZ(LabelRef("row_" + id))
	VZEROUPPER()
	RET()
}

// ones is a vector of 1.
func (l *lstm) ones() reg.VecVirtual {
	m := number("one", 1)
	if !l.wide() {
		return l.get(m)
	}
	v := l.vec()
	VBROADCASTSS(m, v)
	return v
}

// lstmBackRow is what the step back moves along a row.
type lstmBackRow struct {
	one                       Op
	dh, dc, c, before, bs, at reg.Register
	gate                      gates
}

// backGroup does the units of a vector.
func (l *lstm) backGroup(b *lstmBackRow) {
	// rest is 1 - v^2, inner v (1 - v): the derivatives by the outputs.
	rest := func(v reg.VecVirtual) reg.VecVirtual {
		d := l.vec()
		VMOVAPS(b.one, d)
		VFNMADD231PS(v, v, d)
		return d
	}
	inner := func(v reg.VecVirtual) reg.VecVirtual { return l.mul(v, l.sub(b.one, v)) }
	before := Op(Mem{Base: b.before})
	if l.wide() {
		before = l.cells(Mem{Base: b.before})
	}

	gate := b.gate
	dy, tc := l.get(Mem{Base: b.dh}), l.cells(Mem{Base: b.c, Disp: 32})
	i, f, a, o := l.get(gate.at(gateI)), l.get(gate.at(gateF)), l.get(gate.at(gateG)), l.get(gate.at(gateO))
	VMOVUPS(l.mul(l.mul(dy, tc), inner(o)), gate.at(gateO))
	cell := l.get(Mem{Base: b.dc})
	VFMADD231PS(rest(tc), l.mul(dy, o), cell)
	VMOVUPS(l.mul(l.mul(cell, a), inner(i)), gate.at(gateI))
	VMOVUPS(l.mul(l.mul(cell, before), inner(f)), gate.at(gateF))
	VMOVUPS(l.mul(l.mul(cell, i), rest(a)), gate.at(gateG))
	VMOVUPS(l.mul(cell, f), Mem{Base: b.dc})

	for range l.lanes / 8 {
		ADDQ(Imm(64), b.c)
		ADDQ(b.bs, b.before)
	}
	for _, p := range []reg.Register{b.dh, b.dc, b.at} {
		ADDQ(Imm(l.size()), p)
	}
}
