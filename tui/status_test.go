package tui

import (
	"strings"
	"syscall"
	"testing"

	"cnnbench/nn/train"
	"cnnbench/sessions"
	"cnnbench/tui/chart"
	"cnnbench/tui/screen"
	"cnnbench/tui/screentest"
)

// TestStatusOfAFailingSave: the row says why, at any width that has room for it, as long as the save fails.
func TestStatusOfAFailingSave(t *testing.T) {
	m := launch(t, "lecture-linear", screentest.NoColor, chart.Braille, 80, 24)
	run := &sessions.Run{Name: "lecture-linear-1", Prepared: m.app.Data.Current(&m.app.Draft), Feed: &train.Feed{}}
	m.app.Live = &screen.Live{Run: run, State: train.Running, Unsaved: syscall.ENOSPC}
	defer func() { m.app.Live = nil }()
	const want = "✗ not saved: no space left on device"
	for _, w := range []int{60, 80, 160} {
		if row := screentest.Plain(m.statusLine(w)); !strings.Contains(row, want) {
			t.Errorf("%d columns: %q", w, row)
		}
	}
	m.app.Live.Unsaved = nil
	if row := screentest.Plain(m.statusLine(160)); strings.Contains(row, "not saved") {
		t.Errorf("a save that succeeds: %q", row)
	}
}
