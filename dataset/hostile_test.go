package dataset

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"cnnbench/dataset/hostile"
)

// webpClaiming is a lossless WebP of that size, whose data are so many zeros.
func webpClaiming(h, w uint32, data int) []byte {
	body := binary.LittleEndian.AppendUint32([]byte{0x2f}, (w-1)|(h-1)<<14)
	return riff("VP8L", append(body, make([]byte, data)...))
}

// riff is a WebP of one chunk.
func riff(kind string, body []byte) []byte {
	text := binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(12+len(body)))
	text = binary.LittleEndian.AppendUint32(append(text, "WEBP"+kind...), uint32(len(body)))
	return append(text, body...)
}

// tiffClaiming is a grey TIFF of that size with a strip a row. All strips are the same stretch of the file: zlib's
// header, so many empty blocks, and a row of zeros.
func tiffClaiming(h, w uint32, strips, empty int) []byte {
	strip := []byte("\x78\x9c")
	strip = append(strip, bytes.Repeat([]byte("\x00\x00\x00\xff\xff"), empty)...)
	var row bytes.Buffer
	z := zlib.NewWriter(&row)
	z.Write(make([]byte, min(w, 1<<10)))
	z.Close()
	strip = append(strip, row.Bytes()[2:]...)

	const short, long, head = 3, 4, 8
	lists := uint32(head + len(strip))
	ifd := lists + uint32(8*strips)
	text := append([]byte("II\x2a\x00"), binary.LittleEndian.AppendUint32(nil, ifd)...)
	text = append(text, strip...)
	for _, v := range []int{head, len(strip)} { // where each strip lies, and how long it is
		for range strips {
			text = binary.LittleEndian.AppendUint32(text, uint32(v))
		}
	}
	entries := [][4]uint32{{256, long, 1, w}, {257, long, 1, h}, {258, short, 1, 8}, {259, short, 1, 8}, {262, short, 1, 1},
		{273, long, uint32(strips), lists}, {277, short, 1, 1}, {278, long, 1, 1}, {279, long, uint32(strips), lists + uint32(4*strips)}}
	text = binary.LittleEndian.AppendUint16(text, uint16(len(entries)))
	for _, e := range entries {
		text = binary.LittleEndian.AppendUint16(text, uint16(e[0]))
		text = binary.LittleEndian.AppendUint16(text, uint16(e[1]))
		text = binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(text, e[2]), e[3])
	}
	return append(text, 0, 0, 0, 0)
}

// altered is a text with other bytes at a place.
func altered(text []byte, at int, with string) []byte {
	text = slices.Clone(text)
	copy(text[at:], with)
	return text
}

// What a picture's header claims costs nothing before it is found to be a lie.
func TestPicturesThatClaim(t *testing.T) {
	jpg, bmp := encoded(t, "jpg", painted(20, 20, 0)), encoded(t, "bmp", painted(20, 20, 0))
	frame := bytes.Index(jpg, []byte("\xff\xc0")) + 5
	lossy, err := os.ReadFile("testdata/pictures/lossy.webp")
	if err != nil {
		t.Fatal(err)
	}
	long := altered(altered(lossy, 4, "\xff\xff\xff\x7f"), 16, "\x00\x00\x00\x07")
	for name, c := range map[string]struct {
		text []byte
		want string
	}{
		"JPEG":                    {altered(jpg, frame, "\xff\xff\xff\xff"), "it has 65535 by 65535 pixels"},
		"JPEG without height":     {altered(jpg, frame, "\x00\x00"), "it is damaged"},
		"BMP":                     {altered(bmp, 18, "\xff\xff\xff\x3f\xff\xff\xff\x3f"), "it has 1073741823 by 1073741823 pixels"},
		"BMP upside down":         {altered(bmp, 18, "\xff\xff\xff\x3f\x01\x00\x00\x80"), "pixels"},
		"TIFF":                    {tiffClaiming(1<<16, 1<<16, 1, 0), "it has 65536 by 65536 pixels"},
		"TIFF of all pixels":      {tiffClaiming(1<<31, 1<<31, 1, 0), "it is damaged"},
		"TIFF lacks strips":       {tiffClaiming(400, 400, 10, 0), "it is damaged: tiff: invalid format: inconsistent header"},
		"WebP":                    {webpClaiming(1<<14, 1<<14, 8), "it has 16384 by 16384 pixels"},
		"WebP of a large canvas":  {riff("VP8X", []byte("\x00\x00\x00\x00\xff\x7f\x00\xff\x7f\x00")), "it has 32768 by 32768 pixels"},
		"WebP in a small canvas":  {append(riff("VP8X", make([]byte, 10)), webpClaiming(1<<14, 1<<14, 8)[12:]...), "it is"},
		"WebP with a long chunk":  {long, "it is cut short"},
		"WebP that is cut short":  {lossy[:len(lossy)-9], "it is cut short"},
		"WebP whose chunk is all": {altered(lossy, 16, "\xff\xff\xff\xff"), "it is damaged"},
	} {
		hostile.Within(t, 1<<20, func() {
			p, err := DecodePicture(c.text)
			if err == nil || p != nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s: %v, want %q", name, err, c.want)
			} else {
				hostile.Sentence(t, err)
			}
		})
	}
}

