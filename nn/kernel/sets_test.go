package kernel

import (
	"runtime"
	"slices"
	"testing"
	"unsafe"
)

// assembled are the sets of kernels in assembly of this architecture.
func assembled() []string {
	switch runtime.GOARCH {
	case "amd64":
		return []string{"avx512", "avx2"}
	case "arm64":
		return []string{"neon"}
	}
	return nil
}

// everySet runs a test with each set of kernels in use. Those that this processor cannot run are skipped, which is said.
func everySet(t *testing.T, test func(t *testing.T)) {
	defer Use("")
	for _, name := range append(assembled(), "generic", "gonum") {
		t.Run(name, func(t *testing.T) {
			if !slices.Contains(ISAs(), name) {
				t.Skipf("NOT TESTED: this processor cannot run the %s kernels", name)
			}
			if err := Use(name); err != nil {
				t.Fatal(err)
			}
			test(t)
		})
	}
}

// chained are the kernel sets that this processor can run whose products are chains, and sets in Go with the tiles of
// the others: the blocks, panels and masks of these are tested on every processor.
func chained(t *testing.T) []*isa {
	sets := []*isa{{name: "6x16 in Go", rows: 6, cols: 16}, {name: "14x32 in Go", rows: 14, cols: 32, tile: masked(14)}, {name: "3x5 in Go", rows: 3, cols: 5}}
	missing := assembled()
	for _, s := range available() {
		missing = slices.DeleteFunc(missing, func(name string) bool { return name == s.name })
		if s != &plain {
			sets = append(sets, s)
		}
	}
	for _, name := range missing {
		t.Logf("NOT TESTED: this processor cannot run the %s kernels", name)
	}
	return sets
}

// masked are tiles of up to so many rows that compute the columns that the opmasks have.
func masked(rows int) []func(t *byte) {
	var kernels []func(*byte)
	for r := 1; r <= rows; r++ {
		kernels = append(kernels, func(p *byte) {
			t := *(*tile)(unsafe.Pointer(p))
			for j := range 32 {
				if (uint32(t.lo)|uint32(t.hi)<<16)>>j&1 == 1 {
					column := t
					column.b, column.c = unsafe.Add(t.b, 4*j), unsafe.Add(t.c, 4*j)
					genericTile(&column, r, 1)
				}
			}
		})
	}
	return kernels
}
