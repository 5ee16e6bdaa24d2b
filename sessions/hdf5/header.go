package hdf5

// message is one piece of an object's header.
type message struct {
	kind int
	data []byte
}

// shared is the flag of a message that stands elsewhere.
const shared = 2

// header reads the messages of the object at an address.
func (d *decoder) header(address uint64) ([]message, error) {
	if err := d.visit(address); err != nil {
		return nil, err
	}
	c := d.from(address)
	if len(c.b) >= 4 && string(c.b[:4]) == "OHDR" {
		return d.header2(address)
	}
	return d.header1(c)
}

// add keeps a message and, if it says that the header goes on elsewhere, returns a cursor there.
func (d *decoder) add(out *[]message, kind, flags int, data []byte) (next *cursor, err error) {
	switch {
	case kind == 0:
		return nil, nil
	case kind == msgContinue:
		c := &cursor{b: data}
		at, size := c.u64(), c.u64()
		next = d.at(at, size)
		if c.short || next.short {
			return nil, badf("an object's header goes on outside of the file")
		}
		return next, d.visit(at)
	case flags&shared != 0:
		switch kind {
		case msgDataspace, msgDatatype, msgFilters, msgAttribute:
			return nil, badf("it has a part that it shares with others, which is not read")
		}
		return nil, nil
	}
	if err := d.take(64); err != nil {
		return nil, err
	}
	*out = append(*out, message{kind, data})
	return nil, nil
}

// header1 reads a header of version 1.
func (d *decoder) header1(c *cursor) ([]message, error) {
	version := c.u8()
	c.skip(1)
	count := c.u16()
	c.skip(4)
	size := c.u32()
	c.skip(4)
	blocks := []*cursor{{b: c.bytes(int(size))}}
	if version != 1 || c.short {
		return nil, badf("there is no object where one should be")
	}
	var out []message
	for len(blocks) > 0 && count > 0 {
		c := blocks[0]
		if len(c.b) < 8 {
			blocks = blocks[1:]
			continue
		}
		kind, size, flags := c.u16(), c.u16(), c.u8()
		c.skip(3)
		data := c.bytes(size)
		if c.short {
			return nil, badf("a part of an object's header is cut off")
		}
		count--
		next, err := d.add(&out, kind, flags, data)
		if err != nil {
			return nil, err
		}
		if next != nil {
			blocks = append(blocks, next)
		}
	}
	return out, nil
}

// header2 reads a header of version 2, whose blocks have checksums.
func (d *decoder) header2(address uint64) ([]message, error) {
	c := d.from(address)
	c.skip(4)
	version, flags := c.u8(), c.u8()
	if flags&0x20 != 0 {
		c.skip(16)
	}
	if flags&0x10 != 0 {
		c.skip(4)
	}
	size := c.uint(1 << (flags & 3))
	if c.short || version != 2 || size > uint64(len(c.b)) {
		return nil, badf("an object's header is cut off, or of version %d, which is not read", version)
	}
	body := &cursor{b: c.bytes(int(size))}
	head := len(d.file) - int(address) - len(c.b)
	if err := checked(d.at(address, uint64(head)+4)); err != nil {
		return nil, err
	}
	var out []message
	for blocks := []*cursor{body}; len(blocks) > 0; blocks = blocks[1:] {
		c := blocks[0]
		for len(c.b) >= 4 {
			kind, size, set := c.u8(), c.u16(), c.u8()
			if flags&4 != 0 {
				c.skip(2)
			}
			data := c.bytes(size)
			if c.short {
				return nil, badf("a part of an object's header is cut off")
			}
			next, err := d.add(&out, kind, set, data)
			if err != nil {
				return nil, err
			}
			if next == nil {
				continue
			}
			whole := *next
			if !next.magic("OCHK") || len(next.b) < 4 {
				return nil, badf("an object's header goes on where nothing is")
			}
			if err := checked(&whole); err != nil {
				return nil, err
			}
			next.b = next.b[:len(next.b)-4]
			blocks = append(blocks, next)
		}
	}
	return out, nil
}

// checked compares a block with the checksum that it ends with.
func checked(c *cursor) error {
	n := len(c.b) - 4
	if c.short || n < 0 {
		return badf("a part of the file is cut off")
	}
	body := c.b[:n]
	sum := cursor{b: c.b[n:]}
	if uint32(sum.u32()) != lookup3(body) {
		return badf("a part of the file is damaged: its checksum is wrong")
	}
	return nil
}
