//go:build !amd64

package kernel

// There are no vector kernels of these yet: the Go twins do all of the work.

func dropoutMaskSIMD(_ []uint8, _ *[4]uint32, _, _ uint32, _ uint32) int { return 0 }
func keepSIMD(_, _ []float32, _ []uint8, _ float32) int                  { return 0 }
func fetchToWriteSIMD(_ []float32)                                       {}
func expSIMD(_ []float32) int                                            { return 0 }
func sigmoidSIMD(_, _ []float32) int                                     { return 0 }
func tanhSIMD(_, _ []float32) int                                        { return 0 }
func sigmoidBackwardSIMD(_, _ []float32) int                             { return 0 }
func tanhBackwardSIMD(_, _ []float32) int                                { return 0 }
func mulSIMD(_, _, _ []float32) int                                      { return 0 }
func mulAdd2SIMD(_, _, _, _, _ []float32) int                            { return 0 }
