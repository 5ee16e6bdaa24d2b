package augment

import "math"

// shearing slants by an angle in degrees.
func shearing(degrees float64) matrix {
	sin, cos := math.Sincos(radians(degrees))
	return matrix{{1, -sin, 0}, {0, cos, 0}}
}
