package kernel

import "unsafe"

// inputsSIMD computes the inputs of the gates as tiles of products, in the gates' place, which holds the bias at first.
func (g LSTM) inputsSIMD(p, x []float32, before, now LSTMRows, rows int) bool {
	if !simd() || rows == 0 {
		return false
	}
	wide := g.Wide()
	_, _, _ = p[:g.Packed()], x[:(rows-1)*g.X+g.F], now.Gates[:(rows-1)*g.G+4*wide]
	w := borrow()
	defer w.giveBack()
	t := &w.tile
	t.ks, t.bs, t.ldc = 4, 4*lstmColumns, 4*g.G
	t.columns(lstmGroup)
	// multiply adds the rows of a, ld apart, times the weights b to the gate.
	multiply := func(gate, a []float32, ld, k int, b []float32) {
		t.rs, t.k, t.b = 4*ld, k, unsafe.Pointer(&b[0])
		for r := 0; r < rows; r += active.rows {
			t.a, t.c = unsafe.Pointer(&a[r*ld]), unsafe.Pointer(&gate[r*g.G])
			active.tile[min(active.rows, rows-r)-1]((*byte)(unsafe.Pointer(t)))
		}
	}
	for u := 0; u < wide; u += lstmGroup {
		panel := p[u/lstmGroup*g.panel():][:g.panel()]
		for k := range 4 {
			gate, weights := now.Gates[k*wide+u:], panel[k*lstmGroup:]
			for r := range rows {
				copy(gate[r*g.G:][:lstmGroup], weights)
			}
			multiply(gate, x, g.X, g.F, weights[lstmColumns:])
			if before.H != nil {
				multiply(gate, before.H, g.H, g.U, weights[(1+g.F)*lstmColumns:])
			}
		}
	}
	return true
}
