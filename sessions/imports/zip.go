package imports

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"

	"cnnbench/sessions/keras"
)

// unzipped is the most that the entries of a zip file may hold together: weights hardly compress.
func unzipped(text []byte) int64 { return 2*int64(len(text)) + 8<<20 }

// openZip reads a .keras file, or else an .npz.
func openZip(text []byte) (*contents, error) {
	z, err := zip.NewReader(bytes.NewReader(text), int64(len(text)))
	if err != nil {
		return nil, fmt.Errorf("the zip file is damaged: %w", err)
	}
	entries := map[string]*zip.File{}
	for _, f := range z.File {
		if entries[f.Name] != nil {
			return nil, fmt.Errorf("the zip file has two entries %q", f.Name)
		}
		entries[f.Name] = f
	}
	config, weights := entries["config.json"], entries["model.weights.h5"]
	if config == nil && weights == nil {
		return openNPZ(text)
	}
	if config == nil || weights == nil {
		return nil, errors.New("it is no whole .keras file: config.json or model.weights.h5 is missing")
	}
	left := unzipped(text)
	model, err := entry(config, &left)
	if err != nil {
		return nil, err
	}
	m, err := keras.Decode(model)
	if err != nil {
		return nil, err
	}
	h5, err := entry(weights, &left)
	if err != nil {
		return nil, err
	}
	c, err := openHDF5(h5)
	if err != nil {
		return nil, fmt.Errorf("model.weights.h5: %w", err)
	}
	c.model = m
	return c, nil
}

// entry reads one entry and takes its size from what is left.
func entry(f *zip.File, left *int64) ([]byte, error) {
	r, err := f.Open()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.Name, err)
	}
	defer r.Close()
	b, err := io.ReadAll(io.LimitReader(r, *left+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s: %w", f.Name, err)
	case int64(len(b)) > *left:
		return nil, fmt.Errorf("%s uncompresses to far more than a network would", f.Name)
	}
	*left -= int64(len(b))
	return b, nil
}
