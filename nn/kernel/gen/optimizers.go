package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// values are what an update works on: weights, gradients and slots in memory, scalars in all lanes.
type values struct {
	at      map[string]Mem
	scalars map[string]reg.VecVirtual
}

// load reads 8 values.
func (x values) load(name string) reg.VecVirtual { return fixed(x.at[name]) }

// store writes 8 values.
func (x values) store(v reg.VecVirtual, name string) { VMOVUPS(v, x.at[name]) }

// keep writes 8 values of a slot and returns them: subnormal ones become 0.
func (x values) keep(v reg.VecVirtual, name string) reg.VecVirtual {
	v = normal(v)
	x.store(v, name)
	return v
}

// less takes v off 8 values, and more adds it.
func (x values) less(name string, v reg.VecVirtual) { x.store(sub(x.load(name), v), name) }
func (x values) more(name string, v reg.VecVirtual) { x.store(add(v, x.at[name]), name) }

// mean brings 8 values nearer to v: x + (v-x)*rest.
func (x values) mean(name string, v reg.VecVirtual, rest string) reg.VecVirtual {
	old := x.load(name)
	return x.keep(add(old, mul(sub(v, old), x.scalars[rest])), name)
}

// blend is the mean that takes rho of the old: rho*x + rest*v.
func (x values) blend(name string, v reg.VecVirtual) reg.VecVirtual {
	return add(mul(x.scalars["rho"], x.at[name]), mul(x.scalars["rest"], v))
}

// normal is the twin of normal in Go: x, or 0 where it is subnormal.
func normal(x reg.VecVirtual) reg.VecVirtual {
	mask, d := YMM(), YMM()
	VANDPS(constant("sizes", rep(0x7fffffff)...), x, mask)
	VPCMPGTD(constant("subnormal", rep(0x007fffff)...), mask, mask)
	VANDPS(x, mask, d)
	return d
}

// root is the correctly rounded root.
func root(x reg.VecVirtual) reg.VecVirtual { d := YMM(); VSQRTPS(x, d); return d }

// larger is Go's max: 0 is above -0, and where one is not a number, so is the result.
func larger(a, b reg.VecVirtual) reg.VecVirtual {
	x, y := YMM(), YMM()
	VMAXPS(a, b, x)
	VMAXPS(b, a, y)
	VANDPS(x, y, x)
	VORPS(compare(unordered, a, b), x, x)
	return x
}

// update writes a loop over 8 values for AVX2. Its pointers come first, then n, then the scalars; a last parameter bias
// points to five more: bias0 to bias4.
func update(name string, pointers, scalars []string, bias bool, body func(x values)) {
	signature, sizes := "func(", map[string]int{}
	for i, p := range pointers {
		if i > 0 {
			signature += ", "
		}
		signature += p
		sizes[p] = 4
	}
	signature += " *float32, n int"
	for i, s := range scalars {
		signature += ", " + s
		if i == len(scalars)-1 {
			signature += " float32"
		}
	}
	if bias {
		signature += ", bias *[5]float32"
	}
	x := values{scalars: map[string]reg.VecVirtual{}}
	prepare := func() {
		for _, s := range scalars {
			x.scalars[s] = scalar(s)
		}
		if bias {
			from := Load(Param("bias"), GP64())
			for i, s := range []string{"bias0", "bias1", "bias2", "bias3", "bias4"} {
				x.scalars[s] = YMM()
				VBROADCASTSS(Mem{Base: from, Disp: 4 * i}, x.scalars[s])
			}
		}
	}
	loop(name+"AVX2", signature+")", sizes, prepare, func(at map[string]Mem) {
		x.at = at
		body(x)
	})
}

