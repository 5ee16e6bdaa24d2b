package metric

import (
	"cnnbench/nn/loss"
	"cnnbench/spec"
)

// MeanAbsoluteError is the loss of that name as a metric.
type MeanAbsoluteError struct{}

// Fit needs as many target columns as units.
func (*MeanAbsoluteError) Fit(columns, width int) error {
	return fitValues("mean_absolute_error", columns, width)
}

// Rows writes each row's mean absolute error; see Metric.
func (*MeanAbsoluteError) Rows(yTrue, yPred []float32, width int, out []float64) {
	(&loss.MeanAbsoluteError{}).Rows(yTrue, yPred, width, out, nil)
}

// Best is Min.
func (*MeanAbsoluteError) Best() Direction { return Min }

func init() {
	Family.Register(spec.Kind{Name: "mean_absolute_error", Class: "MeanAbsoluteError", Aliases: []string{"mae"},
		Doc: "mean of the absolute differences", New: func() any { return &MeanAbsoluteError{} }})
}
