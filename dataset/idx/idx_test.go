package idx

import (
	"bytes"
	"compress/gzip"
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

func zipped(t testing.TB, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, err := w.Write(data)
	if err := errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestDecodeTypes(t *testing.T) {
	tests := []struct {
		data   []byte
		typ    Type
		shape  []int
		floats []float32
		ints   []int64 // nil where Int64s is an error
	}{
		{[]byte{0, 0, 8, 1, 0, 0, 0, 3, 0, 1, 255}, Uint8, []int{3}, []float32{0, 1, 255}, []int64{0, 1, 255}},
		{[]byte{0, 0, 9, 2, 0, 0, 0, 1, 0, 0, 0, 2, 0x80, 127}, Int8, []int{1, 2}, []float32{-128, 127}, []int64{-128, 127}},
		{[]byte{0, 0, 11, 1, 0, 0, 0, 2, 1, 2, 0xff, 0xfe}, Int16, []int{2}, []float32{258, -2}, []int64{258, -2}},
		{[]byte{0, 0, 12, 1, 0, 0, 0, 2, 1, 2, 3, 4, 0xff, 0xff, 0xff, 0xfd}, Int32, []int{2}, []float32{16909060, -3}, []int64{16909060, -3}},
		{[]byte{0, 0, 13, 3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 2, 0x3f, 0xc0, 0, 0, 0xff, 0x80, 0, 0}, Float32, []int{1, 1, 2}, []float32{1.5, float32(math.Inf(-1))}, nil},
		{[]byte{0, 0, 14, 4, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0xc0, 4, 0, 0, 0, 0, 0, 0}, Float64, []int{1, 1, 1, 1}, []float32{-2.5}, nil},
		{[]byte{0, 0, 8, 3, 0, 0, 0, 0, 0, 0, 0, 28, 0, 0, 0, 28}, Uint8, []int{0, 28, 28}, []float32{}, []int64{}},
	}
	for _, test := range tests {
		t.Run(test.typ.String(), func(t *testing.T) {
			for name, data := range map[string][]byte{"plain": test.data, "gzipped": zipped(t, test.data)} {
				a, err := Decode(bytes.NewReader(data), 8)
				if err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				if a.Type != test.typ || !slices.Equal(a.Shape, test.shape) || a.Len() != len(test.floats) || a.IsInteger() != (test.ints != nil) {
					t.Errorf("%s: got %v", name, a)
				}
				if got, err := a.Float32s(); err != nil || !slices.Equal(got, test.floats) {
					t.Errorf("%s: Float32s gave %v, %v; want %v", name, got, err, test.floats)
				}
				got, err := a.Int64s()
				if (err == nil) != (test.ints != nil) || test.ints != nil && !slices.Equal(got, test.ints) {
					t.Errorf("%s: Int64s gave %v, %v; want %v", name, got, err, test.ints)
				}
				var b bytes.Buffer
				if err := Encode(&b, a); err != nil || !bytes.Equal(b.Bytes(), test.data) {
					t.Errorf("%s: Encode gave % x, %v; want % x", name, b.Bytes(), err, test.data)
				}
			}
		})
	}
}

func TestDecodeRefuses(t *testing.T) {
	tests := []struct {
		name string
		data []byte
		want string
	}{
		{"nothing", nil, "cut off inside the header"},
		{"one byte", []byte{0}, "cut off inside the header"},
		{"cut before the dimensions", []byte{0, 0, 8, 1}, "cut off inside the header"},
		{"cut in the dimensions", []byte{0, 0, 8, 2, 0, 0, 0, 1, 0}, "cut off inside the header"},
		{"first byte", []byte{1, 0, 8, 1, 0, 0, 0, 0}, "begins with 01 00 08 01"},
		{"second byte", []byte{0, 1, 8, 1, 0, 0, 0, 0}, "begins with 00 01 08 01"},
		{"type between the others", []byte{0, 0, 10, 1, 0, 0, 0, 0}, "begins with 00 00 0a 01"},
		{"type above", []byte{0, 0, 15, 1, 0, 0, 0, 0}, "begins with 00 00 0f 01"},
		{"text", []byte("hello world"), "not an IDX file"},
		{"no dimension", []byte{0, 0, 8, 0, 1}, "0 dimensions"},
		{"five dimensions", append([]byte{0, 0, 8, 5}, make([]byte, 20)...), "5 dimensions"},
		{"product overflows", append([]byte{0, 0, 8, 3}, bytes.Repeat([]byte{255}, 12)...), "larger than any memory"},
		{"product with element size overflows", []byte{0, 0, 14, 2, 0x80, 0, 0, 0, 0x80, 0, 0, 0}, "larger than any memory"},
		{"above the limit", append([]byte{0, 0, 8, 1, 0, 0, 0, 101}, make([]byte, 101)...), "more than the limit of 100"},
		{"too short", []byte{0, 0, 8, 1, 0, 0, 0, 3, 1, 2}, "takes 3 bytes, but only 2 follow"},
		{"too long", []byte{0, 0, 8, 1, 0, 0, 0, 1, 1, 2}, "takes 1 bytes, but more follow"},
		{"empty with data", []byte{0, 0, 8, 1, 0, 0, 0, 0, 1}, "takes 0 bytes, but more follow"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for name, data := range map[string][]byte{"plain": test.data, "gzipped": zipped(t, test.data)} {
				a, err := Decode(bytes.NewReader(data), 100)
				if err == nil || !strings.Contains(err.Error(), test.want) || a != nil {
					t.Errorf("%s: got %v, %v; want an error that contains %q", name, a, err, test.want)
				}
			}
		})
	}
}

func TestDecodeRefusesDamagedGzip(t *testing.T) {
	// Random enough that it is stored as it is, so that a changed byte changes the data and not their structure.
	data := []byte{0, 0, 8, 1, 0, 0, 0, 64}
	for i := range 64 {
		data = append(data, byte(i*i*37))
	}
	whole := zipped(t, data)
	for n := range whole {
		if a, err := Decode(bytes.NewReader(whole[:n]), 1000); err == nil {
			t.Errorf("cut after %d of %d bytes: got %v", n, len(whole), a)
		}
	}
	checksum := slices.Clone(whole)
	checksum[len(checksum)-8] ^= 1
	if _, err := Decode(bytes.NewReader(checksum), 1000); !errors.Is(err, gzip.ErrChecksum) {
		t.Errorf("wrong checksum: %v", err)
	}
	if _, err := Decode(bytes.NewReader(append(whole, 1, 2, 3)), 1000); err == nil {
		t.Error("text behind the packed data was taken")
	}
}

// Neither a header that lies nor data that unpack to a thousand times their size may cost much memory.
func TestDecodeAllocatesLittle(t *testing.T) {
	lie := []byte{0, 0, 14, 2, 0, 0x80, 0, 0, 0, 0, 1, 0}
	bomb := zipped(t, append([]byte{0, 0, 8, 1, 0, 0, 0, 1}, make([]byte, 64<<20)...))
	for name, data := range map[string][]byte{"lie": lie, "packed lie": zipped(t, lie), "bomb": bomb} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := Decode(bytes.NewReader(data), math.MaxInt64)
		runtime.ReadMemStats(&after)
		if err == nil {
			t.Errorf("%s: taken", name)
		}
		if n := after.TotalAlloc - before.TotalAlloc; n > 256<<10 {
			t.Errorf("%s: %d bytes allocated for %d", name, n, len(data))
		}
	}
}

