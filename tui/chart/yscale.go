package chart

import (
	"math"
	"strconv"
)

// tick is a labelled place on an axis.
type tick struct {
	at    int // row or column of cells
	label string
}

// largest is where axes end; values beyond are drawn at the edge.
const largest = 1e300

// finest is the smallest part of a value that an axis resolves, which bounds
// the digits of its labels.
const finest = 1e-5

// yscale maps values to rows. Ticks lie in the middle of their rows, all the
// same number of rows apart, so that the axis is as regular as the cells are;
// the range is chosen to make that so.
type yscale struct {
	log    bool
	top    float64 // value, or its log10, in the middle of row 0
	perRow float64
	ticks  []tick // from the top down
}

// dot is the vertical place of a value in dots, dy a cell; it may lie outside.
func (s *yscale) dot(v float64, dy int) float64 {
	if s.log {
		v = math.Log10(v)
	}
	v = min(max(v, -largest), largest)
	return ((s.top-v)/s.perRow+0.5)*float64(dy) - 0.5
}

// newYScale covers the values lo to hi on that many rows. On a logarithmic
// axis both are above 0.
func newYScale(lo, hi float64, log bool, rows int) yscale {
	if rows < 1 {
		return yscale{log: log, perRow: 1}
	}
	lo, hi = min(max(lo, -largest), largest), min(max(hi, -largest), largest)
	if !log {
		lo, hi = widen(lo, hi)
		return linearY(lo, hi, rows)
	}
	lo, hi = math.Log10(lo), math.Log10(hi)
	if hi-lo < 0.02 {
		lo, hi = lo-0.25, hi+0.25
	}
	if hi-lo < 1 {
		return fineLogY(lo, hi, rows)
	}
	return decadesY(lo, hi, rows)
}

// widen makes room around values that are equal, or nearly so.
func widen(lo, hi float64) (float64, float64) {
	m := max(math.Abs(lo), math.Abs(hi))
	if hi-lo > m*finest && hi-lo > 1e-290 {
		return lo, hi
	}
	switch {
	case m < 1e-290:
		return lo - 1, hi + 1
	case hi-lo < m*1e-7: // equal but for rounding, a float32's at the most
		return lo - m*0.2, hi + m*0.2
	}
	return lo - m*finest, hi + m*finest
}

// rowsPerTick are the distances of ticks that suit a height, best first.
func rowsPerTick(rows int) []int {
	switch {
	case rows <= 2:
		return []int{1}
	case rows <= 4:
		return []int{2, 1}
	case rows <= 7:
		return []int{2, 3}
	case rows <= 15:
		return []int{3, 2, 4}
	case rows <= 30:
		return []int{4, 3, 5, 6}
	}
	return []int{5, 4, 6, 8}
}

// linearY finds the finest axis whose ticks are 1, 2 or 5 times a power of ten
// apart and a whole number of rows.
func linearY(lo, hi float64, rows int) yscale {
	var step, perRow float64
	var every int
	mag := math.Pow10(int(math.Floor(math.Log10((hi - lo) / float64(rows)))))
	// Up to 100 almost always finds one; a value on the border of two rows of
	// very few may need more.
	for d := 0.1; d <= 100 || perRow == 0; d *= 10 {
		for _, m := range []float64{1, 2, 5} {
			for _, r := range rowsPerTick(rows) {
				s := m * d * mag
				p := s / float64(r)
				if perRow > 0 && p >= perRow*(1-1e-9) {
					continue
				}
				top, bottom := rowsOf(lo, hi, p)
				if top-bottom >= float64(rows) {
					continue
				}
				first := center(top, bottom, lo, hi, rows)
				ticks := math.Floor(first/float64(r)) - math.Ceil((first-float64(rows)+1)/float64(r)) + 1
				if ticks >= 2 || rows < 4 {
					step, perRow, every = s, p, r
				}
			}
		}
	}
	first, last := rowsOf(lo, hi, perRow)
	first = center(first, last, lo, hi, rows)
	y := yscale{top: first * perRow, perRow: perRow}
	var values []float64
	for row := range rows {
		if n := first - float64(row); math.Mod(n, float64(every)) == 0 {
			y.ticks = append(y.ticks, tick{at: row})
			values = append(values, n/float64(every)*step)
		}
	}
	y.label(values, step)
	return y
}

// rowsOf are the numbers, counted from 0 upward, of the highest and the lowest
// row of that height that values from lo to hi touch.
func rowsOf(lo, hi, perRow float64) (top, bottom float64) {
	return math.Ceil(hi/perRow - 0.5), math.Floor(lo/perRow + 0.5)
}

