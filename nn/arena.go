package nn

import "unsafe"

// lane is the alignment of every carved slice, in float32s: one cache line, one AVX-512 register.
const lane = 16

// arena hands out slices of one block of memory. Slices are asked for first and carved all at once.
type arena struct {
	want []request
	size int
	then []func()
}

type request struct {
	into *[]float32
	n    int
}

// floats asks for n values, zero at first; *into is set when the arena is carved.
func (a *arena) floats(into *[]float32, n int) {
	a.want = append(a.want, request{into, n})
	a.size += (n + lane - 1) / lane * lane
}

// after asks for f to be called once the slices are handed out, in the order of asking.
func (a *arena) after(f func()) { a.then = append(a.then, f) }

// carve allocates the block and hands out the slices. It returns the block's size in bytes.
func (a *arena) carve() int {
	block := aligned(a.size)
	for _, r := range a.want {
		*r.into = block[:r.n:r.n]
		block = block[(r.n+lane-1)/lane*lane:]
	}
	for _, f := range a.then {
		f()
	}
	a.want, a.then = nil, nil
	return 4 * a.size
}

// aligned allocates n values at a cache line's start.
func aligned(n int) []float32 {
	block := make([]float32, n+lane)
	wantHugePages(block)
	off := 0
	if rest := int(uintptr(unsafe.Pointer(unsafe.SliceData(block))) / 4 % lane); rest != 0 {
		off = lane - rest
	}
	return block[off : off+n : off+n]
}

// scratch is memory, of each worker or of all, that operations use in turn.
type scratch struct {
	size int // most values asked for
	want [][][]float32
}

// ask wants n values for each worker; the slices are set when the scratch is carved.
func (s *scratch) ask(workers, n int) [][]float32 {
	into := make([][]float32, workers)
	s.size = max(s.size, n)
	s.want = append(s.want, into)
	return into
}

// carve asks the arena for the memory.
func (s *scratch) carve(memory *arena, workers int) {
	blocks := make([][]float32, workers)
	for i := range blocks {
		memory.floats(&blocks[i], s.size)
	}
	memory.after(func() {
		for _, into := range s.want {
			copy(into, blocks)
		}
	})
}
