package kernel

import "unsafe"

// The twins in Go of the kernels on lanes: the same operations in the same order.

// lanesOf are the eight values at an address.
func lanesOf(p unsafe.Pointer, off int) *[8]float32 { return (*[8]float32)(unsafe.Add(p, off)) }

func valueAt(p unsafe.Pointer, off int) float32 { return *(*float32)(unsafe.Add(p, off)) }

// lanesChain adds the products of n values of w, step bytes apart, with as many groups of x, one after another.
func lanesChain(sum *[8]float32, w unsafe.Pointer, step int, x unsafe.Pointer, n int) {
	if lanesChainSIMD(sum, w, step, x, n) {
		return
	}
	for i := range n {
		lanesFma(sum, valueAt(w, i*step), lanesOf(x, 32*i))
	}
}

// lanesProducts adds the products of n groups of x with as many of y, lane by lane, one after another.
func lanesProducts(sum *[8]float32, x unsafe.Pointer, stepX int, y unsafe.Pointer, stepY, n int) {
	if lanesProductsSIMD(sum, x, stepX, y, stepY, n) {
		return
	}
	for i := range n {
		v, w := lanesOf(x, i*stepX), lanesOf(y, i*stepY)
		for k := range sum {
			sum[k] = fma(w[k], v[k], sum[k])
		}
	}
}

// lanesFma adds a times the values of x.
func lanesFma(sum *[8]float32, a float32, x *[8]float32) {
	for i := range sum {
		sum[i] = fma(x[i], a, sum[i])
	}
}

func (a *lanesForward) twin(filters int, pool, relu bool) {
	cells := [4]int{0, a.right, a.down, a.right + a.down}
	for i := range a.lines * a.tiles {
		line, tile := i/a.tiles, i%a.tiles
		for f := range filters {
			var z [4][8]float32
			for cell := range z {
				x, w := 2*line*a.down+2*tile*a.right+cells[cell], 4*f
				for range a.rows {
					lanesChain(&z[cell], unsafe.Add(a.w, w), 4*filters, unsafe.Add(a.x, x), a.run)
					x, w = x+32*a.run+a.jump, w+4*filters*a.run
				}
				for i := range z[cell] {
					z[cell][i] += valueAt(a.bias, 4*f)
				}
			}
			if !pool {
				if relu {
					for cell := range z {
						reluInPlace(&z[cell])
					}
				}
				y := 2*(line*a.below+tile*a.step) + 32*f
				*lanesOf(a.y, y), *lanesOf(a.y, y+a.step) = z[0], z[1]
				*lanesOf(a.y, y+a.below), *lanesOf(a.y, y+a.below+a.step) = z[2], z[3]
				continue
			}
			best, from := lanesOf(a.y, i*a.step+32*f), (*uint32)(unsafe.Add(a.from, i*a.fromStep+4*f))
			*from = 0
			for i := range best {
				value, cell, live := lanesLargest(z[0][i], z[1][i], z[2][i], z[3][i], relu)
				best[i] = value
				*from |= (cell&1 | cell>>1<<8 | live<<16) << i
			}
		}
	}
}

func reluInPlace(z *[8]float32) {
	for i, v := range z {
		if v <= 0 {
			z[i] = 0
		}
	}
}

// lanesLargest is the largest of a window's four values, which it is, and whether it lets a gradient through, 0 or 1.
// With relu it is 0 where it does not.
func lanesLargest(z0, z1, z2, z3 float32, relu bool) (best float32, cell, live uint32) {
	best, live = z0, 1
	for i, v := range [3]float32{z1, z2, z3} {
		if v > best || v != v {
			best, cell = v, uint32(i+1)
		}
	}
	if relu && best <= 0 {
		return 0, cell, 0
	}
	return best, cell, live
}

func (a *lanesInputGradient) twin(channels int) {
	for c := range channels {
		for pixel := range 2 * a.pairs {
			var sum [8]float32
			dy, w := pixel*a.right, 4*c
			for range a.groups {
				for range a.rows {
					lanesChain(&sum, unsafe.Add(a.w, w), 4*channels, unsafe.Add(a.dy, dy), a.run)
					dy, w = dy+32*a.run+a.dyRow, w+4*channels*a.run+a.wRow
				}
				dy, w = dy+a.dyGroup, w+a.wGroup
			}
			*lanesOf(a.dx, pixel*a.step+32*c) = sum
		}
	}
}

func (a *lanesWeightGradient) twin(filters, taps int, wide bool) {
	for f := range filters {
		for t := range taps {
			sum := lanesOf(a.sums, 32*(f*taps+t))
			if a.zero == 1 {
				*sum = [8]float32{}
			}
			x, dy := 0, 32*f
			if wide {
				x = a.offsets[t/2] + 32*(t%2)
			} else {
				x = a.offsets[t]
			}
			for range a.rows {
				lanesProducts(sum, unsafe.Add(a.x, x), a.step, unsafe.Add(a.dy, dy), a.dyStep, a.cols)
				x, dy = x+a.cols*a.step+a.xRow, dy+a.cols*a.dyStep+a.dyRow
			}
		}
	}
}

func (a *lanesExpand) twin() {
	for f := range a.filters {
		out, sum := 32*f, lanesOf(a.sums, 32*f)
		*lanesOf(a.out, out), *lanesOf(a.out, out+a.down) = [8]float32{}, [8]float32{}
		for w := range a.windows {
			d, from := lanesOf(a.dy, w*a.step+32*f), *(*uint32)(unsafe.Add(a.from, w*a.fromStep+4*f))
			for cell, at := range [4]int{a.right, 2 * a.right, a.right + a.down, 2*a.right + a.down} {
				z := lanesOf(a.out, out+at)
				for i := range z {
					z[i] = 0
					if from>>(16+i)&1 != 0 && from>>i&1 == uint32(cell&1) && from>>(8+i)&1 == uint32(cell>>1) {
						z[i] = d[i]
					}
				}
			}
			for i := range sum {
				if from>>(16+i)&1 != 0 {
					sum[i] += d[i]
				} else {
					sum[i] += 0
				}
			}
			out += 2 * a.right
		}
		*lanesOf(a.out, out+a.right), *lanesOf(a.out, out+a.right+a.down) = [8]float32{}, [8]float32{}
	}
}

func (a *lanesRegroup) twin() {
	for f := range a.filters {
		sum := lanesOf(a.sums, 32*f)
		*lanesOf(a.out, 32*f), *lanesOf(a.out, 32*f+(a.pixels+1)*a.right) = [8]float32{}, [8]float32{}
		for p := range a.pixels {
			d := lanesOf(a.dy, p*a.step+32*f)
			*lanesOf(a.out, 32*f+(p+1)*a.right) = *d
			for i := range sum {
				sum[i] += d[i]
			}
		}
	}
}