// center gives the rows that are left over to the side of 0, without crossing
// it, and then to the other: an axis gladly starts at 0. It returns the number
// of the topmost row.
func center(top, bottom, lo, hi float64, rows int) float64 {
	spare := float64(rows) - 1 - (top - bottom)
	switch {
	case lo >= 0:
		return top + spare - min(spare, max(bottom, 0))
	case hi <= 0:
		return top + min(spare, max(-top, 0))
	}
	return top + math.Floor(spare/2)
}

func (y *yscale) label(values []float64, step float64) {
	for i, l := range tickLabels(values, step) {
		y.ticks[i].label = l
	}
}

// decadesY is a logarithmic axis over a decade or more, lo and hi being log10.
// A decade is a whole number of rows, or ticks are several decades apart.
func decadesY(lo, hi float64, rows int) yscale {
	decades, every := 0.0, 0 // a tick is so many decades and so many rows
	perRow := math.Inf(1)
	try := func(d float64, r int) {
		p := d / float64(r)
		if top, bottom := rowsOf(lo, hi, p); top-bottom < float64(rows) && p < perRow {
			decades, every, perRow = d, r, p
		}
	}
	for r := 1; r <= rows+1; r++ {
		// From six rows on 2 and 5 are labelled too; only where they fall
		// close to the middle of a row.
		if off := math.Log10(2) * float64(r); r < 6 || math.Abs(off-math.Round(off)) < 0.2 {
			try(1, r)
		}
	}
	for _, d := range []float64{2, 5, 10, 20, 50, 100, 200, 500, 1000} {
		for r := 1; r <= 4; r++ {
			try(d, r)
		}
	}
	first, last := rowsOf(lo, hi, perRow)
	first += math.Floor((float64(rows) - 1 - (first - last)) / 2)
	y := yscale{log: true, top: first * perRow, perRow: perRow}
	low := math.Floor((first-float64(rows))/float64(every)) - 1
	var values []float64
	for k := math.Ceil(first/float64(every)) + 1; k >= low; k-- {
		for _, m := range []float64{5, 2, 1} {
			if m > 1 && (every < 6 || decades > 1) {
				continue
			}
			row := first - k*float64(every) - math.Round(math.Log10(m)*float64(every))
			if row < 0 || row >= float64(rows) {
				continue
			}
			if n := len(y.ticks); n > 0 && int(row)-y.ticks[n-1].at < 2 && rows > 2 {
				continue
			}
			y.ticks = append(y.ticks, tick{at: int(row)})
			values = append(values, m*math.Pow10(int(k*decades)))
		}
	}
	for i, v := range values {
		y.ticks[i].label = decadeLabel(v)
	}
	return y
}

// decadeLabel writes 1, 2 or 5 times a power of ten.
func decadeLabel(v float64) string {
	if v > 0.99e-3 && v < 0.99e4 {
		return tickLabels([]float64{v}, v)[0]
	}
	return shortExponent(strconv.FormatFloat(v, 'e', 0, 64))
}

// fineLogY is a logarithmic axis over less than a decade, lo and hi being
// log10. Its ticks are round values, in the rows where they fall.
func fineLogY(lo, hi float64, rows int) yscale {
	perRow := roundUp((hi - lo) / float64(rows))
	first, last := rowsOf(lo, hi, perRow)
	for first-last >= float64(rows) {
		perRow = roundUp(perRow * 1.01)
		first, last = rowsOf(lo, hi, perRow)
	}
	top := first * perRow
	y := yscale{log: true, top: top, perRow: perRow}
	from, to := math.Pow(10, top-perRow*(float64(rows)-0.5)), math.Pow(10, top+perRow/2)
	for _, step := range steps125(min(to, largest)-from, 3*rows) {
		var ticks []tick
		var values []float64
		crowded := false
		for k := math.Floor(min(to, largest) / step); k*step >= from && k > 0; k-- {
			at := int(math.Floor(y.dot(k*step, 1) + 0.5))
			if at < 0 || at >= rows {
				continue
			}
			if n := len(ticks); n > 0 && at-ticks[n-1].at < 2 {
				crowded = true
				break
			}
			ticks, values = append(ticks, tick{at: at}), append(values, k*step)
		}
		if !crowded && len(values) > 0 {
			y.ticks = ticks
			y.label(values, step)
			break
		}
	}
	return y
}

// steps125 are the steps of 1, 2 or 5 times a power of ten that cut a span
// into about parts pieces or fewer, the finest first.
func steps125(span float64, parts int) []float64 {
	mag := math.Pow10(int(math.Floor(math.Log10(span / float64(max(parts, 1))))))
	var steps []float64
	for s := mag; s <= span*1.0001; s *= 10 {
		steps = append(steps, s, 2*s, 5*s)
	}
	return steps
}

// roundUp rounds up to two digits, so that an axis that follows its data
// changes in steps.
func roundUp(v float64) float64 {
	unit := math.Pow10(int(math.Floor(math.Log10(v))) - 1)
	return math.Ceil(v/unit*(1-1e-12)) * unit
}
