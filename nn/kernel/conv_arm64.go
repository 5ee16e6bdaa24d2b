package kernel

import "unsafe"

// implicitSIMD computes panels of m rows, and of one row less.
func implicitSIMD(p *implicitProduct, m int) { p.panels(m, false) }

// implicitAddSIMD is the same for sums.
func implicitAddSIMD(p *implicitProduct, m int) { p.panels(m, true) }

func (p *implicitProduct) panels(m int, add bool) {
	for i := range p.full + p.less {
		if i > 0 { // no pointer goes beyond the last panel
			p.rows, p.c = unsafe.Add(p.rows, 4*m), unsafe.Add(p.c, m*p.ldc)
		}
		if i == p.full {
			m--
		}
		implicitPanel((*byte)(unsafe.Pointer(p)), m, add)
	}
}

// implicitPanel computes one panel. It is no table of functions: with those, the product would have to be allocated.
func implicitPanel(t *byte, m int, add bool) {
	switch {
	case m == 1 && add:
		implicitAddNEON_1(t)
	case m == 2 && add:
		implicitAddNEON_2(t)
	case m == 3 && add:
		implicitAddNEON_3(t)
	case m == 4 && add:
		implicitAddNEON_4(t)
	case m == 5 && add:
		implicitAddNEON_5(t)
	case m == 6 && add:
		implicitAddNEON_6(t)
	case m == 1:
		implicitNEON_1(t)
	case m == 2:
		implicitNEON_2(t)
	case m == 3:
		implicitNEON_3(t)
	case m == 4:
		implicitNEON_4(t)
	case m == 5:
		implicitNEON_5(t)
	case m == 6:
		implicitNEON_6(t)
	}
}

// gradientPanelSIMD has no vector kernel here: the Go twin does the work.
func gradientPanelSIMD(_, _, _ []float32, _, _, _ int, _ []float32, _ bool) bool { return false }
