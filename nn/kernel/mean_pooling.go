package kernel

// AveragePool writes the mean of the image's cells under each window of x [H, W, C] to y [OH, OW, C]; cells outside the
// image do not count.
func (g *Window) AveragePool(y, x []float32) {
	for p := 0; p < g.Pixels(); {
		r := g.run(p)
		for k := g.meanSIMD(y, x, &r); k < r.n; k++ {
			w := r.one(g, k)
			sum := y[w.out : w.out+g.C]
			clear(sum)
			for i := range w.kh {
				for j := range w.kw {
					for c, v := range x[w.cell(g, i, j):][:g.C] {
						sum[c] += v
					}
				}
			}
			for c := range sum {
				sum[c] /= float32(w.kh * w.kw)
			}
		}
		p += r.n
	}
}

// AveragePoolBackward writes dx [H, W, C]: dy [OH, OW, C], shared out equally to the cells of its window.
func (g *Window) AveragePoolBackward(dx, dy []float32) {
	if g.writesQuads() {
		g.clearBeside(dx)
	} else {
		clear(dx)
	}
	for p := 0; p < g.Pixels(); {
		r := g.run(p)
		for k := g.meanBackwardSIMD(dx, dy, &r); k < r.n; k++ {
			w := r.one(g, k)
			share := 1 / float32(w.kh*w.kw)
			for i := range w.kh {
				for j := range w.kw {
					cell := dx[w.cell(g, i, j):][:g.C]
					for c, v := range dy[w.out : w.out+g.C] {
						cell[c] += float32(share * v)
					}
				}
			}
		}
		p += r.n
	}
}
