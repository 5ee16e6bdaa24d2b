// Command gen makes the embedded fashion-mini from the four files of Fashion-MNIST: of each class the first 1,000
// training and the first 200 test pictures, in the order of the original files. The same files give the same bytes.
//
// It runs in the folder assets, by go generate; its argument is the folder of the originals, by default where the
// Debian package dataset-fashion-mnist puts them.
package main

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

const (
	classes = 10
	pixels  = 28 * 28
)

func main() {
	from := "/usr/share/datasets/fashion-mnist"
	if len(os.Args) > 1 {
		from = os.Args[1]
	}
	for _, part := range []struct {
		name         string
		rows, choose int // in the original, and of each class
	}{{"train", 60000, 1000}, {"t10k", 10000, 200}} {
		if err := shorten(from, "fashion-mini", part.name, part.rows, part.choose); err != nil {
			fmt.Fprintln(os.Stderr, "gen:", err)
			os.Exit(1)
		}
	}
}

// shorten writes the first n pictures of each class of one part, and their labels.
func shorten(from, to, part string, rows, n int) error {
	imageFile, labelFile := part+"-images-idx3-ubyte.gz", part+"-labels-idx1-ubyte.gz"
	images, err := readIDX(filepath.Join(from, imageFile), rows, 28, 28)
	if err != nil {
		return err
	}
	labels, err := readIDX(filepath.Join(from, labelFile), rows)
	if err != nil {
		return err
	}
	var taken [classes]int
	var outImages, outLabels []byte
	for row, label := range labels {
		if label >= classes {
			return fmt.Errorf("%s: label %d of row %d is not one of the %d classes", labelFile, label, row, classes)
		}
		if taken[label] == n {
			continue
		}
		taken[label]++
		outLabels = append(outLabels, label)
		outImages = append(outImages, images[row*pixels:(row+1)*pixels]...)
	}
	if len(outLabels) != classes*n {
		return fmt.Errorf("%s: only %d of %d pictures found", labelFile, len(outLabels), classes*n)
	}
	if err := writeIDX(filepath.Join(to, imageFile), outImages, len(outLabels), 28, 28); err != nil {
		return err
	}
	return writeIDX(filepath.Join(to, labelFile), outLabels, len(outLabels))
}

// header is IDX's: two zero bytes, the type (8: unsigned bytes), the number of dimensions, the dimensions.
func header(dims []int) []byte {
	h := []byte{0, 0, 8, byte(len(dims))}
	for _, d := range dims {
		h = binary.BigEndian.AppendUint32(h, uint32(d))
	}
	return h
}

func readIDX(path string, dims ...int) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	all, err := io.ReadAll(z)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	h, size := header(dims), 1
	for _, d := range dims {
		size *= d
	}
	if !bytes.HasPrefix(all, h) || len(all) != len(h)+size {
		return nil, fmt.Errorf("%s: not the original file: needs %v bytes", path, dims)
	}
	return all[len(h):], nil
}

func writeIDX(path string, data []byte, dims ...int) error {
	var buf bytes.Buffer
	// The gzip header's time stays zero, so that the bytes depend on the pictures alone.
	z, err := gzip.NewWriterLevel(&buf, gzip.BestCompression)
	if err != nil {
		return err
	}
	if _, err := z.Write(append(header(dims), data...)); err != nil {
		return err
	}
	if err := z.Close(); err != nil {
		return err
	}
	return os.WriteFile(path, buf.Bytes(), 0o644)
}
