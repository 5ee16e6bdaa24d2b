//go:build !amd64 && !arm64

package kernel

// There are no vector kernels here: the Go twins do all of the work.

func addSIMD(_, _ []float32) int                                            { return 0 }
func axpySIMD(_ []float32, _ float32, _ []float32) int                      { return 0 }
func reluSIMD(_, _ []float32) int                                           { return 0 }
func reluBackwardSIMD(_, _ []float32) int                                   { return 0 }
func adamSIMD(_, _, _, _ []float32, _, _, _, _ float32) int                 { return 0 }
func transposeSIMD(_ []float32, _ int, _ []float32, _, _, _ int) (int, int) { return 0, 0 }
func sumRowsSIMD(_, _ []float32, _, _ int) int                              { return 0 }
