package main

import "math"

// vector is four float32s, which flush puts in a register. A fixed one keeps it until the function ends.
type vector struct {
	reg   int
	fixed bool
}

// step is an instruction on vectors.
type step struct {
	dst  *vector // nil: none
	src  []*vector
	tied bool // dst is what the first source becomes
	emit func(d int, s []int)
}

// step adds one to those that flush writes.
func (n *family) step(tied bool, emit func(d int, s []int), src ...*vector) *vector {
	v := &vector{}
	n.steps = append(n.steps, step{v, src, tied, emit})
	return v
}

// flush writes the steps, with registers for as long as their vectors are needed.
func (n *family) flush() {
	last := map[*vector]int{}
	for i, s := range n.steps {
		for _, v := range append(s.src, s.dst) {
			last[v] = i
		}
	}
	for i, s := range n.steps {
		regs := make([]int, len(s.src))
		for k, v := range s.src {
			regs[k] = v.reg
		}
		release := func(from int) {
			for _, v := range s.src[from:] {
				if !v.fixed && last[v] == i {
					n.used[v.reg] = false
				}
			}
		}
		switch first := s.src; {
		case s.dst == nil:
			release(0)
			s.emit(0, regs)
			continue
		case !s.tied:
			release(0)
			s.dst.reg = n.free()
		case !first[0].fixed && last[first[0]] == i:
			s.dst.reg = first[0].reg
			release(1)
		default:
			s.dst.reg = n.free()
			n.op("VMOV V%d.B16, V%d.B16", first[0].reg, s.dst.reg)
			release(0)
		}
		n.used[s.dst.reg] = true
		s.emit(s.dst.reg, regs)
		if !s.dst.fixed && last[s.dst] == i {
			n.used[s.dst.reg] = false
		}
	}
	n.steps = nil
}

// also adds an instruction that is not on vectors to the steps.
func (n *family) also(format string, args ...any) {
	n.steps = append(n.steps, step{emit: func(int, []int) { n.op(format, args...) }})
}

// free is a register that holds nothing.
func (n *family) free() int {
	for r, used := range n.used {
		if !used {
			return r
		}
	}
	panic("found more than 32 vectors in use; needs fewer")
}

// keep makes a vector a fixed one.
func keep(v *vector) *vector { v.fixed = true; return v }

// scalar spreads a float32 argument.
func (n *family) scalar(name string) *vector {
	at := n.args[name]
	return keep(n.step(false, func(d int, _ []int) {
		n.op("FMOVS %s, F%d", at, d)
		n.op("VDUP V%d.S[0], V%d.S4", d, d)
	}))
}

// number spreads a constant.
func (n *family) number(v float32) *vector {
	return keep(n.step(false, func(d int, _ []int) {
		n.op("MOVD $0x%08x, R26 // %v", math.Float32bits(v), v)
		n.op("VDUP R26, V%d.S4", d)
	}))
}

func (n *family) load(at string) *vector {
	return n.step(false, func(d int, _ []int) { n.op("FMOVQ %s, F%d", at, d) })
}

func (n *family) store(v *vector, at string) {
	n.steps = append(n.steps, step{src: []*vector{v}, emit: func(_ int, s []int) { n.op("FMOVQ F%d, %s", s[0], at) }})
}

// Go's assembler does not know the arithmetic on vectors of float32s: what follows is encoded as Vd = Vn op Vm.

func (n *family) two(code uint32, name string, a, b *vector) *vector {
	return n.step(false, func(d int, s []int) {
		n.word(code|uint32(s[1])<<16|uint32(s[0])<<5|uint32(d), "%s V%d, V%d, V%d", name, d, s[0], s[1])
	}, a, b)
}

func (n *family) one(code uint32, name string, a *vector) *vector {
	return n.step(false, func(d int, s []int) {
		n.word(code|uint32(s[0])<<5|uint32(d), "%s V%d, V%d", name, d, s[0])
	}, a)
}

func (n *family) add(a, b *vector) *vector { return n.two(0x4e20d400, "FADD.4S", a, b) }
func (n *family) sub(a, b *vector) *vector { return n.two(0x4ea0d400, "FSUB.4S", a, b) }
func (n *family) mul(a, b *vector) *vector { return n.two(0x6e20dc00, "FMUL.4S", a, b) }
func (n *family) div(a, b *vector) *vector { return n.two(0x6e20fc00, "FDIV.4S", a, b) }
func (n *family) sqrt(a *vector) *vector   { return n.one(0x6ea1f800, "FSQRT.4S", a) }

// notAbove is all ones where a <= 0, which a NaN is not.
func (n *family) notAbove(a *vector) *vector { return n.one(0x6ea0d800, "FCMLE.4S #0", a) }

// without is a where the mask is clear, else 0.
func (n *family) without(a, mask *vector) *vector { return n.two(0x4e601c00, "BIC.16B", a, mask) }

// fma is a*x + y rounded once, and fnma -a*x + y.
func (n *family) fma(a, x, y *vector) *vector  { return n.fused(0x4e20cc00, "FMLA.4S", a, x, y) }
func (n *family) fnma(a, x, y *vector) *vector { return n.fused(0x4ea0cc00, "FMLS.4S", a, x, y) }

func (n *family) fused(code uint32, name string, a, x, y *vector) *vector {
	return n.step(true, func(d int, s []int) {
		n.word(code|uint32(s[1])<<16|uint32(s[2])<<5|uint32(d), "%s V%d, V%d, V%d", name, d, s[2], s[1])
	}, y, a, x)
}

// transpose4 transposes four vectors.
func (n *family) transpose4(r [4]*vector) [4]*vector {
	pairs := func(a, b *vector) (even, odd *vector) {
		return n.two(0x4e802800, "TRN1.4S", a, b), n.two(0x4e806800, "TRN2.4S", a, b)
	}
	e0, o0 := pairs(r[0], r[1])
	e1, o1 := pairs(r[2], r[3])
	lows := func(a, b *vector) *vector { return n.two(0x4ec02800, "TRN1.2D", a, b) }
	highs := func(a, b *vector) *vector { return n.two(0x4ec06800, "TRN2.2D", a, b) }
	return [4]*vector{lows(e0, e1), lows(o0, o1), highs(e0, e1), highs(o0, o1)}
}
