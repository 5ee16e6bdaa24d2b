package tui

import (
	"slices"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"cnnbench/sessions"
	"cnnbench/tui/chart"
	"cnnbench/tui/screentest"
)

// The budgets: Update 2 ms, View 8 ms at 160x50, with nothing from a cache.
func BenchmarkView(b *testing.B) {
	m := launch(b, "lecture-cnn", screentest.Color, chart.Braille, 160, 50)
	for i, s := range m.screens {
		m.app.Tab = i
		b.Run(s.Title(), func(b *testing.B) {
			for b.Loop() {
				m.app.Look++
				m.View()
			}
		})
	}
}

func BenchmarkUpdate(b *testing.B) {
	m := launch(b, "lecture-cnn", screentest.Color, chart.Braille, 160, 50)
	for i, s := range m.screens {
		m.app.Tab = i
		b.Run(s.Title(), func(b *testing.B) {
			names := []string{"down", "up"}
			for n := 0; b.Loop(); n++ {
				m.Update(screentest.Key(names[n%2]))
			}
		})
	}
	b.Run("edit", func(b *testing.B) {
		m.app.Tab = 0
		names := []string{"J", "K"}
		for n := 0; b.Loop(); n++ {
			m.Update(screentest.Key(names[n%2]))
		}
	})
}

// BenchmarkKeyWhileTraining is how long a key takes from the press to the screen while all cores train: 50 ms are the
// promise.
func BenchmarkKeyWhileTraining(b *testing.B) {
	s := begin(b, b.TempDir())
	s.sees("everything fits")
	s.m.app.Threads = 0
	s.press("P")
	s.sees("Presets")
	s.types("vgg-small")
	s.press("enter")
	s.sees("vgg-small", "everything fits")
	s.press("space")
	s.sees("RUNNING", "batch")
	s.press("1")
	var took []time.Duration
	names := []string{"down", "up"}
	for n := 0; b.Loop(); n++ {
		start := time.Now()
		s.press(names[n%2])
		s.screen()
		took = append(took, time.Since(start))
		b.StopTimer()
		time.Sleep(5 * time.Millisecond)
		b.StartTimer()
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
}

// BenchmarkDrawingATraining is what a tick costs, from the feed to the window's text, and what ten of them a second
// take of one core: under 2 % are the promise.
func BenchmarkDrawingATraining(b *testing.B) {
	m := launch(b, "lenet5", screentest.Color, chart.Braille, 160, 50)
	m.app.Draft.Edit("long", func(e *sessions.Experiment) { e.Fit.Epochs = 1 << 20 })
	screentest.Drive(b, m.app.Begin(), m.step)
	screentest.Drive(b, m.app.Toggle(), func(msg tea.Msg) tea.Cmd {
		if cmd := m.step(msg); m.app.Live == nil {
			return cmd
		}
		return nil
	})
	if m.app.Live == nil {
		b.Fatal("not started")
	}
	send1(b, m, screentest.Key("3"))
	var spent time.Duration
	for b.Loop() {
		b.StopTimer()
		time.Sleep(20 * time.Millisecond)
		b.StartTimer()
		start := time.Now()
		if cmd := m.app.Drain(); cmd != nil {
			m.Update(cmd())
		}
		m.View()
		spent += time.Since(start)
	}
	b.ReportMetric(100*float64(spent)/float64(b.N)/float64(tickTime), "%core")
}
