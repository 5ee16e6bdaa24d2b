// Package loss holds the losses, with Keras 3's names, defaults and equations, one file a loss.
//
// Predictions are rows: [rows, width], where a network that answers with a sequence just has more rows. A loss gives
// one value a row; the loss of a batch is the mean of weight times value over all its rows (Keras's
// sum_over_batch_size: the weights do not change the divisor). All losses are pure functions of the rows they are
// handed, so that any cut of a batch gives the same bits.
package loss

import "cnnbench/spec"

// Loss is one loss with its settings.
type Loss interface {
	// Fit says in which form the loss takes the targets of such data under such a head, or why it cannot and what
	// would work.
	Fit(h Head, d Data) (Target, error)

	// Rows writes the loss of each row to loss [rows] and, unless dPred is nil, its gradient by the predictions to
	// dPred [rows, width]. yPred [rows, width] are the network's outputs, yTrue [rows, target.Columns(width)] the
	// targets. Probabilities are clipped to [1e-7, 1-1e-7] as Keras does, and the gradient is 0 where the clip holds.
	Rows(yTrue, yPred []float32, width int, loss []float64, dPred []float32)
}

// FromLogits is a loss that skips the head's activation: exact where the probabilities round to 0 or 1, without the
// clip, with the gradient p-y. Keras on TensorFlow does so wherever the network ends with that activation.
type FromLogits interface {
	Loss

	// Activation names the head's activation that the loss undoes: softmax or sigmoid.
	Activation() string

	// RowsLogits is Rows by the activation's inputs, logits [rows, width]. probs [rows, width] are its outputs;
	// dLogits [rows, width] may be nil, or be probs itself.
	RowsLogits(yTrue, logits, probs []float32, width int, loss []float64, dLogits []float32)
}

// Family holds the kinds of losses.
var Family = spec.NewFamily[Loss]("loss")

// epsilon is Keras's fuzz factor, backend.epsilon().
const epsilon = 1e-7

// clip holds p in [epsilon, 1-epsilon], and says whether it lay there. NaN stays NaN.
func clip(p float64) (clipped float64, free bool) {
	switch {
	case p < epsilon:
		return epsilon, false
	case p > 1-epsilon:
		return 1 - epsilon, false
	}
	return p, true
}

// Mean is the loss of a batch: the mean of weights[r]*rows[r], added in row order. weights is nil where all are 1.
func Mean(rows []float64, weights []float32) float64 {
	sum := 0.0
	for r, v := range rows {
		if weights != nil {
			v *= float64(weights[r])
		}
		sum += v
	}
	return sum / float64(len(rows))
}

// Weigh turns the gradients of some rows' own losses, d [n, width], into those of the batch's loss: each row times
// weights[r]/batch. batch is the number of rows in the whole batch; weights [n] is nil where all are 1.
func Weigh(d []float32, width, batch int, weights []float32) {
	f := float32(1 / float64(batch))
	for r := 0; r*width < len(d); r++ {
		if weights != nil {
			f = float32(float64(weights[r]) / float64(batch))
		}
		row := d[r*width : (r+1)*width]
		for i := range row {
			row[i] *= f
		}
	}
}
