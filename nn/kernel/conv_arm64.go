package kernel

import "unsafe"

// implicitSIMD computes panels of m rows, and of one row less.
func implicitSIMD(p *implicitProduct, m int) { p.panels(m, false) }

// implicitAddSIMD is the same for sums.
func implicitAddSIMD(p *implicitProduct, m int) { p.panels(m, true) }

func (p *implicitProduct) panels(m int, add bool) {
	row := 0
	for i := range p.full + p.less {
		if i == p.full {
			m--
		}
		implicitPanel((*byte)(unsafe.Pointer(p)), (*byte)(unsafe.Add(p.rows, 4*row)), (*byte)(unsafe.Add(p.c, row*p.ldc)), m, add)
		row += m
	}
}

// implicitPanel computes one panel. It is no table of functions: with those, the product would have to be allocated.
func implicitPanel(t, rows, c *byte, m int, add bool) {
	switch {
	case m == 1 && add:
		implicitAddNEON_1(t, rows, c)
	case m == 2 && add:
		implicitAddNEON_2(t, rows, c)
	case m == 3 && add:
		implicitAddNEON_3(t, rows, c)
	case m == 4 && add:
		implicitAddNEON_4(t, rows, c)
	case m == 5 && add:
		implicitAddNEON_5(t, rows, c)
	case m == 6 && add:
		implicitAddNEON_6(t, rows, c)
	case m == 1:
		implicitNEON_1(t, rows, c)
	case m == 2:
		implicitNEON_2(t, rows, c)
	case m == 3:
		implicitNEON_3(t, rows, c)
	case m == 4:
		implicitNEON_4(t, rows, c)
	case m == 5:
		implicitNEON_5(t, rows, c)
	case m == 6:
		implicitNEON_6(t, rows, c)
	}
}

// gradientPanelSIMD has no vector kernel here: the Go twin does the work.
func gradientPanelSIMD(_, _, _ []float32, _, _, _ int, _ []float32, _ bool) bool { return false }
