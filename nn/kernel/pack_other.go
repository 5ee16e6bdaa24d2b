//go:build !amd64

package kernel

func (x *product) packBSIMD(_ []float32, _, _, _, _, _ int) int             { return 0 }
func rowsSIMD(_ []float32, _ int, _ []float32, _, _, _ int, _ float32) bool { return false }
