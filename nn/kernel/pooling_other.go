//go:build !amd64

package kernel

func (g *Window) maxSIMD(_ []float32, _ []uint8, _ []float32, _ *run) int { return 0 }
func (g *Window) maxBackwardSIMD(_, _ []float32, _ []uint8, _ *run) int   { return 0 }
func (g *Window) meanSIMD(_, _ []float32, _ *run) int                     { return 0 }
func (g *Window) meanBackwardSIMD(_, _ []float32, _ *run) int             { return 0 }
func (g *Window) writesQuads() bool                                       { return false }
func shareTopsSIMD(_, _, _, _ []float32) bool                             { return false }
func (g *Window) maxKeptSIMD(_ []float32, _ []uint8, _ []float32, _ []uint8, _ float32) bool {
	return false
}
