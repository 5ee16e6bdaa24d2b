package metric

import "cnnbench/spec"

// Accuracy is the share of rows that are answered right. What right means follows from the shapes alone, as in Keras
// 3: one unit is a yes above 0.5 (binary accuracy); several units beside one target column are compared by the place
// of the largest (sparse categorical accuracy), and so they are beside as many columns (categorical accuracy), whatever
// the loss.
type Accuracy struct{}

// Fit takes any targets of one column or of as many as there are units.
func (*Accuracy) Fit(int, int) error { return nil }

// Rows writes 1 for a right row and 0 for a wrong one; see Metric.
func (*Accuracy) Rows(yTrue, yPred []float32, width int, out []float64) {
	if len(out) == 0 {
		return
	}
	columns := len(yTrue) / len(out)
	for r := range out {
		y, p := yTrue[r*columns:(r+1)*columns], yPred[r*width:(r+1)*width] // [columns], [width]
		right := false
		switch {
		case width == 1:
			right = y[0] == float32(Class(p))
		case columns == 1:
			right = y[0] == float32(argmax(p))
		default:
			right = argmax(y) == argmax(p)
		}
		out[r] = 0
		if right {
			out[r] = 1
		}
	}
}

// Best is Max.
func (*Accuracy) Best() Direction { return Max }

// Class is the class that one row of predictions names: the place of the largest, the first of equals; of a single
// unit, 1 above 0.5 and else 0.
func Class(row []float32) int {
	if len(row) > 1 {
		return argmax(row)
	}
	if row[0] > 0.5 {
		return 1
	}
	return 0
}

// TrueClass is the class that one row of targets names: its one column's number, or the place of the largest.
func TrueClass(row []float32) int {
	if len(row) > 1 {
		return argmax(row)
	}
	return int(row[0])
}

// argmax is the place of the largest value, the first of equals.
func argmax(row []float32) int {
	best := 0
	for i, v := range row {
		if v > row[best] {
			best = i
		}
	}
	return best
}

func init() {
	Family.Register(spec.Kind{Name: "accuracy", Class: "Accuracy", Aliases: []string{"acc"},
		Doc: "share of right answers", New: func() any { return &Accuracy{} }})
}
