package runs

import (
	"fmt"
	"testing"
	"time"

	"cnnbench/nn/train"
	"cnnbench/sessions"
	"cnnbench/tui/chart"
	"cnnbench/tui/curves"
	"cnnbench/tui/screen"
	"cnnbench/tui/screentest"
)

// full is a store of 1000 sessions, four of them on the charts, beside a live training of 200,000 steps.
func full(b *testing.B) (*bench, *curves.Run) {
	b.Helper()
	all := shelf(b)
	proto := all[0]
	for i := range 1000 {
		s := *proto
		s.Name = fmt.Sprintf("run-%d", i)
		s.Updated = noon.Add(-time.Duration(i) * time.Hour)
		all = append(all, &s)
	}
	t := newBench(b, screentest.Color, chart.Braille, all...)
	live := &curves.Run{Name: "live-1"}
	for i := range 100 {
		u := train.Update{}
		for k := range 2000 {
			n := int64(i*2000 + k + 1)
			u.Steps = append(u.Steps, train.Point{Step: n, Epoch: float64(n) / 2000, Seconds: float64(n), Loss: 1 / float64(n), Min: 0, Max: 1, LearningRate: 0.1})
		}
		u.Epochs = []train.Epoch{{Epoch: i + 1, Step: int64(i+1) * 2000, Logs: []train.Value{{Name: "accuracy", Value: 0.5}, {Name: "loss", Value: 1}}}}
		live.Add(&u)
	}
	run := &sessions.Run{Name: "live-1", Prepared: t.app.Data.Current(&t.app.Draft), Feed: &train.Feed{}}
	t.app.Live = &screen.Live{Run: run, State: train.Running}
	b.Cleanup(func() { t.app.Live = nil })
	t.tab.Update(curves.Live{Run: live})
	t.press("home", "o", "down", "o", "down", "o", "home")
	t.tab.name = "live-1"
	t.tab.refresh()
	t.tab.View(160, 45)
	return t, live
}

// BenchmarkUpdate takes in the news of a training.
func BenchmarkUpdate(b *testing.B) {
	t, _ := full(b)
	for b.Loop() {
		t.tab.Update(screen.Fed{})
	}
}

// BenchmarkView draws the tab after the news of a training.
func BenchmarkView(b *testing.B) {
	t, live := full(b)
	for b.Loop() {
		b.StopTimer()
		p, _ := live.Figure(curves.Loss).Train.Last()
		live.Add(&train.Update{Steps: []train.Point{{Step: int64(p.Step) + 1, Epoch: p.Epoch, Seconds: p.Seconds, Loss: 0.5, Min: 0.5, Max: 0.5, LearningRate: 0.1}}})
		t.tab.Update(screen.Fed{})
		b.StartTimer()
		t.tab.View(160, 45)
	}
}

// BenchmarkMove draws the tab after the pointer has moved.
func BenchmarkMove(b *testing.B) {
	t, _ := full(b)
	d := 1
	for b.Loop() {
		t.tab.move(d)
		d = -d
		t.tab.View(160, 45)
	}
}
