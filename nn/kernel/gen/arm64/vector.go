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

// with adds a step of an instruction of two sources, or one.
func (n *family) with(f func(d, a, b int), a, b *vector) *vector {
	return n.step(false, func(d int, s []int) { f(d, s[0], s[1]) }, a, b)
}

func (n *family) of(f func(d, a int), a *vector) *vector {
	return n.step(false, func(d int, s []int) { f(d, s[0]) }, a)
}

func (n *family) add(a, b *vector) *vector { return n.with(n.fadd, a, b) }
func (n *family) sub(a, b *vector) *vector { return n.with(n.fsub, a, b) }
func (n *family) mul(a, b *vector) *vector { return n.with(n.fmul, a, b) }
func (n *family) div(a, b *vector) *vector { return n.with(n.fdiv, a, b) }
func (n *family) sqrt(a *vector) *vector   { return n.of(n.fsqrt, a) }

func (n *family) negative(a *vector) *vector { return n.of(n.fneg, a) }

// notAbove is all ones where a <= 0, which a NaN is not.
func (n *family) notAbove(a *vector) *vector { return n.of(n.fcmle0, a) }

// without is a where the mask is clear, else 0.
func (n *family) without(a, mask *vector) *vector { return n.with(n.bic, a, mask) }

// fma is a*x + y rounded once, and fnma -a*x + y.
func (n *family) fma(a, x, y *vector) *vector {
	return n.step(true, func(d int, s []int) { n.fmla(d, s[1], s[2]) }, y, a, x)
}

func (n *family) fnma(a, x, y *vector) *vector {
	return n.step(true, func(d int, s []int) { n.fmls(d, s[1], s[2]) }, y, a, x)
}

// transpose4 transposes four vectors.
func (n *family) transpose4(r [4]*vector) [4]*vector {
	e0, o0 := n.with(n.trn1, r[0], r[1]), n.with(n.trn2, r[0], r[1])
	e1, o1 := n.with(n.trn1, r[2], r[3]), n.with(n.trn2, r[2], r[3])
	return [4]*vector{n.with(n.trn1pairs, e0, e1), n.with(n.trn1pairs, o0, o1), n.with(n.trn2pairs, e0, e1), n.with(n.trn2pairs, o0, o1)}
}