// The strips of a TIFF may all be one long stretch of nothing: 4,000 times 1 MB here. A strip a row is usual.
func TestTIFFInPieces(t *testing.T) {
	if _, err := DecodePicture(tiffClaiming(4000, 1000, 4000, 200_000)); err == nil || err.Error() != errPieces.Error() {
		t.Errorf("the error is %v", err)
	}
	p, err := DecodePicture(tiffClaiming(400, 1000, 400, 3))
	if err != nil || !slices.Equal(p.Shape, []int{400, 1000, 1}) {
		t.Errorf("%v", err)
	}
}

// zeros are so many MB of zeros as deflate packs them, without an end. Each MB takes a kilobyte.
func zeros(t *testing.T, mb int) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, flate.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(make([]byte, 1<<20)); err != nil {
		t.Fatal(err)
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return bytes.Repeat(b.Bytes(), mb)
}

// gzipBomb is a gzipped IDX file that begins with a header and goes on with zeros.
func gzipBomb(t *testing.T, header string, mb int) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(header)); err != nil {
		t.Fatal(err)
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return append(b.Bytes(), zeros(t, mb)...)
}

// zipBomb is an .npz whose array x has a header and goes on with zeros, and claims to be of a size.
func zipBomb(t *testing.T, header string, mb int, claimed uint64) []byte {
	t.Helper()
	const align = 64
	text := append([]byte("\x93NUMPY\x01\x00"), 0, 0)
	header += strings.Repeat(" ", align-(len(text)+len(header))%align-1) + "\n"
	binary.LittleEndian.PutUint16(text[8:], uint16(len(header)))
	var packed bytes.Buffer
	fw, err := flate.NewWriter(&packed, flate.BestSpeed)
	if err == nil {
		_, err = fw.Write(append(text, header...))
	}
	if err == nil {
		err = fw.Flush()
	}
	if err != nil {
		t.Fatal(err)
	}
	packed.Write(zeros(t, mb))
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.CreateRaw(&zip.FileHeader{Name: "x.npy", Method: zip.Deflate, CompressedSize64: uint64(packed.Len()), UncompressedSize64: claimed})
	if err == nil {
		_, err = w.Write(packed.Bytes())
	}
	if err == nil {
		err = z.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// A source that is a bomb, or lies, is refused with next to no memory, in a sentence that begins with the setting.
func TestHostileSources(t *testing.T) {
	labels := []byte("\x00\x00\x08\x01\x00\x00\x00\x01\x00")
	pair := func(ending string, images []byte) map[string][]byte {
		return map[string][]byte{"train-images-idx3-ubyte" + ending: images, "train-labels-idx1-ubyte": labels}
	}
	npz := func(shape string, mb int, claimed uint64) map[string][]byte {
		return map[string][]byte{"d.npz": zipBomb(t, "{'descr': '|u1', 'fortran_order': True, 'shape': ("+shape+"), }", mb, claimed)}
	}
	for name, c := range map[string]struct {
		files map[string][]byte
		open  string // below the folder
		want  string
	}{
		"gzip bomb as it says":      {pair(".gz", gzipBomb(t, "\x00\x00\x08\x03\x00\x00\x80\x00\x00\x00\x01\x00\x00\x00\x01\x00", 20)), "", "takes 2147483648 bytes, more than the limit of 2"},
		"gzip bomb behind the data": {pair(".gz", gzipBomb(t, "\x00\x00\x08\x03\x00\x00\x00\x01\x00\x00\x00\x02\x00\x00\x00\x02", 600)), "", "takes 4 bytes, but more follow the header"},
		"IDX that claims":           {pair("", []byte("\x00\x00\x08\x03\x00\x01\x00\x00\x00\x00\x01\x00\x00\x00\x00\x01abc")), "", "but only 3 follow"},
		"IDX of all dimensions":     {pair("", []byte("\x00\x00\x0e\x03\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff")), "", "larger than any memory"},
		"IDX names":                 {map[string][]byte{"train-\x1b[2Jimages\n-idx3-ubyte": labels}, "", `train-\x1b[2Jimages\n-idx3-ubyte has no partner`},
		"zip bomb as it says":       {npz("600, 1048576", 10, 600<<20+128), "d.npz", "takes 629145600 bytes"},
		"zip bomb that lies":        {npz("2, 2", 600, 132), "d.npz", `array "x": `},
		"zip that claims":           {npz("200, 1048576", 0, 1<<62), "d.npz", `array "x": `},
		"NPZ of many dimensions":    {npz("1048576, "+strings.Repeat("1, ", 3000), 1, 1<<20), "d.npz", "3001 dimensions, more than the limit of 64"},
		"NPZ's name":                {map[string][]byte{"d\n.npz": nil}, "d\n.npz", `d\n.npz: `},
		"CIFAR's names":             {map[string][]byte{"data_batch_1.bin": cifarRecords(1, 1, 10), "batches.meta.txt": make([]byte, 1<<20+1)}, "", "batches.meta.txt is no text file of names"},
	} {
		refused(t, name, filepath.Join(tree(t, c.files), c.open), c.want, 1<<20)
	}
}

// refused opens a source, which must be an error of one sentence that takes no more memory.
func refused(t *testing.T, name, path, want string, most int) {
	t.Helper()
	hostile.Within(t, most, func() {
		_, err := Open(named(path), Options{})
		if err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "source: ") {
			t.Errorf("%s: %v, want %q", name, err, want)
			return
		}
		hostile.Sentence(t, err)
	})
}

// A row may have a megabyte, and so as many cells as that has.
func TestRowsWithoutEnd(t *testing.T) {
	for name, text := range map[string]string{"t.csv": strings.Repeat("1,2", 1<<20), "t.tsv": "a\tb\n1\t\"" + strings.Repeat("x", 3<<20)} {
		path := filepath.Join(tree(t, map[string][]byte{name: []byte(text)}), name)
		refused(t, name, path, "the next row has more than 1048576 bytes", 80<<20)
	}
}

// Rows of a table cost memory each that is left out, and columns more than their two bytes.
func TestTablesOfNothing(t *testing.T) {
	_, err := openText(t, "t.csv", strings.Repeat(",\n", maxIncomplete+2), NewConfig(), Either)
	if err == nil || !strings.Contains(err.Error(), "something is missing in more than 1048576 rows, column 1 on line 1048578 for one; fill it in") {
		t.Error(err)
	}
	_, err = openText(t, "t.csv", strings.Repeat("1,", maxColumns)+"1\n", NewConfig(), Either)
	if err == nil || !strings.Contains(err.Error(), "line 1 has 131073 cells; tables of up to 131072 columns are read") {
		t.Error(err)
	}
	name := strings.Repeat("name ", 1000)
	_, err = openText(t, "t.csv", name+",y\n1,2\nx,3\n", NewConfig(), Either)
	if err == nil || len(err.Error()) > 1000 || !strings.Contains(err.Error(), `holds "1" on line 2 and "x" on line 3`) {
		t.Error(err)
	}
}

// A CIFAR file that is a hole is refused by its size.
func TestCIFAROfNothing(t *testing.T) {
	dir := t.TempDir()
	for name, size := range map[string]int64{"data_batch_1.bin": 3073 * 700_000, "data_batch_2.bin": 3073 * 700_000, "data_batch_3.bin": 0} {
		f, err := os.Create(filepath.Join(dir, name))
		if err == nil {
			err = f.Truncate(size)
		}
		if err != nil {
			t.Skip(err)
		}
		f.Close()
	}
	for _, want := range []string{"data_batch_3.bin has 0 bytes", "samples would take 4.0 GiB of memory"} {
		hostile.Within(t, 1<<20, func() {
			if _, err := Open(named(dir), Options{}); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%v, want %q", err, want)
			}
		})
		os.Remove(filepath.Join(dir, "data_batch_3.bin"))
	}
	put(t, dir, "data_batch_3.bin", "")
	if err := os.Truncate(filepath.Join(dir, "data_batch_3.bin"), 5<<30); err != nil {
		t.Skip(err)
	}
	if _, err := Open(named(dir), Options{}); err == nil || !strings.Contains(err.Error(), "data_batch_3.bin is larger than the 4 GiB") {
		t.Error(err)
	}
}

// A tree that is deep and one that is all loops end, and what was not looked at is named.
func TestEndlessTrees(t *testing.T) {
	p := shaded(t, 4, 4, 1)
	dir := tree(t, map[string][]byte{"a/1.png": p, "b/1.png": p, "b/" + strings.Repeat("d/", 500) + "1.png": p})
	for i := range 20 {
		if err := os.Symlink(fmt.Sprintf("../link%d", (i+1)%20), filepath.Join(dir, fmt.Sprintf("a/link%d.png", i))); err != nil {
			t.Skip(err)
		}
		if err := os.Symlink("..", filepath.Join(dir, "b", strings.Repeat("d/", i), "up")); err != nil {
			t.Fatal(err)
		}
	}
	s, err := Open(named(dir), Options{})
	if err != nil || len(s.Skipped) != 41 || s.Train.Samples.Len() != 2 {
		t.Errorf("%v: %q", err, skips(s))
	}
}
