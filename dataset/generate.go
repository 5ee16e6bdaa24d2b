package dataset

import (
	"strconv"

	"cnnbench/rng"
)

// The generated sources number their draws: each sample of each part has a key of its own, so that sample i is the
// same however many are made. The numbers are part of every saved run: never reuse one.
const (
	drawShapes uint64 = 1 + iota
	drawLine
	drawWave
	drawBlobs
	drawBlobCenters
)

// Parts of a generated source, in the keys of its draws.
const (
	trainPart uint64 = iota
	testPart
)

// draws is the stream of one sample.
func draws(seed, source, part uint64, sample int) *rng.Stream {
	return rng.New(seed, rng.Data, source<<8|part, uint64(sample)).Stream()
}

// samples is how many training samples to make: usual, or as many as the limit leaves exactly the number asked for.
// The classes, if any, come in turn, so that what is made must also hold those that are left out later.
func (r request) samples(usual, classes int) int {
	if r.limit == 0 {
		return usual
	}
	if r.classes == 0 || r.classes >= classes {
		return r.limit
	}
	return (r.limit + r.classes - 1) / r.classes * classes
}

// generated makes n samples of floats; fill writes a sample and returns its value.
func generated(n int, shape []int, fill func(i int, x []float32) float32) (*Set, error) {
	size := volume(shape)
	if err := fits(n, size, 4); err != nil {
		return nil, field("limit", err)
	}
	data, values := make([]float32, n*size), make([]float32, n)
	for i := range values {
		values[i] = fill(i, data[i*size:(i+1)*size])
	}
	return &Set{Samples: Floats(shape, data), Values: values}, nil
}

// inTurn gives the classes to n samples one after the other.
func inTurn(n, classes int) []int32 {
	labels := make([]int32, n)
	for i := range labels {
		labels[i] = int32(i % classes)
	}
	return labels
}

// numbers are the names of classes that have none: 0, 1 and so on.
func numbers(n int) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = strconv.Itoa(i)
	}
	return names
}
