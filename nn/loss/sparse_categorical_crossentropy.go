package loss

import (
	"fmt"

	"cnnbench/portable"
	"cnnbench/spec"
)

// SparseCategoricalCrossentropy is categorical crossentropy for targets that are class numbers.
type SparseCategoricalCrossentropy struct{}

// Fit takes class numbers, for one unit a class.
func (*SparseCategoricalCrossentropy) Fit(h Head, d Data) (Target, error) {
	const name = "sparse_categorical_crossentropy"
	if d.Classes == 0 {
		return 0, fmt.Errorf("%s needs class numbers, the data has values; take mean_squared_error", name)
	}
	return Labels, fitClasses(name, h, d)
}

// class is the row's class, an index into its predictions.
func class(y float32, width int) int {
	c := int(y)
	if c < 0 || c >= width || float32(c) != y {
		panic("loss: a target is not a class number of the head")
	}
	return c
}

// Rows computes the rows' losses and gradients; see Loss. As in Keras, the predictions are clipped first and then
// divided by their sum, and the gradient goes through both.
func (*SparseCategoricalCrossentropy) Rows(yTrue, yPred []float32, width int, loss []float64, dPred []float32) {
	for r := range loss {
		c, p := class(yTrue[r], width), yPred[r*width:(r+1)*width] // p [width]
		sum := 0.0
		for _, v := range p {
			q, _ := clip(float64(v))
			sum += q
		}
		own, _ := clip(float64(p[c]))
		loss[r] = portable.Log(sum) - portable.Log(own)
		if dPred == nil {
			continue
		}
		for i, v := range p {
			d := 0.0
			if q, free := clip(float64(v)); free {
				d = 1 / sum
				if i == c {
					d -= 1 / q
				}
			}
			dPred[r*width+i] = float32(d)
		}
	}
}

// Activation is softmax.
func (*SparseCategoricalCrossentropy) Activation() string { return "softmax" }

// RowsLogits computes the rows' losses and gradients; see FromLogits.
func (*SparseCategoricalCrossentropy) RowsLogits(yTrue, logits, probs []float32, width int, loss []float64, dLogits []float32) {
	for r := range loss {
		c, x := class(yTrue[r], width), logits[r*width:(r+1)*width] // x [width]
		loss[r] = logSumExp(x) - float64(x[c])
		if dLogits == nil {
			continue
		}
		copy(dLogits[r*width:(r+1)*width], probs[r*width:(r+1)*width])
		dLogits[r*width+c]--
	}
}

func init() {
	Family.Register(spec.Kind{Name: "sparse_categorical_crossentropy", Class: "SparseCategoricalCrossentropy",
		Doc: "for classes given as numbers, with a softmax of one unit a class", New: func() any { return &SparseCategoricalCrossentropy{} }})
}