func TestEncodeRefuses(t *testing.T) {
	for _, test := range []struct {
		array Array
		want  string
	}{
		{Array{}, "not one of the format"},
		{Array{10, []int{1}, []byte{1}}, "type 0x0a is not one of the format"},
		{Array{Uint8, nil, []byte{1}}, "0 dimensions"},
		{Array{Uint8, []int{1, 1, 1, 1, 1}, []byte{1}}, "5 dimensions"},
		{Array{Uint8, []int{-1, -1}, []byte{1}}, "not from 0 to 2^32-1"},
		{Array{Uint8, []int{math.MaxUint32, math.MaxUint32}, nil}, "larger than any memory"},
		{Array{Int16, []int{1}, []byte{1}}, "takes 2 bytes, but there are 1"},
	} {
		if err := Encode(&bytes.Buffer{}, &test.array); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%v: %v, want %q", test.array, err, test.want)
		}
		if _, err := test.array.Float32s(); err == nil {
			t.Errorf("%v: Float32s gave no error", test.array)
		}
		if _, err := test.array.Int64s(); err == nil {
			t.Errorf("%v: Int64s gave no error", test.array)
		}
	}
}

func TestRead(t *testing.T) {
	dir := t.TempDir()
	want := &Array{Int16, []int{2, 1}, []byte{1, 2, 3, 4}}
	var b bytes.Buffer
	if err := Encode(&b, want); err != nil {
		t.Fatal(err)
	}
	// What is in it counts, not what it is called.
	for name, data := range map[string][]byte{"labels.gz": b.Bytes(), "labels": zipped(t, b.Bytes())} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := Read(path); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %v, %v; want %v", name, got, err, want)
		}
		if err := os.WriteFile(path, data[:len(data)-1], 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Read(path); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s cut: %v", name, err)
		}
	}
	if _, err := Read(dir); err == nil || !strings.Contains(err.Error(), "not a regular file") {
		t.Errorf("folder: %v", err)
	}
	if _, err := Read(filepath.Join(dir, "none")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("missing file: %v", err)
	}
}

func FuzzDecode(f *testing.F) {
	for _, data := range [][]byte{
		{0, 0, 8, 1, 0, 0, 0, 3, 0, 1, 255},
		{0, 0, 14, 2, 0, 0, 0, 1, 0, 0, 0, 1, 1, 2, 3, 4, 5, 6, 7, 8},
		{0, 0, 11, 4, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1},
	} {
		f.Add(data)
		f.Add(zipped(f, data))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		const limit, ratio = 1 << 20, 1100 // what gzip reaches
		var a *Array
		var err error
		hostile.Within(t, 1<<18+8*min(limit, ratio*len(data)), func() { a, err = Decode(bytes.NewReader(data), limit) })
		if err != nil {
			hostile.Sentence(t, err)
			return
		}
		if values, err := a.Float32s(); err != nil || len(values) != a.Len() {
			t.Fatalf("%d values of %d, %v", len(values), a.Len(), err)
		}
		var b bytes.Buffer
		if err := Encode(&b, a); err != nil {
			t.Fatal(err)
		}
		if data[0] == 0 && !bytes.Equal(b.Bytes(), data) {
			t.Fatalf("written again it is % x, not % x", b.Bytes(), data)
		}
		if again, err := Decode(&b, 1<<20); err != nil || !reflect.DeepEqual(again, a) {
			t.Fatalf("came back as %v, %v", again, err)
		}
	})
}
