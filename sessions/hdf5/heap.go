package hdf5

import "slices"

// heap is a global heap: its objects' bytes by their numbers.
type heap map[int][]byte

// variable lets an array of strings of variable length find them.
func (d *decoder) variable(a *Array) {
	if a.Type.Class != Variable {
		return
	}
	a.text = func() ([]string, error) {
		raw, err := a.bytes()
		if err != nil {
			return nil, err
		}
		var out []string
		for c := (&cursor{b: raw}); len(c.b) > 0; {
			n, at, index := c.u32(), c.u64(), int(c.u32())
			if c.short {
				return nil, badf("a list of strings is cut off")
			}
			s, err := d.string(n, at, index)
			if err != nil {
				return nil, err
			}
			out = append(out, s)
		}
		return out, nil
	}
}

// string is one string of variable length.
func (d *decoder) string(n, at uint64, index int) (string, error) {
	if err := d.take(stringHeader + int(n)); err != nil {
		return "", err
	}
	if n == 0 {
		return "", nil
	}
	h, err := d.heap(at)
	if err != nil {
		return "", err
	}
	b, ok := h[index]
	if !ok || n > uint64(len(b)) {
		return "", badf("a string is not where the file says it is")
	}
	b = b[:n]
	if end := slices.Index(b, 0); end >= 0 {
		b = b[:end]
	}
	return string(b), nil
}

// heap reads the global heap at an address, once.
func (d *decoder) heap(at uint64) (heap, error) {
	if h, ok := d.heaps[at]; ok {
		return h, nil
	}
	c := d.from(at)
	if !c.magic("GCOL") || c.u8() != 1 {
		return nil, badf("a heap of strings is damaged")
	}
	c.skip(3)
	size := c.u64()
	if c.short || size < 16 || size-16 > uint64(len(c.b)) {
		return nil, badf("a heap of strings is cut off")
	}
	c.b = c.b[:size-16]
	h := heap{}
	for len(c.b) >= 16 {
		index := c.u16()
		c.skip(6)
		n := c.u64()
		if index == 0 { // what is left is free
			break
		}
		if n > uint64(len(c.b)) {
			return nil, badf("a heap of strings is cut off")
		}
		if err := d.take(96); err != nil {
			return nil, err
		}
		h[index] = c.bytes(int(n))
		c.skip(min(int(-n&7), len(c.b)))
	}
	d.heaps[at] = h
	return h, nil
}
