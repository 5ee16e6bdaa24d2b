package hdf5

import (
	"bytes"
	"encoding/binary"
	"io"
	"slices"
	"strings"
)

const (
	signature = "\x89HDF\r\n\x1a\n"
	undefined = ^uint64(0) // the address of what is not there
	maxDepth  = 32         // of groups in groups
	maxNodes  = 10         // levels of a tree of nodes
	maxRank   = 32         // axes of an array, HDF5's own limit
	maxName   = 1024       // bytes of a name
)

// What a file may make the reader take: so many times its size, and a little for small files. Arrays are counted where
// they are converted, strings, names and nodes where they are read.
const (
	allowance     = 4
	allowanceMore = 8 << 20
)

// decoder reads one file.
type decoder struct {
	file  []byte
	left  int             // what may still be taken, in bytes
	seen  map[uint64]bool // addresses of headers and nodes: each belongs to one object
	heaps map[uint64]heap // global heaps

	inflate io.ReadCloser // uncompresses one chunk after the other; nil before the first
}

// Decode reads a file's tree. Arrays keep parts of b, which must not change while they are in use; chunked ones are put
// together each time when their values are asked for. The values of a file belong to one goroutine. The error is a
// *FormatError.
func Decode(b []byte) (*Object, error) {
	d := &decoder{file: b, left: allowance*len(b) + allowanceMore, seen: map[uint64]bool{}, heaps: map[uint64]heap{}}
	root, err := d.superblock()
	if err != nil {
		return nil, err
	}
	return d.object(root, "", 0)
}

// take counts memory and the time to fill it.
func (d *decoder) take(bytes int) error {
	if bytes < 0 || bytes > d.left {
		return badf("the file asks for far more memory than its %d bytes could need", len(d.file))
	}
	d.left -= bytes
	return nil
}

// visit notes that a header or node is read, which happens once.
func (d *decoder) visit(at uint64) error {
	if d.seen[at] {
		return badf("two parts of the file are the same place, %d; files with links of several names are not read", at)
	}
	d.seen[at] = true
	return d.take(64)
}

// at is a cursor over n bytes of the file from an address.
func (d *decoder) at(address, n uint64) *cursor {
	size := uint64(len(d.file))
	if address > size || n > size-address {
		return &cursor{short: true}
	}
	return &cursor{b: d.file[address : address+n]}
}

// from is a cursor over the file from an address on.
func (d *decoder) from(address uint64) *cursor {
	size := uint64(len(d.file))
	return d.at(address, size-min(address, size))
}

// cursor reads little-endian numbers one after the other. Beyond the end it reads zeros and is short.
type cursor struct {
	b     []byte
	short bool
}

func (c *cursor) bytes(n int) []byte {
	if n < 0 || n > len(c.b) {
		c.short, c.b = true, nil
		return nil
	}
	out := c.b[:n:n]
	c.b = c.b[n:]
	return out
}

func (c *cursor) uint(n int) uint64 {
	var word [8]byte
	copy(word[:], c.bytes(n))
	return binary.LittleEndian.Uint64(word[:])
}

func (c *cursor) u8() int             { return int(c.uint(1)) }
func (c *cursor) u16() int            { return int(c.uint(2)) }
func (c *cursor) u32() uint64         { return c.uint(4) }
func (c *cursor) u64() uint64         { return c.uint(8) }
func (c *cursor) skip(n int)          { c.bytes(n) }
func (c *cursor) magic(s string) bool { return string(c.bytes(len(s))) == s }

// word is a text of n bytes that ends at its first zero.
func (c *cursor) word(n int) string {
	b, _, _ := bytes.Cut(c.bytes(n), []byte{0})
	return string(b)
}

