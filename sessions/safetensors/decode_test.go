package safetensors

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"cnnbench/dataset/hostile"
)

// raw puts a file together from a header's text and the bytes after it.
func raw(header string, buf ...byte) []byte {
	out := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return append(append(out, header...), buf...)
}

func TestDecodeRejects(t *testing.T) {
	length := func(n uint64, rest string) []byte {
		return append(binary.LittleEndian.AppendUint64(nil, n), rest...)
	}
	tests := []struct {
		name string
		data []byte
		want string // a part of the error
	}{
		{"empty file", nil, "0 bytes, too few"},
		{"file of 7 bytes", make([]byte, 7), "7 bytes, too few"},
		{"header above the official limit", length(100_000_001, "{}"), "more than the limit"},
		{"header above our limit", length(MaxHeader+1, "{}"), "more than the limit"},
		{"header length with the top bit", length(1<<63|2, "{}"), "more than the limit"},
		{"header longer than the file", length(3, "{}"), "only 2 follow"},
		{"empty header", raw(""), "does not begin with {"},
		{"leading space", raw(" {}"), "does not begin with {"},
		{"leading byte order mark", raw("\uFEFF{}"), "does not begin with {"},
		{"array as header", raw("[]"), "does not begin with {"},
		{"invalid UTF-8", raw("{\"a\xff\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}}"), "not valid UTF-8"},
		{"half a surrogate pair", raw(`{"\ud800":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}`), "surrogate"},
		{"two first halves", raw(`{"\uD800\uD800":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}`), "surrogate"},
		{"second half alone, in metadata", raw(`{"__metadata__":{"a":"\\\udc00"}}`), "surrogate"},
		{"invalid JSON", raw(`{"a":}`), "not valid JSON"},
		{"cut JSON", raw(`{"a":{"dtype":"U8"`), "not valid JSON"},
		{"trailing comma", raw(`{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},}`), "not valid JSON"},
		{"NaN", raw(`{"a":{"dtype":"U8","shape":[NaN],"data_offsets":[0,0]}}`), "not valid JSON"},
		{"trailing text", raw(`{}x`), "not valid JSON"},
		{"trailing zero byte", raw("{}\x00"), "not valid JSON"},
		{"second document", raw(`{}{}`), "not valid JSON"},
		{"deep nesting", raw(`{"a":` + strings.Repeat("[", 20000) + strings.Repeat("]", 20000) + `}`), "not valid JSON"},
		{"duplicate tensor", raw(`{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}`, 1, 2), `"a" twice`},
		{"duplicate tensor by an escape", raw(`{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"\u0061":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}`, 1, 2), `"a" twice`},
		{"duplicate metadata", raw(`{"__metadata__":{},"__metadata__":{}}`), "twice"},
		{"duplicate key in metadata", raw(`{"__metadata__":{"k":"1","k":"2"}}`), `"k" twice`},
		{"duplicate key in a tensor", raw(`{"a":{"dtype":"U8","dtype":"U8","shape":[0],"data_offsets":[0,0]}}`), `"dtype" twice`},
		{"metadata value a number", raw(`{"__metadata__":{"k":1}}`), "not a string"},
		{"metadata value null", raw(`{"__metadata__":{"k":null}}`), "not a string"},
		{"metadata value an object", raw(`{"__metadata__":{"k":{}}}`), "not a string"},
		{"metadata null", raw(`{"__metadata__":null}`), "not an object"},
		{"metadata an array", raw(`{"__metadata__":[]}`), "not an object"},
		{"tensor not an object", raw(`{"a":[]}`), "not an object"},
		{"unknown dtype", raw(`{"a":{"dtype":"F31","shape":[0],"data_offsets":[0,0]}}`), `"F31" is not known`},
		{"dtype in lower case", raw(`{"a":{"dtype":"f32","shape":[0],"data_offsets":[0,0]}}`), `"f32" is not known`},
		{"dtype empty", raw(`{"a":{"dtype":"","shape":[0],"data_offsets":[0,0]}}`), `"" is not known`},
		{"dtype a number", raw(`{"a":{"dtype":1,"shape":[0],"data_offsets":[0,0]}}`), "is not known"},
		{"key in another case", raw(`{"a":{"DType":"U8","shape":[0],"data_offsets":[0,0]}}`), `"DType" is not known`},
		{"dtype missing", raw(`{"a":{"shape":[0],"data_offsets":[0,0]}}`), "lacks"},
		{"shape missing", raw(`{"a":{"dtype":"U8","data_offsets":[0,0]}}`), "lacks"},
		{"offsets missing", raw(`{"a":{"dtype":"U8","shape":[0]}}`), "lacks"},
		{"shape null", raw(`{"a":{"dtype":"U8","shape":null,"data_offsets":[0,0]}}`), "not an array"},
		{"shape an object", raw(`{"a":{"dtype":"U8","shape":{"0":1},"data_offsets":[0,0]}}`), "not an array"},
		{"shape nested", raw(`{"a":{"dtype":"U8","shape":[[1]],"data_offsets":[0,1]}}`, 1), "not a whole number"},
		{"shape negative", raw(`{"a":{"dtype":"U8","shape":[-1],"data_offsets":[0,1]}}`, 1), "not a whole number"},
		{"shape minus zero", raw(`{"a":{"dtype":"U8","shape":[-0],"data_offsets":[0,0]}}`), "not a whole number"},
		{"shape fractional", raw(`{"a":{"dtype":"U8","shape":[1.5],"data_offsets":[0,1]}}`, 1), "not a whole number"},
		{"shape with an exponent", raw(`{"a":{"dtype":"U8","shape":[1e0],"data_offsets":[0,1]}}`, 1), "not a whole number"},
		{"shape a string", raw(`{"a":{"dtype":"U8","shape":["1"],"data_offsets":[0,1]}}`, 1), "not a whole number"},
		{"shape above 2^53", raw(`{"a":{"dtype":"U8","shape":[0,9007199254740993],"data_offsets":[0,0]}}`), "not a whole number"},
		{"offset negative", raw(`{"a":{"dtype":"U8","shape":[1],"data_offsets":[-1,0]}}`), "not a whole number"},
		{"offset fractional", raw(`{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1.0]}}`, 1), "not a whole number"},
		{"offset above 2^53", raw(`{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,9007199254740993]}}`, 1), "not a whole number"},
		{"offset above 2^64", raw(`{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,18446744073709551617]}}`, 1), "not a whole number"},
		{"one offset", raw(`{"a":{"dtype":"U8","shape":[1],"data_offsets":[0]}}`, 1), "has 1 numbers"},
		{"three offsets", raw(`{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1,1]}}`, 1), "has 3 numbers"},
		{"product of dimensions overflows", raw(`{"a":{"dtype":"U8","shape":[4294967296,4294967296],"data_offsets":[0,0]}}`), "larger than any memory"},
		{"overflow hidden by a zero", raw(`{"a":{"dtype":"U8","shape":[4294967296,4294967296,0],"data_offsets":[0,0]}}`), "larger than any memory"},
		{"product with the element size overflows", raw(`{"a":{"dtype":"F64","shape":[2147483648,1073741824],"data_offsets":[0,0]}}`), "larger than any memory"},
		{"product above the largest int", raw(`{"a":{"dtype":"U8","shape":[4294967296,2147483648],"data_offsets":[0,0]}}`), "larger than any memory"},
		{"span too short", raw(`{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}`, 1, 2, 3, 4), "takes 8 bytes"},
		{"span too long", raw(`{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,4]}}`, 1, 2, 3, 4), "takes 2 bytes"},
		{"scalar without bytes", raw(`{"a":{"dtype":"U8","shape":[],"data_offsets":[0,0]}}`), "takes 1 bytes"},
		{"end before begin", raw(`{"a":{"dtype":"U8","shape":[0],"data_offsets":[1,0]}}`, 1), "end before they begin"},
		{"hole at the start", raw(`{"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}`, 1, 2), "hole"},
		{"hole between", raw(`{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"U8","shape":[1],"data_offsets":[2,3]}}`, 1, 2, 3), "hole"},
		{"overlap", raw(`{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}`, 1, 2, 3), "overlap"},
		{"same bytes twice", raw(`{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}`, 1), "overlap"},
		{"empty tensor in the middle of another", raw(`{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[0],"data_offsets":[1,1]}}`, 1, 2), "overlap"},
		{"trailing bytes", raw(`{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}`, 1, 2), "take 1 bytes, but the header is followed by 2"},
		{"trailing bytes without tensors", raw(`{}`, 1), "take 0 bytes"},
		{"truncated", raw(`{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}`, 1), "take 2 bytes, but the header is followed by 1"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f, err := Decode(test.data)
			var bad *FormatError
			if !errors.As(err, &bad) {
				t.Fatalf("got %v, %v; want a *FormatError", f, err)
			}
			if !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %q, want it to contain %q", err, test.want)
			}
			if f != nil {
				t.Errorf("a file came with the error")
			}
		})
	}
}

