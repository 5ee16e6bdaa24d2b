package kernel

import "unsafe"

// implicitColumns is the number of columns that an implicit product computes at a time, and implicitMost of rows.
func implicitColumns() int {
	if active == &avx512 {
		return 2 * panelCols
	}
	return panelCols
}

func implicitMost() int {
	if active == &avx512 {
		return implicitWideRows
	}
	return implicitRows
}

// implicitSIMD computes panels of m rows, and of one row less.
func implicitSIMD(p *implicitProduct, m int) {
	t := (*byte)(unsafe.Pointer(p))
	if active == &avx512 {
		if p.width > panelCols {
			implicitWideAVX512(t)
		} else {
			implicitAVX512(t)
		}
		return
	}
	switch m {
	case 1:
		implicitAVX2_1(t)
	case 2:
		implicitAVX2_2(t)
	case 3:
		implicitAVX2_3(t)
	case 4:
		implicitAVX2_4(t)
	case 5:
		implicitAVX2_5(t)
	case 6:
		implicitAVX2_6(t)
	}
}

// implicitAddSIMD is the same for sums.
func implicitAddSIMD(p *implicitProduct, m int) {
	t := (*byte)(unsafe.Pointer(p))
	if active == &avx512 {
		if p.width > panelCols {
			implicitAddWideAVX512(t)
		} else {
			implicitAddAVX512(t)
		}
		return
	}
	switch m {
	case 1:
		implicitAddAVX2_1(t)
	case 2:
		implicitAddAVX2_2(t)
	case 3:
		implicitAddAVX2_3(t)
	case 4:
		implicitAddAVX2_4(t)
	case 5:
		implicitAddAVX2_5(t)
	case 6:
		implicitAddAVX2_6(t)
	}
}

// gradientPanelSIMD reports whether it did the work.
func gradientPanelSIMD(panel, dy, y []float32, ld, n, width int, sum []float32, back bool) bool {
	switch {
	case !simd():
		return false
	case active == &avx512:
		gradientPanelWide(panel, dy, y, ld, n, width, sum, back)
	case width < panelCols:
		gradientPanelPartAVX2(&panel[0], &dy[0], &sum[0], n, 4*ld, firstLanes(width))
	case y == nil:
		gradientPanelAVX2(&panel[0], &dy[0], &sum[0], n, 4*ld)
	case back:
		gradientPanelReluBackAVX2(&panel[0], &dy[0], &y[0], &sum[0], n, 4*ld)
	default:
		gradientPanelReluAVX2(&panel[0], &dy[0], &y[0], &sum[0], n, 4*ld)
	}
	return true
}

func gradientPanelWide(panel, dy, y []float32, ld, n, width int, sum []float32, back bool) {
	switch {
	case width < panelCols:
		gradientPanelPartAVX512(&panel[0], &dy[0], &sum[0], n, 4*ld, 1<<width-1)
	case y == nil:
		gradientPanelAVX512(&panel[0], &dy[0], &sum[0], n, 4*ld)
	case back:
		gradientPanelReluBackAVX512(&panel[0], &dy[0], &y[0], &sum[0], n, 4*ld)
	default:
		gradientPanelReluAVX512(&panel[0], &dy[0], &y[0], &sum[0], n, 4*ld)
	}
}
