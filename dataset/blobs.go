package dataset

func init() {
	registerBuiltin(builtin{
		name: "blobs",
		doc:  "points with 12 features in ten clouds that overlap a little, one cloud a class",
		open: openBlobs,
	})
}

// openBlobs draws points around ten centres, with deviation 1 in each of 12 features. The centres are the same for
// every seed, so that every seed gives samples of the same task.
func openBlobs(req request) (*Source, error) {
	const classes, features, spread = 10, 12, .9
	var centers [classes][features]float64
	for c := range centers {
		s := draws(0, drawBlobCenters, trainPart, c)
		for f := range centers[c] {
			centers[c][f] = spread * s.Norm()
		}
	}
	shape := []int{features}
	n := req.samples(2000, classes)
	points, err := generated(n, shape, func(i int, x []float32) float32 {
		s := draws(req.seed, drawBlobs, trainPart, i)
		for f := range x {
			x[f] = float32(centers[i%classes][f] + s.Norm())
		}
		return 0
	})
	if err != nil {
		return nil, err
	}
	return &Source{Shape: shape, Classes: numbers(classes), Train: &Set{Samples: points.Samples, Labels: inTurn(n, classes)}}, nil
}
