package chart

import "testing"

func longChart(o Options) *Chart {
	train, val := training(200_000, 2_000, 1)
	return New(o, Line{Label: "train", Series: train}, Line{Label: "val", Series: val, Mark: '◆', Dashed: true, Exact: true})
}

// BenchmarkDraw redraws 100x30 cells of 200,000 points.
func BenchmarkDraw(b *testing.B) {
	for _, bench := range []struct {
		name string
		o    Options
	}{
		{"raw", Options{}},
		{"smoothed", Options{Smoothing: 0.9}},
		{"log", Options{Smoothing: 0.9, LogX: true, LogY: true, Guides: true}},
		{"block", Options{Smoothing: 0.9, Symbols: Block}},
		{"ascii", Options{Smoothing: 0.9, Symbols: ASCII}},
	} {
		b.Run(bench.name, func(b *testing.B) {
			c := longChart(bench.o)
			c.Draw(100, 30)
			b.ReportAllocs()
			for b.Loop() {
				c.drawn = false
				c.Draw(100, 30)
			}
		})
	}
}

// BenchmarkLive appends a batch of points and redraws, as ten times a second
// during a training.
func BenchmarkLive(b *testing.B) {
	c := longChart(Options{Smoothing: 0.9})
	s := c.lines[0].Series
	b.ReportAllocs()
	for b.Loop() {
		last, _ := s.Last()
		for i := range 20 {
			s.Append(Point{Step: last.Step + 1 + i, Epoch: last.Epoch, Seconds: last.Seconds, Value: last.Value})
		}
		c.Draw(100, 30)
	}
}

func BenchmarkDrawUnchanged(b *testing.B) {
	c := longChart(Options{Smoothing: 0.9})
	c.Draw(100, 30)
	b.ReportAllocs()
	for b.Loop() {
		c.Draw(100, 30)
	}
}

func BenchmarkAppend(b *testing.B) {
	var s Series
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		s.Append(Point{Step: i, Value: float64(i)})
	}
}

// BenchmarkSmoothing changes the factor for 200,000 points.
func BenchmarkSmoothing(b *testing.B) {
	s, _ := training(200_000, 2_000, 1)
	var m smoothed
	for i := 0; b.Loop(); i++ {
		m.follow(s, []float64{0.6, 0.9}[i%2])
	}
}
