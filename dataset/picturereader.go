package dataset

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
)

// pictureReader decodes the pictures of a folder into samples of one shape, and keeps as many of them as the memory
// may hold.
type pictureReader struct {
	root    *os.Root
	shape   []int
	image   ImageConfig  // how a picture comes to the shape
	cache   []uint8      // [kept, sample]
	left    atomic.Int64 // bytes that decoding left behind, about, since they were last collected
	scratch sync.Pool    // of *pictureScratch
}

// pictureScratch is what decoding needs on its way.
type pictureScratch struct {
	text, pixels, sample []uint8
	buffer               buffer
}

// readHeader reads what the file is, and refuses what is no picture.
func (f *pictureFile) readHeader(from files) error {
	file, _, err := openPictureFile(from, f.name)
	if err != nil {
		return err
	}
	defer file.Close()
	f.header, err = pictureHeader(file)
	return err
}

// planPictures decides in which shape the pictures without a fault are kept.
func planPictures(req request, all []pictureFile, faults []error) (*pictureReader, error) {
	var good []pictureFile
	channels := 1
	for i, f := range all {
		if faults[i] == nil {
			good = append(good, f)
			channels = max(channels, f.header.channels)
		}
	}
	p := &pictureReader{}
	p.scratch.New = func() any { return new(pictureScratch) }
	if len(good) == 0 {
		return p, nil
	}
	mixed := mixedSizes(good)
	if mixed != nil && req.image.Size == nil {
		return nil, field("image.size", mixed)
	}
	p.shape = []int{good[0].header.height, good[0].header.width, channels}
	p.image = ImageConfig{Interpolation: req.image.Interpolation}
	if large := int64(len(good))*int64(volume(p.shape)) > req.memory; mixed != nil || large && req.image.Size != nil {
		p.image.Size, p.image.Color = req.image.Size, req.image.Color
	}
	if p.image.Color == nil {
		p.image.Color = new("rgb")
		if channels == 1 {
			p.image.Color = new("grayscale")
		}
	}
	prepare, err := NewPreparation(Config{Image: p.image}, p.shape)
	if err != nil {
		return nil, err
	}
	p.shape = prepare.Shape()
	p.keep(all, faults, len(good), req.memory)
	return p, nil
}

// keep makes room for as many pictures as fit, evenly over all, so that no class is slower than the others.
func (p *pictureReader) keep(all []pictureFile, faults []error, good int, memory int64) {
	size := volume(p.shape)
	kept := int(min(int64(good), memory/int64(size)))
	p.cache = make([]uint8, kept*size)
	seen, row := 0, 0
	for i := range all {
		if faults[i] != nil {
			continue
		}
		if seen++; seen*kept/good > row { // kept of the first seen, rounded down
			all[i].row = row
			row++
		}
	}
}

// readAll decodes every picture that has no fault yet, to find those that have one, and keeps what there is room for.
func (p *pictureReader) readAll(ctx context.Context, pass Pass, all []pictureFile, faults []error) error {
	size := volume(p.shape)
	return parallel(ctx, pass, len(all), func(s *pictureScratch, i int) {
		f := &all[i]
		if faults[i] != nil {
			return
		}
		dst := room(&s.sample, size)
		if f.row >= 0 {
			dst = p.cache[f.row*size : (f.row+1)*size]
		}
		faults[i] = p.decode(dst, f, s)
	})
}

// maxLeft is the most bytes that decoding leaves behind before they are collected.
const maxLeft = 64 << 20

// collect takes note of a picture that was decoded. By itself the collector waits until there is as much to be collected
// as there is in use, which with many pictures in memory would double what the program takes.
func (p *pictureReader) collect(h header) {
	const free, pixel = 64 << 10, 8 // what a decoder needs for itself, and for a pixel
	if n := p.left.Add(free + pixel*int64(h.height)*int64(h.width)); n > maxLeft && len(p.cache) > maxLeft && p.left.CompareAndSwap(n, 0) {
		runtime.GC()
	}
}

// decode fills dst with the sample that a file holds.
func (p *pictureReader) decode(dst []uint8, f *pictureFile, s *pictureScratch) error {
	var err error
	if s.text, err = readPictureFile(p.root, f.name, s.text); err != nil {
		return err
	}
	h, err := pictureHeader(bytes.NewReader(s.text))
	if err != nil {
		return err
	}
	if h != f.header {
		return errors.New("it changed since the folder was opened")
	}
	defer p.collect(h)
	prepare, err := NewPreparation(Config{Image: p.image}, h.shape())
	if err != nil {
		return err
	}
	if !prepare.converts() {
		return h.decode(dst, s.text)
	}
	pixels := room(&s.pixels, volume(h.shape()))
	if err := h.decode(pixels, s.text); err != nil {
		return err
	}
	copy(dst, convert(prepare, pixels, &s.buffer.bytes, lumaBytes, (*axis).resampleBytes))
	return nil
}

// samples are those of some files, which were all decoded before. Where all of them are kept, they are as others in
// memory.
func (p *pictureReader) samples(files []pictureFile) Samples {
	size := volume(p.shape)
	first := files[0].row
	for i, f := range files {
		if f.row < 0 {
			return &picturesOnDisk{p, files}
		}
		copy(p.cache[(first+i)*size:(first+i+1)*size], p.cache[f.row*size:(f.row+1)*size]) // over those with a fault
	}
	return Bytes(p.shape, p.cache[first*size:(first+len(files))*size:(first+len(files))*size])
}

// picturesOnDisk are pictures of which a fixed choice is kept in memory, and the others are decoded when they are read.
// Which ones are kept never changes: each epoch reads every sample once, so that no newer one would be of more use.
type picturesOnDisk struct {
	*pictureReader
	files []pictureFile
}

func (p *picturesOnDisk) Len() int     { return len(p.files) }
func (p *picturesOnDisk) Shape() []int { return p.shape }

func (p *picturesOnDisk) ReadBytes(dst []uint8, i int) error {
	f := &p.files[i]
	size := volume(p.shape)
	if f.row >= 0 {
		copy(dst[:size], p.cache[f.row*size:])
		return nil
	}
	s := p.scratch.Get().(*pictureScratch)
	defer p.scratch.Put(s)
	if err := p.decode(dst[:size], f, s); err != nil {
		return fmt.Errorf("%s: %w", printable(f.name), err)
	}
	return nil
}

func (p *picturesOnDisk) Read(dst []float32, i int) error {
	s := p.scratch.Get().(*pictureScratch)
	defer p.scratch.Put(s)
	row := room(&s.sample, volume(p.shape))
	if err := p.ReadBytes(row, i); err != nil {
		return err
	}
	for j, v := range row {
		dst[j] = float32(v)
	}
	return nil
}
