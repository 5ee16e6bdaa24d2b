//go:build !amd64

package kernel

func packBSIMD(_ *product, _ []float32, _ int, _ *part, _, _ int) bool   { return false }
func packTilesSIMD(_ []float32, _ int, _ []float32, _, _, _, _ int) bool { return false }
