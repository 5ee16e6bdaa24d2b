package hdf5

import (
	"cmp"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// What h5py must say of the tree of these tests.
const said = `attributes {'empty': b'', 'pi': 3.5}
name dense π
0 (2, 3) float32 [[1.0, -inf, 9.99994610111476e-41], [4.0, 5.0, 6.0]]
1 () int64 -5
2 (0, 4) float32 []
many 700 True True`

// asking prints it.
const asking = `
import sys, h5py
with h5py.File(sys.argv[1], "r") as f:
    print("attributes", {k: v.item() for k, v in sorted(f.attrs.items())})
    g = f["layers/dense/vars"]
    print("name", g.attrs["name"].decode())
    for name in sorted(g):
        print(name, g[name].shape, g[name].dtype, g[name][()].tolist())
    print("many", len(f["many"]), "g350" in f["many"], all(f["many"][k] is not None for k in f["many"]))
`

// h5py, on the HDF5 library itself, reads what is written. It is that of the Python that CNNBENCH_PYTHON names.
func TestH5pyClient(t *testing.T) {
	python := cmp.Or(os.Getenv("CNNBENCH_PYTHON"), "python3")
	if err := exec.Command(python, "-c", "import h5py").Run(); err != nil {
		if os.Getenv("CI_CLIENTS") == "1" {
			t.Fatalf("%s cannot import h5py; install it (pip install h5py) or name another Python by CNNBENCH_PYTHON", python)
		}
		t.Skipf("NOT TESTED: %s cannot import h5py; name a Python that can by CNNBENCH_PYTHON", python)
	}
	text, err := Encode(tree())
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "tree.h5")
	if err := os.WriteFile(path, text, 0o644); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(python, "-c", asking, path).CombinedOutput()
	if got := strings.TrimSpace(string(out)); err != nil || got != said {
		t.Errorf("h5py says, with %v:\n%s\nwant\n%s", err, got, said)
	}
}
