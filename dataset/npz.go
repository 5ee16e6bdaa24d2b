package dataset

import (
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"cnnbench/dataset/npy"
)

func init() {
	registerFormat(format{
		doc: ".npz files with the arrays x and y, and lengths where sequences end early",
		match: func(path string, info fs.FileInfo) bool {
			return !info.IsDir() && strings.EqualFold(filepath.Ext(path), ".npz")
		},
		open: openNPZ,
	})
}

// npzParts are the parts of an .npz and the names of their arrays. Keras's own files say x_train for x.
var npzParts = []struct {
	set           func(*Source) **Set
	x, y, lengths []string
}{
	{func(s *Source) **Set { return &s.Train }, []string{"x", "x_train"}, []string{"y", "y_train"}, []string{"lengths", "lengths_train"}},
	{func(s *Source) **Set { return &s.Validation }, []string{"x_val"}, []string{"y_val"}, []string{"lengths_val"}},
	{func(s *Source) **Set { return &s.Test }, []string{"x_test"}, []string{"y_test"}, []string{"lengths_test"}},
}

// npzPart is what an .npz holds of a part: samples and targets, and where they are sequences that end early those.
type npzPart struct {
	set       **Set
	x, y      npy.Array
	sequences *sequences // nil: all samples are full
}

func openNPZ(req request) (*Source, error) {
	var names []string
	for _, p := range npzParts {
		names = slices.Concat(names, p.x, p.y, p.lengths)
	}
	arrays, err := npy.ReadZip(req.path, names...)
	if err != nil {
		return nil, err
	}
	src := &Source{Description: "arrays of an .npz file"}
	parts, err := npzPartsOf(src, arrays)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", req.path, err)
	}
	ys, err := fillParts(src, parts)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", req.path, err)
	}
	if src.Train == nil {
		return nil, fmt.Errorf("%s: has no array x; needs x (samples) and y (their targets), and may have x_val, y_val, x_test, y_test, and lengths, lengths_val, lengths_test of sequences%s", req.path, holds(req.path))
	}
	t, err := readTargets(ys, req.targets)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", req.path, err)
	}
	t.fill(src)
	return src, nil
}

// npzPartsOf finds what there is of each part of the source.
func npzPartsOf(src *Source, arrays npy.Arrays) ([]npzPart, error) {
	var out []npzPart
	for _, names := range npzParts {
		x, y, err := pair(arrays, names.x, names.y)
		if err != nil {
			return nil, err
		}
		lengths, err := one(arrays, names.lengths)
		if err != nil {
			return nil, err
		}
		p := npzPart{set: names.set(src), x: x, y: y}
		switch {
		case x.Name == "" && lengths.Name != "":
			return nil, fmt.Errorf("has %s but no %s; needs both", lengths.Name, names.x[0])
		case x.Name == "":
			continue
		case x.Len() == 0 || len(x.Shape) == 0:
			return nil, fmt.Errorf("%s has shape %v and so no samples; needs one row a sample", x.Name, x.Shape)
		case lengths.Name != "":
			if p.sequences, err = readSequences(x, lengths); err != nil {
				return nil, err
			}
		}
		if len(out) > 0 && (p.sequences == nil) != (out[0].sequences == nil) {
			return nil, fmt.Errorf("has lengths of some parts only, of %s or of %s; needs those of all parts, or of none", out[0].x.Name, x.Name)
		}
		if len(y.Shape) == 0 || y.Shape[0] != x.Shape[0] {
			return nil, fmt.Errorf("%s has shape %v and %s %v; needs as many rows in both", x.Name, x.Shape, y.Name, y.Shape)
		}
		out = append(out, p)
	}
	return out, nil
}

// fillParts hands the source the samples of its parts, and returns their targets. Sequences get the steps of the longest
// part.
func fillParts(src *Source, parts []npzPart) ([]npy.Array, error) {
	steps := 0
	for _, p := range parts {
		if p.sequences != nil {
			steps = max(steps, p.x.Shape[1])
		}
	}
	var ys []npy.Array
	for _, p := range parts {
		var samples Samples
		var lengths []int
		var err error
		y := p.y
		if p.sequences == nil {
			samples, err = npzSamples(p.x)
		} else {
			lengths = p.sequences.lengths
			if samples, err = p.sequences.samples(steps); err == nil {
				y, err = p.sequences.targets(y, steps)
			}
		}
		if err == nil {
			err = src.add(p.set, p.x.Name, samples)
		}
		if err != nil {
			return nil, err
		}
		(*p.set).Lengths = lengths
		ys = append(ys, y)
	}
	return ys, nil
}

// holds says which arrays an archive has, for an error; "" where not even that can be read.
func holds(path string) string {
	arrays, err := npy.ReadZip(path)
	if err != nil || len(arrays) == 0 {
		return ""
	}
	var names []string
	for _, a := range arrays {
		names = append(names, a.Name)
	}
	return "; it holds " + listing(names)
}

// pair finds the samples and targets of a part under one of their names; without samples both are zero.
func pair(arrays npy.Arrays, xs, ys []string) (x, y npy.Array, err error) {
	if x, err = one(arrays, xs); err != nil {
		return x, y, err
	}
	if y, err = one(arrays, ys); err != nil {
		return x, y, err
	}
	if (x.Name == "") != (y.Name == "") {
		have, miss := x.Name, ys[0]
		if have == "" {
			have, miss = y.Name, xs[0]
		}
		return x, y, fmt.Errorf("has %s but no %s; needs both", have, miss)
	}
	return x, y, nil
}

// one finds the array that has one of the names; the zero Array says that there is none.
func one(arrays npy.Arrays, names []string) (npy.Array, error) {
	var found npy.Array
	for _, name := range names {
		a, ok := arrays.Lookup(name)
		if ok && found.Name != "" {
			return a, fmt.Errorf("holds both %s and %s; keep one", found.Name, name)
		}
		if ok {
			found = a
		}
	}
	return found, nil
}

// npzSamples are the rows of an array; bytes stay bytes.
func npzSamples(x npy.Array) (Samples, error) {
	shape := []int{1}
	if len(x.Shape) > 1 {
		shape = slices.Clone(x.Shape[1:])
	}
	if x.DType == "|u1" {
		return Bytes(shape, x.Data), nil
	}
	if err := fits(x.Shape[0], volume(shape), 4); err != nil {
		return nil, fmt.Errorf("%s: %w", x.Name, err)
	}
	values, err := finiteRows(x)
	if err != nil {
		return nil, err
	}
	return Floats(shape, values), nil
}
