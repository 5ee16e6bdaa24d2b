package idx

import (
	"bufio"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
)

// MaxBytes is the most data that Read takes, unpacked: 4 GiB.
const MaxBytes int64 = 4 << 30

// Read reads the IDX file at path, plain or gzipped.
func Read(path string) (*Array, error) {
	info, err := os.Stat(path) // before the open, which would wait for ever on a pipe without a writer
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("read %s: not a regular file", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	a, err := Decode(f, MaxBytes)
	if err := errors.Join(err, f.Close()); err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return a, nil
}

// Decode reads an IDX file, plain or gzipped, of which nothing may be left after the array.
// More than limit bytes of data, unpacked, are an error; what is allocated grows with the data that really come.
func Decode(r io.Reader, limit int64) (*Array, error) {
	buffered := bufio.NewReader(r)
	// A plain file begins with two zeros; one that is too short for the peek fails below.
	if start, _ := buffered.Peek(2); string(start) != "\x1f\x8b" {
		return decode(buffered, limit)
	}
	unpacked, err := gzip.NewReader(buffered)
	if err != nil {
		return nil, err
	}
	return decode(unpacked, limit)
}

func decode(r io.Reader, limit int64) (*Array, error) {
	a, err := readHeader(r)
	if err != nil {
		return nil, err
	}
	size, ok := byteSize(a.Type, a.Shape)
	if !ok {
		return nil, fmt.Errorf("shape %v of %s is larger than any memory", a.Shape, a.Type)
	}
	if int64(size) > limit {
		return nil, fmt.Errorf("shape %v of %s takes %d bytes, more than the limit of %d", a.Shape, a.Type, size, limit)
	}
	// One byte more than the array takes: it shows whether the file ends there, and lets gzip verify its checksum.
	a.Data, err = io.ReadAll(io.LimitReader(r, int64(size)+1))
	if err != nil {
		return nil, fmt.Errorf("after %d of %d bytes of data: %w", len(a.Data), size, err)
	}
	if len(a.Data) < size {
		return nil, fmt.Errorf("shape %v of %s takes %d bytes, but only %d follow the header", a.Shape, a.Type, size, len(a.Data))
	}
	if len(a.Data) > size {
		return nil, fmt.Errorf("shape %v of %s takes %d bytes, but more follow the header", a.Shape, a.Type, size)
	}
	return a, nil
}

// readHeader returns an array without its data.
func readHeader(r io.Reader) (*Array, error) {
	var start [4]byte
	if _, err := io.ReadFull(r, start[:]); err != nil {
		return nil, cutOff(err)
	}
	a := &Array{Type: Type(start[2])}
	rank := int(start[3])
	if start[0] != 0 || start[1] != 0 || a.Type.Size() == 0 {
		return nil, fmt.Errorf("not an IDX file: it begins with % x, want 00 00 and one of 08 09 0b 0c 0d 0e", start)
	}
	if rank < 1 || rank > maxRank {
		return nil, fmt.Errorf("it has %d dimensions, want 1 to %d", rank, maxRank)
	}
	dims := make([]byte, 4*rank)
	if _, err := io.ReadFull(r, dims); err != nil {
		return nil, cutOff(err)
	}
	for ; len(dims) > 0; dims = dims[4:] {
		dim := binary.BigEndian.Uint32(dims)
		if uint64(dim) > math.MaxInt {
			return nil, fmt.Errorf("a dimension of %d is larger than any memory", dim)
		}
		a.Shape = append(a.Shape, int(dim))
	}
	return a, nil
}

func cutOff(err error) error {
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return errors.New("not an IDX file: cut off inside the header")
	}
	return err
}

// Encode writes a as a plain IDX file.
func Encode(w io.Writer, a *Array) error {
	if err := a.check(); err != nil {
		return err
	}
	header := []byte{0, 0, byte(a.Type), byte(len(a.Shape))}
	for _, dim := range a.Shape {
		header = binary.BigEndian.AppendUint32(header, uint32(dim))
	}
	if _, err := w.Write(header); err != nil {
		return err
	}
	_, err := w.Write(a.Data)
	return err
}
