package dataset

func init() {
	registerBuiltin(builtin{
		name: "line",
		doc:  "points of the line y = 2x - 1 with a little noise: one number in, one out",
		open: openLine,
	})
}

// openLine draws x evenly from -2 to 2, and y = 2x - 1 with normal noise of deviation 0.1.
func openLine(req request) (*Source, error) {
	shape := []int{1}
	train, err := generated(req.samples(200, 0), shape, func(i int, x []float32) float32 {
		s := draws(req.seed, drawLine, trainPart, i)
		at := s.Uniform(-2, 2)
		x[0] = float32(at)
		return float32(float64(2*at) - 1 + float64(.1*s.Norm()))
	})
	if err != nil {
		return nil, err
	}
	return &Source{Shape: shape, Width: 1, Train: train}, nil
}
