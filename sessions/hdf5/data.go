package hdf5

import (
	"bytes"
	"compress/zlib"
	"io"
)

// dataset collects what an array's header says.
type dataset struct {
	kind    Type
	shape   []int
	layout  []byte
	filters []filter

	null, typed, spaced bool
}

// dataset makes the array that the header describes.
func (d *decoder) dataset(s *dataset) (*Array, error) {
	if !s.typed || !s.spaced {
		return nil, badf("the array has no type or no shape")
	}
	a := &Array{Type: s.kind, Shape: s.shape, take: d.take}
	d.variable(a)
	size, err := s.kind.size(s.shape)
	if err != nil {
		return nil, err
	}
	if s.null || size == 0 {
		return a, nil
	}
	c := &cursor{b: s.layout}
	version, class := c.u8(), c.u8()
	if version != 3 && (version != 4 || class == 2) {
		return nil, badf("the array is laid out by version %d, which is not read", version)
	}
	if class != 2 && s.filters != nil {
		return nil, badf("the array is compressed as a whole, which is not read")
	}
	switch class {
	case 0:
		a.raw = c.bytes(c.u16())
	case 1:
		at := c.u64()
		if at == undefined {
			return nil, badf("the array was never written")
		}
		values := d.at(at, uint64(size))
		a.raw = values.b
		c.short = c.short || values.short
	case 2:
		return a, d.chunked(a, c, s.filters)
	default:
		return nil, badf("the array is laid out in a way that is not read")
	}
	if c.short || len(a.raw) != size {
		return nil, badf("the array's values are cut off")
	}
	return a, nil
}

// chunks describes an array that is stored in pieces of equal shape.
type chunks struct {
	array   *Array
	dims    []int // of a chunk
	grid    []int // chunks along each axis
	bytes   int   // of a chunk
	filters []filter
	tree    uint64
}

// chunked reads how an array is cut. Its values are put together when they are asked for.
func (d *decoder) chunked(a *Array, c *cursor, filters []filter) error {
	rank := c.u8() - 1
	if rank != len(a.Shape) || rank < 1 {
		return badf("the array's chunks have %d axes and it has %d", rank, len(a.Shape))
	}
	k := &chunks{array: a, filters: filters, tree: c.u64(), dims: make([]int, rank), grid: make([]int, rank)}
	whole := make([]int, rank)
	for i := range k.dims {
		k.dims[i] = int(c.u32())
		if k.dims[i] == 0 {
			return badf("the array's chunks are empty")
		}
		k.grid[i] = (a.Shape[i] + k.dims[i] - 1) / k.dims[i]
		whole[i] = k.grid[i] * k.dims[i]
	}
	if element := int(c.u32()); c.short || element != a.Type.Size {
		return badf("the array's chunks are of other elements")
	}
	all, err := a.Type.size(whole)
	if err != nil {
		return err
	}
	if k.bytes, err = a.Type.size(k.dims); err != nil {
		return err
	}
	cells := 1
	for _, n := range k.grid {
		cells *= n
	}
	a.load = func() ([]byte, error) {
		if err := d.take(all + cells + 2*k.bytes); err != nil {
			return nil, err
		}
		seen := d.seen
		defer func() { d.seen = seen }()
		d.seen = map[uint64]bool{} // each reading goes through the nodes once
		return k.read(d, cells)
	}
	return nil
}

// read puts the array together from so many chunks.
func (k *chunks) read(d *decoder, cells int) ([]byte, error) {
	size, err := k.array.Type.size(k.array.Shape)
	if err != nil {
		return nil, err
	}
	r := &assembly{chunks: k, d: d, out: make([]byte, size), done: make([]bool, cells), left: cells}
	if err := r.node(k.tree, -1); err != nil {
		return nil, err
	}
	if r.left > 0 {
		return nil, badf("%d of the array's %d chunks were never written", r.left, cells)
	}
	return r.out, nil
}

// assembly is an array being put together.
type assembly struct {
	*chunks
	d       *decoder
	out     []byte
	done    []bool // by cell of the grid
	left    int
	buffer  []byte // a chunk uncompressed
	shuffle []byte // and put in order
}

