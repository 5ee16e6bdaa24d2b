package npy

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"cnnbench/dataset/hostile"
)

// The values of testdata/make.py, as NumPy's astype gives them.
func TestReadNumPyTypes(t *testing.T) {
	inf := float32(math.Inf(1))
	tests := []struct {
		kind   string
		floats []float32
		ints   []int64 // nil where Int64s is an error
	}{
		{"f2", []float32{0, -1.5, 65504, 0x1p-24, inf}, nil},
		{"f4", []float32{0, -1.5, 3.25, 1e-40, -inf}, nil},
		{"f8", []float32{0, -1.5, 1. / 3, inf, inf}, nil},
		{"u1", []float32{0, 1, 255}, []int64{0, 1, 255}},
		{"i1", []float32{-128, 0, 127}, []int64{-128, 0, 127}},
		{"u2", []float32{0, 258, 65535}, []int64{0, 258, 65535}},
		{"i2", []float32{-32768, 258, 32767}, []int64{-32768, 258, 32767}},
		{"u4", []float32{0, 16909060, 4294967296}, []int64{0, 16909060, 4294967295}},
		{"i4", []float32{-2147483648, 16909060, 2147483648}, []int64{-2147483648, 16909060, 2147483647}},
		{"u8", []float32{0, 72623859790382856, 18446744073709551616}, nil},
		{"i8", []float32{-9223372036854775808, 72623859790382856, 9223372036854775808}, []int64{math.MinInt64, 72623859790382856, math.MaxInt64}},
		{"b1", []float32{0, 1, 1}, []int64{0, 1, 1}},
	}
	for _, test := range tests {
		files := []string{test.kind}
		if !strings.HasSuffix(test.kind, "1") {
			files = append(files, test.kind+"_big")
		}
		for _, file := range files {
			t.Run(file, func(t *testing.T) {
				a, err := Read(filepath.Join("testdata", file+".npy"))
				if err != nil {
					t.Fatal(err)
				}
				if want := []int{len(test.floats)}; !slices.Equal(a.Shape, want) || a.Len() != want[0] || a.DType[1:] != test.kind {
					t.Errorf("shape %v and dtype %s, want %v and %s", a.Shape, a.DType, want, test.kind)
				}
				if a.IsInteger() != (test.kind[0] != 'f') {
					t.Errorf("IsInteger is %v", a.IsInteger())
				}
				if got, err := a.Float32s(); err != nil || !slices.Equal(got, test.floats) {
					t.Errorf("Float32s gave %v, %v; want %v", got, err, test.floats)
				}
				got, err := a.Int64s()
				if (err == nil) != (test.ints != nil) || test.ints != nil && !slices.Equal(got, test.ints) {
					t.Errorf("Int64s gave %v, %v; want %v", got, err, test.ints)
				}
			})
		}
	}
}

func TestReadNumPyLayouts(t *testing.T) {
	count := func(n int) []float32 {
		values := make([]float32, n)
		for i := range values {
			values[i] = float32(i)
		}
		return values
	}
	tests := []struct {
		file  string
		shape []int
		want  []float32
	}{
		{"fortran", []int{2, 3, 4}, count(24)},
		{"fortran_big", []int{2, 3, 4}, count(24)},
		{"version1", []int{2, 3, 4}, count(24)},
		{"version2", []int{2, 3, 4}, count(24)},
		{"version3", []int{2, 3, 4}, count(24)},
		{"scalar", []int{}, []float32{2.5}},
		{"empty", []int{0, 3}, []float32{}},
	}
	for _, test := range tests {
		t.Run(test.file, func(t *testing.T) {
			a, err := Read(filepath.Join("testdata", test.file+".npy"))
			if err != nil {
				t.Fatal(err)
			}
			got, err := a.Float32s()
			if err != nil || !slices.Equal(a.Shape, test.shape) || !slices.Equal(got, test.want) {
				t.Errorf("got shape %v, %v, %v", a.Shape, got, err)
			}
		})
	}
}

