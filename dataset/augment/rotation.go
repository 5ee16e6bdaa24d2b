package augment

import "math"

func radians(degrees float64) float64 { return degrees * (math.Pi / 180) }

// rotation turns by an angle in degrees: the picture clockwise.
func rotation(degrees float64) matrix {
	sin, cos := math.Sincos(radians(degrees))
	return matrix{{cos, -sin, 0}, {sin, cos, 0}}
}
