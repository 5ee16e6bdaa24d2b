package kernel

import "unsafe"

// Winograd is the geometry of a convolution with 3x3 filters at stride 1, cut into tiles of 4x4 outputs. Each tile is
// computed by Winograd's minimal filtering F(4x4, 3x3) (Lavin and Gray, "Fast Algorithms for Convolutional Neural
// Networks", 2015): 36 products a tile, channel and filter in place of 144. Tiles at the edge reach beyond the image,
// where it counts as 0.
//
// The values of a tile in Winograd's domain, one for each of 36 points, are rows of as many matrices (WinogradPanels);
// the products of one point are an ordinary product of matrices over the channels.
type Winograd struct {
	H, W, C   int // image
	OH, OW, F int // output
	Top, Left int // padding before
}

// WinogradPoints is the number of values of a tile in Winograd's domain, for each channel.
const WinogradPoints = 36

// Tiles is the number of tiles of an image; they are counted row by row.
func (g *Winograd) Tiles() int { return (g.OH + 3) / 4 * g.across() }

func (g *Winograd) across() int { return (g.OW + 3) / 4 }

// At is the first output row and column of a tile.
func (g *Winograd) At(tile int) (row, col int) { return tile / g.across() * 4, tile % g.across() * 4 }

// Input transforms the cells of the image x [H, W, C] under a tile to a row of v [tiles, C]. outside [C] is what cells
// beyond the image hold: zeros.
func (g *Winograd) Input(v []float32, p WinogradPanels, row int, x []float32, tile int, outside []float32) {
	cells := g.under(x, tile, outside, 0)
	v = v[p.row(row) : 35*p.stride+p.size()]
	if from := winogradInputSIMD(&cells, v, p, g.C); from < g.C {
		winogradInput(&cells, v, p, from, g.C)
	}
}

// Gradient transforms the cells of the output's gradient dy [OH, OW, F] in a tile to a row of d [tiles, F], and adds
// them to sums [F]. With the output y [OH, OW, F], those count as 0 whose output is not above 0: relu's gradient. outside
// [F] holds zeros.
func (g *Winograd) Gradient(d []float32, p WinogradPanels, row int, dy, y, sums []float32, tile int, outside []float32) {
	cells := g.in(dy, tile, outside)
	if y != nil {
		y = y[:g.OH*g.OW*g.F]
		cells.y = unsafe.Pointer(&y[0])
	}
	g.gradient(d, p, row, &cells, sums)
}

// GradientTile is Gradient of a tile dy [4, 4, F] on its own, in which what is beyond the output is 0.
func (g *Winograd) GradientTile(d []float32, p WinogradPanels, row int, dy, sums []float32) {
	cells := alone(dy, g.F)
	g.gradient(d, p, row, &cells, sums)
}

func (g *Winograd) gradient(d []float32, p WinogradPanels, row int, cells *winogradCells, sums []float32) {
	d, sums = d[p.row(row):35*p.stride+p.size()], sums[:g.F]
	if from := winogradGradientSIMD(cells, d, p, sums, g.F); from < g.F {
		winogradGradient(cells, d, p, sums, from, g.F)
	}
}

// Output transforms a row of products m [tiles, F] back and writes the tile to the output y [OH, OW, F], bias [F] added;
// with relu, what is not above 0 becomes 0. waste [F] takes what is beyond the output.
func (g *Winograd) Output(y []float32, tile int, m []float32, p WinogradPanels, row int, bias []float32, relu bool, waste []float32) {
	cells := g.in(y, tile, waste)
	g.output(&cells, m, p, row, bias, relu)
}

// OutputTile is Output to a tile y [4, 4, F] on its own, what is beyond the output included.
func (g *Winograd) OutputTile(y, m []float32, p WinogradPanels, row int, bias []float32, relu bool) {
	cells := alone(y, g.F)
	g.output(&cells, m, p, row, bias, relu)
}

func (g *Winograd) output(cells *winogradCells, m []float32, p WinogradPanels, row int, bias []float32, relu bool) {
	m, bias = m[p.row(row):35*p.stride+p.size()], bias[:g.F]
	if from := winogradOutputSIMD(cells, m, p, bias, relu, g.F); from < g.F {
		winogradOutput(cells, m, p, bias, relu, from, g.F)
	}
}

// ClearEdge makes the cells of dx [H, W, C] 0 that Spread only ever adds to: the first two rows and columns.
func (g *Winograd) ClearEdge(dx []float32) {
	line := g.W * g.C
	clear(dx[:min(2, g.H)*line])
	for row := 2; row < g.H; row++ {
		clear(dx[row*line:][:min(2, g.W)*g.C])
	}
}

