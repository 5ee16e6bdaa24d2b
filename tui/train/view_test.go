package train

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/charmbracelet/colorprofile"

	"cnnbench/nn/train"
	"cnnbench/tui/chart"
)

var update = flag.Bool("update", false, "write the golden views anew")

// golden compares a view with the stored one.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s is another view than the stored one; look at it and run the test with -update\n%s", name, got)
	}
}

// scenes are the states of the tab that have golden views.
var scenes = []struct {
	name string
	play func(b *bench)
}{
	{"ready", (*bench).prepare},
	{"running", func(b *bench) {
		b.begin()
		b.train(70)
		b.rate(0.0005)
		b.train(21)
		b.drain()
	}},
	{"paused-cursor", func(b *bench) {
		b.begin()
		b.train(67)
		b.state(train.Paused, "")
		b.drain()
		b.tab.View(80, 19)
		b.press("i")
		b.tab.View(80, 19)
		for range 12 {
			b.press("left")
		}
	}},
	{"finished", func(b *bench) {
		b.begin()
		b.train(150)
		b.state(train.Finished, "")
		b.drain()
		b.app.Live.Over = true
	}},
}

func TestGoldenViews(t *testing.T) {
	for _, size := range []struct {
		name    string
		w, h    int
		profile colorprofile.Profile
	}{
		{"80x24", 80, 19, colorprofile.TrueColor},
		{"160x50", 160, 45, colorprofile.TrueColor},
		{"80x24-nocolor", 80, 19, colorprofile.NoTTY},
	} {
		for _, s := range scenes {
			t.Run(s.name+"-"+size.name, func(t *testing.T) {
				b := newBench(t, size.profile, chart.Braille)
				s.play(b)
				golden(t, s.name+"-"+size.name, b.tab.View(size.w, size.h))
			})
		}
	}
}
