//go:build !amd64

package kernel

func normalizeReluSIMD(_, _ []float32, _ Affine) int                                   { return 0 }
func momentsReluSIMD(_, _, _ []float64, _, _ []float32, _ Affine) bool                 { return false }
func normalizeReluBackwardSIMD(_, _, _ []float32, _ Affine, _, _, _ []float32) int     { return 0 }
func (g *Window) normalizePoolSIMD(_ []float32, _ []uint8, _ []float32, _ Affine) bool { return false }
func (g *Window) momentsPoolSIMD(_, _, _ []float64, _, _ []float32, _ []uint8) bool    { return false }
func (g *Window) normalizePoolBackwardSIMD(_, _ []float32, _ []uint8, _ []float32, _ Affine, _, _, _ []float32) bool {
	return false
}
