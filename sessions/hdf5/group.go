package hdf5

import "strings"

// symbolTable reads the members of a group of the old style: a tree of nodes whose names lie in a local heap.
func (d *decoder) symbolTable(o *Object, c *cursor, depth int) error {
	tree, at := c.u64(), c.u64()
	h := d.from(at)
	if !h.magic("HEAP") || h.u8() != 0 || c.short {
		return badf("it has no heap of names")
	}
	h.skip(3)
	size := h.u64()
	h.skip(8)
	names := d.at(h.u64(), size)
	if h.short || names.short {
		return badf("its heap of names is cut off")
	}
	return d.symbolNode(o, tree, names.b, depth, -1)
}

// symbolNode reads a node of a symbol table's tree, whose level is known from the node above, or -1.
func (d *decoder) symbolNode(o *Object, at uint64, names []byte, depth, level int) error {
	children, _, err := d.treeNode(at, 0, 8, level)
	if err != nil {
		return err
	}
	for _, child := range children {
		if child.level > 0 {
			err = d.symbolNode(o, child.at, names, depth, child.level-1)
		} else {
			err = d.symbols(o, child.at, names, depth)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// child is one child of a node of a version 1 tree, with the key before it.
type child struct {
	key   []byte
	at    uint64
	level int // of the node that it is a child of
}

// treeNode reads one node of a version 1 tree. want is its level, or -1 for a root.
func (d *decoder) treeNode(at uint64, kind, key, want int) ([]child, int, error) {
	if err := d.visit(at); err != nil {
		return nil, 0, err
	}
	c := d.from(at)
	tree, found := c.magic("TREE"), c.u8()
	level, count := c.u8(), c.u16()
	c.skip(16)
	if !tree || found != kind || want >= 0 && level != want || level >= maxNodes || count*(key+8) > len(c.b) {
		return nil, 0, badf("a node of a tree is damaged")
	}
	if err := d.take(64 * count); err != nil {
		return nil, 0, err
	}
	children := make([]child, count)
	for i := range children {
		children[i] = child{key: c.bytes(key), at: c.u64(), level: level}
	}
	return children, level, nil
}

// symbols reads the members that one leaf of a symbol table lists.
func (d *decoder) symbols(o *Object, at uint64, names []byte, depth int) error {
	if err := d.visit(at); err != nil {
		return err
	}
	c := d.from(at)
	if !c.magic("SNOD") || c.u8() != 1 {
		return badf("a list of its members is damaged")
	}
	c.skip(1)
	for range c.u16() {
		name, header, kind := c.u64(), c.u64(), c.u32()
		c.skip(4 + 16)
		if c.short || name >= uint64(len(names)) {
			return badf("a list of its members is cut off")
		}
		text := &cursor{b: names[name:min(uint64(len(names)), name+maxName+1)]}
		if kind == 2 {
			return badf("%q is a soft link, which is not read", text.word(len(text.b)))
		}
		if err := d.member(o, text.word(len(text.b)), header, depth); err != nil {
			return err
		}
	}
	return nil
}

// member reads one member of a group.
func (d *decoder) member(o *Object, name string, header uint64, depth int) error {
	if name == "" || name == "." || len(name) > maxName || strings.Contains(name, "/") {
		return badf("a member has the name %.40q, which is none", name)
	}
	if err := d.take(len(name)); err != nil {
		return err
	}
	m, err := d.object(header, name, depth+1)
	if err != nil {
		return err
	}
	o.Members = append(o.Members, m)
	return nil
}

// link reads a member of a group of the new style.
func (d *decoder) link(o *Object, c *cursor, depth int) error {
	version, flags := c.u8(), c.u8()
	kind := 0
	if flags&8 != 0 {
		kind = c.u8()
	}
	if flags&4 != 0 {
		c.skip(8)
	}
	if flags&0x10 != 0 {
		c.skip(1)
	}
	size := c.uint(1 << (flags & 3))
	if version != 1 || size > maxName {
		return badf("a link is damaged")
	}
	name := string(c.bytes(int(size)))
	if kind != 0 {
		return badf("%q is a soft or external link, which is not read", name)
	}
	header := c.u64()
	if c.short {
		return badf("a link is cut off")
	}
	return d.member(o, name, header, depth)
}

// linkInfo reads the members of a group of the new style with many of them.
func (d *decoder) linkInfo(o *Object, c *cursor, depth int) error {
	version, flags := c.u8(), c.u8()
	if flags&1 != 0 {
		c.skip(8)
	}
	heap, index := c.u64(), c.u64()
	if c.short || version != 0 {
		return badf("its list of links is damaged")
	}
	const skip, record = 4, 11 // a hash before the heap's id
	return d.dense(heap, index, record, skip, func(c *cursor) error { return d.link(o, c, depth) })
}

// attributeInfo reads the attributes of an object that has many of them, or large ones.
func (d *decoder) attributeInfo(o *Object, c *cursor) error {
	version, flags := c.u8(), c.u8()
	if flags&1 != 0 {
		c.skip(2)
	}
	heap, index := c.u64(), c.u64()
	if c.short || version != 0 {
		return badf("its list of attributes is damaged")
	}
	const skip, record = 0, 17
	return d.dense(heap, index, record, skip, func(c *cursor) error { return d.attribute(o, c) })
}
