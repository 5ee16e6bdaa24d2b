package dataset

import (
	"math"
	"testing"
)

// A figure of each class covers the area it says, lies within the picture and is as far from all edges.
func TestFiguresHaveTheirArea(t *testing.T) {
	for class := range shapeNames {
		for i := range 20 {
			f := figure{class: class, x: 12, y: 12, size: 7 + float64(i)/4}
			f.sin, f.cos = math.Sincos(float64(i))
			area := 0.
			for row := range shapeSide {
				for col := range shapeSide {
					area += coverage(f, row, col)
				}
			}
			if want := f.size * f.size; math.Abs(area-want) > .03*want {
				t.Errorf("%s of size %v covers %v, want %v", shapeNames[class], f.size, area, want)
			}
		}
	}
}

// Weights on pixels do not tell the classes apart: place, rotation and colours are random.
func TestShapesAreNotLinear(t *testing.T) {
	s, err := Open(named("shapes"), Options{Seed: 5})
	if err != nil {
		t.Fatal(err)
	}
	const inputs, classes, rate = shapeSide * shapeSide * 3, 3, .002
	var w [classes][inputs]float32
	x := make([]float32, inputs)
	scores := func(set *Set, i int) (p [classes]float64) {
		if err := set.Samples.Read(x, i); err != nil {
			t.Fatal(err)
		}
		sum := 0.
		for j := range x {
			x[j] = x[j]/128 - 1
		}
		for c := range p {
			var z float32
			for j, v := range x {
				z += v * w[c][j]
			}
			p[c] = math.Exp(float64(z))
			sum += p[c]
		}
		for c := range p {
			p[c] /= sum
		}
		return p
	}
	accuracy := func(set *Set) float64 {
		right := 0
		for i, label := range set.Labels {
			p := scores(set, i)
			best := 0
			for c := range p {
				if p[c] > p[best] {
					best = c
				}
			}
			if best == int(label) {
				right++
			}
		}
		return float64(right) / float64(len(set.Labels))
	}
	for range 15 {
		for i, label := range s.Train.Labels {
			p := scores(s.Train, i)
			p[label]--
			for c := range p {
				g := float32(rate * p[c])
				for j, v := range x {
					w[c][j] -= g * v
				}
			}
		}
	}
	train, test := accuracy(s.Train), accuracy(s.Test)
	t.Logf("a linear model: %.2f of the training part, %.2f of the test part", train, test)
	if test > .6 {
		t.Errorf("a linear model finds %.2f of the test part, by chance it would be 0.33", test)
	}
}

// A round figure has the least moment of inertia for its area and a triangle the most, which does not depend on
// place, rotation and colour: with the pixels of the figure found by its colour, that tells the classes apart.
func TestShapesCanBeTold(t *testing.T) {
	s, err := Open(named("shapes"), Options{Seed: 5})
	if err != nil {
		t.Fatal(err)
	}
	right := 0
	x := make([]float32, shapeSide*shapeSide*3)
	for i, label := range s.Test.Labels {
		if err := s.Test.Samples.Read(x, i); err != nil {
			t.Fatal(err)
		}
		if momentClass(x) == int(label) {
			right++
		}
	}
	t.Logf("%d of %d told by their moment", right, len(s.Test.Labels))
	if right < len(s.Test.Labels)*9/10 {
		t.Errorf("only %d of %d are told by their moment", right, len(s.Test.Labels))
	}
}

// momentClass fits a plane to each channel's background from the border, takes what differs from it for the figure,
// and compares its moment with those of the ideal figures.
func momentClass(x []float32) int {
	at := func(row, col, c int) float64 { return float64(x[(row*shapeSide+col)*3+c]) }
	var off [shapeSide][shapeSide]float64
	for c := range 3 {
		// On a symmetric border the mean, the row slope and the column slope do not mix.
		var n, mean, byRow, byCol, rr float64
		border := func(row, col int) bool {
			return row == 0 || col == 0 || row == shapeSide-1 || col == shapeSide-1
		}
		for row := range shapeSide {
			for col := range shapeSide {
				if border(row, col) {
					r, k, v := float64(row)-11.5, float64(col)-11.5, at(row, col, c)
					n, mean, byRow, byCol, rr = n+1, mean+v, byRow+r*v, byCol+k*v, rr+r*r
				}
			}
		}
		for row := range shapeSide {
			for col := range shapeSide {
				back := mean/n + byRow/rr*(float64(row)-11.5) + byCol/rr*(float64(col)-11.5)
				off[row][col] += (at(row, col, c) - back) * (at(row, col, c) - back)
			}
		}
	}
	var m, mr, mc, mm, peak float64
	for row := 1; row < shapeSide-1; row++ { // the mean of 3 by 3 pixels has less noise
		for col := 1; col < shapeSide-1; col++ {
			v := 0.
			for i := -1; i <= 1; i++ {
				for j := -1; j <= 1; j++ {
					v += off[row+i][col+j] / 9
				}
			}
			peak = max(peak, v)
		}
	}
	for row := range shapeSide {
		for col := range shapeSide {
			if off[row][col] > peak/4 { // half of the difference
				r, c := float64(row), float64(col)
				m, mr, mc, mm = m+1, mr+r, mc+c, mm+r*r+c*c
			}
		}
	}
	moment := (mm - mr*mr/m - mc*mc/m) / (m * m) // circle 1/(2 pi), square 1/6, triangle 1/(3 sqrt 3)
	switch {
	case moment < (1/(2*math.Pi)+1./6)/2:
		return 0
	case moment < (1./6+1/(3*math.Sqrt(3)))/2:
		return 1
	}
	return 2
}