func TestDecodeAccepts(t *testing.T) {
	tests := []struct {
		name string
		data []byte
		want File
	}{
		{"nothing", raw(`{}`), File{Tensors: []Tensor{}}},
		{"padding", raw("{}      \n\t\r"), File{Tensors: []Tensor{}}},
		{"metadata alone", raw(`{"__metadata__":{"a":"b","":""}}`), File{Tensors: []Tensor{}, Metadata: map[string]string{"a": "b", "": ""}}},
		{"scalar", raw(`{"a":{"dtype":"U8","shape":[],"data_offsets":[0,1]}}`, 7), File{Tensors: []Tensor{{"a", Uint8, []int{}, []byte{7}}}}},
		{"no elements", raw(`{"a":{"dtype":"F32","shape":[3,0],"data_offsets":[0,0]}}`), File{Tensors: []Tensor{{"a", Float32, []int{3, 0}, []byte{}}}}},
		{"header order differs from data order, keys in any order",
			raw(`{"b":{"data_offsets":[2,3],"dtype":"BOOL","shape":[1]},"a":{"shape":[2,1],"data_offsets":[0,2],"dtype":"I8"}}`, 1, 2, 3),
			File{Tensors: []Tensor{{"a", Int8, []int{2, 1}, []byte{1, 2}}, {"b", Bool, []int{1}, []byte{3}}}}},
		{"odd names", raw(`{"\ud83d\ude00\\ud800":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}`),
			File{Tensors: []Tensor{{"😀\\ud800", Uint8, []int{0}, []byte{}}, {"", Uint8, []int{0}, []byte{}}}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f, err := Decode(test.data)
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(*f, test.want) {
				t.Errorf("got %v, want %v", *f, test.want)
			}
		})
	}
}

