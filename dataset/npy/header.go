package npy

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

const (
	magic     = "\x93NUMPY"
	maxHeader = 10_000 // the limit of NumPy's own reader
	maxRank   = 64     // of NumPy's own arrays
)

// header is what a .npy file says of its data.
type header struct {
	dtype     string // as in Array
	bigEndian bool
	fortran   bool // column-major
	shape     []int
	size      int // of the data, in bytes
}

// readHeader reads up to the first byte of the data.
func readHeader(r io.Reader) (header, error) {
	start := make([]byte, len(magic)+2)
	if _, err := io.ReadFull(r, start); err != nil || string(start[:len(magic)]) != magic {
		return header{}, noEnd(err, "not NumPy's .npy format: it does not begin with \\x93NUMPY")
	}
	field := make([]byte, 2) // the header's length
	switch major, minor := start[6], start[7]; {
	case major == 1 && minor == 0:
	case (major == 2 || major == 3) && minor == 0:
		field = make([]byte, 4)
	default:
		return header{}, fmt.Errorf("version %d.%d of the .npy format is not known, want 1.0, 2.0 or 3.0", major, minor)
	}
	if _, err := io.ReadFull(r, field); err != nil {
		return header{}, noEnd(err, "cut off inside the header")
	}
	var length uint32
	if len(field) == 2 {
		length = uint32(binary.LittleEndian.Uint16(field))
	} else {
		length = binary.LittleEndian.Uint32(field)
	}
	if length > maxHeader {
		return header{}, fmt.Errorf("the header has %d bytes, more than the limit of %d", length, maxHeader)
	}
	text := make([]byte, length)
	if _, err := io.ReadFull(r, text); err != nil {
		return header{}, noEnd(err, "cut off inside the header")
	}
	return parseHeader(string(text))
}

// noEnd returns err, but reason where err only says that the data ended.
func noEnd(err error, reason string) error {
	if err == nil || err == io.EOF || err == io.ErrUnexpectedEOF {
		return errors.New(reason)
	}
	return err
}

func parseHeader(text string) (header, error) {
	var h header
	descr, err := h.parseDict(text)
	if err != nil {
		return h, err
	}
	order, kind := byte(0), ""
	if descr != "" {
		order, kind = descr[0], descr[1:]
	}
	h.bigEndian = order == '>'
	h.dtype = "<" + kind
	if strings.HasSuffix(kind, "1") {
		h.dtype = "|" + kind
	}
	known := elementSize(h.dtype) != 0 && (order == '<' || order == '>' || order == h.dtype[0])
	switch {
	case strings.HasPrefix(kind, "O"):
		return h, errors.New("it holds pickled Python objects, which are never read as they can run code: save it with a numeric dtype")
	case strings.HasPrefix(kind, "U"), strings.HasPrefix(kind, "S"):
		return h, fmt.Errorf("it holds text (dtype %q), want numbers", descr)
	case !known:
		return h, fmt.Errorf("dtype %q is not supported, want one of %s, or > for big-endian", descr, dtypes)
	}
	if len(h.shape) > maxRank {
		return h, fmt.Errorf("it has %d dimensions, more than the limit of %d", len(h.shape), maxRank)
	}
	var ok bool
	if h.size, ok = byteSize(h.dtype, h.shape); !ok {
		return h, fmt.Errorf("shape %s of %s is larger than any memory", tuple(h.shape), h.dtype)
	}
	return h, nil
}

// parseDict reads the header's text, a Python dictionary, into h and returns its descr.
func (h *header) parseDict(text string) (descr string, err error) {
	malformed := fmt.Errorf("the header is not a dictionary of descr, fortran_order and shape: %.100q", text)
	s := scanner{text}
	if !s.take("{") {
		return "", malformed
	}
	seen := make(map[string]bool)
	for !s.take("}") {
		key, ok := s.quoted()
		if !ok || seen[key] || !s.take(":") {
			return "", malformed
		}
		seen[key] = true
		switch key {
		case "descr":
			if s.take("[") {
				return "", errors.New("it holds records of several fields, want an array of numbers")
			}
			descr, ok = s.quoted()
		case "fortran_order":
			h.fortran = s.take("True")
			ok = h.fortran || s.take("False")
		case "shape":
			h.shape, ok = s.tuple()
		default:
			ok = false
		}
		if !ok {
			return "", malformed
		}
		if s.take(",") {
			continue
		}
		if !s.take("}") {
			return "", malformed
		}
		break
	}
	if s.skip(); s.rest != "" || len(seen) != 3 {
		return "", malformed
	}
	return descr, nil
}

// scanner reads the part of Python's syntax that NumPy writes.
type scanner struct{ rest string }

func (s *scanner) skip() {
	s.rest = strings.TrimLeft(s.rest, " \t\r\n")
}

// take reads token after any space, and tells whether it was there.
func (s *scanner) take(token string) bool {
	s.skip()
	rest, ok := strings.CutPrefix(s.rest, token)
	s.rest = rest
	return ok
}

// quoted reads a string; one with an escape is no key and no dtype, so that none is undone.
func (s *scanner) quoted() (string, bool) {
	for _, quote := range []string{"'", `"`} {
		if s.take(quote) {
			text, rest, ok := strings.Cut(s.rest, quote)
			s.rest = rest
			return text, ok
		}
	}
	return "", false
}

// tuple reads a tuple of numbers: () or (3,) or (3, 4).
func (s *scanner) tuple() ([]int, bool) {
	list := []int{}
	if !s.take("(") {
		return nil, false
	}
	for !s.take(")") {
		n, ok := s.number()
		if !ok {
			return nil, false
		}
		list = append(list, n)
		if s.take(",") {
			continue
		}
		if len(list) == 1 || !s.take(")") { // (3) is a number, not a tuple
			return nil, false
		}
		break
	}
	return list, true
}

// number reads a whole number; Python 2 wrote some with an L behind.
func (s *scanner) number() (int, bool) {
	s.skip()
	digits := s.rest[:len(s.rest)-len(strings.TrimLeft(s.rest, "0123456789"))]
	s.rest = strings.TrimPrefix(s.rest[len(digits):], "L")
	n, err := strconv.Atoi(digits)
	return n, err == nil
}

// tuple writes a shape as Python does.
func tuple(shape []int) string {
	var b strings.Builder
	b.WriteByte('(')
	for i, dim := range shape {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(strconv.Itoa(dim))
	}
	if len(shape) == 1 {
		b.WriteByte(',')
	}
	b.WriteByte(')')
	return b.String()
}