func TestReadZipNumPy(t *testing.T) {
	x := []float32{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}
	for file, names := range map[string][]string{"stored": {"x", "y"}, "compressed": {"x", "y", "model/kernel"}} {
		t.Run(file, func(t *testing.T) {
			as, err := ReadZip(filepath.Join("testdata", file+".npz"))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, a := range as {
				got = append(got, a.Name)
			}
			if !slices.Equal(got, names) {
				t.Errorf("names %q, want %q", got, names)
			}
			a, ok := as.Lookup("x")
			if values, err := a.Float32s(); !ok || err != nil || !slices.Equal(values, x) || !slices.Equal(a.Shape, []int{3, 2, 2}) {
				t.Errorf("x is %v of shape %v, %v", values, a.Shape, err)
			}
			b, _ := as.Lookup("y")
			if values, err := b.Int64s(); err != nil || !slices.Equal(values, []int64{2, 0, 1}) {
				t.Errorf("y is %v, %v", values, err)
			}
			if _, ok := as.Lookup("z"); ok {
				t.Error("found an array that is not there")
			}
		})
	}
}

// An array that nobody asks for does no harm, whatever it holds.
func TestReadZipByName(t *testing.T) {
	path := filepath.Join("testdata", "names.npz")
	if _, err := ReadZip(path); err == nil || !strings.Contains(err.Error(), `array "names": it holds text`) {
		t.Errorf("all of them: %v", err)
	}
	as, err := ReadZip(path, "x", "y")
	if err != nil || len(as) != 1 || as[0].Name != "x" {
		t.Errorf("got %v, %v; want x alone", as, err)
	}
}

func TestReadRefuses(t *testing.T) {
	tests := []struct{ file, want string }{
		{"objects.npy", "pickled Python objects"},
		{"text.npy", `text (dtype "<U3")`},
		{"complex.npy", `dtype "<c16" is not supported`},
		{"records.npy", "several fields"},
		{"make.py", "not NumPy's .npy format"},
		{"stored.npz", "not NumPy's .npy format"},
		{".", "not a regular file"},
		{"none.npy", "no such file"},
	}
	for _, test := range tests {
		path := filepath.Join("testdata", test.file)
		_, err := Read(path)
		if err == nil || !strings.Contains(err.Error(), test.want) && !(test.file == "none.npy" && errors.Is(err, os.ErrNotExist)) {
			t.Errorf("%s: %v, want %q", test.file, err, test.want)
		} else if !strings.Contains(err.Error(), path) {
			t.Errorf("error %q does not name the file", err)
		}
	}
	for _, test := range []struct{ file, want string }{
		{"other.npz", `"readme.txt" is not an array`},
		{"u1.npy", "not a zip archive"},
	} {
		if _, err := ReadZip(filepath.Join("testdata", test.file)); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %q", test.file, err, test.want)
		}
	}
}

// file puts a .npy file of version 1.0 together.
func file(header string, data ...byte) []byte {
	out := append([]byte(magic), 1, 0)
	out = binary.LittleEndian.AppendUint16(out, uint16(len(header)))
	return append(append(out, header...), data...)
}

