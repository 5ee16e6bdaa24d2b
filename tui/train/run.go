package train

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"cnnbench/nn/train"
	"cnnbench/tui/chart"
	"cnnbench/tui/curves"
	"cnnbench/tui/figure"
	"cnnbench/tui/layout"
	"cnnbench/tui/theme"
)

// drawRun draws how far the training is, how fast, and its newest figures.
func (s *Screen) drawRun(p *theme.Pane, in layout.Rect) {
	t := s.app.Theme
	x := s.subject()
	if x == nil {
		st := curves.StatusOf(train.Idle, false)
		lines := []string{" " + st.Draw(t), ""}
		for _, l := range layout.Wrap(textIdle, in.W-2) {
			lines = append(lines, " "+t.Dim.Render(l))
		}
		p.Body = strings.Join(lines, "\n")
		return
	}
	p.Title = x.name
	switch {
	case x.watching != nil:
		p.Foot = textReadOnly
	case x.live == nil:
		p.Foot = textStored
	}
	st, _, _ := x.status()
	g := progressOf(x.planned, x.epochs, x.last)
	if x.over() {
		g.epoch = len(x.epochs)
	}
	w := in.W - 2
	lines := []string{layout.Ends(st.Draw(t), fmt.Sprintf(textEpoch, g.epoch, g.planned), w)}
	if !x.over() {
		percent := fmt.Sprintf(" %3.0f%%", 100*g.share)
		done, rest := chart.BarParts(w-layout.Width(percent), g.share, t.Symbols)
		lines = append(lines, t.Bar.Render(done)+t.Groove.Render(rest)+percent)
	}
	figures, facts := s.figures(x, g, w), facts(x)
	keyW := 0
	for _, r := range slices.Concat(figures, facts) {
		keyW = max(keyW, layout.Width(r[0]))
	}
	keyW = min(keyW, w/2)
	row := func(key, value string) { lines = append(lines, t.Dim.Render(layout.Fit(key, keyW))+" "+value) }
	for _, r := range figures {
		row(r[0], r[1])
	}
	lines = append(lines, "")
	for _, r := range facts {
		for _, l := range layout.Wrap(r[1], max(w-keyW-1, 6)) {
			row(r[0], l)
			r[0] = ""
		}
	}
	for i := range lines {
		lines[i] = " " + lines[i]
	}
	p.Body = strings.Join(lines, "\n")
}

// field is a name and what stands behind it.
type field [2]string

// figures are those that change while it trains, the more telling ones first: a low pane cuts the rest.
func (s *Screen) figures(x *subject, g progress, w int) []field {
	t := s.app.Theme
	var out []field
	add := func(key, value string) { out = append(out, field{key, value}) }
	if x.over() {
		if x.seconds > 0 {
			add(textTook, clock(x.seconds))
		}
		if v := average(x.epochs); v > 0 {
			add(textSpeed, fmt.Sprintf(textPerSecond, figure.SI(v), x.unit))
		}
	} else {
		if g.batches > 0 {
			add(textBatch, fmt.Sprintf("%d/%d", g.batch, g.batches))
		}
		speed := &s.speed
		if x.watching != nil {
			speed = &s.seen
		}
		if v := speed.rate(); v > 0 {
			add(textSpeed, fmt.Sprintf(textPerSecond, figure.SI(v), x.unit))
		}
		if g.left >= 0 {
			add(textLeft, clock(g.left)+t.Dim.Render(fmt.Sprintf(textLeftEpoch, clock(g.leftEpoch))))
		}
	}
	if rate, ok := s.rate(x); ok {
		words := curves.RateText(rate)
		if !x.over() && x.watching == nil {
			words += t.Dim.Render("  " + textRateKeys)
		}
		add(curves.Short(curves.Rate), words)
	}
	for _, name := range x.names() {
		v, _ := x.value(name)
		add(curves.Short(name), t.Bold.Render(curves.Value(v)))
	}
	if b := best(x.epochs, x.monitor); b != nil {
		words := t.Good.Render(curves.Value(b.Value))
		if w < wideRun {
			words += fmt.Sprintf(textBestAt, b.Epoch)
		} else {
			words = b.Monitor + " " + words + fmt.Sprintf(textBestIn, b.Epoch)
		}
		add(textBest, words)
	}
	return out
}

// wideRun is the width from which the best epoch is told in full.
const wideRun = 40

// facts are what does not change while it trains.
func facts(x *subject) []field {
	var out []field
	add := func(key, value string) {
		if value != "" {
			out = append(out, field{key, value})
		}
	}
	e := x.experiment
	if x.over() {
		add(textSteps, figure.Thousands(x.steps))
	}
	add(textData, e.Data.Source)
	if x.samples[0] > 0 {
		add("", fmt.Sprintf(textSamples, figure.Thousands(x.samples[0]), figure.Thousands(x.samples[1])))
	}
	add(textNetwork, x.network)
	if x.params > 0 {
		add("", figure.Thousands(x.params)+" "+textParameters)
	}
	add(textOptimizer, optimizerLine(e))
	add(textFolder, x.dir)
	return out
}

// rate is the learning rate that holds now: one that was asked for, or that of the newest step.
func (s *Screen) rate(x *subject) (float64, bool) {
	switch {
	case x.live != nil && !x.live.Over && s.wanted > 0:
		return s.wanted, true
	case x.last != nil:
		return x.last.LearningRate, true
	}
	if f := x.curves.Figure(curves.Rate); f != nil {
		if p, ok := f.Train.Last(); ok {
			return p.Value, true
		}
	}
	if o := x.experiment.Compile.Optimizer; o != nil && x.live != nil {
		return o.Settings().LearningRate.At(0), true
	}
	return 0, false
}

// trouble says what went wrong with a training, and what to do; "" if nothing did.
func (x *subject) trouble() (what, cure string) {
	step, diverged := x.curves.Diverged()
	switch {
	case x.state == train.Failed && diverged:
		return fmt.Sprintf(textDivergedFailed, step, x.reason), textCureDiverged
	case x.state == train.Failed:
		return fmt.Sprintf(textFailed, x.reason), textCureFailed
	case diverged:
		return fmt.Sprintf(textDiverged, step), textCureDiverged
	}
	return x.reason, ""
}

// clock writes seconds as clocks do.
func clock(seconds float64) string {
	return figure.Clock(time.Duration(seconds * float64(time.Second)))
}
