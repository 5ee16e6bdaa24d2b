package kernel

// whole is how many of n values the vector kernels of 8 do.
func whole(n int) int {
	if !simd() {
		return 0
	}
	return n &^ 7
}

func scaleSIMD(g []float32, by float32) int {
	n := whole(len(g))
	if n > 0 {
		scaleAVX2(&g[0], n, by)
	}
	return n
}

func clampSIMD(g []float32, limit float32) int {
	n := whole(len(g))
	if n > 0 {
		clampAVX2(&g[0], n, limit)
	}
	return n
}

func shrinkSIMD(w []float32, decay, rate float32) int {
	n := whole(len(w))
	if n > 0 {
		shrinkAVX2(&w[0], n, decay, rate)
	}
	return n
}

func momentumSIMD(w, g, m []float32, rate, momentum float32) int {
	n := whole(len(w))
	if n > 0 {
		momentumAVX2(&w[0], &g[:n][0], &m[:n][0], n, rate, momentum)
	}
	return n
}

func nesterovSIMD(w, g, m []float32, rate, momentum float32) int {
	n := whole(len(w))
	if n > 0 {
		nesterovAVX2(&w[0], &g[:n][0], &m[:n][0], n, rate, momentum)
	}
	return n
}

func adagradSIMD(w, g, a []float32, rate, eps float32) int {
	n := whole(len(w))
	if n > 0 {
		adagradAVX2(&w[0], &g[:n][0], &a[:n][0], n, rate, eps)
	}
	return n
}

func adadeltaSIMD(w, g, a, d []float32, rate, rho, rest, eps float32) int {
	n := whole(len(w))
	if n > 0 {
		adadeltaAVX2(&w[0], &g[:n][0], &a[:n][0], &d[:n][0], n, rate, rho, rest, eps)
	}
	return n
}

func adamaxSIMD(w, g, m, u []float32, rest1, beta2, rate, eps, bias float32) int {
	n := whole(len(w))
	if n > 0 {
		adamaxAVX2(&w[0], &g[:n][0], &m[:n][0], &u[:n][0], n, rest1, beta2, rate, eps, bias)
	}
	return n
}

func nadamSIMD(w, g, m, v []float32, rest1, rest2, rate, eps float32, bias *[5]float32) int {
	n := whole(len(w))
	if n > 0 {
		nadamAVX2(&w[0], &g[:n][0], &m[:n][0], &v[:n][0], n, rest1, rest2, rate, eps, bias)
	}
	return n
}

func amsgradSIMD(w, g, m, v, top []float32, rest1, rest2, rate, eps float32) int {
	n := whole(len(w))
	if n > 0 {
		amsgradAVX2(&w[0], &g[:n][0], &m[:n][0], &v[:n][0], &top[:n][0], n, rest1, rest2, rate, eps)
	}
	return n
}

func rmspropSIMD(w, g, v, m, avg []float32, rate, rho, rest, eps, momentum float32) int {
	n := whole(len(w))
	switch {
	case n == 0:
	case m == nil && avg == nil:
		rmspropAVX2(&w[0], &g[:n][0], &v[:n][0], n, rate, rho, rest, eps)
	case avg == nil:
		rmspropMomentumAVX2(&w[0], &g[:n][0], &v[:n][0], &m[:n][0], n, rate, rho, rest, eps, momentum)
	case m == nil:
		rmspropCenteredAVX2(&w[0], &g[:n][0], &v[:n][0], &avg[:n][0], n, rate, rho, rest, eps)
	default:
		rmspropCenteredMomentumAVX2(&w[0], &g[:n][0], &v[:n][0], &m[:n][0], &avg[:n][0], n, rate, rho, rest, eps, momentum)
	}
	return n
}
