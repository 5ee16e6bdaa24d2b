// Package kernel is the float32 arithmetic of the engine on plain slices: matrix products behind gonum's BLAS
// interface, tiled im2col, pooling, activations, normalisation. It knows no layers and starts no goroutines; callers
// cut the work and hand in disjoint ranges.
//
// Every product and sum is written so that no compiler fuses it (float32(a*b) + c), and every sum has a fixed order, so
// that a result depends on the operands alone.
package kernel

//go:generate sh gen/all.sh