func (r *assembly) node(at uint64, level int) error {
	key := 8 + 8*(len(r.dims)+1)
	children, found, err := r.d.treeNode(at, 1, key, level)
	if err != nil {
		return err
	}
	for _, c := range children {
		if found > 0 {
			err = r.node(c.at, found-1)
		} else {
			err = r.chunk(c)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// chunk reads one chunk and copies what of it lies in the array.
func (r *assembly) chunk(ch child) error {
	c := &cursor{b: ch.key}
	size, skip := c.u32(), c.u32()
	origin, cell := make([]int, len(r.dims)), 0
	for i := range origin {
		at := c.u64()
		if at%uint64(r.dims[i]) != 0 || at/uint64(r.dims[i]) >= uint64(r.grid[i]) {
			return badf("a chunk lies outside of its array")
		}
		origin[i] = int(at)
		cell = cell*r.grid[i] + origin[i]/r.dims[i]
	}
	if r.done[cell] {
		return badf("a chunk stands in its array twice")
	}
	r.done[cell] = true
	r.left--
	stored := r.d.at(ch.at, size)
	if stored.short {
		return badf("a chunk is cut off")
	}
	values, err := r.unfilter(stored.b, skip)
	if err != nil {
		return err
	}
	r.place(values, origin, 0, 0, 0)
	return nil
}

// unfilter undoes the filters of a chunk, the last first; skip has a bit for each that was left out.
func (r *assembly) unfilter(b []byte, skip uint64) ([]byte, error) {
	for i := len(r.filters) - 1; i >= 0; i-- {
		if skip>>i&1 != 0 {
			continue
		}
		switch f := r.filters[i]; f.id {
		case filterDeflate:
			var err error
			if b, err = r.deflated(b); err != nil {
				return nil, err
			}
		case filterShuffle:
			if len(b) != r.bytes {
				return nil, badf("a chunk has %d bytes and not %d", len(b), r.bytes)
			}
			b = r.unshuffled(b)
		}
	}
	if len(b) != r.bytes {
		return nil, badf("a chunk has %d bytes and not %d", len(b), r.bytes)
	}
	return b, nil
}

// deflated uncompresses a chunk into the buffer, and never more than a chunk.
func (r *assembly) deflated(b []byte) ([]byte, error) {
	var err error
	if r.d.inflate == nil {
		r.d.inflate, err = zlib.NewReader(bytes.NewReader(b))
	} else {
		err = r.d.inflate.(zlib.Resetter).Reset(bytes.NewReader(b), nil)
	}
	if err != nil {
		return nil, badf("a chunk cannot be uncompressed: %v", err)
	}
	if r.buffer == nil {
		r.buffer = make([]byte, r.bytes+1)
	}
	n, err := io.ReadFull(r.d.inflate, r.buffer)
	if err != io.ErrUnexpectedEOF || n != r.bytes {
		return nil, badf("a chunk cannot be uncompressed to its %d bytes", r.bytes)
	}
	return r.buffer[:n], nil
}

// unshuffled puts the bytes of elements together again, which were stored by their places in the element.
func (r *assembly) unshuffled(b []byte) []byte {
	if r.shuffle == nil {
		r.shuffle = make([]byte, r.bytes)
	}
	size := r.array.Type.Size
	n := len(b) / size
	for i := range n {
		for j := range size {
			r.shuffle[i*size+j] = b[j*n+i]
		}
	}
	return r.shuffle
}

// place copies a chunk's values, axis by axis, to where they belong. from and to are places in elements.
func (r *assembly) place(values []byte, origin []int, axis, from, to int) {
	shape, size := r.array.Shape, r.array.Type.Size
	n := min(r.dims[axis], shape[axis]-origin[axis])
	from, to = from*r.dims[axis], to*shape[axis]+origin[axis]
	if axis == len(shape)-1 {
		copy(r.out[to*size:(to+n)*size], values[from*size:])
		return
	}
	for i := range n {
		r.place(values, origin, axis+1, from+i, to+i)
	}
}

// filter is one step that a chunk's bytes went through.
type filter struct{ id int }

// The filters that are undone.
const (
	filterDeflate = 1
	filterShuffle = 2
)

// filters reads the list of filters.
func filters(c *cursor) ([]filter, error) {
	version, count := c.u8(), c.u8()
	if version == 1 {
		c.skip(6)
	}
	if version < 1 || version > 2 || count > 32 {
		return nil, badf("the list of its filters is damaged")
	}
	var out []filter
	for range count {
		id := c.u16()
		name := 0
		if version == 1 || id >= 256 {
			name = c.u16()
		}
		c.skip(2)
		values := c.u16()
		if version == 1 {
			name = (name + 7) &^ 7
			values += values & 1
		}
		c.skip(name + 4*values)
		if id != filterDeflate && id != filterShuffle {
			return nil, badf("it is stored through filter %d; only gzip and shuffle are undone", id)
		}
		out = append(out, filter{id})
	}
	if c.short {
		return nil, badf("the list of its filters is cut off")
	}
	return out, nil
}
