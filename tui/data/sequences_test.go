package data

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"cnnbench/dataset/npy"
	"cnnbench/tui/screentest"
)

// TestSequencesEnd: a sequence is shown to its length, as it is received and as it is stored.
func TestSequencesEnd(t *testing.T) {
	var b bytes.Buffer
	x := slices.Repeat([]float32{1, 2, 3, 4, 9}, 10)
	if err := npy.WriteZip(&b, []npy.Array{npy.F32("x", []int{10, 5, 1}, x), npy.F32("y", []int{10, 1}, x[:10]), npy.I64("lengths", []int{10}, slices.Repeat([]int64{4}, 10))}); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "sequences.npz")
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	d := open(t, plain, "data: {source: "+path+"}\nmodel: {layers: [lstm: {units: 2}, dense: {units: 1}]}\n")
	for range 2 {
		view := screentest.Plain(d.s.View(160, 50))
		if !strings.Contains(view, "values 4×1 1 to 4 mean 2.5") {
			t.Errorf("the sample is not shown to its end:\n%s", view)
		}
		d.press("v")
	}
}
