package export

import (
	"math"
	"strings"
	"unicode"

	"cnnbench/nn/train"
	"cnnbench/sessions"
)

// figure is one thing that was measured, as a chart shows it.
type figure struct {
	name       string // loss, accuracy, learning_rate
	training   []dot
	validation []dot // empty: it was not measured there
	log        bool  // the values span decades
}

// dot is a figure of an epoch. The value may be no number.
type dot struct {
	epoch int
	value float64
}

const (
	lossName   = "loss"
	validation = "val_"
	decades    = 100 // the largest value over the smallest from which on an axis is logarithmic
)

// figures are the loss, the metrics in alphabetical order as the logs have them, and the learning rate.
func figures(history []train.Epoch) []figure {
	var out []figure
	find := func(name string) *figure {
		for i := range out {
			if out[i].name == name {
				return &out[i]
			}
		}
		out = append(out, figure{name: name})
		return &out[len(out)-1]
	}
	find(lossName)
	for i := range history {
		e := &history[i]
		for _, v := range e.Logs {
			if name, ok := strings.CutPrefix(v.Name, validation); ok {
				f := find(name)
				f.validation = append(f.validation, dot{e.Epoch, tame(v.Value)})
			} else {
				f := find(v.Name)
				f.training = append(f.training, dot{e.Epoch, tame(v.Value)})
			}
		}
	}
	r := find(rate)
	for i := range history {
		r.training = append(r.training, dot{history[i].Epoch, tame(history[i].LearningRate)})
	}
	for i := range out {
		lo, hi := out[i].span()
		out[i].log = lo > 0 && hi/lo >= decades
	}
	return out
}

// span is the smallest and the largest finite value; lo is above hi where there is none.
func (f *figure) span() (lo, hi float64) {
	lo, hi = math.Inf(1), math.Inf(-1)
	for _, dots := range [][]dot{f.training, f.validation} {
		for _, d := range dots {
			if finite(d.value) {
				lo, hi = min(lo, d.value), max(hi, d.value)
			}
		}
	}
	return lo, hi
}

// runs are the dots without those that are no number, cut where one was.
func runs(dots []dot) [][]dot {
	var out [][]dot
	open := false
	for _, d := range dots {
		switch {
		case !finite(d.value):
			open = false
			continue
		case !open:
			out = append(out, nil)
		}
		open = true
		out[len(out)-1] = append(out[len(out)-1], d)
	}
	return out
}

func finite(f float64) bool { return !math.IsNaN(f) && !math.IsInf(f, 0) }

// best is the best epoch by the monitored figure; nil where there is none.
func (in *Input) best() *sessions.Best {
	for i := len(in.History) - 1; i >= 0 && in.Stored != nil; i-- {
		if e := &in.History[i]; e.Best {
			if v, ok := e.Log(in.Stored.Monitor); ok {
				return &sessions.Best{Epoch: e.Epoch, Monitor: in.Stored.Monitor, Value: v}
			}
		}
	}
	return nil
}

// title is a name of a figure for people: learning rate.
func (f *figure) title() string { return strings.ReplaceAll(f.name, "_", " ") }

// printable is a text without what no document may hold: control characters and broken UTF-8.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\ufffe' || r == '\uffff' {
			return '\ufffd'
		}
		return r
	}, strings.ToValidUTF8(s, "\ufffd"))
}
