package dataset

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"cnnbench/dataset/npy"
)

// finite refuses values that are not finite; they would spoil a training at once.
func finite(values []float32, width int) error {
	for i, v := range values {
		if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
			return fmt.Errorf("found %v in row %d (counted from 0), needs finite numbers of at most 3.4e38", v, i/width)
		}
	}
	return nil
}

// finiteRows reads an array of finite values.
func finiteRows(a npy.Array) ([]float32, error) {
	values, err := a.Float32s()
	if err != nil {
		return nil, err
	}
	if err := finite(values, max(len(values)/a.Shape[0], 1)); err != nil {
		return nil, fmt.Errorf("%s: %w", a.Name, err)
	}
	return values, nil
}

// maxClasses bounds class numbers, so that a stray value does not become a million classes.
const maxClasses = 10000

// targets are those of all parts of a file, read in one way: labels with the number of classes, or values.
type targets struct {
	labels  [][]int32
	classes int
	unnamed bool // the number of classes is only that of those seen
	values  [][]float32
	width   int
}

var errNoClasses = errors.New("neither class numbers nor one-hot rows")

// readTargets reads the targets of all parts as class numbers if the whole lot can be read so and should be, else as
// rows of values.
func readTargets(ys []npy.Array, want Targets) (*targets, error) {
	if want != Values {
		t := &targets{}
		var err error
		for _, y := range ys {
			var labels []int32
			if labels, err = t.classNumbers(y); err != nil {
				break
			}
			t.labels = append(t.labels, labels)
		}
		if err == nil {
			return t, nil
		}
		if want == Labels && !errors.Is(err, errNoClasses) {
			return nil, err
		}
	}
	t := &targets{}
	for _, y := range ys {
		values, err := finiteRows(y)
		if err != nil {
			return nil, err
		}
		width := len(values) / y.Shape[0]
		if t.width == 0 {
			t.width = width
		}
		if width != t.width || width == 0 {
			return nil, fmt.Errorf("%s has %d values a row and %s %d; needs as many", y.Name, width, ys[0].Name, t.width)
		}
		t.values = append(t.values, values)
	}
	return t, nil
}

// classNumbers reads one part's targets as class numbers, from a column of them or from one-hot rows.
func (t *targets) classNumbers(y npy.Array) ([]int32, error) {
	values, err := y.Float32s()
	if err != nil {
		return nil, err
	}
	n := y.Shape[0]
	width := len(values) / n
	labels := make([]int32, n)
	if width != 1 {
		if len(t.labels) > 0 && (t.unnamed || t.classes != width) {
			return nil, errNoClasses
		}
		t.classes = width
		for i := range labels {
			hot := slices.Index(values[i*width:(i+1)*width], 1)
			if hot < 0 {
				return nil, errNoClasses
			}
			for j, v := range values[i*width : (i+1)*width] {
				if v != 0 && j != hot {
					return nil, errNoClasses
				}
			}
			labels[i] = int32(hot)
		}
		return labels, nil
	}
	if len(t.labels) > 0 && !t.unnamed {
		return nil, errNoClasses
	}
	t.unnamed = true
	for i, v := range values {
		if float64(v) != math.Trunc(float64(v)) { // also NaN
			return nil, errNoClasses
		}
		if v < 0 || v >= maxClasses {
			return nil, fmt.Errorf("%s has the class number %v in row %d (counted from 0), needs 0 to %d", y.Name, v, i, maxClasses-1)
		}
		labels[i] = int32(v)
		t.classes = max(t.classes, int(v)+1)
	}
	return labels, nil
}

// fill hands the targets to the parts of the source, in their order.
func (t *targets) fill(src *Source) {
	at := 0
	for _, p := range npzParts {
		set := *p.set(src)
		if set == nil {
			continue
		}
		if t.labels != nil {
			set.Labels = t.labels[at]
		} else {
			set.Values = t.values[at]
		}
		at++
	}
	if src.Width = t.width; t.labels != nil {
		src.Classes, src.Unnamed, src.Width = numbers(t.classes), t.unnamed, 0
	}
}
