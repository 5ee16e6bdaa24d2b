package kernel

import "unsafe"

// Winograd is the geometry of a convolution with 3x3 filters at stride 1, cut into tiles of 4x4 outputs. Each tile is
// computed by Winograd's minimal filtering F(4x4, 3x3) (Lavin and Gray, "Fast Algorithms for Convolutional Neural
// Networks", 2015): 36 products a tile, channel and filter in place of 144. Tiles at the edge reach beyond the image,
// where it counts as 0.
//
// The values of a tile in Winograd's domain, one for each of 36 points, lie ld apart; the products of one point are an
// ordinary product of matrices over the channels.
type Winograd struct {
	H, W, C   int // image
	OH, OW, F int // output
	Top, Left int // padding before
}

// WinogradPoints is the number of values of a tile in Winograd's domain, for each channel.
const WinogradPoints = 36

// WinogradStride is the distance at which to keep the points' matrices of n values: not a multiple of a page, whose
// lines would all fall to the same few places of the first cache.
func WinogradStride(n int) int { return (n+15)&^15 + 16 }

// Transposed is the geometry of the input gradient: the same convolution of the output's gradient with the filters
// turned by half a turn, their channels and maps exchanged.
func (g *Winograd) Transposed() Winograd {
	return Winograd{H: g.OH, W: g.OW, C: g.F, OH: g.H, OW: g.W, F: g.C, Top: 2 - g.Top, Left: 2 - g.Left}
}

// Tiles is the number of tiles of an image; they are counted row by row.
func (g *Winograd) Tiles() int { return (g.OH + 3) / 4 * g.across() }

func (g *Winograd) across() int { return (g.OW + 3) / 4 }

// At is the first output row and column of a tile.
func (g *Winograd) At(tile int) (row, col int) { return tile / g.across() * 4, tile % g.across() * 4 }

// Input transforms the cells of the image x [H, W, C] under a tile to v [36, C] (points ld apart). outside [C] is what
// cells beyond the image hold: zeros.
func (g *Winograd) Input(v []float32, ld int, x []float32, tile int, outside []float32) {
	var cells [36]*float32
	row, col := g.At(tile)
	locate(cells[:], 6, x, row-g.Top, col-g.Left, g.H, g.W, g.C, outside)
	_ = v[:35*ld+g.C]
	if from := winogradInputSIMD(&cells, v, ld, g.C); from < g.C {
		winogradInput(&cells, v, ld, from, g.C)
	}
}

// Gradient transforms a tile's cells of the output's gradient dy [OH, OW, F] to d [36, F]. outside [F] holds zeros.
func (g *Winograd) Gradient(d []float32, ld int, dy []float32, tile int, outside []float32) {
	var cells [36]*float32
	row, col := g.At(tile)
	locate(cells[:], 4, dy, row, col, g.OH, g.OW, g.F, outside)
	_ = d[:35*ld+g.F]
	if from := winogradGradientSIMD(&cells, d, ld, g.F); from < g.F {
		winogradGradient(&cells, d, ld, from, g.F)
	}
}

// Output transforms a tile's products m [36, F] back and writes them to the output y [OH, OW, F], bias [F] added; with
// relu, what is not above 0 becomes 0. waste [F] takes what is beyond the output.
func (g *Winograd) Output(y, m []float32, ld int, bias []float32, relu bool, tile int, waste []float32) {
	var cells [36]*float32
	row, col := g.At(tile)
	locate(cells[:], 4, y, row, col, g.OH, g.OW, g.F, waste)
	_, _ = m[:35*ld+g.F], bias[:g.F]
	if from := winogradOutputSIMD(&cells, m, ld, bias, relu, g.F); from < g.F {
		winogradOutput(&cells, m, ld, bias, relu, from, g.F)
	}
}

// The slicings that nothing uses check lengths before the vector kernels, which do not; unlike a read of the last element
// they touch no memory, which another worker may just write.

// locate finds the n x n cells from (row, col) on of an image [h, w, c]; those beyond it are outside's.
func locate(cells []*float32, n int, x []float32, row, col, h, w, c int, outside []float32) {
	x, outside = x[:h*w*c], outside[:c] // as checks: a tile beside this one may be written meanwhile
	nothing := &outside[0]
	lo, hi := min(max(-col, 0), n), max(min(w-col, n), 0)
	for r := row; r < row+n; r++ {
		line := cells[:n]
		cells = cells[n:]
		if r < 0 || r >= h || lo >= hi {
			for j := range line {
				line[j] = nothing
			}
			continue
		}
		for j := range lo {
			line[j] = nothing
		}
		first := unsafe.Pointer(&x[(r*w+col+lo)*c])
		for j := lo; j < hi; j++ {
			line[j] = (*float32)(unsafe.Add(first, 4*c*(j-lo)))
		}
		for j := hi; j < n; j++ {
			line[j] = nothing
		}
	}
}

// WinogradKernel transforms n filter values of each of the nine taps of w (ld apart) to u, points lu apart. With turned,
// the taps are taken from the last to the first.
func WinogradKernel(u []float32, lu int, w []float32, ld, n int, turned bool) {
	_, _ = u[:35*lu+n], w[:8*ld+n]
	first, step := 0, ld
	if turned {
		first, step = 8*ld, -ld
	}
	from := winogradKernelSIMD(u, lu, w, first, step, n)
	winogradKernel(u, lu, w, first, step, from, n)
}

// WinogradKernelGradient transforms n values of the gradient du, points lu apart, to the nine taps of dw, ld apart.
func WinogradKernelGradient(dw []float32, ld int, du []float32, lu, n int) {
	_, _ = du[:35*lu+n], dw[:8*ld+n]
	from := winogradKernelGradientSIMD(dw, ld, du, lu, n)
	winogradKernelGradient(dw, ld, du, lu, from, n)
}

// WinogradMultiply computes M = V U for each of the 36 points: v holds [rows, c] of each, ldv apart, u [c, f], ldu
// apart, and m [rows, f], ldm apart.
func WinogradMultiply(m []float32, ldm int, v []float32, ldv int, u []float32, ldu, rows, c, f int) {
	winogradProducts(NoTrans, rows, f, c, v, ldv, c, u, ldu, m, ldm, true)
}

// WinogradAccumulate adds V^T D to dU for each of the 36 points, or writes it there if dU counts as 0: v holds [rows, c]
// of each, ldv apart, d [rows, f], ldd apart, and du [c, f], ldu apart.
func WinogradAccumulate(du []float32, ldu int, v []float32, ldv int, d []float32, ldd, rows, c, f int, zero bool) {
	winogradProducts(T, c, f, rows, v, ldv, c, d, ldd, du, ldu, zero)
}

// winogradProducts computes C = op(A) B, or adds it to C, for each point: op(A) is m x k, B is k x n.
func winogradProducts(ta Trans, m, n, k int, a []float32, pa, lda int, b []float32, pb int, c []float32, pc int, zero bool) {
	if active == &plain {
		beta := float32(1)
		if zero {
			beta = 0
		}
		for p := range WinogradPoints {
			Gemm(ta, NoTrans, m, n, k, a[p*pa:], lda, b[p*pb:], n, beta, c[p*pc:], n)
		}
		return
	}
	x := product{ta: bool(ta), m: m, n: n, k: k, alpha: 1, lda: lda, ldb: n, ldc: n, zero: zero}
	bl := blocking{k: blockK, rows: m, cols: blockCols}
	w := borrow()
	defer w.giveBack()
	for p := range WinogradPoints {
		x.a, x.b, x.c = a[p*pa:], b[p*pb:], c[p*pc:]
		w.multiply(active, &x, bl)
	}
}
