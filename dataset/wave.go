package dataset

import "math"

func init() {
	registerBuiltin(builtin{
		name: "wave",
		doc:  "24 steps of noisy waves of several frequencies; the target is the value that follows",
		open: openWave,
	})
}

// openWave draws a sine for each sample: period 6 to 24 steps (evenly by its logarithm), any phase, amplitude 0.5 to
// 1, and at every step normal noise of deviation 0.05, in the target too.
func openWave(req request) (*Source, error) {
	const steps = 24
	shape := []int{steps, 1}
	train, err := generated(req.samples(1000, 0), shape, func(i int, x []float32) float32 {
		s := draws(req.seed, drawWave, trainPart, i)
		turn := 2 * math.Pi / (6 * math.Pow(4, s.Float64()))
		phase := s.Uniform(0, 2*math.Pi)
		amplitude := s.Uniform(.5, 1)
		at := func(t int) float32 {
			return float32(float64(amplitude*math.Sin(float64(turn*float64(t))+phase)) + float64(.05*s.Norm()))
		}
		for t := range steps {
			x[t] = at(t)
		}
		return at(steps)
	})
	if err != nil {
		return nil, err
	}
	return &Source{Shape: shape, Width: 1, Train: train}, nil
}
