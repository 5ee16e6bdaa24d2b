package loss

import (
	"fmt"
	"math"

	"cnnbench/portable"
	"cnnbench/spec"
)

// BinaryCrossentropy is the mean of -(y log p + (1-y) log(1-p)) over a row: every unit answers a yes-or-no question.
type BinaryCrossentropy struct {
	LabelSmoothing float64 `yaml:"label_smoothing" min:"0" max:"1" doc:"squeezes the targets towards 0.5: y(1-s) + s/2"`
}

// Fit takes two classes for one unit, one-hot classes for one unit a class, or values of 0 to 1.
func (*BinaryCrossentropy) Fit(h Head, d Data) (Target, error) {
	const name = "binary_crossentropy"
	if h.Units == 1 && h.Activation == "softmax" {
		return 0, fmt.Errorf("%s cannot learn from a softmax of one unit, which is always 1; set activation: sigmoid", name)
	}
	if err := h.probabilities(name, "sigmoid"); err != nil {
		return 0, err
	}
	switch {
	case d.Classes == 0 && h.Units == d.Columns:
		return Values, nil
	case d.Classes == 0:
		return 0, fmt.Errorf("%s needs one unit a target column: %v, %v; set units: %d", name, h, d, d.Columns)
	case h.Units == 1 && d.Classes <= 2:
		return Labels, nil
	case h.Units > 1 && h.covers(d):
		return OneHot, nil
	case d.Classes <= 2:
		return 0, fmt.Errorf("%s needs one unit for two classes: %v, %v; set units: 1", name, h, d)
	}
	return 0, fmt.Errorf("%s needs one unit a class where there are more than two: %v, %v; set units: %d", name, h, d, d.Classes)
}

// smooth is the target with label smoothing.
func (l *BinaryCrossentropy) smooth(y float32) float64 {
	return float64(float64(y)*(1-l.LabelSmoothing)) + float64(0.5*l.LabelSmoothing)
}

// Rows computes the rows' losses and gradients; see Loss.
func (l *BinaryCrossentropy) Rows(yTrue, yPred []float32, width int, loss []float64, dPred []float32) {
	n := float64(width)
	for r := range loss {
		sum := 0.0
		for i := r * width; i < (r+1)*width; i++ {
			y := l.smooth(yTrue[i])
			p, free := clip(float64(yPred[i]))
			sum -= float64(y*portable.Log(p)) + float64((1-y)*portable.Log(1-p))
			if dPred == nil {
				continue
			}
			d := 0.0
			if free {
				d = ((1-y)/(1-p) - y/p) / n
			}
			dPred[i] = float32(d)
		}
		loss[r] = sum / n
	}
}

// Activation is sigmoid.
func (*BinaryCrossentropy) Activation() string { return "sigmoid" }

// RowsLogits computes the rows' losses and gradients; see FromLogits.
func (l *BinaryCrossentropy) RowsLogits(yTrue, logits, probs []float32, width int, loss []float64, dLogits []float32) {
	n := float64(width)
	for r := range loss {
		sum := 0.0
		for i := r * width; i < (r+1)*width; i++ {
			y, x := l.smooth(yTrue[i]), float64(logits[i])
			// max(x, 0) - xy + log(1 + e^-|x|) never overflows.
			sum += max(x, 0) - float64(x*y) + portable.Log1p(portable.Exp(-math.Abs(x)))
			if dLogits != nil {
				dLogits[i] = float32((float64(probs[i]) - y) / n)
			}
		}
		loss[r] = sum / n
	}
}

func init() {
	Family.Register(spec.Kind{Name: "binary_crossentropy", Class: "BinaryCrossentropy", Aliases: []string{"bce"},
		Doc: "for two classes, with a sigmoid of one unit", New: func() any { return &BinaryCrossentropy{} }})
}
