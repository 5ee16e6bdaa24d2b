package augment

// channelShift adds to all values of the picture, and keeps them within its own lowest and highest.
func channelShift(x []float32, by float32) {
	lo, hi := extent(x)
	x = x[shiftSIMD(x, by, lo, hi):]
	for i, v := range x {
		v += by
		if v < lo {
			v = lo
		}
		if v > hi {
			v = hi
		}
		x[i] = v
	}
}

// extent is the lowest and the highest value.
func extent(x []float32) (lo, hi float32) {
	lo, hi, n := extentSIMD(x)
	if n == 0 {
		lo, hi = x[0], x[0]
	}
	for _, v := range x[n:] {
		if v < lo {
			lo = v
		}
		if v > hi {
			hi = v
		}
	}
	return lo + 0, hi + 0 // 0 where it is -0, which is as low and as high
}
