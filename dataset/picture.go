package dataset

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"
	"golang.org/x/image/webp"
)

// The limits of one picture file: a small file can declare a picture that no memory holds.
const (
	maxPictureBytes  = 64 << 20
	maxPicturePixels = 16_000_000
)

// pictureEndings are how the names of picture files end.
var pictureEndings = []string{".png", ".jpg", ".jpeg", ".gif", ".bmp", ".tif", ".tiff", ".webp"}

// foreignEndings are those of picture files that cannot be read here.
var foreignEndings = []string{".heic", ".heif", ".avif", ".jxl", ".jp2", ".ppm", ".pgm", ".pbm", ".psd", ".svg", ".ico", ".tga"}

// ending is that of a file's name, in lower case.
func ending(name string) string { return strings.ToLower(path.Ext(name)) }

// IsPicture reports whether a file's name ends like that of a picture that can be read.
func IsPicture(name string) bool { return slices.Contains(pictureEndings, ending(name)) }

// pictureFormat is a way in which pictures are stored.
type pictureFormat struct {
	magic  string // how its files begin; ? is any byte
	config func(io.Reader) (image.Config, error)
	decode func(io.Reader) (image.Image, error)
}

const jpegMagic, gifMagic, webpMagic = "\xff\xd8", "GIF8?a", "RIFF????WEBPVP8"

var pictureFormats = []pictureFormat{
	{"\x89PNG\r\n\x1a\n", png.DecodeConfig, png.Decode},
	{jpegMagic, jpeg.DecodeConfig, jpeg.Decode},
	{gifMagic, gif.DecodeConfig, gif.Decode},
	{"BM????\x00\x00\x00\x00", bmp.DecodeConfig, bmp.Decode},
	{"II\x2a\x00", tiff.DecodeConfig, tiff.Decode},
	{"MM\x00\x2a", tiff.DecodeConfig, tiff.Decode},
	{webpMagic, webp.DecodeConfig, webp.Decode},
}

func (f *pictureFormat) match(text []byte) bool {
	if len(text) < len(f.magic) {
		return false
	}
	for i := range f.magic {
		if f.magic[i] != '?' && f.magic[i] != text[i] {
			return false
		}
	}
	return true
}

// header is what the first bytes of a picture file tell.
type header struct {
	format        *pictureFormat
	height, width int
	channels      int // 1: grey, 3: colour
}

// readerAt reads a file from its start and from anywhere.
type readerAt interface {
	io.Reader
	io.ReaderAt
}

// pictureHeader reads the header of a picture of the formats above, and refuses what would take too much memory.
func pictureHeader(r readerAt) (h header, err error) {
	magic := make([]byte, 16)
	n, err := r.ReadAt(magic, 0)
	if err != nil && err != io.EOF {
		return h, errors.New("it cannot be read: " + plainError(err))
	}
	if n == 0 {
		return h, errors.New("the file is empty")
	}
	at := slices.IndexFunc(pictureFormats, func(f pictureFormat) bool { return f.match(magic[:n]) })
	if at < 0 {
		return h, errors.New("it is no PNG, JPEG, GIF, BMP, TIFF or WebP picture")
	}
	defer damaged(&err)
	h.format = &pictureFormats[at]
	// A TIFF's header may lie anywhere, the others' are read from the start in small pieces.
	c, err := h.format.config(struct {
		*bufio.Reader
		io.ReaderAt
	}{bufio.NewReader(r), r})
	if err != nil {
		return h, damage(err)
	}
	if c.Width < 1 || c.Height < 1 {
		return h, fmt.Errorf("it is damaged: %d by %d pixels", c.Width, c.Height)
	}
	if c.Width > maxPicturePixels/c.Height {
		return h, fmt.Errorf("it has %d by %d pixels; pictures of up to 16 million pixels are read, so shrink it", c.Width, c.Height)
	}
	h.height, h.width, h.channels = c.Height, c.Width, channelsOf(c.ColorModel)
	if h.format.magic == gifMagic { // the frame may have a palette of its own
		h.channels = 3
	}
	return h, nil
}

