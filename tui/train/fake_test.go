package train

import (
	"context"
	"errors"
	"math"
	"sync"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"cnnbench/nn/train"
	"cnnbench/sessions"
	"cnnbench/tui/chart"
	"cnnbench/tui/keys"
	"cnnbench/tui/screen"
	"cnnbench/tui/theme"
)

// bench is the tab with a training whose events a test makes up.
type bench struct {
	t    *testing.T
	app  *screen.App
	tab  *Screen
	feed *train.Feed
	sent []train.Command
	step train.Step
	took float64
}

// lecture is the preset that stands ready at the first launch, prepared once for all tests.
var lecture = sync.OnceValue(func() *sessions.Prepared {
	e, err := sessions.Preset("lecture-cnn")
	if err != nil {
		panic(err)
	}
	p, err := sessions.Prepare(e, "")
	if err != nil {
		panic(err)
	}
	return p
})

// newBench makes the tab before the first training.
func newBench(t *testing.T, profile colorprofile.Profile, symbols chart.Symbols) *bench {
	t.Helper()
	app := screen.NewApp(context.Background(), &sessions.Store{Home: t.TempDir()}, 1, theme.New(true, profile, symbols))
	app.Draft.Set(lecture().Experiment, "", "", true)
	b := &bench{t: t, app: app, tab: newScreen(app)}
	b.tab.send = func(c train.Command) tea.Cmd {
		b.sent = append(b.sent, c)
		return nil
	}
	return b
}

// prepare lets the draft's data be looked at, as the workbench does in the background.
func (b *bench) prepare() { b.run(b.app.Load(lecture().Experiment, "", "", true)) }

// begin makes a training that has begun.
func (b *bench) begin() {
	b.feed = &train.Feed{}
	b.app.Live = &screen.Live{Run: &sessions.Run{Name: "lecture-cnn-3", Dir: "/home/ada/.local/share/cnnbench/sessions/lecture-cnn-3", Prepared: lecture(), Feed: b.feed}, State: train.Running}
	b.app.Session = nil
	b.feed.OnState(train.Running, nil)
	b.step = train.Step{Batches: 15, Samples: 32, Epoch: 1, LearningRate: float64(float32(0.001))}
	b.took = 0
	b.tab.Update(screen.Started{})
}

// noise is a fixed wiggle between -1 and 1.
func noise(n int64) float64 {
	x := uint64(n)*0x9e3779b97f4a7c15 + 0x2545f4914f6cdd1d
	x ^= x >> 31
	x *= 0xbf58476d1ce4e5b9
	x ^= x >> 27
	return float64(x%20001)/10000 - 1
}

// train lets so many steps pass, with the end of the epochs they finish.
func (b *bench) train(steps int) {
	for range steps {
		s := &b.step
		s.Step++
		s.Batch++
		b.took += 0.04
		s.Seconds = b.took
		done := float64(s.Step) / 60
		s.Loss = 0.15 + 0.95*math.Exp(-done) + 0.06*noise(s.Step)*math.Exp(-done/4)
		s.Means = []train.Value{{Name: "loss", Value: 0.16 + 0.95*math.Exp(-done)}, {Name: "accuracy", Value: 0.95 - 0.55*math.Exp(-done)}}
		b.feed.OnStep(s)
		if s.Batch == s.Batches {
			b.took += 0.05
			e := train.Epoch{Epoch: s.Epoch, Step: s.Step, Steps: s.Batches, Samples: 480, Seconds: 0.65, TrainSeconds: 0.6, Total: b.took, LearningRate: s.LearningRate}
			val := 0.22 + 0.85*math.Exp(-done*0.9) + 0.03*noise(-s.Step)
			e.Best = s.Epoch != 4 && s.Epoch < 7
			e.Logs = []train.Value{{Name: "accuracy", Value: s.Means[1].Value}, {Name: "loss", Value: s.Means[0].Value},
				{Name: "val_accuracy", Value: 0.93 - 0.5*math.Exp(-done) + 0.01*noise(-s.Step)}, {Name: "val_loss", Value: val}}
			b.feed.OnEpoch(&e)
			s.Epoch++
			s.Batch = 0
		}
	}
}

// rate changes the learning rate as a command does.
func (b *bench) rate(v float64) {
	b.step.LearningRate = float64(float32(v))
	b.feed.OnMark(train.Mark{Step: b.step.Step, Epoch: float64(b.step.Epoch-1) + float64(b.step.Batch)/15, Seconds: b.took, Text: "learning rate 0.0005"})
}

// drain brings what happened to the tab.
func (b *bench) drain() {
	b.run(b.app.Drain())
}

// state changes the state of the training.
func (b *bench) state(s train.State, reason string) {
	var err error
	if reason != "" {
		err = errors.New(reason)
	}
	b.feed.OnState(s, err)
}

// run does a command and hands its messages to the tab.
func (b *bench) run(cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	switch m := cmd().(type) {
	case nil:
	case tea.BatchMsg:
		for _, c := range m {
			b.run(c)
		}
	default:
		if cmd, mine := b.app.Update(m); mine {
			b.run(cmd)
			return
		}
		b.run(b.tab.Update(m))
	}
}

// press does what the table says of a key.
func (b *bench) press(key string) {
	b.t.Helper()
	a := keys.Find(b.tab.Contexts(), key)
	if a == nil {
		b.t.Fatalf("no action has the key %s", key)
	}
	if why := a.Why(); why != "" {
		b.t.Fatalf("%s cannot be done: %s", a.Name, why)
	}
	b.run(a.Run())
}
