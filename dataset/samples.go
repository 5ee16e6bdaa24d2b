package dataset

import "fmt"

// Samples hands out samples as they are stored. Read may be called from several goroutines.
type Samples interface {
	// Len is the number of samples.
	Len() int
	// Shape is that of one sample.
	Shape() []int
	// Read fills dst with sample i in row-major order, in the values of the source: bytes are 0 to 255.
	Read(dst []float32, i int) error
}

// ByteSamples are samples stored as bytes; pictures among them are resized as bytes too.
type ByteSamples interface {
	Samples
	// ReadBytes fills dst with sample i.
	ReadBytes(dst []uint8, i int) error
}

// volume is the number of values of a shape.
func volume(shape []int) int {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return n
}

// memory keeps samples of one shape in memory, in the type in which the source has them.
type memory[T uint8 | float32] struct {
	shape []int
	size  int // values of a sample
	data  []T // [sample, value]
}

func newMemory[T uint8 | float32](shape []int, data []T) memory[T] {
	m := memory[T]{shape: shape, size: volume(shape), data: data}
	if m.size == 0 || len(data)%m.size != 0 {
		panic("dataset: samples do not fill their shape")
	}
	return m
}

func (m memory[T]) Len() int     { return len(m.data) / m.size }
func (m memory[T]) Shape() []int { return m.shape }

func (m memory[T]) row(i int) []T { return m.data[i*m.size : (i+1)*m.size] }

// Bytes are samples of a shape that lie one behind the other in data, which is not copied.
func Bytes(shape []int, data []uint8) ByteSamples { return bytesInMemory{newMemory(shape, data)} }

// Floats are samples of a shape that lie one behind the other in data, which is not copied.
func Floats(shape []int, data []float32) Samples { return floatsInMemory{newMemory(shape, data)} }

type bytesInMemory struct{ memory[uint8] }

func (m bytesInMemory) Read(dst []float32, i int) error {
	row := m.row(i)
	dst = dst[:len(row)]
	for j, v := range row {
		dst[j] = float32(v)
	}
	return nil
}

func (m bytesInMemory) ReadBytes(dst []uint8, i int) error {
	copy(dst[:m.size], m.row(i))
	return nil
}

type floatsInMemory struct{ memory[float32] }

func (m floatsInMemory) Read(dst []float32, i int) error {
	copy(dst[:m.size], m.row(i))
	return nil
}

// fits says whether n samples of so many values, each of so many bytes, may be kept in memory.
func fits(n, values, bytes int) error {
	if need := float64(n) * float64(values) * float64(bytes); need > maxBytes {
		return fmt.Errorf("%d samples would take %.1f GiB of memory; at most %d GiB are taken, that is %d of these samples",
			n, need/(1<<30), maxBytes>>30, maxBytes/(int64(values)*int64(bytes)))
	}
	return nil
}