// superblock reads the file's beginning and returns the address of the root's header.
func (d *decoder) superblock() (uint64, error) {
	c := d.from(0)
	if !c.magic(signature) {
		return 0, badf("it is no HDF5 file: it does not begin with HDF5's signature")
	}
	version := c.u8()
	switch version {
	case 0, 1:
		c.skip(4)
		offsets, lengths := c.u8(), c.u8()
		c.skip(1 + 2 + 2 + 4)
		if version == 1 {
			c.skip(4)
		}
		base := c.u64()
		c.skip(8)
		end := c.u64()
		c.skip(8 + 8)
		root := c.u64()
		return root, d.checkSuperblock(c, offsets, lengths, base, end)
	case 2, 3:
		offsets, lengths := c.u8(), c.u8()
		c.skip(1)
		base := c.u64()
		c.skip(8)
		end, root := c.u64(), c.u64()
		sum := c.u32()
		if err := d.checkSuperblock(c, offsets, lengths, base, end); err != nil {
			return 0, err
		}
		if size := len(d.file) - len(c.b) - 4; uint32(sum) != lookup3(d.file[:size]) {
			return 0, badf("the file's beginning is damaged: its checksum is wrong")
		}
		return root, nil
	}
	return 0, badf("the superblock is of version %d; versions 0 to 3 are read", version)
}

func (d *decoder) checkSuperblock(c *cursor, offsets, lengths int, base, end uint64) error {
	switch {
	case c.short:
		return badf("the file ends within its superblock")
	case offsets != 8 || lengths != 8:
		return badf("offsets are of %d bytes and lengths of %d; only 8 are read", offsets, lengths)
	case base != 0:
		return badf("the file begins with a user block, which is not read")
	case end > uint64(len(d.file)):
		return badf("the file is cut off: it should have %d bytes and has %d", end, len(d.file))
	}
	return nil
}

// object reads the header at an address and all below it.
func (d *decoder) object(address uint64, name string, depth int) (*Object, error) {
	if depth > maxDepth {
		return nil, badf("groups lie in each other more than %d deep", maxDepth)
	}
	messages, err := d.header(address)
	if err != nil {
		return nil, err
	}
	if err := d.take(256); err != nil {
		return nil, err
	}
	o := &Object{Name: name}
	var data dataset
	for _, m := range messages {
		if err := d.message(o, &data, m, depth); err != nil {
			return nil, inside(name, err)
		}
	}
	if data.layout != nil {
		if len(o.Members) > 0 {
			return nil, inside(name, badf("it is a group and an array at once"))
		}
		if o.Data, err = d.dataset(&data); err != nil {
			return nil, inside(name, err)
		}
	}
	slices.SortFunc(o.Members, func(a, b *Object) int { return strings.Compare(a.Name, b.Name) })
	for i, m := range o.Members {
		if i > 0 && m.Name == o.Members[i-1].Name {
			return nil, inside(name, badf("two members have the name %q", m.Name))
		}
	}
	return o, nil
}

// inside puts an object's name before what is wrong in it.
func inside(name string, err error) error {
	if name == "" {
		return err
	}
	return badf("%s: %v", name, err)
}

// The types of messages that are understood.
const (
	msgDataspace   = 0x01
	msgLinkInfo    = 0x02
	msgDatatype    = 0x03
	msgLink        = 0x06
	msgExternal    = 0x07
	msgLayout      = 0x08
	msgFilters     = 0x0B
	msgAttribute   = 0x0C
	msgContinue    = 0x10
	msgSymbolTable = 0x11
	msgAttrInfo    = 0x15
)

// message takes in one message of an object's header.
func (d *decoder) message(o *Object, data *dataset, m message, depth int) (err error) {
	c := &cursor{b: m.data}
	switch m.kind {
	case msgDataspace:
		data.shape, data.null, err = dataspace(c)
		data.spaced = true
	case msgDatatype:
		data.kind, err = datatype(c)
		data.typed = true
	case msgLayout:
		data.layout = m.data
	case msgFilters:
		data.filters, err = filters(c)
	case msgExternal:
		err = badf("its values lie in another file, which is not read")
	case msgAttribute:
		err = d.attribute(o, c)
	case msgSymbolTable:
		err = d.symbolTable(o, c, depth)
	case msgLink:
		err = d.link(o, c, depth)
	case msgLinkInfo:
		err = d.linkInfo(o, c, depth)
	case msgAttrInfo:
		err = d.attributeInfo(o, c)
	}
	return err
}
