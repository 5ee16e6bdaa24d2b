package dataset

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"
)

// Every format gives the pixels that Pillow reads, and so Keras's load_img; JPEG and lossy WebP leave the last bits to
// the decoder.
func TestPicturesAsPillowReadsThem(t *testing.T) {
	text, err := os.ReadFile("testdata/pictures.json")
	if err != nil {
		t.Fatal(err)
	}
	var want map[string]struct {
		Shape  []int
		Pixels []int
	}
	if err := json.Unmarshal(text, &want); err != nil {
		t.Fatal(err)
	}
	if len(want) < 19 {
		t.Fatalf("only %d pictures", len(want))
	}
	for name, w := range want {
		p, err := ReadPicture(filepath.Join("testdata", "pictures", name))
		if err != nil {
			t.Error(err)
			continue
		}
		if !slices.Equal(p.Shape, w.Shape) {
			t.Errorf("%s: shape %v, want %v", name, p.Shape, w.Shape)
			continue
		}
		most := 0
		if strings.HasSuffix(name, ".jpg") || strings.HasPrefix(name, "lossy") {
			most = 4
		}
		for i, v := range p.Pix {
			if d := int(v) - w.Pixels[i]; d > most || d < -most {
				t.Errorf("%s: value %d is %d, Pillow says %d", name, i, v, w.Pixels[i])
				break
			}
		}
	}
}

// painted is a picture whose every pixel has a colour of its own.
func painted(h, w, shade int) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			m.SetNRGBA(x, y, color.NRGBA{uint8(x * 255 / w), uint8(y * 255 / h), uint8(shade), 255})
		}
	}
	return m
}

