package metric

import (
	"cnnbench/nn/loss"
	"cnnbench/spec"
)

// MeanSquaredError is the loss of that name as a metric.
type MeanSquaredError struct{}

// Fit needs as many target columns as units.
func (*MeanSquaredError) Fit(columns, width int) error {
	return fitValues("mean_squared_error", columns, width)
}

// Rows writes each row's mean squared error; see Metric.
func (*MeanSquaredError) Rows(yTrue, yPred []float32, width int, out []float64) {
	(&loss.MeanSquaredError{}).Rows(yTrue, yPred, width, out, nil)
}

// Best is Min.
func (*MeanSquaredError) Best() Direction { return Min }

func init() {
	Family.Register(spec.Kind{Name: "mean_squared_error", Class: "MeanSquaredError", Aliases: []string{"mse"},
		Doc: "mean of the squared differences", New: func() any { return &MeanSquaredError{} }})
}
