package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// offsets of the fields of tile that only the AVX2 kernels read.
const (
	offNext   = 80  // bytes from a tile's A to the next one's
	offTiles  = 88  // tiles, one below the other
	offLanes  = 96  // mask of 16 lanes
	offPacked = 104 // where B is packed to
	offAhead  = 112 // what will be needed after these tiles
	offStep   = 120 // bytes of it to fetch for each four of k
	offPanels = 128 // of B, side by side
	offWide   = 136 // bytes from a panel to the next one
	offLeft   = 144 // tiles of a panel that are left
	offTail   = 152 // columns of the last vector
	offNear   = 160 // 1: A is in the second cache
)

// edge says which columns of the 16 a kernel computes.
type edge struct {
	name    string
	vectors int  // of a row
	mask    bool // of the last vector
}

var edges = []edge{{"", 2, false}, {"Wide", 2, true}, {"Narrow", 1, true}}

// packingRows is the fewest rows of a tile whose kernel packs: it is not the only one of its columns, so it is not thin.
const packingRows = 4

// gemmAVX2 writes the kernels: all of a tile's columns, 9 to 15 of them, 1 to 8; each also as one that packs B.
func gemmAVX2(rows int) {
	for _, e := range edges {
		for m := 1; m <= rows; m++ {
			panelAVX2(e, m, false)
		}
		for m := packingRows; m <= rows; m++ {
			panelAVX2(e, m, true)
		}
	}
}

