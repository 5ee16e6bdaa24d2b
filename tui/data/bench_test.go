package data

import (
	"testing"

	"cnnbench/tui/screen"
)

func BenchmarkView(b *testing.B) {
	for name, size := range map[string][2]int{"80x24": {w80, h24}, "160x50": {w160, h50}} {
		b.Run(name, func(b *testing.B) {
			s := open(b, full, "lecture-shapes").s
			for b.Loop() {
				s.version++ // nothing is cached
				s.View(size[0], size[1])
			}
		})
	}
}

func BenchmarkUpdate(b *testing.B) {
	bench := open(b, full, "lenet5")
	s := bench.s
	b.Run("move", func(b *testing.B) {
		d := 1
		for b.Loop() {
			s.goBy(d)
			d = -d
		}
	})
	b.Run("changed", func(b *testing.B) {
		for b.Loop() {
			s.Update(screen.Changed{})
		}
	})
	b.Run("choose", func(b *testing.B) {
		for b.Loop() {
			s.choose()
		}
	})
	b.Run("preview", func(b *testing.B) {
		c := bench.app.Draft.Experiment().Data
		for b.Loop() {
			if _, err := s.preview(c); err != nil {
				b.Fatal(err)
			}
		}
	})
}
