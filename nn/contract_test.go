package nn_test

import (
	"testing"

	"cnnbench/nn"
	"cnnbench/nn/nntest"
)

func TestContract(t *testing.T) {
	for _, kind := range nn.Layers.Names() {
		t.Run(kind, func(t *testing.T) { nntest.Contract(t, kind) })
	}
}
