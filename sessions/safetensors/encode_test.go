package safetensors

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"
)

func TestEncodeBytes(t *testing.T) {
	f := &File{
		Tensors: []Tensor{
			U8("z", []int{1}, []byte{9}),
			F32("b", nil, []float32{1}),
			F32("a", []int{1, 2}, []float32{2, 3}),
			I64("y", []int{1}, []int64{-1}),
		},
		Metadata: map[string]string{"format": "x", "a": `"`},
	}
	header := `{"__metadata__":{"a":"\"","format":"x"},` +
		`"y":{"dtype":"I64","shape":[1],"data_offsets":[0,8]},` +
		`"a":{"dtype":"F32","shape":[1,2],"data_offsets":[8,16]},` +
		`"b":{"dtype":"F32","shape":[],"data_offsets":[16,20]},` +
		`"z":{"dtype":"U8","shape":[1],"data_offsets":[20,21]}}`
	header += strings.Repeat(" ", (8-len(header)%8)%8)
	want := raw(header, 255, 255, 255, 255, 255, 255, 255, 255,
		0, 0, 0, 0x40, 0, 0, 0x40, 0x40,
		0, 0, 0x80, 0x3f,
		9)
	got, err := Encode(f)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if f.Tensors[0].Name != "z" {
		t.Error("Encode changed the order of its argument")
	}
	if n := binary.LittleEndian.Uint64(got); n%8 != 0 {
		t.Errorf("the data begin at byte %d, not a multiple of 8", 8+n)
	}
}

func TestEncodeEmpty(t *testing.T) {
	got, err := Encode(&File{})
	if err != nil {
		t.Fatal(err)
	}
	if want := raw("{}      "); !bytes.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestEncodeRejects(t *testing.T) {
	one := []byte{1}
	tests := []struct {
		name string
		file File
		want string
	}{
		{"two of a name", File{Tensors: []Tensor{U8("a", []int{1}, one), F32("a", []int{1}, []float32{1})}}, "two of this name"},
		{"metadata's name", File{Tensors: []Tensor{U8("__metadata__", []int{1}, one)}}, "taken"},
		{"name not UTF-8", File{Tensors: []Tensor{U8("a\xff", []int{1}, one)}}, "not valid UTF-8"},
		{"metadata not UTF-8", File{Metadata: map[string]string{"a": "\xff"}}, "not valid UTF-8"},
		{"unknown type", File{Tensors: []Tensor{{"a", "F31", []int{1}, one}}}, "not known"},
		{"no type", File{Tensors: []Tensor{{}}}, "not known"},
		{"negative dimension", File{Tensors: []Tensor{U8("a", []int{-1, -1}, one)}}, "negative"},
		{"overflow", File{Tensors: []Tensor{U8("a", []int{math.MaxInt, math.MaxInt}, one)}}, "larger than any memory"},
		{"too few elements", File{Tensors: []Tensor{F32("a", []int{2}, []float32{1})}}, "takes 8 bytes, but there are 4"},
		{"too many elements", File{Tensors: []Tensor{F32("a", nil, []float32{1, 2})}}, "takes 4 bytes, but there are 8"},
		{"header too long", File{Metadata: map[string]string{"a": strings.Repeat("x", MaxHeader)}}, "more than the limit"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := Encode(&test.file)
			var bad *FormatError
			if !errors.As(err, &bad) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want a *FormatError that contains %q", err, test.want)
			}
		})
	}
}

// Every bit of a float must survive: a checkpoint depends on it.
func TestBitsSurvive(t *testing.T) {
	f32 := []float32{0, float32(math.Copysign(0, -1)), math.Float32frombits(0x7f800001), math.Float32frombits(0xffc12345), float32(math.Inf(-1)), math.SmallestNonzeroFloat32, math.MaxFloat32}
	f64 := []float64{math.Copysign(0, -1), math.Float64frombits(0x7ff0000000000001), math.Inf(1), math.SmallestNonzeroFloat64, math.MaxFloat64}
	i64 := []int64{math.MinInt64, -1, 0, math.MaxInt64}
	data, err := Encode(&File{Tensors: []Tensor{
		F32("f32", []int{len(f32)}, f32), F64("f64", []int{len(f64), 1}, f64), I64("i64", []int{2, 2}, i64),
	}})
	if err != nil {
		t.Fatal(err)
	}
	f, err := Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	a, _ := f.Lookup("f32")
	got32, err := a.Float32s()
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range f32 {
		if math.Float32bits(got32[i]) != math.Float32bits(want) {
			t.Errorf("f32[%d] has the bits %#x, want %#x", i, math.Float32bits(got32[i]), math.Float32bits(want))
		}
	}
	b, _ := f.Lookup("f64")
	got64, err := b.Float64s()
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range f64 {
		if math.Float64bits(got64[i]) != math.Float64bits(want) {
			t.Errorf("f64[%d] has the bits %#x, want %#x", i, math.Float64bits(got64[i]), math.Float64bits(want))
		}
	}
	c, _ := f.Lookup("i64")
	if got, err := c.Int64s(); err != nil || !reflect.DeepEqual(got, i64) {
		t.Errorf("i64 is %v, %v, want %v", got, err, i64)
	}
}

func TestConversions(t *testing.T) {
	tests := []struct {
		tensor Tensor
		f32    []float32 // nil: an error
		f64    []float64
		i64    []int64
	}{
		{F32("a", []int{2}, []float32{1.5, -2}), []float32{1.5, -2}, []float64{1.5, -2}, nil},
		{F64("a", []int{2}, []float64{0.1, 1e300}), []float32{0.1, float32(math.Inf(1))}, []float64{0.1, 1e300}, nil},
		{Tensor{"a", Float16, []int{2}, []byte{0x00, 0x3e, 0x01, 0x80}}, []float32{1.5, -0x1p-24}, nil, nil},
		{Tensor{"a", BFloat16, []int{2}, []byte{0xc0, 0x3f, 0x80, 0xff}}, []float32{1.5, float32(math.Inf(-1))}, nil, nil},
		{I64("a", nil, []int64{-7}), nil, nil, []int64{-7}},
		{Tensor{"a", Int32, nil, []byte{0xff, 0xff, 0xff, 0xff}}, nil, nil, []int64{-1}},
		{U8("a", []int{2}, []byte{0, 255}), nil, nil, []int64{0, 255}},
		{Tensor{"a", Bool, []int{1}, []byte{1}}, nil, nil, nil},
		{F32("a", []int{3}, []float32{1, 2}), nil, nil, nil}, // data and shape disagree
		{I64("a", []int{0}, []int64{1}), nil, nil, nil},
	}
	for _, test := range tests {
		if got, err := test.tensor.Float32s(); !reflect.DeepEqual(got, test.f32) || (err == nil) != (test.f32 != nil) {
			t.Errorf("%v: Float32s gave %v, %v; want %v", test.tensor, got, err, test.f32)
		}
		if got, err := test.tensor.Float64s(); !reflect.DeepEqual(got, test.f64) || (err == nil) != (test.f64 != nil) {
			t.Errorf("%v: Float64s gave %v, %v; want %v", test.tensor, got, err, test.f64)
		}
		if got, err := test.tensor.Int64s(); !reflect.DeepEqual(got, test.i64) || (err == nil) != (test.i64 != nil) {
			t.Errorf("%v: Int64s gave %v, %v; want %v", test.tensor, got, err, test.i64)
		}
	}
}
