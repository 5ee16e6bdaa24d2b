package kernel

// The transforms of F(4x4, 3x3) on the points 0, +-3/4, +-3/2 and infinity. These points halve the rounding error of the
// usual 0, +-1, +-2, and leave all constants but those of the filters exact in binary. Each transform goes along one
// axis, then along the other, and leaves its values transposed; as all do so, the points of their results agree.
const (
	wgA, wgB   = 3. / 4, 3. / 2
	wgA2, wgB2 = wgA * wgA, wgB * wgB
	wgProduct  = wgA2 * wgB2
	wgSum      = wgA2 + wgB2
	wgA3, wgB3 = wgA2 * wgA, wgB2 * wgB
	wgN0       = 1 / wgProduct // one over the product of a point's distances to the others
	wgNA       = 1 / (2 * wgA2 * (wgA2 - wgB2))
	wgNB       = 1 / (2 * wgB2 * (wgB2 - wgA2))
)

// winogradInput1 is B'x: 6 values to 6.
func winogradInput1(o, x []float32) {
	o[0] = fma(-wgSum, x[2], fma(wgProduct, x[0], x[4]))
	e, d := fma(-wgB2, x[2], x[4]), fma(-wgB2, x[1], x[3])
	o[1], o[2] = fma(wgA, d, e), fma(-wgA, d, e)
	e, d = fma(-wgA2, x[2], x[4]), fma(-wgA2, x[1], x[3])
	o[3], o[4] = fma(wgB, d, e), fma(-wgB, d, e)
	o[5] = fma(-wgSum, x[3], fma(wgProduct, x[1], x[5]))
}

// winogradGradient1 is A y: 4 values to 6.
func winogradGradient1(o, y []float32) {
	o[0] = y[0]
	e, d := fma(wgA2, y[2], y[0]), fma(wgA2, y[3], y[1])
	o[1], o[2] = fma(wgA, d, e), fma(-wgA, d, e)
	e, d = fma(wgB2, y[2], y[0]), fma(wgB2, y[3], y[1])
	o[3], o[4] = fma(wgB, d, e), fma(-wgB, d, e)
	o[5] = y[3]
}

// winogradOutput1 is A'm: 6 values to 4.
func winogradOutput1(o, m []float32) {
	s1, d1, s2, d2 := m[1]+m[2], m[1]-m[2], m[3]+m[4], m[3]-m[4]
	o[0] = (m[0] + s1) + s2
	o[1] = fma(wgB, d2, float32(wgA*d1))
	o[2] = fma(wgB2, s2, float32(wgA2*s1))
	o[3] = fma(wgB3, d2, fma(wgA3, d1, m[5]))
}

// winogradSpread1 is B m: 6 values to 6.
func winogradSpread1(o, m []float32) {
	s1, d1, s2, d2 := m[1]+m[2], m[1]-m[2], m[3]+m[4], m[3]-m[4]
	o[0] = float32(wgProduct * m[0])
	o[1] = fma(-wgB*wgA2, d2, fma(-wgA*wgB2, d1, float32(wgProduct*m[5])))
	o[2] = fma(-wgSum, m[0], -fma(wgA2, s2, float32(wgB2*s1)))
	o[3] = fma(-wgSum, m[5], fma(wgB, d2, float32(wgA*d1)))
	o[4] = (m[0] + s1) + s2
	o[5] = m[5]
}

// winogradKernel1 is G w: 3 values to 6.
func winogradKernel1(o, w []float32) {
	o[0] = float32(wgN0 * w[0])
	e := fma(wgA2, w[2], w[0])
	o[1], o[2] = float32(wgNA*fma(wgA, w[1], e)), float32(wgNA*fma(-wgA, w[1], e))
	e = fma(wgB2, w[2], w[0])
	o[3], o[4] = float32(wgNB*fma(wgB, w[1], e)), float32(wgNB*fma(-wgB, w[1], e))
	o[5] = w[2]
}

// winogradKernelGradient1 is G'u: 6 values to 3.
func winogradKernelGradient1(o, u []float32) {
	s1, d1 := float32(wgNA*(u[1]+u[2])), float32(wgNA*(u[1]-u[2]))
	s2, d2 := float32(wgNB*(u[3]+u[4])), float32(wgNB*(u[3]-u[4]))
	o[0] = fma(wgN0, u[0], s1+s2)
	o[1] = fma(wgB, d2, float32(wgA*d1))
	o[2] = fma(wgB2, s2, fma(wgA2, s1, u[5]))
}

