package hdf5

import "math/bits"

// dataspace reads a shape. null says that there are no values at all.
func dataspace(c *cursor) (shape []int, null bool, err error) {
	version, rank, flags := c.u8(), c.u8(), c.u8()
	kind := 1
	switch version {
	case 1:
		c.skip(5)
	case 2:
		kind = c.u8()
	default:
		return nil, false, badf("its shape is of version %d, which is not read", version)
	}
	if flags&^1 != 0 || rank > maxRank || kind > 2 || kind != 1 && rank != 0 {
		return nil, false, badf("its shape is none")
	}
	if kind == 2 {
		return []int{0}, true, nil
	}
	if rank > 0 {
		shape = make([]int, rank)
	}
	for i := range shape {
		n := c.u64()
		if n > 1<<40 {
			return nil, false, badf("an axis of %d elements is too long", n)
		}
		shape[i] = int(n)
	}
	if c.short {
		return nil, false, badf("its shape is cut off")
	}
	return shape, false, nil
}

// size is how many bytes an array of the shape takes.
func (t Type) size(shape []int) (int, error) {
	n := uint64(t.Size)
	for _, d := range shape {
		hi, lo := bits.Mul64(n, uint64(d))
		if hi != 0 || lo > 1<<40 {
			return 0, badf("an array of the shape %v is too large", shape)
		}
		n = lo
	}
	return int(n), nil
}

// datatype reads a type; of what is not understood only the size is kept.
func datatype(c *cursor) (Type, error) {
	head := c.u8()
	flags := c.uint(3)
	t := Type{Size: int(c.u32())}
	if version := head >> 4; c.short || version < 1 || version > 5 {
		return t, badf("its type is none")
	}
	if t.Size == 0 || t.Size > 1<<31 {
		return t, badf("its elements are of %d bytes", t.Size)
	}
	big := flags&1 != 0
	switch head & 15 {
	case 0: // whole numbers
		offset, precision := c.u16(), c.u16()
		switch t.Size {
		case 1, 2, 4, 8:
		default:
			return t, nil
		}
		if big || offset != 0 || precision != 8*t.Size {
			return t, nil
		}
		t.Class = Unsigned
		if flags&8 != 0 {
			t.Class = Signed
		}
	case 1: // floats: those of IEEE 754 alone
		offset, precision := c.u16(), c.u16()
		exponentAt, exponentBits, mantissaAt, mantissaBits, bias := c.u8(), c.u8(), c.u8(), c.u8(), c.u32()
		layout := [...]int{t.Size, offset, precision, exponentAt, exponentBits, mantissaAt, mantissaBits, int(bias)}
		if big || layout != [...]int{4, 0, 32, 23, 8, 0, 23, 127} && layout != [...]int{8, 0, 64, 52, 11, 0, 52, 1023} {
			return t, nil
		}
		t.Class = Float
	case 3:
		t.Class = Fixed
	case 9:
		if flags&15 == 1 && t.Size == 16 {
			t.Class = Variable
		}
	}
	if c.short {
		return t, badf("its type is cut off")
	}
	return t, nil
}

// attribute reads an attribute and gives it to the object.
func (d *decoder) attribute(o *Object, c *cursor) error {
	version, flags := c.u8(), c.u8()
	nameSize, typeSize, spaceSize := c.u16(), c.u16(), c.u16()
	padded := func(n int) int { return n }
	switch version {
	case 1:
		padded = func(n int) int { return (n + 7) &^ 7 }
	case 2:
	case 3:
		c.skip(1)
	default:
		return badf("an attribute is of version %d, which is not read", version)
	}
	name := c.word(padded(nameSize))
	kind, space := &cursor{b: c.bytes(padded(typeSize))}, &cursor{b: c.bytes(padded(spaceSize))}
	if version > 1 && flags != 0 {
		return badf("the attribute %q shares its type with others, which is not read", name)
	}
	if c.short {
		return badf("the attribute %q is cut off", name)
	}
	if err := d.take(256 + len(name)); err != nil {
		return err
	}
	a := &Array{take: d.take}
	var err error
	var null bool
	if a.Type, err = datatype(kind); err != nil {
		return badf("the attribute %q: %v", name, err)
	}
	if a.Shape, null, err = dataspace(space); err != nil {
		return badf("the attribute %q: %v", name, err)
	}
	if !null {
		size, err := a.Type.size(a.Shape)
		if err != nil || size > len(c.b) {
			return badf("the attribute %q is cut off", name)
		}
		a.raw = c.bytes(size)
	}
	d.variable(a)
	o.Attributes = append(o.Attributes, Attribute{name, a})
	return nil
}
