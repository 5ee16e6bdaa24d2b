//go:build !amd64

package kernel

// There are no vector kernels here yet: the Go twins do all of the work.

func addSIMD(_, _ []float32) int                            { return 0 }
func axpySIMD(_ []float32, _ float32, _ []float32) int      { return 0 }
func reluSIMD(_, _ []float32) int                           { return 0 }
func reluBackwardSIMD(_, _ []float32) int                   { return 0 }
func adamSIMD(_, _, _, _ []float32, _, _, _, _ float32) int { return 0 }
func dropoutSIMD(_, _ []float32, _ []uint8, _ *[4]uint32, _ uint32, _ uint64, _ float32) int {
	return 0
}
func dropoutBackwardSIMD(_, _ []float32, _ []uint8, _ float32) int          { return 0 }
func transposeSIMD(_ []float32, _ int, _ []float32, _, _, _ int) (int, int) { return 0, 0 }
func sigmoidSIMD(_, _ []float32) int                                        { return 0 }
func tanhSIMD(_, _ []float32) int                                           { return 0 }
func sigmoidBackwardSIMD(_, _ []float32) int                                { return 0 }
func tanhBackwardSIMD(_, _ []float32) int                                   { return 0 }
func mulSIMD(_, _, _ []float32) int                                         { return 0 }
func mulAdd2SIMD(_, _, _, _, _ []float32) int                               { return 0 }
func sumRowsSIMD(_, _ []float32, _, _ int) int                              { return 0 }
