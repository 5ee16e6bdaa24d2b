package runs

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/colorprofile"

	"cnnbench/nn/train"
	"cnnbench/sessions"
	"cnnbench/tui/chart"
	"cnnbench/tui/screen"
	"cnnbench/tui/screentest"
)

// noon is the time at which the tests look.
var noon = time.Date(2026, 3, 14, 12, 0, 0, 0, time.Local)

// wiggle is a fixed noise between -1 and 1.
func wiggle(n int) float64 { return math.Sin(float64(n)*12.9898) * math.Cos(float64(n)*78.233) }

// stored makes a session that was trained: its loss falls to about floor.
func stored(t testing.TB, name string, state train.State, epochs int, floor float64, at time.Time, set ...string) *sessions.Session {
	t.Helper()
	e, err := sessions.Preset("lecture-cnn", set...)
	if err != nil {
		t.Fatal(err)
	}
	s := &sessions.Session{Experiment: e, Info: sessions.Info{Name: name, Dir: "/home/ada/.local/share/cnnbench/sessions/" + name, State: state, Updated: at}}
	s.Header = sessions.Header{GOOS: "linux", GOARCH: "amd64", ISA: "avx2", Threads: 2, Created: at.Add(-time.Minute), Source: "fashion-mini",
		Network: "conv2d 32, conv2d 64, dense 128, dense 3", Params: 839107, Trainable: 839107, Input: []int{28, 28, 1},
		Classes: []string{"T-shirt", "Trouser", "Pullover"}, Samples: [3]int{900, 300, 300}, Planned: 10, Monitor: "val_loss"}
	const steps = 29
	best := math.Inf(1)
	for i := range epochs {
		for k := range steps {
			step := i*steps + k + 1
			loss := floor + math.Exp(-float64(step)/90) + 0.05*wiggle(step)
			s.Points = append(s.Points, train.Point{Step: int64(step), Epoch: float64(step) / steps, Seconds: 0.1 * float64(step), Loss: loss, Min: loss, Max: loss, LearningRate: 0.001})
		}
		step := (i + 1) * steps
		fall := math.Exp(-float64(step) / 90)
		val := floor + 0.05 + fall + 0.03*wiggle(-i)
		h := train.Epoch{Epoch: i + 1, Step: int64(step), Steps: steps, Samples: 900, Seconds: 3.1, TrainSeconds: 2.9, Total: 3.1 * float64(i+1), LearningRate: 0.001, Best: val < best,
			Logs: []train.Value{{Name: "accuracy", Value: 0.95 - 0.5*fall - floor/4}, {Name: "loss", Value: floor + fall}, {Name: "val_accuracy", Value: 0.94 - 0.5*fall - floor/4}, {Name: "val_loss", Value: val}}}
		if h.Best {
			best = val
			s.Best = &sessions.Best{Epoch: h.Epoch, Monitor: "val_loss", Value: val}
		}
		s.History = append(s.History, h)
		s.Epochs, s.Steps, s.Seconds, s.Last = h.Epoch, h.Step, h.Total, h.Logs
	}
	return s
}

// branched lets a session have left a branch after its second epoch, which did worse.
func branched(s *sessions.Session) {
	var left []train.Epoch
	for _, e := range s.History[2:min(6, len(s.History))] {
		e.Logs = slices.Clone(e.Logs)
		for i := range e.Logs {
			if strings.HasSuffix(e.Logs[i].Name, "loss") {
				e.Logs[i].Value *= 1.2
			} else {
				e.Logs[i].Value *= 0.9
			}
		}
		left = append(left, e)
	}
	s.Branches = append(s.Branches, sessions.Branch{Number: 1, Epoch: 2, History: left})
}

// bench is the tab with sessions that a test makes up.
type bench struct {
	t   testing.TB
	app *screen.App
	tab *Screen
	all map[string]*sessions.Session
}

func newBench(t testing.TB, profile colorprofile.Profile, symbols chart.Symbols, all ...*sessions.Session) *bench {
	t.Helper()
	app := screentest.App(t, "lecture-linear", profile, symbols)
	b := &bench{t: t, app: app, tab: newScreen(app), all: map[string]*sessions.Session{}}
	b.tab.now = func() time.Time { return noon }
	var infos []sessions.Info
	for _, s := range all {
		b.all[s.Name] = s
		infos = append(infos, s.Info)
		// At hand, so that the disk is not asked for what is not there.
		if s.Err == nil {
			b.tab.tookSession(opened{s.Name, s, nil})
		}
	}
	b.tab.took(listed{b.tab.gen, infos, nil})
	return b
}

func (b *bench) press(names ...string) { screentest.Press(b.t, b.app, b.tab, names...) }

// shelf is what several weeks of work leave behind.
func shelf(t testing.TB) []*sessions.Session {
	broken := &sessions.Session{Info: sessions.Info{Name: "lecture-cnn-4", Dir: "/home/ada/.local/share/cnnbench/sessions/lecture-cnn-4", Updated: noon.AddDate(0, -1, 0),
		Err: errors.New("the journal is damaged in line 7")}}
	killed := stored(t, "wide-2", train.Stopped, 3, 0.4, noon.Add(-50*time.Hour), "model.layers[0].conv2d.filters=64")
	killed.Reason = "the program ended before the training did"
	bad := stored(t, "hot-1", train.Stopped, 2, 0.3, noon.AddDate(-1, 0, 0), "compile.optimizer.adam.learning_rate=10")
	bad.Points[30].Loss, bad.Points[30].Min, bad.Points[30].Max = math.NaN(), math.NaN(), math.NaN()
	bad.Last[1].Value, bad.Last[3].Value = math.NaN(), math.NaN()
	failed := stored(t, "lecture-cnn-10", train.Failed, 1, 0.5, noon.AddDate(0, -2, 3))
	failed.Reason = "read batch 3 of epoch 2: unexpected EOF"
	return []*sessions.Session{
		stored(t, "lecture-cnn-12", train.Finished, 10, 0.12, noon.Add(-30*time.Minute)),
		stored(t, "lecture-cnn-11", train.Finished, 10, 0.2, noon.Add(-3*time.Hour), "model.layers[2].dropout.rate=0.5", "fit.batch_size=64"),
		killed, stored(t, "no-pool-1", train.Finished, 8, 0.31, noon.Add(-4*24*time.Hour)), broken, failed, bad,
	}
}
