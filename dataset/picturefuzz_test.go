package dataset

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"cnnbench/dataset/hostile"
)

// A target a format, so that each is searched as long as the others.
func FuzzPNG(f *testing.F) { fuzzPicture(f, 64, mendPNG, pngClaiming(60000, 60000)) }
func FuzzJPEG(f *testing.F) {
	fuzzPicture(f, 64, nil, encoded(f, "jpg", painted(9, 11, 77)), scans(f, 9))
}
func FuzzGIF(f *testing.F) { fuzzPicture(f, 64, nil, encoded(f, "gif", painted(9, 11, 77))) }
func FuzzBMP(f *testing.F) { fuzzPicture(f, 64, nil, encoded(f, "bmp", painted(9, 11, 77))) }
func FuzzTIFF(f *testing.F) {
	const strip = 1 << 15 // what unpacking one takes
	fuzzPicture(f, strip, nil, encoded(f, "tif", painted(9, 11, 77)), tiffClaiming(40, 1, 40, 2))
}
func FuzzWebP(f *testing.F) { fuzzPicture(f, 64, mendRIFF, webpClaiming(30, 20, 8)) }

// fuzzPicture tries texts that begin as the first seed does. What the fuzzer broke of a text's checksums is mended, if
// there is a way, so that it comes to what lies behind them.
// A byte may cost so many of memory, garbage included.
func fuzzPicture(f *testing.F, each int, mend func(text []byte), seeds ...[]byte) {
	format := func(text []byte) *pictureFormat {
		at := slices.IndexFunc(pictureFormats, func(k pictureFormat) bool { return k.match(text) })
		if at < 0 {
			return nil
		}
		return &pictureFormats[at]
	}
	wanted := format(seeds[0])
	names, err := filepath.Glob("testdata/pictures/*")
	if err != nil || len(names) == 0 {
		f.Fatal(names, err)
	}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		if format(text) == wanted {
			seeds = append(seeds, text)
		}
	}
	for _, text := range seeds {
		f.Add(text)
	}
	magic := strings.ReplaceAll(wanted.magic, "?", "")
	f.Fuzz(func(t *testing.T, text []byte) {
		if len(text) >= len(wanted.magic) && !wanted.match(text) && len(magic) == len(wanted.magic) {
			text = slices.Clone(text)
			copy(text, magic)
		}
		if mend != nil {
			text = slices.Clone(text)
			mend(text)
		}
		tryPicture(t, text, each)
	})
}

// tryPicture decodes what may be a picture, of which a byte costs at most so many.
func tryPicture(t *testing.T, text []byte, each int) {
	var h header
	var p *Picture
	var err error
	const free = 1 << 20
	hostile.Within(t, free+each*len(text), func() { h, err = pictureHeader(bytes.NewReader(text)) })
	if err == nil {
		pixels := h.height * h.width
		if pixels > 1<<16 {
			t.Skip("allowed, and slow")
		}
		hostile.Within(t, free+each*len(text)+256*pixels, func() { p, err = DecodePicture(text) })
	}
	if err != nil {
		hostile.Sentence(t, shownError{err})
		return
	}
	if len(p.Pix) != volume(p.Shape) || len(p.Shape) != 3 || p.Shape[2] != 1 && p.Shape[2] != 3 || p.Shape[0] != h.height {
		t.Errorf("shape %v with %d values", p.Shape, len(p.Pix))
	}
}

// mendPNG corrects the checksums of a PNG's chunks.
func mendPNG(text []byte) {
	const before, behind = 8, 4 // of a chunk's data: length and kind, checksum
	for at := len("\x89PNG\r\n\x1a\n"); at+before+behind <= len(text); {
		n := int(binary.BigEndian.Uint32(text[at:]))
		if n > len(text)-at-before-behind {
			return
		}
		end := at + before + n
		binary.BigEndian.PutUint32(text[end:], crc32.ChecksumIEEE(text[at+4:end]))
		at = end + behind
	}
}

// mendRIFF corrects the length of a WebP.
func mendRIFF(text []byte) {
	const behind = 8
	if len(text) >= behind && binary.LittleEndian.Uint32(text[4:]) > uint32(len(text)-behind) {
		binary.LittleEndian.PutUint32(text[4:], uint32(len(text)-behind))
	}
}