// Spread transforms a row of m [tiles, C], the products of a tile's gradient with the filters, to the gradient of the
// cells under the tile, and adds them to dx [H, W, C]: the transpose of Input, as Gradient is of Output. Tiles come in
// their order; cells beyond the first two rows and columns under a tile are the first's of all tiles, which writes them.
// waste [6 C] takes what is beyond the image.
func (g *Winograd) Spread(dx []float32, tile int, m []float32, p WinogradPanels, row int, waste []float32) {
	cells := g.under(dx, tile, waste[:6*g.C], g.C)
	m = m[p.row(row) : 35*p.stride+p.size()]
	if from := winogradSpreadSIMD(&cells, m, p, g.C); from < g.C {
		winogradSpread(&cells, m, p, from, g.C)
	}
}

// winogradCells is a square of an image's cells, for the vector kernels too: cell (i, j) lies first + i*row + j*column
// bytes after x where i is in top..bottom and j in left..right, elsewhere j*step bytes after outside.
type winogradCells struct {
	x                        unsafe.Pointer
	first, row, column       int
	top, bottom, left, right int
	outside                  unsafe.Pointer
	step                     int
	ahead                    int            // bytes to the next tile's cells
	y                        unsafe.Pointer // an output of the same shape, or nil
}

// under are the cells of an image [H, W, C] under a tile; those beyond it are outside's, step values from column to
// column.
func (g *Winograd) under(x []float32, tile int, outside []float32, step int) winogradCells {
	row, col := g.At(tile)
	cells := cellsOf(6, x, row-g.Top, col-g.Left, g.H, g.W, g.C, outside, step)
	cells.ahead = g.next(&cells, row, col, g.H)
	return cells
}

// in are the cells of an output [OH, OW, F] in a tile; those beyond it are outside's.
func (g *Winograd) in(y []float32, tile int, outside []float32) winogradCells {
	row, col := g.At(tile)
	cells := cellsOf(4, y, row, col, g.OH, g.OW, g.F, outside, 0)
	cells.ahead = g.next(&cells, row, col, g.OH)
	return cells
}

// alone are the cells of a tile [4, 4, F] that is no part of an output.
func alone(y []float32, f int) winogradCells { return cellsOf(4, y, 0, 0, 4, 4, f, y, 0) }

// next is how far the cells of the tile after that at (row, col) lie from its; images of h rows follow one another.
func (g *Winograd) next(cells *winogradCells, row, col, h int) int {
	switch {
	case col+4 < g.OW:
		return 4 * cells.column
	case row+4 < g.OH:
		return 4*cells.row - col*cells.column
	}
	return (h-row)*cells.row - col*cells.column
}

func cellsOf(n int, x []float32, row, col, h, w, c int, outside []float32, step int) winogradCells {
	x, outside = x[:h*w*c], outside[:c] // as checks: a tile beside this one may be written meanwhile
	return winogradCells{x: unsafe.Pointer(&x[0]), first: 4 * c * (row*w + col), row: 4 * c * w, column: 4 * c,
		top: max(-row, 0), bottom: min(h-row, n), left: max(-col, 0), right: min(w-col, n), outside: unsafe.Pointer(&outside[0]), step: 4 * step}
}

// at is value c of cell (i, j).
func (s *winogradCells) at(i, j, c int) *float32 { return s.of(s.x, i, j, c) }

// positive reports whether the output there is above 0, or not a number.
func (s *winogradCells) positive(i, j, c int) bool { return !(*s.of(s.y, i, j, c) <= 0) }

func (s *winogradCells) of(x unsafe.Pointer, i, j, c int) *float32 {
	if i < s.top || i >= s.bottom || j < s.left || j >= s.right {
		return (*float32)(unsafe.Add(s.outside, j*s.step+4*c))
	}
	return (*float32)(unsafe.Add(x, s.first+i*s.row+j*s.column+4*c))
}

// WinogradKernel transforms the rows from..to of the filters w [3, 3, rows, cols] to u.
func WinogradKernel(u []float32, p WinogradPanels, w []float32, from, to int) {
	taps := p.rows * p.cols
	u, w = u[:35*p.stride+p.size()], w[:9*taps]
	for row := from; row < to; row++ {
		line, of := u[p.row(row):], w[row*p.cols:]
		if done := winogradKernelSIMD(line, p, of, taps); done < p.cols {
			winogradKernel(line, p, of, taps, done, p.cols)
		}
	}
}

// WinogradKernelGradient adds the rows from..to of the gradients du [shards, Size], in the shards' order, and transforms
// them to the filters' gradient dw [3, 3, rows, cols].
func WinogradKernelGradient(dw []float32, du []float32, shards int, p WinogradPanels, from, to int) {
	taps := p.rows * p.cols
	du, dw = du[:shards*p.Size()], dw[:9*taps]
	for row := from; row < to; row++ {
		line, of := du[p.row(row):], dw[row*p.cols:]
		if done := winogradKernelGradientSIMD(of, taps, line, shards, p); done < p.cols {
			winogradKernelGradient(of, taps, line, shards, p, done, p.cols)
		}
	}
}