// shape is that of the decoded picture.
func (h header) shape() []int { return []int{h.height, h.width, h.channels} }

// decode fills dst with the picture; text is the whole file that the header was read from.
func (h header) decode(dst []uint8, text []byte) (err error) {
	defer damaged(&err)
	if err := h.bound(text); err != nil {
		return err
	}
	img, err := h.format.decode(newPieces(text))
	if err != nil {
		return damage(err)
	}
	canvas := image.Rect(0, 0, h.width, h.height)
	if p, ok := img.(*image.Paletted); ok && h.format.magic == gifMagic {
		img = wholeGIF(p, canvas, text)
	}
	if b := img.Bounds(); b.Dx() != h.width || b.Dy() != h.height {
		return errors.New("it is damaged: its header tells another size than its pixels")
	}
	if h.format.magic == webpMagic {
		img = videoRange(img)
	}
	copyPixels(dst, img, h.channels)
	return nil
}

// damage puts a decoder's error in words.
func damage(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("it is cut short")
	}
	if errors.Is(err, errPieces) {
		return err
	}
	return fmt.Errorf("it is damaged: %s", printable(err.Error()))
}

// damaged makes an error of a panic in a decoder.
func damaged(err *error) {
	if r := recover(); r != nil {
		*err = fmt.Errorf("it is damaged: %s", printable(fmt.Sprint(r)))
	}
}

// Picture is a decoded picture file.
type Picture struct {
	Pix   []uint8 // [rows, columns, channels]
	Shape []int   // channels: 1 where it is grey, else red, green and blue
}

// DecodePicture decodes a PNG, JPEG, GIF (its first frame), BMP, TIFF or WebP file of at most 16 million pixels.
// Opacity is left out, as Keras does.
func DecodePicture(text []byte) (*Picture, error) {
	h, err := pictureHeader(bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	p := &Picture{Shape: h.shape()}
	p.Pix = make([]uint8, volume(p.Shape))
	if err := h.decode(p.Pix, text); err != nil {
		return nil, err
	}
	return p, nil
}

// ReadPicture reads a picture file as DecodePicture does.
func ReadPicture(name string) (*Picture, error) {
	text, err := readPictureFile(osFiles{}, name, nil)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", printable(name), err)
	}
	p, err := DecodePicture(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", printable(name), err)
	}
	return p, nil
}

// files opens files by name, as os and *os.Root do.
type files interface {
	Stat(name string) (fs.FileInfo, error)
	Open(name string) (*os.File, error)
}

type osFiles struct{}

func (osFiles) Stat(name string) (fs.FileInfo, error) { return os.Stat(name) }
func (osFiles) Open(name string) (*os.File, error)    { return os.Open(name) }

// readPictureFile reads a whole file into buf, which grows where it must.
func readPictureFile(from files, name string, buf []byte) ([]byte, error) {
	f, size, err := openPictureFile(from, name)
	if err != nil {
		return buf, err
	}
	defer f.Close()
	buf = slices.Grow(buf[:0], int(size)+1) // one more, to see a file that grows
	n, err := io.ReadFull(f, buf[:size+1])
	switch {
	case err == nil:
		return buf, errors.New("it changed while it was read")
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return buf[:n], nil
	}
	return buf, errors.New("it cannot be read: " + plainError(err))
}

// openPictureFile opens a file that is small enough to be read. It looks first: opening a pipe would wait for ever.
func openPictureFile(from files, name string) (*os.File, int64, error) {
	st, err := from.Stat(name)
	switch {
	case err != nil:
		return nil, 0, errors.New("it cannot be opened: " + plainError(err))
	case !st.Mode().IsRegular():
		return nil, 0, errors.New("it is no file")
	case st.Size() > maxPictureBytes:
		return nil, 0, fmt.Errorf("it is %d MB large; pictures of up to %d MB are read", st.Size()>>20, maxPictureBytes>>20)
	}
	f, err := from.Open(name)
	if err != nil {
		return nil, 0, errors.New("it cannot be opened: " + plainError(err))
	}
	return f, st.Size(), nil
}
