package npy

import (
	"archive/zip"
	"bytes"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// NumPy writes the same bytes, if it reserves no space for a longer first axis: it does not for a scalar.
func TestEncodeAsNumPy(t *testing.T) {
	want, err := os.ReadFile(filepath.Join("testdata", "scalar.npy"))
	if err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	if err := Encode(&got, F64("", nil, []float64{2.5})); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Bytes(), want) {
		t.Errorf("got  %q\nwant %q", got.Bytes(), want)
	}
}

func TestEncodeBytes(t *testing.T) {
	for _, test := range []struct {
		array  Array
		header string
	}{
		{F32("", []int{3, 3, 3, 32}, make([]float32, 864)), "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 3, 3, 32), }"},
		{I64("", []int{8}, make([]int64, 8)), "{'descr': '<i8', 'fortran_order': False, 'shape': (8,), }"},
		{U8("", []int{0, 2}, nil), "{'descr': '|u1', 'fortran_order': False, 'shape': (0, 2), }"},
	} {
		var b bytes.Buffer
		if err := Encode(&b, test.array); err != nil {
			t.Fatal(err)
		}
		before := b.Len() - len(test.array.Data)
		text := b.String()[10:before]
		if strings.TrimRight(text, " \n") != test.header || !strings.HasSuffix(text, "\n") || before%64 != 0 {
			t.Errorf("header %q, of %d bytes with what is before it", text, before)
		}
	}
}

func TestWriteZip(t *testing.T) {
	arrays := []Array{
		F32("x", []int{2, 1}, []float32{math.Float32frombits(0x7f800001), -0.5}),
		I32("y", []int{2}, []int32{-1, math.MaxInt32}),
		F64("theta", []int{}, []float64{0.1}),
		I64("model/größe", []int{1}, []int64{math.MinInt64}),
		U8("b", []int{3}, []byte{1, 2, 3}),
	}
	var first, second bytes.Buffer
	if err := errors.Join(WriteZip(&first, arrays), WriteZip(&second, arrays)); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(first.Bytes(), second.Bytes()) {
		t.Error("two archives of the same arrays differ")
	}
	survives(t, arrays)
	as, err := DecodeZip(bytes.NewReader(first.Bytes()), int64(first.Len()), 1<<10)
	if err != nil {
		t.Fatal(err)
	}
	x, err := as[0].Float32s()
	if err != nil || math.Float32bits(x[0]) != 0x7f800001 || x[1] != -0.5 {
		t.Errorf("x is %v, %v", x, err)
	}

	r, err := zip.NewReader(bytes.NewReader(first.Bytes()), int64(first.Len()))
	if err != nil {
		t.Fatal(err)
	}
	for i, e := range r.File {
		if e.Method != zip.Store || e.Name != arrays[i].Name+".npy" {
			t.Errorf("entry %d is %q with method %d", i, e.Name, e.Method)
		}
		if got := e.Modified.Format("2006-01-02 15:04:05"); got != "1980-01-01 00:00:00" {
			t.Errorf("entry %d is of %s", i, got)
		}
	}
}

func TestWriteRefuses(t *testing.T) {
	ok := U8("a", []int{1}, []byte{1})
	tests := []struct {
		name   string
		arrays []Array
		want   string
	}{
		{"two of a name", []Array{ok, ok}, "two of this name"},
		{"no name", []Array{U8("", []int{1}, []byte{1})}, "not one that an archive can have"},
		{"outside", []Array{U8("../a", []int{1}, []byte{1})}, "not one that an archive can have"},
		{"not UTF-8", []Array{U8("a\xff", []int{1}, []byte{1})}, "not one that an archive can have"},
		{"big-endian", []Array{{"a", ">f4", []int{0}, nil}}, "not known"},
		{"no type", []Array{{Name: "a"}}, "not known"},
		{"part of the list of types", []Array{{"a", "f4 ", []int{0}, nil}}, "not known"},
		{"negative", []Array{U8("a", []int{-1, -1}, []byte{1})}, "negative"},
		{"overflow", []Array{U8("a", []int{math.MaxInt, 2}, nil)}, "larger than any memory"},
		{"too few", []Array{F32("a", []int{2}, []float32{1})}, "takes 8 bytes, but there are 4"},
		{"too many", []Array{F32("a", nil, []float32{1, 2})}, "takes 4 bytes, but there are 8"},
		{"too many dimensions", []Array{U8("a", make([]int, 4000), nil)}, "4000 dimensions"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			err := WriteZip(&bytes.Buffer{}, test.arrays)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

// failing is a disk that is full after so many bytes.
type failing struct{ left int }

var errFull = errors.New("no space left on device")

func (f *failing) Write(p []byte) (int, error) {
	if len(p) > f.left {
		return 0, errFull
	}
	f.left -= len(p)
	return len(p), nil
}

func TestWriteReportsFullDisk(t *testing.T) {
	arrays := []Array{U8("a", []int{5000}, make([]byte, 5000)), U8("b", []int{1}, []byte{1})}
	var whole bytes.Buffer
	if err := WriteZip(&whole, arrays); err != nil {
		t.Fatal(err)
	}
	for left := 0; left < whole.Len(); left += 97 {
		if err := WriteZip(&failing{left}, arrays); !errors.Is(err, errFull) {
			t.Errorf("after %d bytes: %v", left, err)
		}
	}
	whole.Reset()
	if err := Encode(&whole, arrays[1]); err != nil {
		t.Fatal(err)
	}
	for left := range whole.Len() {
		if err := Encode(&failing{left}, arrays[1]); !errors.Is(err, errFull) {
			t.Errorf("Encode after %d bytes: %v", left, err)
		}
	}
}

// Int64s and Float32s have to notice an array that does not fit itself.
func TestConversionsCheck(t *testing.T) {
	for _, a := range []Array{F32("a", []int{3}, []float32{1, 2}), {Name: "a", DType: "<x4"}, {}, I64("a", []int{0}, []int64{1})} {
		if _, err := a.Float32s(); err == nil {
			t.Errorf("%v: Float32s gave no error", a)
		}
		if _, err := a.Int64s(); err == nil {
			t.Errorf("%v: Int64s gave no error", a)
		}
	}
}

func TestFromHalf(t *testing.T) {
	for i := range 1 << 16 {
		h := uint16(i)
		exponent, mantissa := int(h>>10&31), float64(h&1023)
		var want float64 // by the definition of the format
		switch exponent {
		case 0:
			want = math.Ldexp(mantissa, -24)
		case 31:
			want = math.Inf(1)
			if mantissa != 0 {
				want = math.NaN()
			}
		default:
			want = math.Ldexp(1024+mantissa, exponent-25)
		}
		if h>>15 == 1 {
			want = -want
		}
		got := float64(fromHalf(h))
		if math.IsNaN(want) != math.IsNaN(got) || !math.IsNaN(want) && math.Float64bits(want) != math.Float64bits(got) {
			t.Fatalf("%#04x is %v, want %v", h, got, want)
		}
	}
}