func TestDecodeRefuses(t *testing.T) {
	const u1 = "{'descr': '|u1', 'fortran_order': False, 'shape': "
	tests := []struct {
		name string
		data []byte
		want string
	}{
		{"nothing", nil, "not NumPy's"},
		{"cut magic", []byte("\x93NUM"), "not NumPy's"},
		{"no version", []byte(magic), "not NumPy's"},
		{"version 4", append([]byte(magic), 4, 0, 0, 0, 0, 0), "version 4.0"},
		{"version 1.1", append([]byte(magic), 1, 1, 0, 0, 0, 0), "version 1.1"},
		{"no header length", append([]byte(magic), 1, 0, 5), "cut off"},
		{"cut header", file(u1 + "(1,), }")[:30], "cut off"},
		{"header too long", append([]byte(magic), 2, 0, 255, 255, 255, 255), "more than the limit of 10000"},
		{"empty header", file(""), "not a dictionary"},
		{"code", file("__import__('os')"), "not a dictionary"},
		{"unclosed", file(u1 + "(1,)"), "not a dictionary"},
		{"unclosed string", file("{'descr': '|u1"), "not a dictionary"},
		{"text behind", file(u1+"(1,), } x", 1), "not a dictionary"},
		{"key twice", file(u1+"(1,), 'shape': (1,), }", 1), "not a dictionary"},
		{"key missing", file("{'descr': '|u1', 'shape': (1,), }", 1), "not a dictionary"},
		{"unknown key", file(u1+"(1,), 'more': 1, }", 1), "not a dictionary"},
		{"no comma", file("{'descr': '|u1' 'fortran_order': False, 'shape': (1,), }", 1), "not a dictionary"},
		{"fortran_order a number", file("{'descr': '|u1', 'fortran_order': 0, 'shape': (1,), }", 1), "not a dictionary"},
		{"shape a number", file(u1+"(1), }", 1), "not a dictionary"},
		{"shape a list", file(u1+"[1], }", 1), "not a dictionary"},
		{"shape negative", file(u1+"(-1,), }", 1), "not a dictionary"},
		{"shape fractional", file(u1+"(1.0,), }", 1), "not a dictionary"},
		{"shape above int64", file(u1+"(9223372036854775808,), }", 1), "not a dictionary"},
		{"shape without numbers", file(u1+"(,), }", 1), "not a dictionary"},
		{"dtype empty", file("{'descr': '', 'fortran_order': False, 'shape': (), }", 1), `dtype "" is not supported`},
		{"dtype without order", file("{'descr': 'f4', 'fortran_order': False, 'shape': (), }", 1), "not supported"},
		{"dtype f4 without order", file("{'descr': '|f4', 'fortran_order': False, 'shape': (), }", 1), "not supported"},
		{"dtype of a part of the list", file("{'descr': '<4 <', 'fortran_order': False, 'shape': (), }", 1), "not supported"},
		{"objects", file("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }", 1), "pickled"},
		{"product overflows", file(u1 + "(4294967296, 4294967296), }"), "larger than any memory"},
		{"product with element size overflows", file("{'descr': '<f8', 'fortran_order': False, 'shape': (2305843009213693952,), }"), "larger than any memory"},
		{"above the limit", file(u1 + "(1025,), }"), "more than the limit of 1024"},
		{"too short", file(u1+"(3,), }", 1, 2), "takes 3 bytes, but only 2 follow"},
		{"too long", file(u1+"(1,), }", 1, 2), "takes 1 bytes, but more follow"},
		{"empty with data", file(u1+"(0,), }", 1), "takes 0 bytes, but more follow"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			a, err := Decode(bytes.NewReader(test.data), 1024)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, %v; want an error that contains %q", a, err, test.want)
			}
		})
	}
}

func TestDecodeAccepts(t *testing.T) {
	for _, header := range []string{
		"{'descr':'|u1','fortran_order':False,'shape':(2,)}",
		"{'shape': (2L,), 'fortran_order': True, 'descr': '|u1', }   \n",
		`{"descr": "<u1", "fortran_order": False, "shape": (2 , ) ,}`,
		"{'descr': '>u1', 'fortran_order': False, 'shape': (1, 2)}",
	} {
		a, err := Decode(bytes.NewReader(file(header, 7, 8)), 2)
		if err != nil || a.DType != "|u1" || !bytes.Equal(a.Data, []byte{7, 8}) {
			t.Errorf("%s: got %v, %v", header, a, err)
		}
	}
}

// allocated returns the bytes that f allocates.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

func TestLyingHeaderAllocatesLittle(t *testing.T) {
	data := file("{'descr': '<f8', 'fortran_order': True, 'shape': (4294967296, 2), }", 1, 2, 3)
	n := allocated(func() {
		if _, err := Decode(bytes.NewReader(data), math.MaxInt64); err == nil {
			t.Error("the header was believed")
		}
	})
	if n > 64<<10 {
		t.Errorf("%d bytes allocated for a file of %d", n, len(data))
	}
}

