package chart

// EMA is an exponential moving average that starts without a bias towards
// zero: after n values v[0] to v[n-1] it is
//
//	sum (1-f) f^(n-1-i) v[i]  /  (1 - f^n)
//
// with f the Factor (Kingma and Ba, "Adam", 2015, section 3). The zero value
// has factor 0 and follows its input exactly. Values that are not finite leave
// it as it is.
type EMA struct {
	Factor float64 // of memory, from 0 (none) to below 1

	biased float64
	decay  float64 // f^n; meaningful once started
	n      int
}

// Next takes one more value and returns the average.
func (e *EMA) Next(v float64) float64 {
	if !finite(v) {
		return e.Value()
	}
	if e.n == 0 {
		e.decay = 1
	}
	e.n++
	e.decay *= e.Factor
	e.biased = e.Factor*e.biased + (1-e.Factor)*v
	return e.Value()
}

// Value is the average of the values so far, 0 before the first.
func (e *EMA) Value() float64 {
	if e.n == 0 {
		return 0
	}
	return e.biased / (1 - e.decay)
}

// smoothed is a series seen through an EMA, kept up with it as it grows.
type smoothed struct {
	values  []float64 // [N], one a point; a gap stays the gap it is
	tree    pyramid
	ema     EMA
	rewinds uint64
}

// follow takes in what the series gained since the last call. It starts anew
// where the factor changed or points were taken away.
func (m *smoothed) follow(s *Series, factor float64) {
	if factor != m.ema.Factor || m.rewinds != s.rewinds {
		m.values = m.values[:0]
		m.tree.truncate(0, nil)
		m.ema = EMA{Factor: factor}
		m.rewinds = s.rewinds
	}
	for i := len(m.values); i < len(s.points); i++ {
		v := s.points[i].Value
		if finite(v) {
			v = m.ema.Next(v)
		}
		m.values = append(m.values, v)
		m.tree.append(i, v)
	}
}
