package dataset

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// A folder of 60,000 pictures, told to stay below, takes less than 400 MB of the process in all, read at once by as
// many goroutines as training has; they would fill 737 MB.
func TestLongFolderOf60000(t *testing.T) {
	if os.Getenv("CNNBENCH_LONG") == "" {
		t.Skip("set CNNBENCH_LONG=1 to run it")
	}
	const n, side, most = 60_000, 64, 400 << 20
	dir := t.TempDir()
	var texts [][]byte // a JPEG and a PNG in turn
	for i := range 12 {
		texts = append(texts, encoded(t, []string{"jpg", "png"}[i%2], painted(side, side, 20*i)))
	}
	for c := range 6 {
		folder := filepath.Join(dir, fmt.Sprint(c))
		if err := os.Mkdir(folder, 0o700); err != nil {
			t.Fatal(err)
		}
		for i := range n / 6 {
			put(t, folder, fmt.Sprint(i, []string{".jpg", ".png"}[i%2]), string(texts[i%len(texts)]))
		}
	}
	cfg := named(dir)
	cfg.Memory = new(200)
	d := load(t, cfg, Options{})
	if d.Train.Len()+d.Validation.Len() != n || !d.Train.Streams() {
		t.Fatalf("%d pictures", d.Train.Len()+d.Validation.Len())
	}
	err := parallel(t.Context(), Pass{}, d.Train.Len(), func(x *[]float32, i int) {
		if err := d.Train.Read(room(x, volume(d.Shape)), i); err != nil {
			t.Error(err)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	if m.Sys > most {
		t.Errorf("%d MB were asked of the system", m.Sys>>20)
	}
	t.Logf("%d MB were asked of the system", m.Sys>>20)
}
