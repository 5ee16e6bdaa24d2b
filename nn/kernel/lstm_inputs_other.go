//go:build !arm64

package kernel

// inputsSIMD: amd64 has a kernel for the whole step, and the others none.
func (LSTM) inputsSIMD(_, _ []float32, _, _ LSTMRows, _ int) bool { return false }
