package inspect

import (
	"fmt"
	"strings"
	"testing"

	"cnnbench/nn/train"
	"cnnbench/tui/screen"
)

func BenchmarkView(b *testing.B) {
	for name, size := range map[string][2]int{"80x24": {w80, h24}, "160x50": {w160, h50}} {
		for v := range views {
			b.Run(fmt.Sprint(name, "-", panePlain(v)), func(b *testing.B) {
				bench := made(b, full, "lecture-shapes")
				bench.press("M", "m")
				bench.s.open(v)
				for b.Loop() {
					bench.s.version++ // nothing is cached
					bench.s.View(size[0], size[1])
				}
			})
		}
	}
}

func panePlain(v view) string { return strings.ReplaceAll(paneNames[panesOf[v][0]], " ", "-") }

func BenchmarkUpdate(b *testing.B) {
	bench := made(b, full, "lenet5")
	s := bench.s
	b.Run("epoch", func(b *testing.B) {
		fed := screen.Fed{Update: train.Update{Epochs: make([]train.Epoch, 1)}}
		for b.Loop() {
			s.Update(fed)
		}
	})
	b.Run("list", func(b *testing.B) {
		for b.Loop() {
			s.nextOnly()
		}
	})
	b.Run("cell", func(b *testing.B) {
		for b.Loop() {
			s.nextError()
		}
	})
}
