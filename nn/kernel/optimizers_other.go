//go:build !amd64

package kernel

// There are no vector kernels of the optimizers yet: the Go twins do all of the work.

func scaleSIMD(_ []float32, _ float32) int                                  { return 0 }
func clampSIMD(_ []float32, _ float32) int                                  { return 0 }
func shrinkSIMD(_ []float32, _, _ float32) int                              { return 0 }
func momentumSIMD(_, _, _ []float32, _, _ float32) int                      { return 0 }
func nesterovSIMD(_, _, _ []float32, _, _ float32) int                      { return 0 }
func adagradSIMD(_, _, _ []float32, _, _ float32) int                       { return 0 }
func adadeltaSIMD(_, _, _, _ []float32, _, _, _, _ float32) int             { return 0 }
func adamaxSIMD(_, _, _, _ []float32, _, _, _, _, _ float32) int            { return 0 }
func nadamSIMD(_, _, _, _ []float32, _, _, _, _ float32, _ *[5]float32) int { return 0 }
func amsgradSIMD(_, _, _, _, _ []float32, _, _, _, _ float32) int           { return 0 }
func rmspropSIMD(_, _, _, _, _ []float32, _, _, _, _, _ float32) int        { return 0 }
