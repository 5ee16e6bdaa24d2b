package dataset

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"testing"

	"cnnbench/dataset/hostile"
	"cnnbench/dataset/npy"
)

// The fuzzer changes shapes, types, numbers and names of the arrays; what an archive may look like is searched in the
// package npy.
func FuzzNPZ(f *testing.F) {
	f.Add("x", "y", uint8(3), uint8(2), uint8(0), uint8(0), []byte{0, 1, 2}, int8(0))
	f.Add("x_train", "y_train", uint8(4), uint8(1), uint8(1), uint8(3), []byte{0, 0, 1, 1}, int8(1))
	f.Add("x_test", "lengths", uint8(1), uint8(0), uint8(2), uint8(1), []byte{255}, int8(2))
	f.Add("x", "\x1b[2J\n", uint8(2), uint8(2), uint8(2), uint8(2), []byte{128, 63, 0, 0}, int8(-1))
	path := filepath.Join(f.TempDir(), "data\n.npz")
	types := []string{"|u1", "<f4", "<i8", "<f2", "|b1", "<u8"}
	f.Fuzz(func(t *testing.T, xName, yName string, rows, columns, xType, yType uint8, bits []byte, targets int8) {
		array := func(name string, kind uint8, shape ...int) npy.Array {
			a := npy.Array{Name: name, DType: types[int(kind)%len(types)], Shape: shape}
			size := map[byte]int{'1': 1, '2': 2, '4': 4, '8': 8}[a.DType[2]] * a.Len()
			for len(a.Data) < size && len(bits) > 0 {
				a.Data = append(a.Data, bits...)
			}
			a.Data = append(a.Data, make([]byte, size)...)[:size]
			return a
		}
		x, y := array(xName, xType, int(rows), int(columns)), array(yName, yType, int(rows))
		if yType&8 != 0 {
			y = array(yName, yType, int(rows), int(columns))
		}
		var b bytes.Buffer
		if err := npy.WriteZip(&b, []npy.Array{x, y}); err != nil {
			t.Skip(err)
		}
		if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		cfg := NewConfig()
		cfg.Source = path
		var s *Source
		var err error
		hostile.Within(t, 1<<21+64*b.Len(), func() { s, err = Open(cfg, Options{Targets: Targets(targets)}) })
		if err != nil {
			hostile.Sentence(t, shownError{err})
			return
		}
		sample := make([]float32, volume(s.Shape))
		for i := range s.Train.Samples.Len() {
			if err := s.Train.Samples.Read(sample, i); err != nil || finite(sample, 1) != nil {
				t.Errorf("sample %d: %v, %v", i, sample, err)
			}
		}
		for _, l := range s.Train.Labels {
			if l < 0 || int(l) >= len(s.Classes) {
				t.Errorf("label %d of %d classes", l, len(s.Classes))
			}
		}
		for _, v := range s.Train.Values {
			if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
				t.Errorf("a target is %v", v)
			}
		}
	})
}
