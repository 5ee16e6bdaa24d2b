//go:build !amd64

package augment

func bilinearSIMD([]float32, []float32, *span) bool      { return false }
func extentSIMD([]float32) (lo, hi float32, n int)       { return 0, 0, 0 }
func shiftSIMD([]float32, float32, float32, float32) int { return 0 }
func brightenSIMD([]float32, float32, float32) int       { return 0 }
