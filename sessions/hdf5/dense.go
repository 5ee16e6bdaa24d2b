package hdf5

import "math/bits"

// fractal is a fractal heap: blocks that double in size, in which the links or attributes of an object with many of
// them lie.
type fractal struct {
	d              *decoder
	offset, length int    // bytes of an object's place and size in its id
	width          int    // blocks in a row
	start, direct  uint64 // sizes of the first block and of the largest one
	root           uint64
	rows           int // of the root; 0: it is a block itself
}

// dense hands each object of a fractal heap, which an index lists in records of so many bytes, to read. The object's id
// stands skip bytes behind a record's start.
func (d *decoder) dense(at, index uint64, record, skip int, read func(*cursor) error) error {
	if at == undefined {
		return nil
	}
	h, err := d.fractal(at)
	if err != nil {
		return err
	}
	return d.records(index, record, func(r *cursor) error {
		r.skip(skip)
		c, err := h.object(r)
		if err != nil {
			return err
		}
		return read(c)
	})
}

// fractal reads a heap's header.
func (d *decoder) fractal(at uint64) (*fractal, error) {
	c := d.from(at)
	begin := len(c.b)
	magic, version := c.magic("FRHP"), c.u8()
	c.skip(2)
	filtered := c.u16()
	c.skip(1)
	largest := c.u32()
	c.skip(12 * 8)
	h := &fractal{d: d, width: c.u16(), start: c.u64(), direct: c.u64()}
	addressed := c.u16()
	c.skip(2)
	h.root, h.rows = c.u64(), c.u16()
	c.skip(4)
	if c.short || !magic || version != 0 {
		return nil, badf("a heap of links or attributes is damaged")
	}
	if err := checked(d.at(at, uint64(begin-len(c.b)))); err != nil {
		return nil, err
	}
	power := func(n uint64) bool { return n&(n-1) == 0 && n > 0 }
	if filtered != 0 || !power(h.start) || !power(h.direct) || h.start > h.direct || h.direct > 1<<31 || !power(uint64(h.width)) || addressed > 64 || h.rows > 64 {
		return nil, badf("a heap of links or attributes is laid out in a way that is not read")
	}
	h.offset = (addressed + 7) / 8
	h.length = (bits.Len64(min(h.direct, largest)) + 7) / 8
	return h, nil
}

// object finds what an id names.
func (h *fractal) object(id *cursor) (*cursor, error) {
	switch head := id.u8(); head >> 4 {
	case 0:
		place, size := id.uint(h.offset), id.uint(h.length)
		if id.short {
			break
		}
		return h.find(h.root, h.rows, place, size, 0)
	case 2:
		return &cursor{b: id.bytes(head&15 + 1), short: id.short}, nil
	}
	return nil, badf("a link or attribute is stored in a way that is not read")
}

// find returns the size bytes at a place below a block, of rows rows or, with none, of values.
func (h *fractal) find(block uint64, rows int, place, size uint64, level int) (*cursor, error) {
	if rows == 0 {
		if c := h.d.from(block); !c.magic("FHDB") {
			return nil, badf("a block of a heap is damaged")
		}
		c := h.d.at(block+place, size)
		if c.short || place > h.direct {
			return nil, badf("a block of a heap is cut off")
		}
		return c, nil
	}
	c := h.d.from(block)
	if !c.magic("FHIB") || level > maxNodes {
		return nil, badf("a block of a heap is damaged")
	}
	c.skip(1 + 8 + h.offset)
	rowSize := h.start
	for row := range rows {
		if row > 1 {
			rowSize *= 2
		}
		if span := rowSize * uint64(h.width); rowSize == 0 || rowSize > 1<<40 {
			return nil, badf("a block of a heap is cut off")
		} else if place >= span {
			place -= span
			c.skip(8 * h.width)
			continue
		}
		c.skip(8 * int(place/rowSize))
		next, below := c.u64(), 0
		if rowSize > h.direct {
			below = bits.Len64(rowSize) - bits.Len64(h.start*uint64(h.width)) + 1
		}
		if c.short || below < 0 {
			break
		}
		return h.find(next, below, place%rowSize, size, level+1)
	}
	return nil, badf("a block of a heap is cut off")
}

// index is a version 2 tree of records.
type index struct {
	d            *decoder
	record, node int
	count        int // bytes of a number of records
	read         func(*cursor) error
}

// records hands each record of an index to read.
func (d *decoder) records(at uint64, record int, read func(*cursor) error) error {
	c := d.from(at)
	begin := len(c.b)
	magic, version := c.magic("BTHD"), c.u8()
	c.skip(1)
	x := &index{d: d, node: int(c.u32()), record: c.u16(), read: read}
	depth := c.u16()
	c.skip(2)
	root, n := c.u64(), c.u16()
	c.skip(8 + 4)
	if c.short || !magic || version != 0 || x.record != record || depth > maxNodes || x.node < 64 || x.node > 1<<20 {
		return badf("an index of links or attributes is damaged")
	}
	if err := checked(d.at(at, uint64(begin-len(c.b)))); err != nil {
		return err
	}
	if n == 0 {
		return nil
	}
	x.count = (bits.Len(uint(x.leafRecords())) + 7) / 8
	return x.walk(root, n, depth)
}

// nodeFrame is what a node has beside its records: mark, version, type and checksum.
const nodeFrame = 10

func (x *index) leafRecords() int { return (x.node - nodeFrame) / x.record }

// total is the bytes of the number of all records below a node of the level.
func (x *index) total(level int) int {
	if level == 0 {
		return 0
	}
	most := x.leafRecords()
	for l := 1; l <= level; l++ {
		pointer := 8 + x.count + x.total(l-1)
		n := (x.node - nodeFrame - pointer) / (x.record + pointer)
		most = (n+1)*most + n
	}
	return (bits.Len(uint(most)) + 7) / 8
}

// walk goes through a node with n records at so many levels above the leaves.
func (x *index) walk(at uint64, n, level int) error {
	if err := x.d.visit(at); err != nil {
		return err
	}
	pointers := 0
	mark := "BTLF"
	if level > 0 {
		mark = "BTIN"
		pointers = (n + 1) * (8 + x.count + x.total(level-1))
	}
	c := x.d.at(at, uint64(nodeFrame+n*x.record+pointers))
	if err := checked(c); err != nil {
		return err
	}
	if !c.magic(mark) {
		return badf("an index of links or attributes is damaged")
	}
	c.skip(2)
	for range n {
		if err := x.read(&cursor{b: c.bytes(x.record)}); err != nil {
			return err
		}
	}
	for range n + 1 {
		if level == 0 {
			break
		}
		child, records := c.u64(), int(c.uint(x.count))
		c.skip(x.total(level - 1))
		if err := x.walk(child, records, level-1); err != nil {
			return err
		}
	}
	return nil
}
