package augment

// brightenBytes multiplies a picture of bytes as Keras does with Pillow's ImageEnhance.Brightness: values become whole
// numbers, before and after, by cutting the rest off, and stay below 256.
func brightenBytes(x []float32, factor float32) {
	const most = 255
	x = x[brightenSIMD(x, factor, most):]
	for i, v := range x {
		v = float32(float32(int32(v)) * factor)
		if v > most {
			v = most
		}
		x[i] = float32(int32(v))
	}
}

// brighten multiplies a picture of other numbers, whose range is not known.
func brighten(x []float32, factor float32) {
	for i, v := range x {
		x[i] = float32(v * factor)
	}
}