// panelAVX2 writes the kernel of tiles of m rows, one below the other, and of panels of these side by side:
// C[tiles*m, panels*16] (+)= A[tiles*m, k] B[k, panels*16]. The chains are those of the other kernels. While a tile is
// computed, the next one's C is fetched, and its rows of A where they may be far. Those that pack compute one tile only.
func panelAVX2(e edge, m int, packing bool) {
	name := fmt.Sprintf("gemm%sAVX2_%d", e.name, m)
	if packing {
		name = fmt.Sprintf("gemmPack%sAVX2_%d", e.name, m)
	}
	TEXT(name, NOSPLIT, "func(t *byte)")
	Pragma("noescape")
	t := Load(Param("t"), GP64())
	field := func(off int) Mem { return Mem{Base: t, Disp: off} }
	load := func(off int) reg.GPVirtual { r := GP64(); MOVQ(field(off), r); return r }
	label := func(s string) string { return s + "_" + name }

	last := e.vectors - 1
	var mask reg.VecVirtual
	if e.mask {
		mask = YMM()
		p := load(offLanes)
		VMOVUPS(Mem{Base: p, Disp: 32 * last}, mask)
	}
	each := func(m Mem, do func(v int, m Mem, masked bool)) {
		for v := range e.vectors {
			do(v, Mem{Base: m.Base, Index: m.Index, Scale: m.Scale, Disp: m.Disp + 32*v}, e.mask && v == last)
		}
	}
	read := func(m Mem, to []reg.VecVirtual) {
		each(m, func(v int, m Mem, masked bool) {
			if masked {
				VMASKMOVPS(m, mask, to[v])
			} else {
				VMOVUPS(m, to[v])
			}
		})
	}

	acc := make([][]reg.VecVirtual, m)
	for i := range acc {
		acc[i] = vectors(e.vectors)
	}
	a, b, next, k := GP64(), GP64(), GP64(), GP64()
	var packed, ahead reg.GPVirtual
	if packing {
		packed, ahead = load(offPacked), load(offBS)
		SHLQ(Imm(4), ahead)
		ADDQ(field(offB), ahead)
	}
	var coming, pace reg.GPVirtual
	if !packing {
		coming, pace = load(offAhead), load(offStep)
	}
	Label(label("panel"))
	c, first := load(offC), load(offA) // of the tile
	if !packing {
		tiles := load(offTiles)
		MOVQ(tiles, field(offLeft))
	}
	Label(label("tile"))
	line, ldc := GP64(), load(offLDC)
	CMPQ(field(offZero), Imm(0))
	JNE(LabelRef(label("zero")))
	MOVQ(c, line)
	for i := range acc {
		read(Mem{Base: line}, acc[i])
		ADDQ(ldc, line)
	}
	JMP(LabelRef(label("start")))
	Label(label("zero"))
	for i := range acc {
		for _, v := range acc[i] {
			VXORPS(v, v, v)
		}
	}
	IMUL3Q(Imm(uint64(m)), ldc, line)
	ADDQ(c, line)
	Label(label("start"))
	for i := range acc {
		fetchToWrite(Mem{Base: line})
		if i < m-1 {
			ADDQ(ldc, line)
		}
	}

	MOVQ(first, a)
	MOVQ(field(offB), b)
	MOVQ(field(offK), k)
	MOVQ(field(offNext), next)
	ADDQ(a, next)
	bs := load(offBS)
	bv := vectors(e.vectors)
	// step adds the products of one k, whose A is given by row and whose B at from; packed as the u-th.
	step := func(from Mem, row func(i int) Mem, u int) {
		read(from, bv)
		if packing {
			from.Base = ahead
			PREFETCHT0(from)
			for v := range bv {
				VMOVUPS(bv[v], Mem{Base: packed, Disp: 64*u + 32*v})
			}
		}
		for i := range acc {
			x := YMM()
			VBROADCASTSS(row(i), x)
			for v := range bv {
				VFMADD231PS(bv[v], x, acc[i][v])
			}
		}
	}
	// round adds those of stepsOfRound values of k. Each instruction counts: where another thread shares the core, there
	// are fewer a cycle, and two multiply-adds with what they read take nearly all of these.
	const half, stepsOfRound = 4, 8
	bs3 := GP64()
	LEAQ(Mem{Base: bs, Index: bs, Scale: 2}, bs3)
	round := func(row func(i, u int) Mem, advance func()) {
		for u := range stepsOfRound {
			step(strided(b, bs, bs3, u%half), func(i int) Mem { return row(i, u) }, u)
			if u%half == half-1 {
				LEAQ(Mem{Base: b, Index: bs, Scale: half}, b)
				if packing {
					LEAQ(Mem{Base: ahead, Index: bs, Scale: half}, ahead)
				}
				advance()
			}
			if !packing && u%half == half/2 {
				PREFETCHT1(Mem{Base: coming})
				ADDQ(pace, coming)
			}
		}
		if packing {
			ADDQ(U32(64*stepsOfRound), packed)
		}
		SUBQ(Imm(stepsOfRound), k)
	}
	SUBQ(Imm(stepsOfRound), k)
	JLT(LabelRef(label("rest")))
	loop := func(name string, fetch func(), row func(i, u int) Mem, advance func()) {
		Label(label(name))
		fetch()
		round(row, advance)
		JGE(LabelRef(label(name)))
		JMP(LabelRef(label("rest")))
	}
	none := func() {}
	CMPQ(field(offKS), Imm(4))
	JNE(LabelRef(label("across")))
	{ // A's rows
		rs := load(offRS)
		rows := rowsOf(rs, m)
		row := func(i, u int) Mem { at := rows(a, i); at.Disp = 4 * (u % half); return at }
		advance := func() { ADDQ(Imm(4*half), a) }
		CMPQ(field(offNear), Imm(0))
		JE(LabelRef(label("far")))
		loop("near", none, row, advance)
		loop("far", func() {
			for i := range acc {
				PREFETCHT0(rows(next, i))
			}
			ADDQ(Imm(4*stepsOfRound), next)
		}, row, advance)
	}
	Label(label("across")) // A's rows, which lie side by side: the next tile's are in the same lines, or were just packed
	ks, ks3 := load(offKS), GP64()
	LEAQ(Mem{Base: ks, Index: ks, Scale: 2}, ks3)
	loop("columns", none, func(i, u int) Mem { at := strided(a, ks, ks3, u%half); at.Disp = 4 * i; return at }, func() { LEAQ(Mem{Base: a, Index: ks, Scale: half}, a) })
	Label(label("rest"))
	// Up to seven steps are left. They are no loop: branches that go the same way for each tile are foreseen.
	{
		rs, ks := load(offRS), load(offKS)
		rows := rowsOf(rs, m)
		for _, steps := range []int{4, 2, 1} {
			skip := label(fmt.Sprintf("less%d", steps))
			TESTQ(U32(uint32(steps)), k)
			JZ(LabelRef(skip))
			for u := range steps {
				step(Mem{Base: b}, func(i int) Mem { return rows(a, i) }, u)
				ADDQ(bs, b)
				if packing {
					ADDQ(bs, ahead)
				}
				ADDQ(ks, a)
			}
			if packing {
				ADDQ(U32(uint32(64*steps)), packed)
			}
			Label(skip)
		}
	}
	ldc = load(offLDC)
	for i := range acc {
		each(Mem{Base: c}, func(v int, m Mem, masked bool) {
			if masked {
				storeTail(acc[i][v], m, field(offTail), label(fmt.Sprintf("row%d", i)))
			} else {
				VMOVUPS(acc[i][v], m)
			}
		})
		ADDQ(ldc, c)
	}
	if !packing {
		ADDQ(field(offNext), first)
		DECQ(field(offLeft))
		JG(LabelRef(label("tile")))
		DECQ(field(offPanels))
		JLE(LabelRef(label("done")))
		ADDQ(Imm(64), field(offC))
		wide := load(offWide)
		ADDQ(wide, field(offB))
		MOVQ(I32(1), field(offNear))
		JMP(LabelRef(label("panel")))
		Label(label("done"))
	}
	VZEROUPPER()
	RET()
}

