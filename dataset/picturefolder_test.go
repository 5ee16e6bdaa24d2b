package dataset

import (
	"errors"
	"fmt"
	"image"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"cnnbench/dataset/hostile"
	"cnnbench/spec"
)

// tree writes files below a new folder; a name that ends in / is a folder.
func tree(t testing.TB, files map[string][]byte) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		folder := filepath.Dir(path)
		if strings.HasSuffix(name, "/") {
			folder = path
		}
		if err := os.MkdirAll(folder, 0o700); err != nil {
			t.Fatal(err)
		}
		if folder != path {
			if err := os.WriteFile(path, text, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	return dir
}

// shaded is a PNG of one shade.
func shaded(t testing.TB, h, w, shade int) []byte {
	m := image.NewGray(image.Rect(0, 0, w, h))
	for i := range m.Pix {
		m.Pix[i] = uint8(shade)
	}
	return encoded(t, "png", m)
}

func skips(s *Source) (out []string) {
	for _, k := range s.Skipped {
		out = append(out, k.Name+": "+k.Reason)
	}
	return out
}

// Classes, pictures and folders below are in the order of their names, as flow_from_directory has them.
func TestPictureFolder(t *testing.T) {
	dir := tree(t, map[string][]byte{
		"dog/b.png": shaded(t, 2, 3, 5), "dog/a.PNG": shaded(t, 2, 3, 4), "dog/more/a.png": shaded(t, 2, 3, 6), "dog/m.png": shaded(t, 2, 3, 9),
		"cat/10.png": shaded(t, 2, 3, 1), "cat/9.png": shaded(t, 2, 3, 2), "cat/x/y/z.png": shaded(t, 2, 3, 3),
		"cat/notes.txt": []byte("x"), "cat/.hidden.png": []byte("x"), "README.md": []byte("x"), ".git/": nil, "__MACOSX/cat/._9.png": []byte("x"),
	})
	s, err := Open(named(dir), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(s.Classes, []string{"cat", "dog"}) || !slices.Equal(s.Shape, []int{2, 3, 1}) || s.Unnamed || s.Test != nil || s.Validation != nil || len(s.Skipped) != 0 {
		t.Errorf("%+v", s)
	}
	var shades []float32
	for _, r := range rows(t, s.Train, len(s.Train.Labels)) {
		shades = append(shades, r[5])
	}
	if !slices.Equal(shades, []float32{1, 2, 3, 4, 5, 9, 6}) || !slices.Equal(s.Train.Labels, []int32{0, 0, 0, 1, 1, 1, 1}) {
		t.Errorf("order %v, labels %v", shades, s.Train.Labels)
	}
}

func TestPictureParts(t *testing.T) {
	p := shaded(t, 2, 2, 7)
	for name, c := range map[string]struct {
		files []string
		parts [3]int
		skips []string
	}{
		"train and test":   {[]string{"train/a/1.png", "train/b/1.png", "test/b/1.png"}, [3]int{2, 0, 1}, nil},
		"all three":        {[]string{"Training/a/1.png", "Training/b/1.png", "val/a/1.png", "Testing/b/1.png"}, [3]int{2, 1, 1}, nil},
		"other folders":    {[]string{"train/a/1.png", "train/b/1.png", "valid/a/1.png", "extra/c/1.png", "x.png"}, [3]int{2, 1, 0}, []string{"extra: it lies beside the folders of the parts, so it belongs to none", "x.png: it lies beside the folders of the parts, so it belongs to none"}},
		"a class of train": {[]string{"bus/1.png", "train/1.png"}, [3]int{2, 0, 0}, nil},
		"a class of tests": {[]string{"bus/1.png", "test/1.png"}, [3]int{2, 0, 0}, nil},
		"a part is empty":  {[]string{"train/a/1.png", "train/b/1.png", "test/"}, [3]int{2, 0, 0}, nil},
		"loose pictures":   {[]string{"a/1.png", "b/1.png", "1.png"}, [3]int{2, 0, 0}, []string{"1.png: it lies beside the class folders, so it has no class"}},
		"an empty class":   {[]string{"a/1.png", "b/1.png", "c/"}, [3]int{2, 0, 0}, []string{"c: the folder holds no pictures"}},
		"told once":        {[]string{"train/a/1.png", "train/b/1.png", "train/2.heic"}, [3]int{2, 0, 0}, []string{"train/2.heic: HEIC files cannot be read; save it as PNG or JPEG"}},
		"foreign formats":  {[]string{"a/1.png", "b/1.png", "b/2.HEIC"}, [3]int{2, 0, 0}, []string{"b/2.HEIC: HEIC files cannot be read; save it as PNG or JPEG"}},
	} {
		files := map[string][]byte{}
		for _, f := range c.files {
			files[f] = p
		}
		s, err := Open(named(tree(t, files)), Options{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var parts [3]int
		for i, set := range []*Set{s.Train, s.Validation, s.Test} {
			if set != nil {
				parts[i] = set.Samples.Len()
			}
		}
		if parts != c.parts || !slices.Equal(skips(s), c.skips) {
			t.Errorf("%s: parts %v, left out %q", name, parts, skips(s))
		}
	}
}

func TestPictureFolderRefuses(t *testing.T) {
	p := shaded(t, 2, 2, 7)
	bad := []byte("no picture")
	for want, files := range map[string]map[string][]byte{
		"its pictures lie side by side; put those of each class into a sub-folder":             {"1.png": p, "2.png": p},
		"the pictures in train lie side by side":                                               {"train/1.png": p, "test/1.png": p},
		"but none called train":                                                                {"test/a/1.png": p, "val/a/1.png": p},
		"both train and training would be the train part":                                      {"train/a/1.png": p, "training/a/1.png": p},
		"test has the class c, of which there is no training picture; the classes are a, b":    {"train/a/1.png": p, "train/b/1.png": p, "test/c/1.png": p},
		"it holds nothing but the folder pets; name that one: ":                                {"pets/a/1.png": p, "pets/b/1.png": p},
		"all pictures are of one class, a":                                                     {"a/1.png": p, "a/2.png": p},
		"there is no picture to learn from below it; a: the folder holds no pictures":          {"a/": nil, "b/x.txt": p},
		"no training picture can be read; a/1.png: it is no PNG, JPEG":                         {"a/1.png": bad, "b/1.jpg": bad},
		"no training picture of the class b can be read; b/1.png: it is no PNG, JPEG, GIF, BM": {"a/1.png": p, "b/1.png": bad},
	} {
		_, err := Open(named(tree(t, files)), Options{})
		if err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "source: ") || strings.Contains(err.Error(), "\n") {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

// Broken pictures are named, one by one, and left out; the others keep their order and labels.
func TestBrokenPictures(t *testing.T) {
	files := map[string][]byte{"train/b/\x1b[2J\n.png": []byte("no picture"), "test/a/9.png": pngClaiming(60000, 60000)}
	whole := shaded(t, 4, 4, 0)
	for _, part := range []string{"train", "test"} {
		for i := range 6 {
			files[fmt.Sprintf("%s/a/%d.png", part, i)] = shaded(t, 4, 4, 10+i)
			files[fmt.Sprintf("%s/b/%d.png", part, i)] = shaded(t, 4, 4, 20+i)
		}
	}
	files["train/a/0.png"], files["train/a/4.png"], files["train/b/5.png"] = whole[:60], nil, whole[:len(whole)-14]
	files["test/b/5.png"] = whole[:50]
	s, err := Open(named(tree(t, files)), Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"train/a/0.png: it is cut short", "train/a/4.png: the file is empty", "train/b/5.png: it is cut short",
		`train/b/\x1b[2J\n.png: it is no PNG, JPEG, GIF, BMP, TIFF or WebP picture`,
		"test/a/9.png: it has 60000 by 60000 pixels; pictures of up to 16 million pixels are read, so shrink it", "test/b/5.png: it is damaged: png: invalid format: not enough pixel data"}
	got := skips(s)
	slices.Sort(want)
	sorted := slices.Sorted(slices.Values(got))
	if !slices.Equal(sorted, want) {
		t.Errorf("left out %q", got)
	}
	var shades []float32
	for _, set := range []*Set{s.Train, s.Test} {
		for i, r := range rows(t, set, set.Samples.Len()) {
			shades = append(shades, r[0])
			if want := int32(r[0]/10) - 1; set.Labels[i] != want {
				t.Errorf("shade %v has label %d", r[0], set.Labels[i])
			}
		}
	}
	if !slices.Equal(shades, []float32{11, 12, 13, 15, 20, 21, 22, 23, 24, 10, 11, 12, 13, 14, 15, 20, 21, 22, 23, 24}) {
		t.Errorf("shades %v", shades)
	}
	f, err := s.Describe(t.Context(), Pass{})
	if err != nil || len(f.Skipped) != 6 {
		t.Errorf("%v, %v", f, err)
	}
}

// Grey pictures among colours get three equal channels, and only grey ones have one.
func TestMixedColors(t *testing.T) {
	dir := tree(t, map[string][]byte{"a/1.png": encoded(t, "png", painted(3, 4, 9)), "b/1.png": shaded(t, 3, 4, 50)})
	s, err := Open(named(dir), Options{})
	if err != nil {
		t.Fatal(err)
	}
	x := rows(t, s.Train, 2)
	if !slices.Equal(s.Shape, []int{3, 4, 3}) || !slices.Equal(x[1], slices.Repeat([]float32{50}, 36)) || x[0][2] != 9 {
		t.Errorf("shape %v, %v", s.Shape, x)
	}
}

func TestMixedSizes(t *testing.T) {
	dir := tree(t, map[string][]byte{"a/1.png": shaded(t, 30, 40, 1), "a/2.png": shaded(t, 300, 400, 2), "b/1.png": encoded(t, "jpg", painted(600, 400, 9)), "b/2.png": shaded(t, 300, 100, 3)})
	_, err := Open(named(dir), Options{})
	var sizes *MixedSizes
	if !errors.As(err, &sizes) || sizes.Suggested != (spec.Pair{48, 64}) ||
		!strings.HasPrefix(err.Error(), "image.size: ") || !strings.Contains(err.Error(), "such as 30 by 40 (a/1.png) and 300 by 400 (a/2.png); say which size all are brought to, such as image: {size: [48, 64]") {
		t.Fatal(err)
	}
	cfg := named(dir)
	cfg.Image.Size, cfg.Split.Validation = &spec.Pair{6, 8}, new(Amount)
	d := load(t, cfg, Options{})
	if !slices.Equal(d.Source.Shape, []int{6, 8, 3}) || !slices.Equal(d.Shape, []int{6, 8, 3}) || d.Train.Len() != 4 {
		t.Errorf("%v, %v", d.Source.Shape, d.Shape)
	}
	cfg.Image.Color = new("grayscale")
	if d := load(t, cfg, Options{}); !slices.Equal(d.Shape, []int{6, 8, 1}) {
		t.Errorf("grey: %v", d.Shape)
	}
}

// album is a tree of pictures of several sizes and formats, some of them broken.
func album(t testing.TB) string {
	files := map[string][]byte{}
	for i := range 60 {
		format := []string{"png", "jpg", "gif", "bmp", "tif"}[i%5]
		part := []string{"train", "train", "val", "test"}[i/5%4]
		text := encoded(t, format, painted(20+i%3, 24+i%2, 4*i))
		if i%13 == 12 {
			text = text[:len(text)/2]
		}
		files[fmt.Sprintf("%s/%c/%d.%s", part, 'a'+i%3, i, format)] = text
	}
	return tree(t, files)
}

// everything is what a network would receive of all parts, and what was left out.
func everything(t *testing.T, cfg Config) string {
	t.Helper()
	d := load(t, cfg, Options{Seed: 5})
	text := fmt.Sprint(d.Shape, d.Classes, skips(d.Source))
	x := make([]float32, volume(d.Shape))
	for _, name := range []string{"train", "validation", "test"} {
		p := d.Part(name)
		for i := range p.Len() {
			if err := p.Read(x, i); err != nil {
				t.Fatal(err)
			}
			h := uint64(14695981039346656037)
			for _, v := range x {
				h = (h ^ uint64(math.Float32bits(v))) * 1099511628211
			}
			text += fmt.Sprintf("\n%s %d %d %x", name, p.Index[i], p.Label(i), h)
		}
	}
	return text
}

// Neither the number of processors nor the memory changes a bit.
func TestSameBitsHoweverRead(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	cfg := named(album(t))
	cfg.Image = ImageConfig{Size: &spec.Pair{16, 18}, Interpolation: "bilinear"}
	want := everything(t, cfg)
	if !strings.Contains(want, "cut short") && !strings.Contains(want, "damaged") {
		t.Fatalf("nothing is broken: %s", want)
	}
	for _, procs := range []int{2, 7} {
		runtime.GOMAXPROCS(procs)
		if got := everything(t, cfg); got != want {
			t.Errorf("with %d processors:\n%s\nwant\n%s", procs, got, want)
		}
	}
	req := request{ctx: t.Context(), path: cfg.Source, image: cfg.Image}
	whole, err := openPictures(request{ctx: t.Context(), path: cfg.Source, image: cfg.Image, memory: 1 << 30})
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := whole.Train.Samples.(bytesInMemory); !ok {
		t.Fatalf("enough memory gives %T", whole.Train.Samples)
	}
	for _, kept := range []int64{0, 1, 17} {
		req.memory = kept*16*18*3 + 5
		disk, err := openPictures(req)
		if err != nil {
			t.Fatal(err)
		}
		p, ok := disk.Train.Samples.(*picturesOnDisk)
		if !ok || int64(len(p.cache)) > req.memory || int64(len(p.cache)) != kept*16*18*3 {
			t.Fatalf("room for %d keeps %T", kept, disk.Train.Samples)
		}
		for _, sets := range [][2]*Set{{whole.Train, disk.Train}, {whole.Validation, disk.Validation}, {whole.Test, disk.Test}} {
			a, b := sets[0].Samples.(ByteSamples), sets[1].Samples.(ByteSamples)
			if a.Len() != b.Len() || !slices.Equal(a.Shape(), b.Shape()) || !slices.Equal(sets[0].Labels, sets[1].Labels) {
				t.Fatalf("%d and %d samples", a.Len(), b.Len())
			}
			x, y := make([]uint8, 16*18*3), make([]uint8, 16*18*3)
			f := make([]float32, 16*18*3)
			for i := range a.Len() {
				if a.ReadBytes(x, i) != nil || b.ReadBytes(y, i) != nil || b.Read(f, i) != nil || !slices.Equal(x, y) || f[77] != float32(x[77]) {
					t.Errorf("room for %d: sample %d differs", kept, i)
				}
			}
		}
		if !slices.Equal(skips(whole), skips(disk)) {
			t.Errorf("room for %d: left out %q", kept, skips(disk))
		}
	}
}

// Pictures of one size are kept as they are where there is room, else as the network wants them: with the same bits.
func TestTooLargeAsTheyAre(t *testing.T) {
	dir := tree(t, map[string][]byte{"a/1.jpg": encoded(t, "jpg", painted(600, 700, 1)), "b/1.jpg": encoded(t, "jpg", painted(600, 700, 200))})
	cfg := named(dir)
	cfg.Image = ImageConfig{Size: &spec.Pair{30, 20}, Color: new("grayscale"), Interpolation: "bilinear"}
	cfg.Split.Validation = new(Amount)
	roomy := load(t, cfg, Options{})
	cfg.Memory = new(1)
	tight := load(t, cfg, Options{})
	if !slices.Equal(roomy.Source.Shape, []int{600, 700, 3}) || !slices.Equal(tight.Source.Shape, []int{30, 20, 1}) || !slices.Equal(roomy.Shape, tight.Shape) {
		t.Fatalf("%v, %v", roomy.Source.Shape, tight.Source.Shape)
	}
	for i := range 2 {
		x, y := make([]float32, 600), make([]float32, 600)
		if roomy.Train.Read(x, i) != nil || tight.Train.Read(y, i) != nil || !slices.Equal(x, y) {
			t.Errorf("picture %d differs", i)
		}
	}
}

// A picture that changes or goes while it is in use is an error that names it.
func TestPictureGone(t *testing.T) {
	dir := tree(t, map[string][]byte{"a/1.png": shaded(t, 4, 4, 1), "a/2.png": shaded(t, 4, 4, 1), "b/1.png": shaded(t, 4, 4, 1)})
	s, err := openPictures(request{ctx: t.Context(), path: dir})
	if err != nil {
		t.Fatal(err)
	}
	put(t, dir, "a/2.png", string(shaded(t, 5, 4, 1)))
	if err := os.Remove(filepath.Join(dir, "b/1.png")); err != nil {
		t.Fatal(err)
	}
	x := make([]float32, 16)
	for i, want := range []string{"", "a/2.png: it changed", "b/1.png: it cannot be opened: no such file"} {
		err := s.Train.Samples.Read(x, i)
		if want == "" && err != nil || want != "" && (err == nil || !strings.HasPrefix(err.Error(), want)) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

// Links are followed to files below the folder only; those that go round or out are named.
func TestLinks(t *testing.T) {
	p := shaded(t, 4, 4, 1)
	outside := tree(t, map[string][]byte{"secret.png": p, "more/1.png": p})
	dir := tree(t, map[string][]byte{"a/1.png": p, "b/1.png": p, "store/1.png": p})
	for name, to := range map[string]string{
		"a/loop": "..", "a/in.png": "../store/1.png", "a/out.png": filepath.Join(outside, "secret.png"), "a/up.png": "../../../../../../etc/passwd",
		"b/self.png": "self.png", "b/none.png": "none", "b/folder": filepath.Join(outside, "more"), "c": "a",
	} {
		if err := os.Symlink(to, filepath.Join(dir, name)); err != nil {
			t.Skip(err)
		}
	}
	s, err := Open(named(dir), Options{})
	if err != nil {
		t.Fatal(err)
	}
	leads := "it is a link that leads nowhere or out of the folder"
	round := "it is a link to a folder; such links are not followed"
	want := []string{"c: " + round, "a/loop: " + round, "a/out.png: " + leads, "a/up.png: " + leads, "b/none.png: " + leads, "b/self.png: " + leads}
	got := skips(s)
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) || !slices.Equal(s.Classes, []string{"a", "b", "store"}) || !slices.Equal(s.Train.Labels, []int32{0, 0, 1, 2}) {
		t.Errorf("left out %q; classes %v, labels %v", got, s.Classes, s.Train.Labels)
	}
	// The folder itself may be a link.
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(dir, link); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(named(link), Options{}); err != nil {
		t.Error(err)
	}
}

// Names of folders become names of classes, which a terminal can show.
func TestStrangeNames(t *testing.T) {
	p := shaded(t, 4, 4, 1)
	s, err := Open(named(tree(t, map[string][]byte{"a\nb/1\n.png": p, "\x1b[31mred/1.png": p, "Käse/\xff.png": p, "-rf/ .png": p})), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{`\x1b[31mred`, "-rf", "Käse", `a\nb`}; !slices.Equal(s.Classes, want) || s.Train.Samples.Len() != 4 {
		t.Errorf("classes %q", s.Classes)
	}
	if _, err := Open(named(tree(t, map[string][]byte{"a\nb/1.png": p, `a\nb/1.png`: p})), Options{}); err == nil || !strings.Contains(err.Error(), `the names of two folders read a\nb`) {
		t.Error(err)
	}
	deep := strings.Repeat("d/", maxDepth+3)
	s, err = Open(named(tree(t, map[string][]byte{"a/1.png": p, "b/1.png": p, "b/" + deep + "1.png": p})), Options{})
	if err != nil || len(s.Skipped) != 1 || !strings.Contains(s.Skipped[0].Reason, "32 folders deep") {
		t.Errorf("%v, %v", s, err)
	}
}

func TestPicturesInMemoryDoNotAllocate(t *testing.T) {
	if poolLeaks {
		t.Skip("the race detector makes sync.Pool allocate")
	}
	cfg := named(album(t))
	cfg.Image = ImageConfig{Size: &spec.Pair{16, 18}, Interpolation: "bilinear"}
	d := load(t, cfg, Options{})
	x := make([]float32, volume(d.Shape))
	if n := testing.AllocsPerRun(100, func() { _ = d.Train.Read(x, 3) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
	disk, err := openPictures(request{ctx: t.Context(), path: cfg.Source, image: cfg.Image, memory: 20 * 16 * 18 * 3})
	if err != nil {
		t.Fatal(err)
	}
	p := disk.Train.Samples.(*picturesOnDisk)
	kept := slices.IndexFunc(p.files, func(f pictureFile) bool { return f.row >= 0 })
	if n := testing.AllocsPerRun(100, func() { _ = p.Read(x, kept) }); n != 0 {
		t.Errorf("%v allocations for one that is kept", n)
	}
}

// Many pictures stay within the memory that they may take.
func TestFolderLargerThanItsMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("writes thousands of files")
	}
	const n = 1500 // of 64x64x3: 18 MB
	dir := t.TempDir()
	for c := range 3 {
		folder := filepath.Join(dir, string(rune('a'+c)))
		if err := os.Mkdir(folder, 0o700); err != nil {
			t.Fatal(err)
		}
		text := encoded(t, "jpg", painted(64, 64, 80*c))
		for i := range n / 3 {
			put(t, folder, fmt.Sprint(i, ".jpg"), string(text))
		}
	}
	cfg := named(dir)
	cfg.Memory = new(2)
	start := time.Now()
	before := inUse()
	d := load(t, cfg, Options{})
	x := make([]float32, volume(d.Shape))
	for i := range d.Train.Len() {
		if err := d.Train.Read(x, i); err != nil {
			t.Fatal(err)
		}
	}
	if grew := int64(inUse()) - int64(before); grew > 4<<20 {
		t.Errorf("%d bytes in use for %d pictures", grew, d.Train.Len())
	}
	runtime.KeepAlive(d)
	t.Logf("%d pictures in %v", n, time.Since(start))
}

func inUse() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func FuzzFolderNames(f *testing.F) {
	f.Add("cat", "1.png")
	f.Add("a\nb", "\x1b[2J.jpg")
	f.Add("train", ".png")
	f.Add("..", "x")
	text := shaded(f, 2, 2, 3)
	f.Fuzz(func(t *testing.T, class, name string) {
		if !filepath.IsLocal(class) || !filepath.IsLocal(name) || len(class)+len(name) > 200 || strings.ContainsAny(class+name, "\x00") {
			t.Skip()
		}
		dir := tree(t, map[string][]byte{"other/1.png": text})
		path := filepath.Join(dir, class, name)
		if os.MkdirAll(filepath.Dir(path), 0o700) != nil || os.WriteFile(path, text, 0o600) != nil {
			t.Skip()
		}
		s, err := Open(named(dir), Options{})
		if err != nil {
			hostile.Sentence(t, err)
			return
		}
		for _, word := range append(skips(s), s.Classes...) {
			if printable(word) != word {
				t.Errorf("unprintable name %q", word)
			}
		}
	})
}
