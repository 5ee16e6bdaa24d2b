package hdf5

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"cnnbench/dataset/hostile"
)

func read(t *testing.T, file string) []byte {
	t.Helper()
	b, err := os.ReadFile("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func decode(t *testing.T, b []byte) *Object {
	t.Helper()
	o, err := Decode(b)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// ramp is what testdata/make.py fills arrays of floats with.
func ramp(n int) []float32 {
	out := make([]float32, n)
	for i := range out {
		out[i] = float32(i)/8 - 3
	}
	return out
}

// The files were made by h5py; see testdata/make.py.
func TestDecode(t *testing.T) {
	for _, file := range []string{"earliest.h5", "latest.h5"} {
		t.Run(file, func(t *testing.T) {
			root := decode(t, read(t, file))
			for name, want := range map[string][]string{"variable": {"Zahl π"}, "fixed": {"fixed text"}, "names": {"kernel:0", "bias:0"}, "fixed_names": {"a", "bcd"}} {
				if got, err := root.Attribute(name).Strings(); err != nil || !slices.Equal(got, want) {
					t.Errorf("the attribute %s is %q, %v", name, got, err)
				}
			}
			if v, err := root.Attribute("number").Float32s(); err != nil || !slices.Equal(v, []float32{2.5}) {
				t.Errorf("the number is %v, %v", v, err)
			}
			for _, name := range []string{"none", "empty"} {
				if v, err := root.Attribute(name).Float32s(); err != nil || len(v) != 0 {
					t.Errorf("%s is %v, %v", name, v, err)
				}
			}
			arrays := map[string][]int{"layers/dense/vars/0": {3, 5}, "layers/dense/vars/1": {5}, "compact": {2, 2}}
			if file == "earliest.h5" {
				for name, shape := range map[string][]int{"chunked": {10, 7}, "packed": {10, 7, 3}, "zipped": {100}, "strewn": {300}} {
					arrays[name] = shape
				}
			}
			for path, shape := range arrays {
				a := root.Find(path).Data
				for range 2 { // what is read once can be read again
					if v, err := a.Float32s(); err != nil || !slices.Equal(a.Shape, shape) || !slices.Equal(v, ramp(a.Len())) {
						t.Errorf("%s is %v %v, %v", path, a.Shape, v, err)
					}
				}
			}
			for _, kind := range []string{"int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64"} {
				if v, err := root.Find("whole/" + kind).Data.Float32s(); err != nil || !slices.Equal(v, []float32{0, 1, 2, 3, 4, 5, 6}) {
					t.Errorf("%s is %v, %v", kind, v, err)
				}
			}
			if v, err := root.Find("whole/negative").Data.Float32s(); err != nil || !slices.Equal(v, []float32{-1, -128}) {
				t.Errorf("the negative numbers are %v, %v", v, err)
			}
			if a := root.Find("scalar").Data; a.Shape != nil || a.Len() != 1 {
				t.Errorf("the single value has the shape %v", a.Shape)
			}
			if v, err := root.Find("text").Data.Strings(); err != nil || !slices.Equal(v, []string{"one", "", "three"}) {
				t.Errorf("the strings are %q, %v", v, err)
			}
			if _, err := root.Find("half").Data.Float32s(); err == nil || !strings.Contains(err.Error(), "another type") {
				t.Errorf("float16 gives %v", err)
			}
			if _, err := root.Find("scalar").Data.Strings(); err == nil {
				t.Error("a number is read as a string")
			}
			many := root.Find("many")
			if n := len(many.Members); n != 40 && n != 300 || many.Find(fmt.Sprintf("group_%d", n-1)) == nil {
				t.Errorf("the group has %d members", n)
			}
			if root.Find("layers/dense/vars/2") != nil || root.Find("none/0") != nil || root.Attribute("nobody") != nil {
				t.Error("found what is not there")
			}
			if file == "latest.h5" {
				if v, err := many.Attribute("attribute 17").Float32s(); err != nil || v[0] != 17 {
					t.Errorf("attribute 17 is %v, %v", v, err)
				}
			}
		})
	}
}

// tree is one of every kind of thing that can be written.
func tree() *Object {
	root := &Object{Attributes: []Attribute{{"pi", Float32s(nil, []float32{3.5})}, {"empty", Text("")}}}
	vars := root.Group("layers").Group("dense").Group("vars")
	vars.Attributes = []Attribute{{"name", Text("dense π")}}
	vars.Group("0").Data = Float32s([]int{2, 3}, []float32{1, float32(math.Inf(-1)), 1e-40, 4, 5, 6})
	vars.Group("1").Data = &Array{Type: Type{Signed, 8}, raw: []byte{0xfb, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}} // -5
	vars.Group("2").Data = Float32s([]int{0, 4}, nil)
	for i := range 700 {
		root.Group("many").Group(fmt.Sprint("g", i))
	}
	return root
}

func TestEncode(t *testing.T) {
	b, err := Encode(tree())
	if err != nil {
		t.Fatal(err)
	}
	if again, _ := Encode(tree()); !bytes.Equal(b, again) {
		t.Error("the same tree gives other bytes")
	}
	same(t, tree(), decode(t, b), "")
}

// same compares two trees.
func same(t *testing.T, want, got *Object, path string) {
	t.Helper()
	if len(want.Members) != len(got.Members) || want.Name != got.Name || (want.Data == nil) != (got.Data == nil) || len(want.Attributes) != len(got.Attributes) {
		t.Errorf("%s is another object", path)
		return
	}
	equal := func(a, b *Array, path string) {
		x, errA := a.bytes()
		y, errB := b.bytes()
		if a.Type != b.Type || !slices.Equal(a.Shape, b.Shape) || !bytes.Equal(x, y) || errA != nil || errB != nil {
			t.Errorf("%s is %v %v %v and not %v %v %v", path, b.Type, b.Shape, y, a.Type, a.Shape, x)
		}
	}
	if want.Data != nil {
		equal(want.Data, got.Data, path)
	}
	for _, a := range want.Attributes {
		equal(a.Value, got.Attribute(a.Name), path+"@"+a.Name)
	}
	for i := range want.Members {
		same(t, want.Members[i], got.Members[i], path+"/"+want.Members[i].Name)
	}
}

func TestEncodeRefuses(t *testing.T) {
	for name, o := range map[string]*Object{
		"slash":     {Members: []*Object{{Name: "a/b"}}},
		"no name":   {Members: []*Object{{}}},
		"twice":     {Members: []*Object{{Name: "a"}, {Name: "a"}}},
		"attribute": {Attributes: []Attribute{{"a", Text(strings.Repeat("x", 1<<16))}}},
	} {
		if _, err := Encode(o); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// The values are those of Bob Jenkins's own self test of hashlittle with the seed 0.
func TestLookup3(t *testing.T) {
	for text, want := range map[string]uint32{"": 0xdeadbeef, "Four score and seven years ago": 0x17770551} {
		if got := lookup3([]byte(text)); got != want {
			t.Errorf("%q is %#x, want %#x", text, got, want)
		}
	}
}

func TestDecodeRefuses(t *testing.T) {
	old, new := read(t, "earliest.h5"), read(t, "latest.h5")
	edit := func(b []byte, at int, with ...byte) []byte {
		b = slices.Clone(b)
		copy(b[at:], with)
		return b
	}
	address := func(n int) []byte { return binary.LittleEndian.AppendUint64(nil, uint64(n)) }
	for _, c := range []struct {
		name, want string
		file       []byte
	}{
		{"empty", "no HDF5 file", nil},
		{"text", "no HDF5 file", []byte("hello")},
		{"signature alone", "ends within", old[:9]},
		{"cut off", "cut off", old[:len(old)-1]},
		{"version", "version 9", edit(old, 8, 9)},
		{"small offsets", "only 8", edit(old, 13, 4)},
		{"user block", "user block", edit(old, 24, 1)},
		{"no root", "", edit(old, 64, address(1<<40)...)},
		{"root in the middle of nothing", "", edit(old, 64, address(8)...)},
		{"checksum of the superblock", "checksum", edit(new, 20, 1)},
		{"checksum of a header", "checksum", edit(new, int(binary.LittleEndian.Uint64(new[36:]))+20, 0xfe)},
	} {
		o, err := Decode(c.file)
		var format *FormatError
		if err == nil || !errors.As(err, &format) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, %v", c.name, o, err)
		}
	}
}

// Every length of truncation is refused, and no flipped byte makes the reader panic.
func TestDamaged(t *testing.T) {
	b, err := Encode(&Object{Members: []*Object{{Name: "a", Attributes: []Attribute{{"name", Text("x")}}}, {Name: "b", Data: Float32s([]int{3}, []float32{1, 2, 3})}}})
	if err != nil {
		t.Fatal(err)
	}
	for n := range b {
		if _, err := Decode(b[:n]); err == nil {
			t.Fatalf("the first %d of %d bytes are taken", n, len(b))
		}
	}
	for i := range b {
		for _, flip := range []byte{1, 0x80, 0xff} {
			c := slices.Clone(b)
			c[i] ^= flip
			walk(c)
		}
	}
}

// walk reads all that a file holds.
func walk(b []byte) {
	root, err := Decode(b)
	if err != nil {
		return
	}
	var visit func(o *Object)
	visit = func(o *Object) {
		arrays := []*Array{o.Data}
		for _, a := range o.Attributes {
			arrays = append(arrays, a.Value)
		}
		for _, a := range arrays {
			if a != nil {
				_, _ = a.Float32s()
				_, _ = a.Strings()
			}
		}
		for _, m := range o.Members {
			visit(m)
		}
	}
	visit(root)
}

// A group that holds itself, and files that claim to be huge, are errors.
func TestBombs(t *testing.T) {
	b, err := Encode(&Object{Members: []*Object{{Name: "a"}}})
	if err != nil {
		t.Fatal(err)
	}
	root := binary.LittleEndian.Uint64(b[64:])
	leaf := bytes.Index(b, []byte("SNOD"))
	binary.LittleEndian.PutUint64(b[leaf+16:], root)
	if _, err := Decode(b); err == nil || !strings.Contains(err.Error(), "same place") {
		t.Errorf("a group within itself gives %v", err)
	}
	// A chunked array of a petabyte whose only chunk is a few bytes.
	b = bytes.Clone(read(t, "earliest.h5"))
	shape := append(binary.LittleEndian.AppendUint64(nil, 100), binary.LittleEndian.AppendUint64(nil, 100)...) // and its largest shape
	at := bytes.Index(b, shape)
	if at < 0 {
		t.Fatal("the file has no array of 100")
	}
	binary.LittleEndian.PutUint64(b[at:], 1<<36)
	o := decode(t, b)
	if _, err := o.Find("zipped").Data.Float32s(); err == nil || !strings.Contains(err.Error(), "memory") {
		t.Errorf("a huge array gives %v", err)
	}
}

func FuzzDecode(f *testing.F) {
	for _, file := range []string{"small.h5", "small_latest.h5"} {
		b, err := os.ReadFile("testdata/" + file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	small, err := Encode(&Object{Members: []*Object{{Name: "a", Attributes: []Attribute{{"name", Text("x")}}}, {Name: "b", Data: Float32s([]int{3}, []float32{1, 2, 3})}}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(small)
	f.Fuzz(func(t *testing.T, b []byte) {
		hostile.Parse(t, len(b), func() { walk(b) })
	})
}
