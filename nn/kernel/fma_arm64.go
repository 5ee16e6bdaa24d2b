package kernel

// fma is a*b + c rounded once: an instruction here, where the other architectures' Go emulates it. Go's own fusing of
// a*b + c is permitted, but not promised.
//
//go:noescape
func fma(a, b, c float32) float32
