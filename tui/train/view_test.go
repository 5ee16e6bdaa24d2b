package train

import (
	"flag"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/charmbracelet/colorprofile"

	"cnnbench/nn/train"
	"cnnbench/tui/chart"
	"cnnbench/tui/curves"
	"cnnbench/tui/layout"
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

// other is a stored run that is drawn beside.
func other(name string, floor float64) *curves.Run {
	r := &curves.Run{Name: name}
	u := train.Update{}
	for e := 1; e <= 8; e++ {
		u.Epochs = append(u.Epochs, train.Epoch{Epoch: e, Step: int64(e * steps), Total: float64(e), Logs: []train.Value{
			{Name: "accuracy", Value: 0.9 - floor/2}, {Name: "loss", Value: floor + 1/float64(e)}, {Name: "val_accuracy", Value: 0.9 - 0.3/float64(e) - floor/4}, {Name: "val_loss", Value: floor + 0.1 + 1/float64(e)}}})
	}
	r.Add(&u)
	return r
}

// scenes are the states of the tab that have golden views.
var scenes = []struct {
	name string
	play func(b *bench)
}{
	{"ready", func(b *bench) {}},
	{"running", func(b *bench) {
		b.begin()
		b.train(120)
		b.rate(0.0005, "0.0005")
		b.train(53)
		b.drain()
		b.do(b.tab.Update(curves.Pinned{Runs: []*curves.Run{other("lecture-cnn-1", 0.3), other("wide-2", 0.45)}}))
	}},
	{"paused", func(b *bench) {
		b.begin()
		b.train(160)
		b.state(train.Paused, "")
		b.drain()
		b.tab.View(80, 19)
		b.press("i", "g", "left", "left", "left", "left", "left", "left", "left", "left")
	}},
	{"diverged", func(b *bench) {
		b.begin()
		b.train(70)
		b.diverge()
		b.drain()
	}},
	{"failed", func(b *bench) {
		b.begin()
		b.train(70)
		b.drain()
		b.state(train.Failed, "read batch 13 of epoch 3: unexpected EOF")
		b.drain()
	}},
	{"finished", func(b *bench) {
		b.begin()
		b.train(10 * steps)
		b.state(train.Finished, "")
		b.drain()
		b.app.Live.Epochs[6].Notes = []string{"Epoch 7: ReduceLROnPlateau reducing learning rate to 0.0005."}
		b.do(b.tab.Update(curves.Listed{}))
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
				b := newBench(t, size.profile, chart.Braille)
				s.play(b)
				view := b.tab.View(size.w, size.h)
				screentest.Fits(t, view, size.w, size.h)
				if size.profile == screentest.NoColor && strings.Contains(view, "\x1b[38") {
					t.Error("there is a colour in it")
				}
				golden(t, s.name+"-"+size.name, view)
			})
		}
	}
}

// TestEverySizeIsFilled draws every scene in windows of all sizes, in any order, with every pane in front.
func TestEverySizeIsFilled(t *testing.T) {
	for i, s := range scenes {
		b := newBench(t, screentest.Color, [...]chart.Symbols{chart.Braille, chart.Block, chart.ASCII}[i%3])
		s.play(b)
		r := rand.New(rand.NewPCG(7, uint64(i)))
		sizes := []layout.Rect{{W: 1, H: 1}, {W: 2, H: 2}, {W: 3, H: 3}, {W: 1, H: 40}, {W: 200, H: 1}, {W: 40, H: 8}, {W: 79, H: 19}, {W: 80, H: 18}, {W: 112, H: 28}, {W: 149, H: 38}, {W: 400, H: 120}}
		for range 120 {
			sizes = append(sizes, layout.Rect{W: 1 + r.IntN(180), H: 1 + r.IntN(60)})
		}
		for _, z := range sizes {
			b.tab.panes.Set(r.IntN(panes))
			view := b.tab.View(z.W, z.H)
			screentest.Fits(t, view, z.W, z.H)
			if b.app.Theme.Symbols == chart.ASCII {
				screentest.IsASCII(t, view)
			}
		}
	}
}

func TestSmallWindowShowsOnePaneWhole(t *testing.T) {
	b := newBench(t, screentest.NoColor, chart.ASCII)
	b.begin()
	b.train(120)
	b.drain()
	for pane, want := range map[int]string{paneLoss: "loss", paneMetric: "accuracy", paneRun: "RUNNING", paneEpochs: "val_loss", paneRate: "learning rate", paneLog: "log"} {
		b.tab.panes.Set(pane)
		if view := b.view(40, 8); !strings.Contains(view, want) {
			t.Errorf("pane %d has no %q:\n%s", pane, want, view)
		}
	}
	if got := b.view(30, 2); !strings.Contains(got, "epoch 5/10 loss 0.4") {
		t.Errorf("the smallest window says %q", got)
	}
}

// TestViewsSayWhatGoesOn looks for the words that no state may be without.
func TestViewsSayWhatGoesOn(t *testing.T) {
	for _, c := range []struct {
		scene string
		words []string
	}{
		{"ready", []string{"IDLE", "lecture-cnn", "T-shirt, Trouser, Pullover", "839,107 parameters", "10 epochs of 29 steps", "adam 0.001"}},
		{"running", []string{"● RUNNING", "epoch 6/10", "28/29", "img/s", "lr 0.0005", "0.0005", "val_loss", "best"}},
		{"paused", []string{"‖ PAUSED", "step 1", "epoch 6/10"}},
		{"diverged", []string{"! DIVERGED", "diverged at step 71", "tenth of the rate"}},
		{"failed", []string{"✗ FAILED", "unexpected EOF", "r restarts"}},
		{"finished", []string{"✓ FINISHED", "epoch 10/10", "took"}},
	} {
		for _, s := range scenes {
			if s.name != c.scene {
				continue
			}
			b := newBench(t, screentest.NoColor, chart.Braille)
			s.play(b)
			for _, size := range [][2]int{{80, 19}, {120, 35}, {160, 45}} {
				view := b.view(size[0], size[1])
				for _, w := range c.words {
					if !strings.Contains(strings.Join(strings.Fields(view), " "), w) {
						t.Errorf("%s at %dx%d does not say %q:\n%s", c.scene, size[0], size[1], w, view)
					}
				}
			}
		}
	}
}

func TestBestEpochIsTheLastThatWasOne(t *testing.T) {
	b := newBench(t, screentest.NoColor, chart.Braille)
	b.begin()
	b.train(10 * steps)
	b.drain()
	stars := 0
	for _, l := range strings.Split(b.view(160, 45), "\n") {
		if strings.Contains(l, "1.21 *") {
			stars++
			if !strings.Contains(l, " 6  ") {
				t.Errorf("the star stands at %q", l)
			}
		}
	}
	if stars != 1 {
		t.Errorf("got %d stars", stars)
	}
}
