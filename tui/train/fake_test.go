package train

import (
	"errors"
	"math"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"cnnbench/nn/train"
	"cnnbench/sessions"
	"cnnbench/tui/chart"
	"cnnbench/tui/screen"
	"cnnbench/tui/screentest"
)

// bench is the tab with a training whose events a test makes up.
type bench struct {
	t    testing.TB
	app  *screen.App
	tab  *Screen
	feed *train.Feed
	sent []train.Command
	step train.Step
	took float64
}

// newBench makes the tab before the first training, with the network of the first launch.
func newBench(t testing.TB, profile colorprofile.Profile, symbols chart.Symbols) *bench {
	t.Helper()
	if lecture == nil {
		lecture = screentest.App(t, "lecture-cnn", profile, symbols)
	}
	app := screentest.App(t, "lecture-linear", profile, symbols)
	app.Draft, app.Data = lecture.Draft, lecture.Data
	return benchOf(t, app)
}

// lecture has the data of the network of the first launch, which is loaded once for all tests.
var lecture *screen.App

// quickBench is newBench without colour and with a network whose data is there at once.
func quickBench(t testing.TB) *bench {
	t.Helper()
	return benchOf(t, screentest.App(t, "lecture-linear", screentest.NoColor, chart.Braille))
}

func benchOf(t testing.TB, app *screen.App) *bench {
	t.Cleanup(func() { app.Live = nil }) // it is made up: nobody is to wait for its end
	b := &bench{t: t, app: app, tab: newScreen(app)}
	app.Command = func(_ *sessions.Run, c train.Command) { b.sent = append(b.sent, c) }
	return b
}

// steps and batch are those of an epoch that is made up.
const steps, batch = 29, 32

// begin makes a training that has begun.
func (b *bench) begin() {
	b.feed = &train.Feed{}
	run := &sessions.Run{Name: "lecture-cnn-3", Dir: "/home/ada/.local/share/cnnbench/sessions/lecture-cnn-3", Prepared: b.app.Data.Current(&b.app.Draft), Feed: b.feed}
	b.app.Live, b.app.Session = &screen.Live{Run: run, State: train.Running}, nil
	b.feed.OnState(train.Running, nil)
	b.step = train.Step{Batches: steps, Samples: batch, Epoch: 1, LearningRate: float64(float32(0.001))}
	b.took = 0
	b.do(b.tab.Update(screen.Started{}))
}

// noise is a fixed wiggle between -1 and 1.
func noise(n int64) float64 { return math.Sin(float64(n)*12.9898) * math.Cos(float64(n)*78.233) }

// train lets so many steps pass, with the ends of the epochs that they finish.
func (b *bench) train(n int) {
	for range n {
		s := &b.step
		s.Step++
		s.Batch++
		b.took += 0.04
		fall := math.Exp(-float64(s.Step) / 90)
		s.Seconds, s.Loss = b.took, 0.15+0.95*fall+0.08*noise(s.Step)
		s.Means = []train.Value{{Name: "loss", Value: 0.16 + 0.95*fall}, {Name: "accuracy", Value: 0.95 - 0.55*fall}}
		b.feed.OnStep(s)
		if s.Batch == s.Batches {
			b.took += 0.05
			e := train.Epoch{Epoch: s.Epoch, Step: s.Step, Steps: steps, Samples: 900, Seconds: 1.21, TrainSeconds: 1.16, Total: b.took, LearningRate: s.LearningRate,
				Best: s.Epoch != 4 && s.Epoch < 7}
			e.Logs = []train.Value{{Name: "accuracy", Value: s.Means[1].Value}, {Name: "loss", Value: s.Means[0].Value},
				{Name: "val_accuracy", Value: 0.93 - 0.5*fall + 0.01*noise(-s.Step)}, {Name: "val_loss", Value: 0.22 + 0.85*fall + 0.03*noise(-s.Step)}}
			b.feed.OnEpoch(&e)
			s.Epoch++
			s.Batch = 0
		}
	}
}

// diverge is a step whose loss is no number; the training pauses.
func (b *bench) diverge() {
	b.step.Step++
	b.step.Batch++
	b.step.Loss, b.step.Means = math.NaN(), []train.Value{{Name: "loss", Value: math.NaN()}, {Name: "accuracy", Value: 0.3}}
	b.feed.OnStep(&b.step)
	b.feed.OnMark(train.Mark{Step: b.step.Step, Epoch: float64(b.step.Epoch-1) + float64(b.step.Batch)/steps, Seconds: b.took, Text: "diverged at step 71"})
	b.state(train.Paused, "")
}

// rate sets the learning rate as a command does.
func (b *bench) rate(v float64, words string) {
	b.step.LearningRate = float64(float32(v))
	b.feed.OnMark(train.Mark{Step: b.step.Step, Epoch: float64(b.step.Epoch-1) + float64(b.step.Batch)/steps, Seconds: b.took, Text: "learning rate " + words})
}

// state changes the state of the training.
func (b *bench) state(s train.State, reason string) {
	var err error
	if reason != "" {
		err = errors.New(reason)
	}
	b.feed.OnState(s, err)
	b.app.Live.Over = s >= train.Finished
}

// drain brings what happened to the tab.
func (b *bench) drain() { b.do(b.app.Drain()) }

func (b *bench) do(cmd tea.Cmd) { screentest.Do(b.t, cmd, b.app, b.tab) }

func (b *bench) press(names ...string) { screentest.Press(b.t, b.app, b.tab, names...) }

func (b *bench) view(w, h int) string { return screentest.Plain(b.tab.View(w, h)) }
