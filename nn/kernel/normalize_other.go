//go:build !amd64

package kernel

func momentsSIMD(_, _, _ []float64, _, _ []float32) bool                       { return false }
func normalizeSIMD(_, _ []float32, _ Affine) int                               { return 0 }
func normalizeBackwardSIMD(_, _, _ []float32, _ Affine, _, _, _ []float32) int { return 0 }
