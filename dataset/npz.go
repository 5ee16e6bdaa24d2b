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
		doc: ".npz files with the arrays x and y",
		match: func(path string, info fs.FileInfo) bool {
			return !info.IsDir() && strings.EqualFold(filepath.Ext(path), ".npz")
		},
		open: openNPZ,
	})
}

// npzParts are the parts of an .npz and the names of their arrays. Keras's own files say x_train for x.
var npzParts = []struct {
	set  func(*Source) **Set
	x, y []string
}{
	{func(s *Source) **Set { return &s.Train }, []string{"x", "x_train"}, []string{"y", "y_train"}},
	{func(s *Source) **Set { return &s.Validation }, []string{"x_val"}, []string{"y_val"}},
	{func(s *Source) **Set { return &s.Test }, []string{"x_test"}, []string{"y_test"}},
}

func openNPZ(req request) (*Source, error) {
	names := []string{"lengths"}
	for _, p := range npzParts {
		names = append(append(names, p.x...), p.y...)
	}
	arrays, err := npy.ReadZip(req.path, names...)
	if err != nil {
		return nil, err
	}
	if _, ok := arrays.Lookup("lengths"); ok {
		return nil, fmt.Errorf("%s: holds lengths, but sequences of several lengths cannot be read; cut or pad them to one length and leave lengths out", req.path)
	}
	src := &Source{Description: "arrays of an .npz file"}
	var ys []npy.Array
	for _, p := range npzParts {
		x, y, err := pair(arrays, p.x, p.y)
		if err == nil && x.Name != "" {
			var samples Samples
			if samples, err = npzSamples(x); err == nil {
				err = src.add(p.set(src), x.Name, samples)
			}
		}
		if err == nil && x.Name != "" && (len(y.Shape) == 0 || y.Shape[0] != x.Shape[0]) {
			err = fmt.Errorf("%s has shape %v and %s %v; needs as many rows in both", x.Name, x.Shape, y.Name, y.Shape)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", req.path, err)
		}
		if x.Name != "" {
			ys = append(ys, y)
		}
	}
	if src.Train == nil {
		return nil, fmt.Errorf("%s: has no array x; needs x (samples) and y (their targets), and may have x_val, y_val, x_test, y_test%s", req.path, holds(req.path))
	}
	t, err := readTargets(ys, req.targets)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", req.path, err)
	}
	t.fill(src)
	return src, nil
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
	find := func(names []string) (npy.Array, error) {
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
	if x, err = find(xs); err != nil {
		return x, y, err
	}
	if y, err = find(ys); err != nil {
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

// npzSamples are the rows of an array; bytes stay bytes.
func npzSamples(x npy.Array) (Samples, error) {
	shape := []int{1}
	if len(x.Shape) > 1 {
		shape = slices.Clone(x.Shape[1:])
	}
	if x.Len() == 0 || len(x.Shape) == 0 {
		return nil, fmt.Errorf("%s has shape %v and so no samples; needs one row a sample", x.Name, x.Shape)
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