// strided is the u-th, up to 4, of places that are a step apart.
func strided(base, step, step3 reg.Register, u int) Mem {
	switch u {
	case 0:
		return Mem{Base: base}
	case 3:
		return Mem{Base: base, Index: step3, Scale: 1}
	}
	return Mem{Base: base, Index: step, Scale: uint8(u)}
}

// storeTail stores the first values of v, 1 to 8, in pieces: a masked store takes as long as a dozen others.
func storeTail(v reg.VecVirtual, to, count Mem, label string) {
	n, at := GP64(), GP64()
	MOVQ(count, n)
	LEAQ(to, at)
	CMPQ(n, Imm(8))
	JLT(LabelRef(label + "_less8"))
	VMOVUPS(v, Mem{Base: at})
	JMP(LabelRef(label))
	Label(label + "_less8")
	x := v.AsX()
	for _, piece := range []struct {
		n     uint32
		store func()
	}{
		{4, func() { VMOVUPS(x, Mem{Base: at}); VEXTRACTF128(Imm(1), v, x) }},
		{2, func() { VMOVLPS(x, Mem{Base: at}); VPERMILPS(Imm(0x0E), x, x) }},
		{1, func() { VMOVSS(x, Mem{Base: at}) }},
	} {
		skip := label
		if piece.n > 1 {
			skip = fmt.Sprintf("%s_less%d", label, piece.n)
		}
		TESTQ(U32(piece.n), n)
		JZ(LabelRef(skip))
		piece.store()
		if piece.n > 1 {
			ADDQ(Imm(uint64(4*piece.n)), at)
			Label(skip)
		}
	}
	Label(label)
}

func vectors(n int) []reg.VecVirtual {
	vs := make([]reg.VecVirtual, n)
	for i := range vs {
		vs[i] = YMM()
	}
	return vs
}

// packers write what makes panels of a matrix.
func packers() {
	for vectors := 1; vectors <= 2; vectors++ {
		packRows(vectors)
		packTiles(vectors)
	}
	packColumns()
}

// packRows copies rows of 8 or 16 values, those that the mask has.
func packRows(n int) {
	name := fmt.Sprintf("packRows%dAVX2", 8*n)
	TEXT(name, NOSPLIT, "func(dst, src *float32, k, ldd, lds int, mask *int32, alpha float32)")
	Doc(fmt.Sprintf("packRows%dAVX2 writes k rows of src, scaled by alpha, to dst, each %d values of which those beyond the mask are 0; strides in bytes.", 8*n, 8*n))
	Pragma("noescape")
	dst, src, k := Load(Param("dst"), GP64()), Load(Param("src"), GP64()), Load(Param("k"), GP64())
	ldd, lds, at := Load(Param("ldd"), GP64()), Load(Param("lds"), GP64()), Load(Param("mask"), GP64())
	alpha := scalar("alpha")
	masks := vectors(n)
	for v := range masks {
		VMOVUPS(Mem{Base: at, Disp: 32 * v}, masks[v])
	}
	Label("loop_" + name)
	PREFETCHT0(Mem{Base: src, Index: lds, Scale: 8})
	for v := range masks {
		x := YMM()
		VMASKMOVPS(Mem{Base: src, Disp: 32 * v}, masks[v], x)
		VMULPS(x, alpha, x)
		VMOVUPS(x, Mem{Base: dst, Disp: 32 * v})
	}
	ADDQ(lds, src)
	ADDQ(ldd, dst)
	DECQ(k)
	JNZ(LabelRef("loop_" + name))
	VZEROUPPER()
	RET()
}