// optimizers are the updates of the optimizers beside Adam's, and what clips gradients and weights before them.
func optimizers() {
	update("scale", []string{"dw"}, []string{"by"}, false, func(x values) {
		x.store(mul(x.scalars["by"], x.at["dw"]), "dw")
	})
	update("clamp", []string{"dw"}, []string{"limit"}, false, func(x values) {
		v, low := x.load("dw"), YMM()
		VXORPS(constant("signs", rep(0x80000000)...), x.scalars["limit"], low)
		VMINPS(v, x.scalars["limit"], v) // v where it is not a number
		VMAXPS(v, low, v)
		x.store(v, "dw")
	})
	update("shrink", []string{"w"}, []string{"decay", "rate"}, false, func(x values) {
		x.less("w", mul(mul(x.scalars["decay"], x.at["w"]), x.scalars["rate"]))
	})
	for _, nesterov := range []bool{false, true} {
		name := map[bool]string{false: "momentum", true: "nesterov"}[nesterov]
		update(name, []string{"w", "dw", "m"}, []string{"rate", "momentum"}, false, func(x values) {
			step := mul(x.scalars["rate"], x.at["dw"])
			m := x.keep(sub(mul(x.scalars["momentum"], x.at["m"]), step), "m")
			if nesterov {
				m = sub(mul(m, x.scalars["momentum"]), step)
			}
			x.more("w", m)
		})
	}
	update("adagrad", []string{"w", "dw", "a"}, []string{"rate", "eps"}, false, func(x values) {
		g := x.load("dw")
		a := x.keep(add(mul(g, g), x.at["a"]), "a")
		x.less("w", div(mul(x.scalars["rate"], g), root(add(a, x.scalars["eps"]))))
	})
	update("adadelta", []string{"w", "dw", "a", "d"}, []string{"rate", "rho", "rest", "eps"}, false, func(x values) {
		g := x.load("dw")
		a := x.keep(x.blend("a", mul(g, g)), "a")
		delta := div(mul(root(add(x.scalars["eps"], x.at["d"])), g), root(add(a, x.scalars["eps"])))
		VXORPS(constant("signs", rep(0x80000000)...), delta, delta)
		x.keep(x.blend("d", mul(delta, delta)), "d")
		x.more("w", mul(x.scalars["rate"], delta))
	})
	update("adamax", []string{"w", "dw", "m", "u"}, []string{"rest1", "beta2", "rate", "eps", "bias"}, false, func(x values) {
		g, size := x.load("dw"), YMM()
		m := x.mean("m", g, "rest1")
		VANDPS(constant("sizes", rep(0x7fffffff)...), g, size)
		u := x.keep(larger(mul(x.scalars["beta2"], x.at["u"]), size), "u")
		x.less("w", div(mul(x.scalars["rate"], m), mul(x.scalars["bias"], add(u, x.scalars["eps"]))))
	})
	update("nadam", []string{"w", "dw", "m", "v"}, []string{"rest1", "rest2", "rate", "eps"}, true, func(x values) {
		g := x.load("dw")
		m := x.mean("m", g, "rest1")
		v := x.mean("v", mul(g, g), "rest2")
		hat := add(div(mul(x.scalars["bias0"], m), x.scalars["bias1"]), div(mul(x.scalars["bias2"], g), x.scalars["bias3"]))
		x.less("w", div(mul(hat, x.scalars["rate"]), add(root(div(v, x.scalars["bias4"])), x.scalars["eps"])))
	})
	update("amsgrad", []string{"w", "dw", "m", "v", "top"}, []string{"rest1", "rest2", "rate", "eps"}, false, func(x values) {
		g := x.load("dw")
		m := x.mean("m", g, "rest1")
		top := larger(x.load("top"), x.mean("v", mul(g, g), "rest2"))
		x.store(top, "top")
		x.less("w", div(mul(m, x.scalars["rate"]), add(root(top), x.scalars["eps"])))
	})
	rmsprops()
}

// rmsprops writes RMSprop with and without momentum and centering.
func rmsprops() {
	for i, name := range []string{"rmsprop", "rmspropMomentum", "rmspropCentered", "rmspropCenteredMomentum"} {
		momentum, centered := i&1 != 0, i&2 != 0
		pointers, scalars := []string{"w", "dw", "v"}, []string{"rate", "rho", "rest", "eps"}
		if momentum {
			pointers, scalars = append(pointers, "m"), append(scalars, "momentum")
		}
		if centered {
			pointers = append(pointers, "avg")
		}
		update(name, pointers, scalars, false, func(x values) {
			g := x.load("dw")
			v := x.keep(x.blend("v", mul(g, g)), "v")
			if centered {
				a, zero := x.keep(x.blend("avg", g), "avg"), YMM()
				VXORPS(zero, zero, zero)
				v = larger(sub(v, mul(a, a)), zero)
			}
			step := div(mul(x.scalars["rate"], g), root(add(v, x.scalars["eps"])))
			if momentum {
				step = x.keep(add(mul(x.scalars["momentum"], x.at["m"]), step), "m")
			}
			x.less("w", step)
		})
	}
}
