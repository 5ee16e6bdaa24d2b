package chart

import (
	"math"
	"strconv"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// bars are the characters of bars of a symbol set, all one cell wide.
type bars struct {
	done, half, rest string   // of progress; half is empty where there is none
	solid            string   // of a count
	parts            []string // of a last cell, rising; the whole one is solid
	levels           []string // of a sparkline, rising
}

var barsOf = [...]bars{
	Braille: {
		done: "━", half: "╸", rest: "─",
		solid: "⣿", parts: []string{"⡇"},
		levels: []string{"⣀", "⣤", "⣶", "⣿"},
	},
	Block: {
		done: "█", half: "▌", rest: "░",
		solid: "█", parts: []string{"▏", "▎", "▍", "▌", "▋", "▊", "▉"},
		levels: []string{"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"},
	},
	ASCII: {
		done: "#", rest: "-",
		solid:  "#",
		levels: []string{"_", ".", "-", "=", "*", "#"},
	},
}

// BarParts draws the progress of something, exactly width cells wide in two
// parts, to be coloured differently. A fraction below 0, or none at all (NaN),
// is nothing; one above 1 is everything. A bar is full only when everything is
// done, and shows something as soon as anything is.
func BarParts(width int, fraction float64, symbols Symbols) (done, rest string) {
	if width <= 0 {
		return "", ""
	}
	if !(fraction > 0) {
		fraction = 0
	}
	b := &barsOf[symbols]
	steps := 1
	if b.half != "" {
		steps = 2
	}
	n := int(math.Floor(min(fraction, 1)*float64(width*steps) + 1e-9))
	if n == 0 && fraction > 0 {
		n = 1
	}
	if n == width*steps && fraction < 1 {
		n--
	}
	done = strings.Repeat(b.done, n/steps)
	left := width - n/steps
	if n%steps != 0 {
		done += b.half
		left--
	}
	return done, strings.Repeat(b.rest, left)
}

// Spark draws values as a strip of small columns, exactly width cells wide. Of
// more values than cells each cell shows the mean of its share; fewer stand at
// the right. What is not finite is a blank.
func Spark(values []float64, width int, symbols Symbols) string {
	if width <= 0 {
		return ""
	}
	cells := min(width, len(values))
	means := make([]float64, cells)
	all := nothing
	for i := range means {
		share := nothing
		for _, v := range values[i*len(values)/cells : (i+1)*len(values)/cells] {
			share.add(v)
		}
		means[i] = math.NaN()
		if share.n > 0 {
			means[i] = share.mean()
		}
		all.add(means[i])
	}
	levels := barsOf[symbols].levels
	var b strings.Builder
	b.WriteString(strings.Repeat(" ", width-cells))
	for _, m := range means {
		switch {
		case !finite(m):
			b.WriteByte(' ')
		case all.hi == all.lo:
			b.WriteString(levels[len(levels)/2])
		default:
			// Halves first: the span of finite values may not be finite.
			part := (m/2 - all.lo/2) / (all.hi/2 - all.lo/2)
			if !(part <= 1) {
				part = 1
			}
			b.WriteString(levels[int(math.Round(part*float64(len(levels)-1)))])
		}
	}
	return b.String()
}

// Count is a labelled number, such as that of the samples of a class.
type Count struct {
	Label string
	Value float64
}

// HBar draws one count as a bar that is full at largest, with so many cells
// for the label, exactly width cells wide. Without room for a bar it is the
// label and the value.
func HBar(c Count, largest float64, label, width int, symbols Symbols) string {
	if width <= 0 {
		return ""
	}
	line, value := "", countText(c.Value)
	if label > 0 {
		line = pad(clean(c.Label, label, symbols), label) + " "
	}
	// Bars of one scale have one length, whatever their values' widths.
	room := width - ansi.StringWidth(line) - 1 - max(len(value), len(countText(largest)))
	if room > 0 {
		if b := solidBar(c.Value/largest, room, symbols); b != "" {
			line += b + " "
		}
	}
	return pad(clean(line+value, width, symbols), width)
}

// countText writes whole numbers as they are.
func countText(v float64) string {
	if v == math.Trunc(v) && math.Abs(v) < 1e9 {
		return strconv.FormatFloat(v, 'f', 0, 64)
	}
	return Number(v)
}

// solidBar is the bar alone; anything above 0 shows.
func solidBar(part float64, width int, symbols Symbols) string {
	if !(part > 0) {
		return ""
	}
	b := &barsOf[symbols]
	steps := len(b.parts) + 1
	n := int(math.Round(min(part, 1) * float64(width*steps)))
	if n == 0 {
		n = 1
	}
	s := strings.Repeat(b.solid, n/steps)
	if k := n % steps; k > 0 {
		s += b.parts[k-1]
	}
	return s
}

// pad fills up with blanks.
func pad(s string, width int) string {
	return s + strings.Repeat(" ", max(width-ansi.StringWidth(s), 0))
}
