package runs

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"cnnbench/nn/loss"
	"cnnbench/nn/optim"
	"cnnbench/nn/train"
	"cnnbench/sessions"
	"cnnbench/tui/chart"
	"cnnbench/tui/curves"
	"cnnbench/tui/figure"
	"cnnbench/tui/layout"
	"cnnbench/tui/theme"
)

// draw makes the text of a pane.
func (s *Screen) draw(pane int, r layout.Rect) string {
	p := theme.Pane{Title: textPanes[pane], Focused: s.panes.Is(pane)}
	in := r
	if r.W >= 3 && r.H >= 3 {
		in = r.Inner()
	}
	switch pane {
	case paneTable:
		s.drawTable(&p, in)
	case paneDetails:
		s.drawDetails(&p, in)
	case paneLoss:
		s.drawChart(&p, curves.SlotLoss, in)
	case paneMetric:
		s.drawChart(&p, curves.SlotMetric, in)
	}
	return s.app.Theme.Draw(p, r.W, r.H)
}

func (s *Screen) drawChart(p *theme.Pane, slot int, in layout.Rect) {
	p.Body = s.board.Draw(slot, in.W, in.H, textNoCurve)
	p.Title, p.Right = s.board.Title(slot), s.board.Range(slot) // what it is zoomed to is known only now
}

// drawDetails draws all that is known of the session at the pointer.
func (s *Screen) drawDetails(p *theme.Pane, in layout.Rect) {
	i := s.pointed()
	if i == nil {
		return
	}
	p.Title = i.Name
	lines := s.detailLines(i, in.W-2)
	from, to := s.details.Window(len(lines), in.H)
	p.Foot = s.details.Foot()
	for k := from; k < to; k++ {
		lines[k] = " " + lines[k]
	}
	p.Body = strings.Join(lines[from:to], "\n")
}

func (s *Screen) detailLines(i *sessions.Info, w int) []string {
	t := s.app.Theme
	st := curves.StatusOfInfo(i)
	var lines []string
	wrap := func(text string, style func(...string) string) {
		for _, l := range layout.Wrap(text, max(w, 8)) {
			lines = append(lines, style(l))
		}
	}
	if i.Err != nil {
		wrap(st.Text()+": "+i.Err.Error(), t.Bad.Render)
		wrap(textBroken, t.Dim.Render)
		wrap(i.Dir, t.Dim.Render)
		return lines
	}
	o := s.opened.find(i.Name)
	lines = append(lines, layout.Ends(st.Draw(t), fmt.Sprintf(textEpochs, i.Epochs, i.Planned), w))
	if i.Reason != "" {
		wrap(i.Reason, st.Style(t).Render)
	}
	if r := s.run(i.Name); r != nil {
		if step, ok := r.Diverged(); ok {
			wrap(fmt.Sprintf(textDiverged, step), t.Bad.Render)
		}
	}
	if o != nil && o.err != nil {
		wrap(o.err.Error(), t.Bad.Render)
	}
	for _, f := range s.facts(i, o, w-factW) {
		key := f[0]
		for _, l := range layout.Wrap(f[1], max(w-factW, 6)) {
			lines = append(lines, t.Dim.Render(layout.Fit(key, factW))+l)
			key = ""
		}
	}
	return lines
}

// factW is the width of the names of what is known.
const factW = 10

