package dataset

import (
	"fmt"

	"cnnbench/dataset/npy"
)

// sequences are the samples of a part that end one after the other: x [samples, own steps, features] and their lengths.
type sequences struct {
	x       npy.Array
	lengths []int // [samples] 1 to own steps
}

// readSequences checks the lengths of the sequences x.
func readSequences(x, lengths npy.Array) (*sequences, error) {
	if len(x.Shape) != 3 {
		return nil, fmt.Errorf("%s has shape %v beside %s; needs sequences [samples, steps, features], where a single feature too has its axis", x.Name, x.Shape, lengths.Name)
	}
	numbers, err := ReadLengths(x, lengths)
	return &sequences{x, numbers}, err
}

// ReadLengths are the lengths of the sequences x [samples, steps, ..], 1 to the number of steps.
func ReadLengths(x, lengths npy.Array) ([]int, error) {
	if len(lengths.Shape) != 1 || len(x.Shape) < 2 || lengths.Shape[0] != x.Shape[0] {
		return nil, fmt.Errorf("%s has shape %v and %s %v; needs one number for each sequence [samples, steps, ..]", lengths.Name, lengths.Shape, x.Name, x.Shape)
	}
	if !lengths.IsInteger() {
		return nil, fmt.Errorf("%s holds %s, needs whole numbers, such as <i4", lengths.Name, lengths.DType)
	}
	numbers, err := lengths.Int64s()
	if err != nil {
		return nil, err
	}
	out := make([]int, len(numbers))
	for i, n := range numbers {
		if n < 1 || n > int64(x.Shape[1]) {
			return nil, fmt.Errorf("%s: found %d in row %d (counted from 0), needs 1 to %d, the steps of %s", lengths.Name, n, i, x.Shape[1], x.Name)
		}
		out[i] = int(n)
	}
	return out, nil
}

// samples are the sequences with so many steps each; what lies behind an end is 0, whatever it was.
func (s *sequences) samples(steps int) (Samples, error) {
	own, shape := s.x.Shape[1], []int{steps, s.x.Shape[2]}
	if s.x.DType == "|u1" {
		rows, err := extend(s.x.Data, 1, s.lengths, own, steps)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", s.x.Name, err)
		}
		return Bytes(shape, rows), nil
	}
	if err := fits(len(s.lengths), s.x.Len()/len(s.lengths), 4); err != nil {
		return nil, fmt.Errorf("%s: %w", s.x.Name, err)
	}
	values, err := s.x.Float32s()
	if err != nil {
		return nil, err
	}
	if values, err = extend(values, 4, s.lengths, own, steps); err != nil {
		return nil, fmt.Errorf("%s: %w", s.x.Name, err)
	}
	if err := finite(values, volume(shape)); err != nil {
		return nil, fmt.Errorf("%s: %w", s.x.Name, err)
	}
	return Floats(shape, values), nil
}

// targets are y with so many steps each where they are sequences of values [samples, own steps, ...] themselves.
func (s *sequences) targets(y npy.Array, steps int) (npy.Array, error) {
	own := s.x.Shape[1]
	if len(y.Shape) < 3 || y.Shape[1] != own {
		return y, nil
	}
	return ExtendSequences(y, s.lengths, steps)
}

// ExtendSequences are the sequences x [samples, some steps, ..] with more steps, or as many: what lies behind their
// lengths is 0. It may change x.
func ExtendSequences(x npy.Array, lengths []int, steps int) (npy.Array, error) {
	data, err := extend(x.Data, 1, lengths, x.Shape[1], steps)
	if err != nil {
		return x, fmt.Errorf("%s: %w", x.Name, err)
	}
	x.Data, x.Shape = data, append([]int{x.Shape[0], steps}, x.Shape[2:]...)
	return x, nil
}

// extend lays sequences of own steps out as such of steps, each up to its length; the rest is 0. It may change rows, whose
// values are of so many bytes.
func extend[T byte | float32](rows []T, bytes int, lengths []int, own, steps int) ([]T, error) {
	size := len(rows) / (len(lengths) * own) // of a step
	if own == steps {
		for i, n := range lengths {
			clear(rows[(i*steps+n)*size : (i+1)*steps*size])
		}
		return rows, nil
	}
	if err := fits(len(lengths), steps*size, bytes); err != nil {
		return nil, err
	}
	out := make([]T, len(lengths)*steps*size)
	for i, n := range lengths {
		copy(out[i*steps*size:][:n*size], rows[i*own*size:])
	}
	return out, nil
}

// Length is how many steps of sample i count, where it is a sequence that may end before others; 0: all of them.
func (p *Part) Length(i int) int {
	if p.lengths == nil {
		return 0
	}
	return p.lengths[p.Index[i]]
}

// readSequence is Read of a sequence: what lies behind its end stays 0, whatever becomes of the rest.
func (p *Part) readSequence(dst []float32, i int) error {
	dst = dst[:p.prepare.outSize]
	if err := p.prepare.load(dst, p.samples, p.Index[i]); err != nil {
		return err
	}
	end := p.end(i)
	p.prepare.finish(dst[:end])
	clear(dst[end:])
	return nil
}

// end is how many values of a sample count.
func (p *Part) end(i int) int {
	shape := p.Shape()
	if n := p.Length(i); n > 0 {
		return n * shape[len(shape)-1]
	}
	return volume(shape)
}