// transform is one of the transforms along an axis. It is no function value: with those, what they work on would have to
// be allocated.
type transform int

const (
	ofInput transform = iota
	ofGradient
	ofOutput
	ofSpread
	ofKernel
	ofKernelGradient
)

func (t transform) line(o, x []float32) {
	switch t {
	case ofInput:
		winogradInput1(o, x)
	case ofGradient:
		winogradGradient1(o, x)
	case ofOutput:
		winogradOutput1(o, x)
	case ofSpread:
		winogradSpread1(o, x)
	case ofKernel:
		winogradKernel1(o, x)
	case ofKernelGradient:
		winogradKernelGradient1(o, x)
	}
}

// both transforms the p x p values of in to q x q, along one axis and then along the other.
func (t transform) both(out, in *[36]float32, p, q int) {
	var mid [36]float32
	for i := range p {
		t.line(mid[i*q:i*q+q], in[i*p:i*p+p])
	}
	var line [6]float32
	for j := range q {
		for i := range p {
			line[i] = mid[i*q+j]
		}
		t.line(out[j*q:j*q+q], line[:p])
	}
}

// The twins in Go of the vector kernels, for the channels from <= c < to. What is in panels begins with its row.

func winogradInput(cells *winogradCells, v []float32, p WinogradPanels, from, to int) {
	var in, out [36]float32
	for c := from; c < to; c++ {
		for i := range in {
			in[i] = *cells.at(i/6, i%6, c)
		}
		ofInput.both(&out, &in, 6, 6)
		for i, o := range out {
			v[i*p.stride+p.column(c)] = o
		}
	}
}

func winogradGradient(cells *winogradCells, d []float32, p WinogradPanels, sums []float32, from, to int) {
	var in, out [36]float32
	for c := from; c < to; c++ {
		for i := range in[:16] {
			in[i] = *cells.at(i/4, i%4, c)
			if cells.y != nil && !cells.positive(i/4, i%4, c) {
				in[i] = 0
			}
		}
		sum := float32(0)
		for i := 0; i < 16; i += 4 {
			line := (in[i] + in[i+1]) + (in[i+2] + in[i+3])
			if i > 0 {
				line += sum
			}
			sum = line
		}
		sums[c] += sum
		ofGradient.both(&out, &in, 4, 6)
		for i, o := range out {
			d[i*p.stride+p.column(c)] = o
		}
	}
}

func winogradOutput(cells *winogradCells, m []float32, p WinogradPanels, bias []float32, relu bool, from, to int) {
	var in, out [36]float32
	for c := from; c < to; c++ {
		for i := range in {
			in[i] = m[i*p.stride+p.column(c)]
		}
		ofOutput.both(&out, &in, 6, 4)
		for i, o := range out[:16] {
			z := o + bias[c]
			if relu && z <= 0 {
				z = 0
			}
			*cells.at(i/4, i%4, c) = z
		}
	}
}

func winogradSpread(cells *winogradCells, m []float32, p WinogradPanels, from, to int) {
	var in, out [36]float32
	for c := from; c < to; c++ {
		for i := range in {
			in[i] = m[i*p.stride+p.column(c)]
		}
		ofSpread.both(&out, &in, 6, 6)
		for i, o := range out {
			if i/6 < 2 || i%6 < 2 {
				o += *cells.at(i/6, i%6, c)
			}
			*cells.at(i/6, i%6, c) = o
		}
	}
}

// winogradKernel transforms the columns of a row of the filters, whose taps are taps apart.
func winogradKernel(u []float32, p WinogradPanels, w []float32, taps, from, to int) {
	var in, out [36]float32
	for c := from; c < to; c++ {
		for i := range 9 {
			in[i] = w[i*taps+c]
		}
		ofKernel.both(&out, &in, 3, 6)
		for i, o := range out {
			u[i*p.stride+p.column(c)] = o
		}
	}
}

func winogradKernelGradient(dw []float32, taps int, du []float32, shards int, p WinogradPanels, from, to int) {
	var in, out [36]float32
	for c := from; c < to; c++ {
		for i := range in {
			at := i*p.stride + p.column(c)
			in[i] = du[at]
			for s := 1; s < shards; s++ {
				in[i] += du[s*p.Size()+at]
			}
		}
		ofKernelGradient.both(&out, &in, 6, 3)
		for i := range 9 {
			dw[i*taps+c] = out[i]
		}
	}
}
