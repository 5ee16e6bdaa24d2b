package inspect

import (
	"math"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"cnnbench/nn/metric"
	"cnnbench/nn/train"
	"cnnbench/sessions"
	"cnnbench/tui/chart"
	"cnnbench/tui/keys"
	"cnnbench/tui/screen"
	"cnnbench/tui/screentest"
)

// The looks of a terminal.
var (
	full  = look{Profile: screentest.Color, Symbols: chart.Braille}
	plain = look{Profile: screentest.NoColor, Symbols: chart.Braille}
	ascii = look{Profile: screentest.NoColor, Symbols: chart.ASCII}
)

type look = screentest.Look

// Experiments that are quickly trained.
const (
	tiny = `name: tiny
data: {source: shapes, limit: 90, rescale: 1/255, split: {test: 0.2, validation: 0.2, stratify: true}}
model: {layers: [conv2d: {filters: 4, kernel_size: 3, activation: relu}, max_pooling2d: {pool_size: 4}, flatten, dense: {units: 3, activation: softmax}]}
compile: {optimizer: {adam: {learning_rate: 0.01}}}
fit: {epochs: 2}
`
	line = `name: line
data: {source: line, split: {test: 0.2, validation: 0.2}}
model: {layers: [dense: {units: 1}]}
compile: {loss: mean_squared_error, optimizer: {sgd: {learning_rate: 0.1}}, metrics: [mae]}
fit: {epochs: 5}
`
)

// bench is the tab with the App around it.
type bench struct {
	t    testing.TB
	app  *screen.App
	s    *Screen
	w, h int
}

// open shows the tab on an experiment, a preset's name or the text of a file, of which nothing was trained yet.
func open(t testing.TB, l look, name string) *bench {
	t.Helper()
	app := screentest.AppOf(t, name, l)
	b := &bench{t, app, New(app).(*Screen), w80, h24}
	b.s.spin.Spinner.FPS = time.Millisecond
	if err := keys.Check(b.s.Contexts()); err != nil {
		t.Fatal(err)
	}
	b.do(b.s.Show())
	return b
}

// trained opens the tab on an experiment and trains it.
func trained(t testing.TB, l look, name string) *bench {
	t.Helper()
	b := open(t, l, name)
	b.do(b.app.Start())
	b.wait(func() bool { return !b.app.Running() })
	if b.s.result == nil {
		t.Fatalf("nothing was worked out: %v", b.s.err)
	}
	return b
}

// do carries a command out, and what comes of it.
func (b *bench) do(cmd tea.Cmd) {
	b.t.Helper()
	screentest.Do(b.t, cmd, b.app, b.s)
}

// wait lets the training go on until something is so.
func (b *bench) wait(done func() bool) {
	b.t.Helper()
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(time.Millisecond) {
		b.do(b.app.Drain())
		if done() {
			return
		}
		if time.Now().After(end) {
			b.t.Fatal("the training does not go on")
		}
	}
}

// press presses keys on the tab as it is drawn, or in the dialog that is open.
func (b *bench) press(names ...string) {
	b.t.Helper()
	for _, k := range names {
		b.s.View(b.w, b.h)
		screentest.Press(b.t, b.app, b.s, k)
	}
}

// why is why a key does nothing now.
func (b *bench) why(key string) string { return keys.Find(b.s.Contexts(), key).Why() }

// view is what is drawn, without styles.
func (b *bench) view() string { return screentest.Plain(b.s.View(b.w, b.h)) }

// made lets the tab show a result that was not worked out but made, so that it is the same on every machine: of the
// validation part of a preset with its first weights, each answer being what a pattern says.
func made(t testing.TB, l look, preset string) *bench {
	t.Helper()
	b := open(t, l, preset)
	p := b.app.Data.Current(&b.app.Draft)
	if p == nil {
		t.Fatal(b.app.Data.Err)
	}
	net, err := p.Build(sessions.BuildOptions{Threads: 1, Inference: true})
	if err != nil {
		t.Fatal(err)
	}
	e := &sessions.Evaluation{Split: "validation", Samples: p.Data.Validation.Len(), Loss: .4321, Classes: p.Classes}
	if p.Classes != nil {
		e.Confusion = metric.NewConfusion(len(p.Classes))
	}
	for i := range e.Samples {
		e.Predictions = append(e.Predictions, pretended(p, i))
		if q := &e.Predictions[i]; e.Confusion != nil {
			e.Confusion.Add(q.Label, q.Class)
		}
	}
	e.Metrics = []train.Value{{Name: "mae", Value: .0987}}
	if e.Confusion != nil {
		e.Report = e.Confusion.Report()
		e.Metrics = []train.Value{{Name: "accuracy", Value: e.Report.Accuracy}}
	}
	r := &result{subject: subject{session: &sessions.Session{Info: sessions.Info{Name: preset + "-1"}}}, data: p, eval: e, at: moment{epoch: 3, step: 84}, filters: filtersOf(p, net), net: net}
	t.Cleanup(r.close)
	b.app.Session = r.subject.session
	j := &job{cancel: func() {}}
	b.s.job = j
	b.do(func() tea.Msg { return computed{j, r, nil} })
	return b
}

// pretended is an answer by a pattern: every seventh is wrong, and how sure it is varies.
func pretended(p *sessions.Prepared, i int) sessions.Prediction {
	part := p.Data.Validation
	q := sessions.Prediction{Sample: i, Index: part.Index[i], Label: part.Label(i), Class: -1, Target: part.Target(i)}
	if p.Classes == nil {
		for k, v := range q.Target {
			q.Values = append(q.Values, v+float32(.2*math.Sin(float64(i+k))))
		}
		return q
	}
	n := len(p.Classes)
	if q.Class = q.Label; i%7 == 0 {
		q.Class = (q.Label + 1 + i/7%(n-1)) % n
	}
	sure := float32(.5 + .49*math.Abs(math.Sin(float64(i))))
	q.Values = make([]float32, n)
	for c := range q.Values {
		q.Values[c] = (1 - sure) / float32(n-1)
	}
	q.Values[q.Class] = sure
	return q
}
