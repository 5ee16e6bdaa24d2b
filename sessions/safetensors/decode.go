package safetensors

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
)

const (
	// MaxHeader is the longest JSON header taken, 16 MiB: a hundred thousand tensors.
	MaxHeader = 16 << 20
	// MaxFile is the largest file that Read takes, 4 GiB.
	MaxFile int64 = 4 << 30
)

// Read decodes the file at path, which may have up to MaxFile bytes.
func Read(path string) (*File, error) {
	return ReadLimit(path, MaxFile)
}

// ReadLimit decodes the file at path, and refuses one of more than limit bytes before it reads any.
// What is wrong with the file's content is a *FormatError.
func ReadLimit(path string, limit int64) (*File, error) {
	data, err := readAll(path, limit)
	if err != nil {
		return nil, err
	}
	f, err := Decode(data)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return f, nil
}

func readAll(path string, limit int64) ([]byte, error) {
	info, err := os.Stat(path) // before the open, which would wait for ever on a pipe without a writer
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("read %s: not a regular file", path)
	}
	if info.Size() > limit {
		return nil, fmt.Errorf("read %s: it has %d bytes, more than the limit of %d", path, info.Size(), limit)
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	data := make([]byte, info.Size())
	_, err = io.ReadFull(file, data)
	if err := errors.Join(err, file.Close()); err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return data, nil
}

// Decode reads a file's bytes. The tensors' Data are parts of data, not copies.
// Every error is a *FormatError.
func Decode(data []byte) (*File, error) {
	if len(data) < 8 {
		return nil, invalid("", "the file has %d bytes, too few for the header's length", len(data))
	}
	n := binary.LittleEndian.Uint64(data)
	if n > MaxHeader {
		return nil, invalid("", "the header has %d bytes, more than the limit of %d", n, MaxHeader)
	}
	if n > uint64(len(data)-8) {
		return nil, invalid("", "the header has %d bytes, but only %d follow its length", n, len(data)-8)
	}
	entries, metadata, err := parseHeader(data[8 : 8+n])
	if err != nil {
		return nil, err
	}
	tensors, err := layOut(entries, data[8+n:])
	if err != nil {
		return nil, err
	}
	return &File{Tensors: tensors, Metadata: metadata}, nil
}

// layOut gives each entry its part of buf, and makes sure that the parts are of the right size and fill buf
// without a gap or an overlap.
func layOut(entries []entry, buf []byte) ([]Tensor, error) {
	slices.SortStableFunc(entries, func(a, b entry) int {
		return cmp.Or(cmp.Compare(a.begin, b.begin), cmp.Compare(a.end, b.end))
	})
	at := 0 // where the next tensor has to begin
	for _, e := range entries {
		size, ok := byteSize(e.dtype, e.shape)
		if !ok {
			return nil, invalid(e.name, "shape %v of %s is larger than any memory", e.shape, e.dtype)
		}
		if e.begin > e.end {
			return nil, invalid(e.name, "data_offsets [%d, %d] end before they begin", e.begin, e.end)
		}
		if e.end-e.begin != size {
			return nil, invalid(e.name, "shape %v of %s takes %d bytes, but data_offsets [%d, %d] span %d",
				e.shape, e.dtype, size, e.begin, e.end, e.end-e.begin)
		}
		if e.begin != at {
			return nil, invalid(e.name, "data_offsets [%d, %d] leave a hole or overlap: the tensor before ends at %d", e.begin, e.end, at)
		}
		at = e.end
	}
	if at != len(buf) {
		return nil, invalid("", "the tensors take %d bytes, but the header is followed by %d", at, len(buf))
	}

	tensors := make([]Tensor, len(entries))
	for i, e := range entries {
		tensors[i] = Tensor{e.name, e.dtype, e.shape, buf[e.begin:e.end:e.end]}
	}
	return tensors, nil
}