func encoded(t testing.TB, format string, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	var err error
	switch format {
	case "png":
		err = png.Encode(&b, m)
	case "jpg":
		err = jpeg.Encode(&b, m, nil)
	case "gif":
		err = gif.Encode(&b, m, nil)
	case "bmp":
		err = bmp.Encode(&b, m)
	case "tif":
		err = tiff.Encode(&b, m, nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// The fast ways from decoded pictures to bytes give what the slow one does.
func TestPixelsOfAllKinds(t *testing.T) {
	from := painted(5, 7, 99)
	rect := image.Rect(3, 2, 10, 7) // that pictures start at 0 is nowhere said
	palette := color.Palette{color.NRGBA{1, 2, 3, 255}, color.Gray{9}, color.NRGBA{200, 100, 50, 255}}
	for _, m := range []interface {
		image.Image
		Set(x, y int, c color.Color)
	}{
		image.NewGray(rect), image.NewGray16(rect), image.NewRGBA(rect), image.NewRGBA64(rect),
		image.NewNRGBA(rect), image.NewNRGBA64(rect), image.NewCMYK(rect), image.NewPaletted(rect, palette),
	} {
		for y := range 5 {
			for x := range 7 {
				m.Set(rect.Min.X+x, rect.Min.Y+y, from.At(x, y))
			}
		}
		comparePixels(t, m)
	}
	for ratio := image.YCbCrSubsampleRatio444; ratio <= image.YCbCrSubsampleRatio410; ratio++ {
		for _, r := range []image.Rectangle{rect, image.Rect(0, 0, 7, 5)} {
			m := image.NewYCbCr(r, ratio)
			for i := range m.Y {
				m.Y[i] = uint8(7 * i)
			}
			for i := range m.Cb {
				m.Cb[i], m.Cr[i] = uint8(100+9*i), uint8(200-5*i)
			}
			comparePixels(t, m)
		}
	}
}

func comparePixels(t *testing.T, m image.Image) {
	t.Helper()
	b := m.Bounds()
	got, grey := make([]uint8, b.Dx()*b.Dy()*3), make([]uint8, b.Dx()*b.Dy())
	copyPixels(got, m, 3)
	copyPixels(grey, m, 1)
	for i := range grey {
		c := color.NRGBAModel.Convert(m.At(b.Min.X+i%b.Dx(), b.Min.Y+i/b.Dx())).(color.NRGBA)
		if p := got[3*i : 3*i+3]; p[0] != c.R || p[1] != c.G || p[2] != c.B || grey[i] != lumaBytes(c.R, c.G, c.B) {
			t.Errorf("%T: pixel %d is %v, grey %d, want %v", m, i, p, grey[i], c)
			return
		}
	}
}

// pngClaiming is a small PNG whose header claims a size.
func pngClaiming(h, w uint32) []byte {
	text := []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR")
	text = binary.BigEndian.AppendUint32(text, w)
	text = binary.BigEndian.AppendUint32(text, h)
	text = append(text, 8, 2, 0, 0, 0)
	text = binary.BigEndian.AppendUint32(text, crc32.ChecksumIEEE(text[12:]))
	return append(text, "\x00\x00\x00\x00IDAT"...)
}

// scans is a JPEG that goes through its pixels again and again.
func scans(t testing.TB, n int) []byte {
	text := encoded(t, "jpg", painted(16, 16, 0))
	copy(text[bytes.Index(text, []byte("\xff\xc0"))+5:], "\x0f\xa0\x0f\xa0") // 4000 by 4000
	sos := bytes.Index(text, []byte("\xff\xda"))
	return append(text[:sos:sos], bytes.Repeat([]byte("\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00"), n)...)
}

// A hostile file is refused in no time and next to no memory, with a sentence.
func TestHostilePictures(t *testing.T) {
	whole := encoded(t, "png", painted(20, 20, 0))
	gifText := encoded(t, "gif", painted(20, 20, 0))
	wide := slices.Clone(gifText)
	copy(wide[6:10], "\xff\xff\xff\xff")
	for name, c := range map[string]struct {
		text []byte
		want string
	}{
		"gigapixels":     {pngClaiming(60000, 60000), "it has 60000 by 60000 pixels"},
		"overflow":       {pngClaiming(1<<31-1, 1<<31-1), "it is damaged: png: unsupported feature: dimension overflow"},
		"no pixels":      {pngClaiming(0, 5), "it is damaged"},
		"header only":    {pngClaiming(10, 10), "it is cut short"},
		"cut short":      {whole[:len(whole)/2], "it is"},
		"just magic":     {[]byte("\x89PNG\r\n\x1a\n"), "it is cut short"},
		"cut JPEG":       {encoded(t, "jpg", painted(20, 20, 0))[:300], "it is cut short"},
		"cut TIFF":       {encoded(t, "tif", painted(20, 20, 0))[:300], "it is"},
		"cut BMP":        {encoded(t, "bmp", painted(20, 20, 0))[:300], "it is cut short"},
		"wide GIF":       {wide, "it has 65535 by 65535 pixels"},
		"empty":          {nil, "the file is empty"},
		"text":           {[]byte("<html>404</html>"), "it is no PNG, JPEG"},
		"scans":          {scans(t, 5000), "5000 scans"},
		"changed CRC":    {append(slices.Clone(whole[:40]), whole[45:]...), "it is damaged"},
		"strange letter": {append([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0d\x1b[2J"), whole[16:]...), "it is"},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		start := time.Now()
		p, err := DecodePicture(c.text)
		runtime.ReadMemStats(&after)
		if err == nil || p != nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, %v, want %q", name, p != nil, err, c.want)
		}
		if err != nil && strings.ContainsAny(err.Error(), "\x1b\n") {
			t.Errorf("%s: the message holds control characters", name)
		}
		if took := time.Since(start); took > time.Second {
			t.Errorf("%s took %v", name, took)
		}
		limit := uint64(1 << 20)
		if name == "scans" { // its pixels alone are allowed
			limit = 49 << 20
		}
		if took := after.TotalAlloc - before.TotalAlloc; took > limit {
			t.Errorf("%s took %d bytes", name, took)
		}
	}
}

// What is read is bounded before it is read.
func TestPictureFilesThatAreNone(t *testing.T) {
	dir := t.TempDir()
	f, err := os.Create(filepath.Join(dir, "large.png"))
	if err == nil {
		err = f.Truncate(maxPictureBytes + 1)
	}
	if err != nil {
		t.Fatal(err)
	}
	f.Close()
	if err := os.Mkdir(filepath.Join(dir, "folder.png"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"large.png": "it is 64 MB large", "folder.png": "it is no file", "none\n.png": `none\n.png: it cannot be opened: no such file`} {
		if _, err := ReadPicture(filepath.Join(dir, name)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
	}
}

func TestPrintable(t *testing.T) {
	for name, want := range map[string]string{
		"cat": "cat", "Käse 猫": "Käse 猫", `a"b\`: `a"b\`, "a\nb": `a\nb`, "\x1b[2J": `\x1b[2J`, "\xff.png": `\xff.png`, "\u202egnp": `\u202egnp`, "": "",
	} {
		if got := printable(name); got != want {
			t.Errorf("%q: %s, want %s", name, got, want)
		}
	}
}

func BenchmarkDecodeCIFARJPEG(b *testing.B) {
	text := encoded(b, "jpg", painted(32, 32, 128))
	for b.Loop() {
		if _, err := DecodePicture(text); err != nil {
			b.Fatal(fmt.Errorf("decode: %w", err))
		}
	}
}