// facts are what is known of a session, the more telling things first.
func (s *Screen) facts(i *sessions.Info, o *session, w int) [][2]string {
	t := s.app.Theme
	var out [][2]string
	add := func(key, value string) {
		if value != "" {
			out = append(out, [2]string{key, value})
		}
	}
	if i.Best != nil {
		add(textBest, fmt.Sprintf(textBestOf, t.Good.Render(curves.Value(i.Best.Value)), curves.Short(i.Best.Monitor), i.Best.Epoch))
	}
	history := s.history(i, o)
	for _, v := range byRank(i.Last) {
		add(curves.Short(v.Name), layout.Fit(curves.Value(v.Value), valueW)+t.Accent.Render(spark(history, v.Name, min(w-valueW, maxSpark), t.Symbols)))
	}
	if i.Seconds > 0 {
		add(textTook, clock(i.Seconds)+t.Dim.Render(fmt.Sprintf(textSteps, figure.Thousands(i.Steps))))
	}
	if !i.Created.IsZero() {
		add(textBegun, i.Created.Local().Format("2 Jan 2006 15:04"))
	}
	add(textData, dataText(i))
	add(textNetwork, i.Network)
	if i.Params > 0 {
		add("", figure.Thousands(i.Params)+" "+textParams)
	}
	if e := s.experiment(i, o); e != nil {
		add(textTraining, trainingText(e))
	}
	if i.Threads > 0 {
		add(textMachine, fmt.Sprintf(textMachineOf, i.GOOS, i.GOARCH, i.ISA, i.Threads))
	}
	add(textFolder, i.Dir)
	return out
}

// byRank are values with the loss and its validation first.
func byRank(values []train.Value) []train.Value {
	out := slices.Clone(values)
	split := func(v train.Value) (name, part string) {
		name, val := strings.CutPrefix(v.Name, curves.Val(""))
		if name == curves.Loss {
			name = ""
		}
		if val {
			part = curves.Val("")
		}
		return name, part
	}
	slices.SortStableFunc(out, func(a, b train.Value) int {
		nameA, partA := split(a)
		nameB, partB := split(b)
		return cmp.Or(cmp.Compare(nameA, nameB), cmp.Compare(partA, partB))
	})
	return out
}

// Widths of a value, and of the strip of its history behind it.
const (
	valueW   = 9
	maxSpark = 24
)

// history are the epochs of a session, as far as they are at hand.
func (s *Screen) history(i *sessions.Info, o *session) []train.Epoch {
	switch {
	case s.isLive(i.Name):
		return s.app.Live.Epochs
	case o != nil:
		return o.History
	}
	return nil
}

// experiment is what was trained, nil while it is not at hand.
func (s *Screen) experiment(i *sessions.Info, o *session) *sessions.Experiment {
	switch {
	case s.isLive(i.Name):
		return s.app.Live.Run.Prepared.Experiment
	case o != nil:
		return o.Experiment
	}
	return nil
}

// spark is the history of a figure as a strip.
func spark(history []train.Epoch, name string, w int, symbols chart.Symbols) string {
	var values []float64
	for i := range history {
		if v, ok := history[i].Log(name); ok {
			values = append(values, v)
		}
	}
	if len(values) < 2 || w < 4 {
		return ""
	}
	return strings.TrimLeft(chart.Spark(values, min(w, len(values)), symbols), " ")
}

// dataText is a session's source, classes and counts.
func dataText(i *sessions.Info) string {
	text := i.Source
	if len(i.Classes) > 0 {
		text += ": " + strings.Join(i.Classes, ", ")
	}
	if i.Samples[0] > 0 {
		text += fmt.Sprintf(textSamples, figure.Thousands(i.Samples[0]), figure.Thousands(i.Samples[1]))
	}
	return text
}

// trainingText is how an experiment trains, in one line.
func trainingText(e *sessions.Experiment) string {
	var parts []string
	if o := e.Compile.Optimizer; o != nil {
		rate := o.Settings().LearningRate
		text := curves.RateText(rate.Value)
		if rate.Schedule != nil {
			text = optim.Schedules.Must(rate.Schedule).Name
		}
		parts = append(parts, optim.Family.Must(o).Name+" "+text)
	}
	if l := e.Compile.Loss; l != nil {
		parts = append(parts, loss.Family.Must(l).Name)
	}
	if e.Fit.BatchSize == train.All {
		parts = append(parts, textFullBatch)
	} else {
		parts = append(parts, fmt.Sprintf(textBatch, int(e.Fit.BatchSize)))
	}
	return strings.Join(append(parts, fmt.Sprintf(textSeed, e.Seed)), ", ")
}
