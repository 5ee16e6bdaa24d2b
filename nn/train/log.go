package train

import (
	"fmt"
	"strconv"
	"strings"
)

// FormatEpoch is what Keras 3 prints of an epoch with verbose=2, without the last newline: the line Epoch 1/4 where
// there are more than one, the callbacks' lines, the epoch's line, and at the end of training the callbacks' last ones.
func FormatEpoch(e *Epoch, epochs int) string {
	var b strings.Builder
	if epochs > 1 {
		fmt.Fprintf(&b, "Epoch %d/%d\n", e.Epoch, epochs)
	}
	for _, n := range e.Notes {
		if strings.HasPrefix(n, "Epoch ") { // the lines of an epoch's end stand apart
			b.WriteByte('\n')
		}
		b.WriteString(n + "\n")
	}
	b.WriteString(FormatLine(e))
	for _, n := range e.EndNotes {
		b.WriteString("\n" + n)
	}
	return b.String()
}

// FormatLine is the line that Keras 3 prints at an epoch's end with verbose=2 (utils/progbar.py), without the newline.
func FormatLine(e *Epoch) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d/%d - %ss - %s/step", e.Steps, e.Steps, pyFixed(e.Seconds, 0), perStep(e.Seconds/float64(max(e.Steps, 1))))
	for _, v := range e.Logs {
		b.WriteString(" - " + v.Name + ": " + FormatValue(v.Value))
	}
	if e.ShowRate {
		b.WriteString(" - learning_rate: " + FormatValue(e.LearningRate))
	}
	return b.String()
}

// FormatValue writes a figure as Keras's log with verbose=2 does: with an exponent from 0.001 downwards, negative
// figures included.
func FormatValue(v float64) string {
	if v > 1e-3 {
		return pyFixed(v, 4)
	}
	return pyNumber(v, 'e', 4)
}

// perStep is a duration in seconds in the unit that suits it.
func perStep(seconds float64) string {
	switch {
	case seconds >= 1 || seconds == 0:
		return pyFixed(seconds, 0) + "s"
	case seconds >= 1e-3:
		return pyFixed(seconds*1e3, 0) + "ms"
	}
	return strconv.FormatFloat(seconds*1e6, 'f', 0, 64) + "us"
}
