//go:build !amd64

package kernel

func (x *product) packBSIMD(_ []float32, _, _, _, _, _ int) int          { return 0 }
func packTilesSIMD(_ []float32, _ int, _ []float32, _, _, _, _ int) bool { return false }
