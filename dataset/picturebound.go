package dataset

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
)

// bound refuses what the decoder of a format would take too long for, or too much memory, although the picture has few
// enough pixels. text is the whole file.
func (h header) bound(text []byte) error {
	switch h.format.magic {
	case jpegMagic:
		return h.boundScans(text)
	case webpMagic:
		return boundRIFF(text)
	}
	return nil
}

// boundScans refuses a JPEG whose many scans each go through all pixels again: a few bytes a scan would take minutes.
// Within the pixels' data the marker of a scan cannot occur.
func (h header) boundScans(text []byte) error {
	const free, pixels = 50, 20 * maxPicturePixels
	if n := bytes.Count(text, []byte("\xff\xda")); n > free && n > pixels/(h.height*h.width) {
		return fmt.Errorf("it is sent in %d scans; save it again with fewer", n)
	}
	return nil
}

// boundRIFF refuses a WebP that says to be longer than it is: its decoder makes room for what a chunk claims, of which
// none can be longer than the whole.
func boundRIFF(text []byte) error {
	const behind = 8 // the length counts from there
	if claimed := int64(binary.LittleEndian.Uint32(text[4:])); claimed+behind > int64(len(text)) {
		return errors.New("it is cut short")
	}
	return nil
}

// pieces is a file in memory of which a decoder reads from anywhere. The strips and tiles of a TIFF may be as many as its
// pixels, and may all be the same long stretch of the file; real ones are at most a strip a row, and only short ones are
// the same.
type pieces struct {
	*bytes.Reader
	number, bytes int // that may still be read
}

// errPieces is how a decoder ends that reads more than that.
var errPieces = errors.New("it is stored in too many pieces; save it again in larger strips or tiles")

func newPieces(text []byte) *pieces {
	const free, size, again = 1 << 16, 512, 64 << 20 // decoders take up to 4 kB at a time
	return &pieces{bytes.NewReader(text), free + len(text)/size, again + len(text)}
}

func (p *pieces) ReadAt(b []byte, at int64) (int, error) {
	if p.number <= 0 || p.bytes <= 0 {
		return 0, errPieces
	}
	n, err := p.Reader.ReadAt(b, at)
	p.number--
	p.bytes -= n
	return n, err
}
