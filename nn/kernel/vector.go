package kernel

// Fill sets every element of x to v.
func Fill(x []float32, v float32) {
	for i := range x {
		x[i] = v
	}
}

// Add adds x to y, element by element.
func Add(y, x []float32) {
	n := addSIMD(y, x)
	x = x[n:]
	y = y[n:][:len(x)]
	for i, v := range x {
		y[i] += v
	}
}

// Axpy adds a*x to y.
func Axpy(y []float32, a float32, x []float32) {
	n := axpySIMD(y, a, x)
	x = x[n:]
	y = y[n:][:len(x)]
	for i, v := range x {
		y[i] += float32(a * v)
	}
}

// Mul writes a*b to y, element by element.
func Mul(y, a, b []float32) {
	n := mulSIMD(y, a, b)
	y = y[n:]
	a, b = a[n:][:len(y)], b[n:][:len(y)]
	for i, v := range a {
		y[i] = float32(v * b[i])
	}
}

// MulAdd2 writes a*b + c*d to y, element by element.
func MulAdd2(y, a, b, c, d []float32) {
	n := mulAdd2SIMD(y, a, b, c, d)
	y = y[n:]
	a, b, c, d = a[n:][:len(y)], b[n:][:len(y)], c[n:][:len(y)], d[n:][:len(y)]
	for i, v := range a {
		y[i] = float32(v*b[i]) + float32(c[i]*d[i])
	}
}

// AddRows adds the vector v [n] to each of the rows of y [rows, n].
func AddRows(y, v []float32) {
	n := len(v)
	for len(y) >= n && n > 0 {
		Add(y[:n], v)
		y = y[n:]
	}
}

// SumRows adds the rows of x [rows, n] to sum [n], in order.
func SumRows(sum, x []float32) {
	if n := len(sum); n > 0 {
		SumColumns(sum, x, n, len(x)/n)
	}
}

// SumColumns adds n columns of rows of x, ld apart, to sum [n], row by row.
func SumColumns(sum, x []float32, ld, rows int) {
	n := len(sum)
	from := sumRowsSIMD(sum, x, ld, rows)
	if from == n {
		return
	}
	for r := range rows {
		row := x[r*ld : r*ld+n]
		for j := from; j < n; j++ {
			sum[j] += row[j]
		}
	}
}

// FetchToWrite asks for the memory of x, which will be written next and which other cores have read: so that its lines come
// back from their caches at the same time, and not one after the other. It changes nothing.
func FetchToWrite(x []float32) { fetchToWriteSIMD(x) }

// Transpose writes dst [cols, rows] = src [rows, cols] transposed; ldd and lds are the distances between rows as stored.
func Transpose(dst []float32, ldd int, src []float32, lds, rows, cols int) {
	r, c := transposeSIMD(dst, ldd, src, lds, rows, cols)
	for i := range rows {
		j := 0
		if i < r {
			j = c
		}
		for ; j < cols; j++ {
			dst[j*ldd+i] = src[i*lds+j]
		}
	}
}