// A tensor's Data must not let an append run into its neighbour's bytes.
func TestDecodeDataIsFenced(t *testing.T) {
	f, err := Decode(raw(`{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}`, 1, 2))
	if err != nil {
		t.Fatal(err)
	}
	_ = append(f.Tensors[0].Data, 99)
	if f.Tensors[1].Data[0] != 2 {
		t.Error("append to one tensor's data changed the next tensor")
	}
}

func TestRead(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.safetensors")
	data, err := Encode(&File{Tensors: []Tensor{F32("w", []int{2}, []float32{1, 2})}})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := ReadLimit(path, int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	w, ok := f.Lookup("w")
	if values, err := w.Float32s(); !ok || err != nil || !reflect.DeepEqual(values, []float32{1, 2}) {
		t.Errorf("got %v, %v, %v", values, ok, err)
	}
	if _, ok := f.Lookup("v"); ok {
		t.Error("found a tensor that is not there")
	}

	if _, err := ReadLimit(path, int64(len(data))-1); err == nil || !strings.Contains(err.Error(), "limit") {
		t.Errorf("above the limit: %v", err)
	}
	if _, err := Read(dir); err == nil || !strings.Contains(err.Error(), "not a regular file") {
		t.Errorf("folder: %v", err)
	}
	if _, err := Read(filepath.Join(dir, "none")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("missing file: %v", err)
	}
	if err := os.WriteFile(path, data[:len(data)-1], 0o600); err != nil {
		t.Fatal(err)
	}
	var bad *FormatError
	if _, err := Read(path); !errors.As(err, &bad) || !strings.Contains(err.Error(), path) {
		t.Errorf("cut file: %v", err)
	}
}

// A header of a few bytes must not make Decode allocate what it declares.
func TestDecodeAllocatesLittle(t *testing.T) {
	data := raw(`{"a":{"dtype":"F64","shape":[1073741824,1048576],"data_offsets":[0,9007199254740992]}}`)
	hostile.Within(t, 64<<10, func() {
		if _, err := Decode(data); err == nil {
			t.Error("a lying header was taken")
		}
	})
}

func FuzzDecode(f *testing.F) {
	f.Add(raw(`{}`))
	f.Add(raw(`{"__metadata__":{"k":"\ud83d\ude00"},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"BF16","shape":[0,2],"data_offsets":[4,4]}} `, 1, 2, 3, 4))
	f.Add(raw(`{"a":{"dtype":"I64","shape":[],"data_offsets":[0,8]}}`, 1, 2, 3, 4, 5, 6, 7, 8))
	f.Fuzz(func(t *testing.T, data []byte) {
		var file *File
		var err error
		hostile.Parse(t, len(data), func() { file, err = Decode(data) })
		if err != nil {
			var bad *FormatError
			if !errors.As(err, &bad) {
				t.Fatalf("error %v is no *FormatError", err)
			}
			return
		}
		for _, tensor := range file.Tensors {
			if err := tensor.check(); err != nil {
				t.Fatal(err)
			}
			if tensor.DType == Float32 {
				values, err := tensor.Float32s()
				if err != nil || !bytes.Equal(F32(tensor.Name, tensor.Shape, values).Data, tensor.Data) {
					t.Fatalf("float32 values did not survive: %v", err)
				}
			}
		}
		// What was read can be written, and is the same when read again.
		first, err := Encode(file)
		if err != nil {
			t.Fatal(err)
		}
		again, err := Decode(first)
		if err != nil {
			t.Fatal(err)
		}
		second, err := Encode(again)
		if err != nil || !bytes.Equal(first, second) {
			t.Fatalf("a second round trip differs: %v", err)
		}
		if len(again.Tensors) != len(file.Tensors) || len(again.Metadata) != len(file.Metadata) {
			t.Fatal("the round trip lost something")
		}
		for _, want := range file.Tensors {
			got, ok := again.Lookup(want.Name)
			if !ok || got.DType != want.DType || !reflect.DeepEqual(got.Shape, want.Shape) || !bytes.Equal(got.Data, want.Data) {
				t.Fatalf("tensor %q came back as %v", want.Name, got)
			}
		}
		for key, want := range file.Metadata {
			if got, ok := again.Metadata[key]; !ok || got != want {
				t.Fatalf("metadata %q came back as %q", key, got)
			}
		}
	})
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
