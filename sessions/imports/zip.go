package imports

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"

	"cnnbench/sessions/keras"
)

// unzipped is the most that the arrays of an .npz may hold together: weights hardly compress.
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
	left := int64(len(text)) + int64(len(text))/2 + 1<<20 // Keras does not even compress
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
	if f.UncompressedSize64 > uint64(*left) {
		return nil, fmt.Errorf("%s uncompresses to far more than a network would", f.Name)
	}
	b := make([]byte, f.UncompressedSize64)
	if _, err := io.ReadFull(r, b); err != nil {
		return nil, fmt.Errorf("%s: %w", f.Name, err)
	}
	if n, err := r.Read(make([]byte, 1)); n > 0 || err != io.EOF { // which also checks the sum
		return nil, fmt.Errorf("%s: it does not end where the zip file says, or is damaged", f.Name)
	}
	*left -= int64(len(b))
	return b, nil
}
