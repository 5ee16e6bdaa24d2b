//go:build !amd64 && !arm64

package kernel

// available lists the kernels that this processor can run, the fastest first.
func available() []*isa { return []*isa{&plain, &generic} }
