package main

// lanes8 writes the chains of sums of convolutions with images in the lanes, eight at a time.
func lanes8(n *family) {
	begin := func(name, doc, params string, pointers ...string) {
		n.function(name, doc, params, 0)
		for i, p := range append([]string{"sum"}, pointers...) {
			n.arg(p, []string{"R0", "R1", "R2"}[i])
		}
		n.arg("n", "R3")
		n.op("FLDPQ (R0), (F0, F1)")
	}
	end := func() {
		n.op("SUBS $1, R3, R3")
		n.op("BNE loop")
		n.op("FSTPQ (F0, F1), (R0)")
		n.op("RET")
	}
	begin("lanesChainNEON", "lanesChainNEON adds n values of w, step bytes apart, times groups of eight of x to sum.", "sum, w, x *float32, n, step int", "w", "x")
	n.arg("step", "R4")
	n.label("loop")
	n.op("FMOVS (R1), F2")
	n.op("ADD R4, R1, R1")
	n.op("FLDPQ.P 32(R2), (F3, F4)")
	n.fmlaLane(0, 3, 2)
	n.fmlaLane(1, 4, 2)
	end()
	begin("lanesProductsNEON", "lanesProductsNEON adds n groups of eight of x times those of y, lane by lane, to sum; steps in bytes.",
		"sum, x, y *float32, n, stepX, stepY int", "x", "y")
	n.arg("stepX", "R4")
	n.arg("stepY", "R5")
	n.label("loop")
	n.op("FLDPQ (R1), (F2, F3)")
	n.op("FLDPQ (R2), (F4, F5)")
	n.op("ADD R4, R1, R1")
	n.op("ADD R5, R2, R2")
	n.fmla(0, 2, 4)
	n.fmla(1, 3, 5)
	end()
}
