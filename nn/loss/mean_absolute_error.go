package loss

import (
	"math"

	"cnnbench/spec"
)

// MeanAbsoluteError is the mean of |y-p| over a row.
type MeanAbsoluteError struct{}

// Fit takes values, or classes as numbers (one unit) or one-hot (one unit a class).
func (*MeanAbsoluteError) Fit(h Head, d Data) (Target, error) {
	return fitValues("mean_absolute_error", h, d)
}

// Rows computes the rows' losses and gradients; see Loss. The gradient where y = p is 0.
func (*MeanAbsoluteError) Rows(yTrue, yPred []float32, width int, loss []float64, dPred []float32) {
	n := float64(width)
	for r := range loss {
		y, p := yTrue[r*width:(r+1)*width], yPred[r*width:(r+1)*width] // [width]
		sum := 0.0
		for i := range p {
			e := float64(p[i]) - float64(y[i])
			sum += math.Abs(e)
			if dPred != nil {
				dPred[r*width+i] = float32(sign(e) / n)
			}
		}
		loss[r] = sum / n
	}
}

// sign is -1, 0 or 1; NaN stays NaN, so that a diverged row shows in the weights too.
func sign(x float64) float64 {
	switch {
	case x > 0:
		return 1
	case x < 0:
		return -1
	}
	return x
}

func init() {
	Family.Register(spec.Kind{Name: "mean_absolute_error", Class: "MeanAbsoluteError", Aliases: []string{"mae"},
		Doc: "mean of the absolute differences: for values with outliers", New: func() any { return &MeanAbsoluteError{} }})
}