// packTiles cuts rows to tiles of at most 8 or 16 columns.
func packTiles(n int) {
	name := fmt.Sprintf("packTiles%dAVX2", 8*n)
	TEXT(name, NOSPLIT, "func(dst, src *float32, k, tiles, ldd, lds, width int, mask *int32)")
	Doc(fmt.Sprintf("packTiles%dAVX2 writes k rows of src to tiles of dst, ldd apart, each [k, width], of which each row is written as %d values from", 8*n, 8*n),
		"the first to the last; the mask has the width. All in bytes.")
	Pragma("noescape")
	dst, src, k, tiles := Load(Param("dst"), GP64()), Load(Param("src"), GP64()), Load(Param("k"), GP64()), Load(Param("tiles"), GP64())
	ldd, lds, width, at := Load(Param("ldd"), GP64()), Load(Param("lds"), GP64()), Load(Param("width"), GP64()), Load(Param("mask"), GP64())
	masks := vectors(n)
	for v := range masks {
		VMOVUPS(Mem{Base: at, Disp: 32 * v}, masks[v])
	}
	from, to, left := GP64(), GP64(), GP64()
	Label("row_" + name)
	MOVQ(src, from)
	MOVQ(dst, to)
	MOVQ(tiles, left)
	Label("tile_" + name)
	PREFETCHT0(Mem{Base: from, Index: lds, Scale: 8})
	for v := range masks {
		x := YMM()
		VMASKMOVPS(Mem{Base: from, Disp: 32 * v}, masks[v], x)
		VMOVUPS(x, Mem{Base: to, Disp: 32 * v})
	}
	ADDQ(width, from)
	ADDQ(ldd, to)
	DECQ(left)
	JNZ(LabelRef("tile_" + name))
	ADDQ(lds, src)
	ADDQ(width, dst)
	DECQ(k)
	JNZ(LabelRef("row_" + name))
	VZEROUPPER()
	RET()
}

// packColumns transposes 8 rows to 8 columns of a panel.
func packColumns() {
	TEXT("packColumnsAVX2", NOSPLIT, "func(dst *float32, src *[8]*float32, k, ldd int, mask *int32, alpha float32)")
	Doc("packColumnsAVX2 writes k values of each of 8 rows, scaled by alpha, to 8 columns of dst, k rounded up to a multiple of 8:",
		"the mask has those of the last eight that there are. The stride is in bytes.")
	Pragma("noescape")
	dst, src, k, ldd := Load(Param("dst"), GP64()), Load(Param("src"), GP64()), Load(Param("k"), GP64()), Load(Param("ldd"), GP64())
	at := Load(Param("mask"), GP64())
	alpha := scalar("alpha")
	var rows [8]reg.GPVirtual
	for i := range rows {
		rows[i] = GP64()
		MOVQ(Mem{Base: src, Disp: 8 * i}, rows[i])
	}
	n := GP64()
	XORQ(n, n)
	SUBQ(Imm(8), k)
	JLT(LabelRef("rest_packColumns"))
	block := func(load func(m Mem, v reg.VecVirtual)) {
		var r [8]reg.VecVirtual
		for i := range r {
			r[i] = YMM()
			load(Mem{Base: rows[i], Index: n, Scale: 4}, r[i])
			VMULPS(r[i], alpha, r[i])
		}
		to := GP64()
		MOVQ(dst, to)
		for _, v := range transposed(r) {
			VMOVUPS(v, Mem{Base: to})
			ADDQ(ldd, to)
		}
	}
	Label("loop_packColumns")
	block(func(m Mem, v reg.VecVirtual) { VMOVUPS(m, v) })
	LEAQ(Mem{Base: dst, Index: ldd, Scale: 8}, dst)
	ADDQ(Imm(8), n)
	SUBQ(Imm(8), k)
	JGE(LabelRef("loop_packColumns"))
	Label("rest_packColumns")
	ADDQ(Imm(8), k)
	JZ(LabelRef("done_packColumns"))
	mask := YMM()
	VMOVUPS(Mem{Base: at}, mask)
	block(func(m Mem, v reg.VecVirtual) { VMASKMOVPS(m, mask, v) })
	Label("done_packColumns")
	VZEROUPPER()
	RET()
}

// transposed is the transpose of 8 rows of 8.
func transposed(r [8]reg.VecVirtual) (u [8]reg.VecVirtual) {
	for i := range u {
		u[i] = YMM()
	}
	for i := 0; i < 8; i += 2 {
		VUNPCKLPS(r[i+1], r[i], u[i])
		VUNPCKHPS(r[i+1], r[i], u[i+1])
	}
	for i := 0; i < 8; i += 4 {
		VSHUFPS(Imm(0x44), u[i+2], u[i], r[i])
		VSHUFPS(Imm(0xEE), u[i+2], u[i], r[i+1])
		VSHUFPS(Imm(0x44), u[i+3], u[i+1], r[i+2])
		VSHUFPS(Imm(0xEE), u[i+3], u[i+1], r[i+3])
	}
	for i := range 4 {
		VPERM2F128(Imm(0x20), r[i+4], r[i], u[i])
		VPERM2F128(Imm(0x31), r[i+4], r[i], u[i+4])
	}
	return u
}
