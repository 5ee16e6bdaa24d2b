package train

import (
	"testing"

	"cnnbench/nn/train"
	"cnnbench/tui/chart"
	"cnnbench/tui/curves"
	"cnnbench/tui/screen"
	"cnnbench/tui/screentest"
)

// long is a training of 200,000 steps in 200 epochs, beside two pinned runs.
func long(b *testing.B) *bench {
	b.Helper()
	l := newBench(b, screentest.Color, chart.Braille)
	l.begin()
	for range 200 {
		l.train(1000)
		l.drain()
	}
	l.do(l.tab.Update(curves.Pinned{Runs: []*curves.Run{other("one", 0.3), other("two", 0.4)}}))
	l.tab.View(160, 45)
	return l
}

// BenchmarkView draws the dashboard after each update of a training: what ten frames a second cost.
func BenchmarkView(b *testing.B) {
	l := long(b)
	for b.Loop() {
		b.StopTimer()
		l.train(20)
		l.tab.Update(screen.Fed{Update: l.app.Live.Run.Feed.Drain()})
		b.StartTimer()
		l.tab.View(160, 45)
	}
}

// BenchmarkViewUnchanged draws the dashboard when nothing has happened.
func BenchmarkViewUnchanged(b *testing.B) {
	l := long(b)
	for b.Loop() {
		l.tab.View(160, 45)
	}
}

// BenchmarkViewSmoothed draws it after a key that has all curves smoothed anew.
func BenchmarkViewSmoothed(b *testing.B) {
	l := long(b)
	for b.Loop() {
		l.press("e")
		l.tab.View(160, 45)
	}
}

// BenchmarkUpdate takes in what 20 steps gave.
func BenchmarkUpdate(b *testing.B) {
	l := long(b)
	var updates []train.Update
	for b.Loop() {
		b.StopTimer()
		l.train(20)
		u := l.app.Live.Run.Feed.Drain()
		updates = append(updates[:0], u)
		b.StartTimer()
		l.tab.Update(screen.Fed{Update: updates[0]})
	}
}

// BenchmarkUpdateFull takes in as much as a feed holds.
func BenchmarkUpdateFull(b *testing.B) {
	l := long(b)
	for b.Loop() {
		b.StopTimer()
		l.train(2048)
		u := l.app.Live.Run.Feed.Drain()
		b.StartTimer()
		l.tab.Update(screen.Fed{Update: u})
	}
}
