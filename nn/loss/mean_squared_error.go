package loss

import "cnnbench/spec"

// MeanSquaredError is the mean of (y-p)^2 over a row.
type MeanSquaredError struct{}

// Fit takes values, or classes as numbers (one unit) or one-hot (one unit a class).
func (*MeanSquaredError) Fit(h Head, d Data) (Target, error) {
	return fitValues("mean_squared_error", h, d)
}

// Rows computes the rows' losses and gradients; see Loss.
func (*MeanSquaredError) Rows(yTrue, yPred []float32, width int, loss []float64, dPred []float32) {
	n := float64(width)
	for r := range loss {
		y, p := yTrue[r*width:(r+1)*width], yPred[r*width:(r+1)*width] // [width]
		sum := 0.0
		for i := range p {
			e := float64(p[i]) - float64(y[i])
			sum += float64(e * e)
			if dPred != nil {
				dPred[r*width+i] = float32(2 * e / n)
			}
		}
		loss[r] = sum / n
	}
}

func init() {
	Family.Register(spec.Kind{Name: "mean_squared_error", Class: "MeanSquaredError", Aliases: []string{"mse"},
		Doc: "mean of the squared differences: for values", New: func() any { return &MeanSquaredError{} }})
}
