package runs

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/charmbracelet/colorprofile"

	"cnnbench/tui/chart"
	"cnnbench/tui/screentest"
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
	make func(t testing.TB, p colorprofile.Profile) *bench
}{
	{"empty", func(t testing.TB, p colorprofile.Profile) *bench { return newBench(t, p, chart.Braille) }},
	{"list", func(t testing.TB, p colorprofile.Profile) *bench { return newBench(t, p, chart.Braille, shelf(t)...) }},
	{"overlay", func(t testing.TB, p colorprofile.Profile) *bench {
		b := newBench(t, p, chart.Braille, shelf(t)...)
		b.press("down", "o", "down", "p", "down", "v", "s", "s", "s", "s")
		return b
	}},
	{"branches", func(t testing.TB, p colorprofile.Profile) *bench {
		all := shelf(t)
		branched(all[0])
		b := newBench(t, p, chart.Braille, all...)
		b.press("home")
		return b
	}},
	{"broken", func(t testing.TB, p colorprofile.Profile) *bench {
		b := newBench(t, p, chart.Braille, shelf(t)...)
		b.press("end")
		return b
	}},
}

func TestGoldenViews(t *testing.T) {
	for _, size := range []struct {
		name    string
		w, h    int
		profile colorprofile.Profile
	}{
		{"80x24", 80, 19, screentest.Color},
		{"160x50", 160, 45, screentest.Color},
		{"80x24-nocolor", 80, 19, screentest.NoColor},
	} {
		for _, s := range scenes {
			t.Run(s.name+"-"+size.name, func(t *testing.T) {
				b := s.make(t, size.profile)
				view := b.tab.View(size.w, size.h)
				screentest.Fits(t, view, size.w, size.h)
				golden(t, s.name+"-"+size.name, view)
			})
		}
	}
}
