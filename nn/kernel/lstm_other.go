//go:build !amd64

package kernel

// There are no vector kernels here: the Go twins do all of the work.

func (LSTM) packSIMD(_, _ []float32, _, _ int) bool             { return false }
func (LSTM) stepSIMD(_, _ []float32, _, _ LSTMRows, _ int) bool { return false }
func (LSTM) backSIMD(_, _ LSTMRows, _, _ []float32, _ int) bool { return false }
