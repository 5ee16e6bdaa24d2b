package npy

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
)

const (
	// MaxBytes is the most data that Read and ReadZip take, 4 GiB.
	MaxBytes int64 = 4 << 30

	maxEntries = 1 << 16
	// An archive may always unpack to freeBytes, and beyond that to maxRatio times its own size: real samples
	// stay far below it, while deflate reaches 1030.
	freeBytes int64 = 256 << 20
	maxRatio        = 200
)

// Read reads the .npy file at path.
func Read(path string) (Array, error) {
	var a Array
	err := withFile(path, func(f *os.File, _ int64) (err error) {
		a, err = Decode(f, MaxBytes)
		return err
	})
	return a, err
}

// ReadZip reads the .npz file at path: the arrays of these names that it has, or all of them if no name is given.
func ReadZip(path string, names ...string) (Arrays, error) {
	var as Arrays
	err := withFile(path, func(f *os.File, size int64) (err error) {
		as, err = DecodeZip(f, size, MaxBytes, names...)
		return err
	})
	return as, err
}

// withFile calls use with the regular file at path and its size.
func withFile(path string, use func(f *os.File, size int64) error) error {
	info, err := os.Stat(path) // before the open, which would wait for ever on a pipe without a writer
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("read %s: not a regular file", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	if err := errors.Join(use(f, info.Size()), f.Close()); err != nil {
		return fmt.Errorf("read %s: %w", path, err)
	}
	return nil
}

// Decode reads a .npy file, of which nothing may be left after the array. More than limit bytes of data are an error.
func Decode(r io.Reader, limit int64) (Array, error) {
	h, err := readHeader(r)
	if err != nil {
		return Array{}, err
	}
	if int64(h.size) > limit {
		return Array{}, fmt.Errorf("shape %s of %s takes %d bytes, more than the limit of %d", tuple(h.shape), h.dtype, h.size, limit)
	}
	return h.readData(r)
}

// DecodeZip reads a .npz file of that size: the arrays of these names that it has, or all of them if no name is given.
// More than limit bytes of data, or more than real samples could be packed into an archive of this size, are an error.
func DecodeZip(r io.ReaderAt, size, limit int64, names ...string) (Arrays, error) {
	archive, err := zip.NewReader(r, size)
	if err != nil {
		return nil, fmt.Errorf("not a zip archive, as numpy.savez writes it: %w", err)
	}
	if len(archive.File) > maxEntries {
		return nil, fmt.Errorf("the archive has %d entries, more than the limit of %d", len(archive.File), maxEntries)
	}
	left := min(limit, max(freeBytes, maxRatio*size))
	seen := make(map[string]bool)
	var as Arrays
	for _, entry := range archive.File {
		if seen[entry.Name] {
			return nil, fmt.Errorf("the archive has two entries %.100q", entry.Name)
		}
		seen[entry.Name] = true
		name, isArray := strings.CutSuffix(entry.Name, ".npy")
		if len(names) > 0 && !slices.Contains(names, name) {
			continue
		}
		if !isArray || !fs.ValidPath(entry.Name) || !entry.Mode().IsRegular() {
			return nil, fmt.Errorf("the archive's entry %.100q is not an array, whose name ends with .npy", entry.Name)
		}
		a, err := decodeEntry(entry, left)
		if err != nil {
			return nil, fmt.Errorf("array %.100q: %w", name, err)
		}
		a.Name = name
		left -= int64(len(a.Data))
		as = append(as, a)
	}
	return as, nil
}

func decodeEntry(entry *zip.File, limit int64) (Array, error) {
	r, err := entry.Open()
	if err != nil {
		return Array{}, err
	}
	defer r.Close()
	h, err := readHeader(r)
	if err != nil {
		return Array{}, err
	}
	if int64(h.size) > limit {
		return Array{}, fmt.Errorf("shape %s of %s takes %d bytes, but an archive of this size may unpack to %d more: save it with numpy.savez, not savez_compressed",
			tuple(h.shape), h.dtype, h.size, limit)
	}
	return h.readData(r)
}

// readData reads the data that follow a header, to the end of r.
// The buffer grows with what comes, so that a header that lies about the shape costs nothing.
func (h header) readData(r io.Reader) (Array, error) {
	data, err := io.ReadAll(io.LimitReader(r, int64(h.size)+1))
	if err != nil {
		return Array{}, err
	}
	if len(data) < h.size {
		return Array{}, fmt.Errorf("shape %s of %s takes %d bytes, but only %d follow the header", tuple(h.shape), h.dtype, h.size, len(data))
	}
	if len(data) > h.size {
		return Array{}, fmt.Errorf("shape %s of %s takes %d bytes, but more follow the header", tuple(h.shape), h.dtype, h.size)
	}
	size := elementSize(h.dtype)
	if h.bigEndian && size > 1 {
		for i := 0; i < len(data); i += size {
			slices.Reverse(data[i : i+size])
		}
	}
	if h.fortran && len(h.shape) > 1 {
		data = rowMajor(data, h.shape, size)
	}
	return Array{DType: h.dtype, Shape: h.shape, Data: data}, nil
}

// rowMajor returns the column-major elements in data, each of size bytes, in row-major order.
func rowMajor(data []byte, shape []int, size int) []byte {
	strides := make([]int, len(shape)) // of each axis in data, in bytes
	stride := size
	for axis, dim := range shape {
		strides[axis] = stride
		stride *= dim
	}
	out := make([]byte, 0, len(data))
	index := make([]int, len(shape))
	for from := 0; len(out) < len(data); {
		out = append(out, data[from:from+size]...)
		for axis := len(shape) - 1; axis >= 0; axis-- {
			index[axis]++
			from += strides[axis]
			if index[axis] < shape[axis] {
				break
			}
			from -= strides[axis] * index[axis]
			index[axis] = 0
		}
	}
	return out
}
