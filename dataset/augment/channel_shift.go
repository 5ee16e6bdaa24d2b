package augment

// channelShift adds to all values of the picture, and keeps them within its own lowest and highest.
func channelShift(x []float32, by float32) {
	lo, hi := extent(x)
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
	lo, hi = x[0], x[0]
	for _, v := range x {
		if v < lo {
			lo = v
		}
		if v > hi {
			hi = v
		}
	}
	return lo, hi
}