// packed returns an archive of entries that are all compressed from the same content.
func packed(t *testing.T, content []byte, names ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, name := range names {
		e, err := w.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := e.Write(content); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestDecodeZipRefuses(t *testing.T) {
	array := file("{'descr': '|u1', 'fortran_order': False, 'shape': (600,), }", make([]byte, 600)...)
	bomb := file("{'descr': '|u1', 'fortran_order': False, 'shape': (268435457,), }", make([]byte, 1<<16)...)
	damaged := packed(t, array, "x.npy")
	damaged[60] ^= 1
	tests := []struct {
		name string
		data []byte
		want string
	}{
		{"not a zip", array, "not a zip archive"},
		{"entry twice", packed(t, array, "x.npy", "x.npy"), "two entries"},
		{"folder", packed(t, nil, "x/"), "not an array"},
		{"folder named as an array", packed(t, nil, "x.npy/"), "not an array"},
		{"outside", packed(t, array, "../x.npy"), "not an array"},
		{"from the root", packed(t, array, "/x.npy"), "not an array"},
		{"one above the limit together", packed(t, array, "x.npy", "y.npy"), `array "y": shape (600,) of |u1 takes 600 bytes, but an archive of this size may unpack to 400 more`},
		{"more than its size can hold", packed(t, bomb, "x.npy"), "takes 268435457 bytes"},
		{"damaged", damaged, `array "x"`},
		{"data cut", packed(t, array[:len(array)-1], "x.npy"), "only 599 follow"},
		{"data too long", packed(t, append(array, 0), "x.npy"), "more follow"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			limit := int64(1000)
			if strings.HasPrefix(test.name, "more than its size") {
				limit = math.MaxInt64
			}
			as, err := DecodeZip(bytes.NewReader(test.data), int64(len(test.data)), limit)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, %v; want an error that contains %q", as, err, test.want)
			}
		})
	}
}

func FuzzDecode(f *testing.F) {
	for _, name := range []string{"fortran", "f8_big", "version3", "scalar", "empty", "objects", "records"} {
		data, err := os.ReadFile(filepath.Join("testdata", name+".npy"))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var a Array
		var err error
		hostile.Within(t, 1<<17+8*len(data), func() { a, err = Decode(bytes.NewReader(data), 1<<20) })
		if err != nil {
			hostile.Sentence(t, err)
			return
		}
		a.Name = "x"
		survives(t, Arrays{a})
	})
}

func FuzzDecodeZip(f *testing.F) {
	for _, name := range []string{"stored", "compressed", "names", "other"} {
		data, err := os.ReadFile(filepath.Join("testdata", name+".npz"))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		const limit, ratio = 1 << 20, 1100 // what deflate reaches
		var as Arrays
		var err error
		hostile.Within(t, 1<<18+1<<10*len(data)+8*min(limit, ratio*len(data)), func() {
			as, err = DecodeZip(bytes.NewReader(data), int64(len(data)), limit)
		})
		if err != nil {
			hostile.Sentence(t, err)
			return
		}
		for _, a := range as {
			if a.Name == "" {
				return // an archive may call an entry ".npy", which WriteZip does not
			}
		}
		survives(t, as)
	})
}

// survives checks that the arrays are sound and come back from an archive as they are.
func survives(t *testing.T, as Arrays) {
	t.Helper()
	for _, a := range as {
		if err := a.check(); err != nil {
			t.Fatal(err)
		}
		if _, err := a.Float32s(); err != nil {
			t.Fatal(err)
		}
	}
	var b bytes.Buffer
	if err := WriteZip(&b, as); err != nil {
		t.Fatal(err)
	}
	again, err := DecodeZip(bytes.NewReader(b.Bytes()), int64(b.Len()), math.MaxInt64)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(again, as) {
		t.Fatalf("came back as %v, want %v", again, as)
	}
}
