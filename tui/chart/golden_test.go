package chart

import (
	"flag"
	"image/color"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the golden pictures")

// training imitates a run: a noisy loss at every step, a smooth one at the end
// of every epoch. Its noise comes from sines, so that it is the same anywhere.
func training(steps, perEpoch int, scale float64) (train, val *Series) {
	train, val = &Series{}, &Series{}
	for i := 1; i <= steps; i++ {
		part := float64(i) / float64(steps)
		base := scale * (0.25 + 2.1*math.Exp(-6*part))
		noise := math.Sin(float64(i)*12.9898) * math.Sin(float64(i)*4.1414)
		p := Point{Step: i, Epoch: float64(i) / float64(perEpoch), Seconds: 0.25 * float64(i), Value: base * (1 + 0.4*noise)}
		train.Append(p)
		if i%perEpoch == 0 {
			p.Value = base*1.1 + 0.1*part + 0.02*noise
			val.Append(p)
		}
	}
	return train, val
}

func trainingLines(steps, perEpoch int) []Line {
	train, val := training(steps, perEpoch, 1)
	return []Line{
		{Label: "train", Series: train},
		{Label: "val", Series: val, Mark: '◆', Dashed: true, Exact: true},
	}
}

func overlayLines() []Line {
	var lines []Line
	for i, scale := range []float64{1, 0.7, 1.4} {
		steps := 800 - 150*i
		train, _ := training(steps, 100, scale)
		lines = append(lines, Line{Label: []string{"lenet", "wide-16", "no-pool"}[i], Series: train, Mark: Mark(i), Pinned: i == 0})
	}
	return lines
}

func diverging() *Series {
	s := &Series{}
	for i := 1; i <= 150; i++ {
		v := 2 + math.Exp(float64(i-80)/6)
		if i >= 120 {
			v = math.NaN()
		}
		s.Append(Point{Step: i, Epoch: float64(i) / 50, Value: v})
	}
	return s
}

// pictures are the charts that are kept as golden files, once a symbol set.
var pictures = []struct {
	name string
	w, h int
	make func(Options) *Chart
}{
	{"loss-52x12", 52, 12, func(o Options) *Chart {
		o.Smoothing = 0.9
		return New(o, trainingLines(900, 100)...)
	}},
	{"loss-110x28", 110, 28, func(o Options) *Chart {
		o.Smoothing = 0.9
		return New(o, trainingLines(900, 100)...)
	}},
	{"raw-76x16", 76, 16, func(o Options) *Chart {
		return New(o, trainingLines(900, 100)...)
	}},
	{"accuracy-34x4", 34, 4, func(o Options) *Chart {
		var s Series
		for i := range 9 {
			s.Append(Point{Step: 100 * (i + 1), Epoch: float64(i + 1), Value: 0.93 - 0.5*math.Exp(-float64(i)/2)})
		}
		o.X = ByEpoch
		return New(o, Line{Series: &s, Mark: '◆', Exact: true})
	}},
	{"logxy-76x16", 76, 16, func(o Options) *Chart {
		o.Smoothing, o.LogX, o.LogY = 0.6, true, true
		return New(o, trainingLines(900, 100)...)
	}},
	{"time-64x8", 64, 8, func(o Options) *Chart {
		o.Smoothing, o.X = 0.9, ByTime
		return New(o, trainingLines(900, 100)...)
	}},
	{"inspect-90x18", 90, 18, func(o Options) *Chart {
		o.Smoothing, o.Guides = 0.9, true
		c := New(o, trainingLines(900, 100)...)
		c.SetEvents(
			Event{At: Point{Step: 500, Epoch: 5}, Text: "lr 5e-4"},
			Event{At: Point{Step: 560, Epoch: 5.6}, Text: "paused"},
		)
		c.Draw(90, 18)
		c.ShowCursor(true)
		c.MoveCursor(-45)
		return c
	}},
	{"inspect-40x7", 40, 7, func(o Options) *Chart {
		c := New(o, trainingLines(900, 100)...)
		c.Draw(40, 7)
		c.ShowCursor(true)
		c.MoveCursor(-10)
		return c
	}},
	{"overlay-100x20", 100, 20, func(o Options) *Chart {
		o.Smoothing, o.X, o.HideBand = 0.9, ByEpoch, true
		return New(o, overlayLines()...)
	}},
	{"zoom-76x14", 76, 14, func(o Options) *Chart {
		o.Smoothing = 0.9
		c := New(o, trainingLines(900, 100)...)
		c.ZoomIn()
		c.ZoomIn()
		c.ZoomIn()
		c.Pan(-1)
		return c
	}},
	{"diverged-60x12", 60, 12, func(o Options) *Chart {
		return New(o, Line{Label: "train", Series: diverging()})
	}},
	{"diverged-log-60x12", 60, 12, func(o Options) *Chart {
		o.LogY = true
		return New(o, Line{Label: "train", Series: diverging()})
	}},
	{"one-point-40x10", 40, 10, func(o Options) *Chart {
		var s Series
		s.Append(Point{Step: 1, Value: 2.3})
		return New(o, Line{Label: "train", Series: &s})
	}},
	{"empty-40x8", 40, 8, func(o Options) *Chart {
		return New(o, Line{Label: "train", Series: &Series{}})
	}},
	{"colours-44x10", 44, 10, func(o Options) *Chart {
		o.Smoothing = 0.9
		o.Palette = Palette{Axis: color.RGBA{80, 80, 80, 255}, Label: color.RGBA{160, 160, 160, 255}}
		lines := trainingLines(900, 100)
		lines[0].Color, lines[1].Color = color.RGBA{90, 200, 250, 255}, color.RGBA{80, 250, 120, 255}
		lines[0].Dim = color.RGBA{30, 70, 90, 255}
		return New(o, lines...)
	}},
}

func TestPictures(t *testing.T) {
	for _, p := range pictures {
		for _, symbols := range []Symbols{Braille, Block, ASCII} {
			name := p.name + "-" + symbols.String()
			t.Run(name, func(t *testing.T) {
				c := p.make(Options{Symbols: symbols})
				got := c.Draw(p.w, p.h)
				checkPicture(t, got, p.w, p.h, symbols)
				golden(t, name, got)
			})
		}
	}
}

// golden compares a picture with the file of that name. Escape characters are
// written as ^[ and trailing blanks end in a bar, to be read in an editor.
func golden(t *testing.T, name, got string) {
	t.Helper()
	got = strings.ReplaceAll(got, "\x1b", "^[")
	got = strings.ReplaceAll(got, "\n", "|\n") + "|\n"
	file := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s changed (go test -update accepts it); got\n%swant\n%s", file, got, want)
	}
}
