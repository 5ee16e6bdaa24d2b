package loss

import (
	"fmt"
	"math"

	"cnnbench/portable"
	"cnnbench/spec"
)

// CategoricalCrossentropy is -sum y log p over a row, for targets that are one-hot or add up to 1.
type CategoricalCrossentropy struct {
	LabelSmoothing float64 `yaml:"label_smoothing" min:"0" max:"1" doc:"spreads a share of each target over all classes: y(1-s) + s/K"`
}

// Fit takes one-hot classes, or values that are so already, for one unit a class.
func (*CategoricalCrossentropy) Fit(h Head, d Data) (Target, error) {
	const name = "categorical_crossentropy"
	switch {
	case d.Classes > 0:
		return OneHot, fitClasses(name, h, d)
	case d.Columns < 2:
		return 0, fmt.Errorf("%s needs classes, the data has values; take mean_squared_error", name)
	case h.Units != d.Columns:
		return 0, fmt.Errorf("%s needs one unit a target column: %v, %v; set units: %d", name, h, d, d.Columns)
	}
	return Values, h.probabilities(name, "softmax")
}

// smooth is the target with label smoothing among so many classes.
func (l *CategoricalCrossentropy) smooth(y float32, classes int) float64 {
	return float64(float64(y)*(1-l.LabelSmoothing)) + l.LabelSmoothing/float64(classes)
}

// Rows computes the rows' losses and gradients; see Loss. As in Keras, the predictions are first divided by their sum,
// and the gradient goes through that.
func (l *CategoricalCrossentropy) Rows(yTrue, yPred []float32, width int, loss []float64, dPred []float32) {
	for r := range loss {
		y, p := yTrue[r*width:(r+1)*width], yPred[r*width:(r+1)*width] // [width]
		sum := 0.0
		for _, v := range p {
			sum += float64(v)
		}
		total, through := 0.0, 0.0 // through: sum of q * dloss/dq, what the division by the sum takes from each
		for i := range p {
			yi := l.smooth(y[i], width)
			q, free := clip(float64(p[i]) / sum)
			total -= float64(yi * portable.Log(q))
			if free {
				through -= yi
			}
		}
		loss[r] = total
		if dPred == nil {
			continue
		}
		for i := range p {
			d := 0.0
			if q, free := clip(float64(p[i]) / sum); free {
				d = -l.smooth(y[i], width) / q
			}
			dPred[r*width+i] = float32((d - through) / sum)
		}
	}
}

// Activation is softmax.
func (*CategoricalCrossentropy) Activation() string { return "softmax" }

// RowsLogits computes the rows' losses and gradients; see FromLogits.
func (l *CategoricalCrossentropy) RowsLogits(yTrue, logits, probs []float32, width int, loss []float64, dLogits []float32) {
	for r := range loss {
		y, x := yTrue[r*width:(r+1)*width], logits[r*width:(r+1)*width] // [width]
		lse := logSumExp(x)
		total := 0.0
		for i := range x {
			// A class of no weight counts nothing, even at a logit of minus infinity.
			if yi := l.smooth(y[i], width); yi != 0 {
				total += float64(yi * (lse - float64(x[i])))
			}
		}
		loss[r] = total
		if dLogits == nil {
			continue
		}
		for i := range x {
			dLogits[r*width+i] = float32(float64(probs[r*width+i]) - l.smooth(y[i], width))
		}
	}
}

// logSumExp is log(sum e^x), with the largest x taken out so that nothing overflows.
func logSumExp(x []float32) float64 {
	top := math.Inf(-1)
	for _, v := range x {
		top = max(top, float64(v))
	}
	sum := 0.0
	for _, v := range x {
		sum += portable.Exp(float64(v) - top)
	}
	return top + portable.Log(sum)
}

func init() {
	Family.Register(spec.Kind{Name: "categorical_crossentropy", Class: "CategoricalCrossentropy",
		Doc: "for classes, one-hot, with a softmax of one unit a class", New: func() any { return &CategoricalCrossentropy{} }})
}
