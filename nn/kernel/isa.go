package kernel

import (
	"fmt"
	"strings"
	"time"

	"gonum.org/v1/gonum/blas/blas32"
	"gonum.org/v1/gonum/blas/gonum"
)

// isa is a set of kernels: how the tiles of a product are computed, in Go if there is no assembly.
type isa struct {
	name   string
	rows   int             // most rows of a tile
	cols   int             // columns of a tile
	tile   []func(t *byte) // by rows-1: the assembly of one tile; nil where strips has it
	strips *strips         // that of several, for AVX2
	peak   func(rounds int)
	flops  int // of one round of peak
}

// generic computes tiles in Go with emulated fused multiply-adds: the same bits as the assembly, slowly. It is the
// reference that the others are held to.
var generic = isa{name: "generic", rows: 8, cols: 16}

// plain leaves products to stock gonum, whose sums have another order: other bits.
var plain = isa{name: "gonum"}

var active = best()

func init() { register() }

// ISA names the kernels in use: avx512, avx2, neon, generic or gonum.
func ISA() string { return active.name }

// Chained reports whether products are chains of fused multiply-adds, whose bits are the same on all kernel sets that
// have them; stock gonum's are not.
func Chained() bool { return active != &plain }

// ISAs names the kernels that this processor can run.
func ISAs() []string {
	var names []string
	for _, s := range available() {
		names = append(names, s.name)
	}
	return names
}

// Use chooses the kernels by name; "" chooses the fastest. It must not be called while products are computed.
func Use(name string) error {
	if name == "" {
		active = best()
		register()
		return nil
	}
	for _, s := range available() {
		if s.name == name {
			active = s
			register()
			return nil
		}
	}
	return fmt.Errorf("CNNBENCH_ISA: this processor has no %q; it has %s", name, strings.Join(ISAs(), ", "))
}

func best() *isa { return available()[0] }

// register makes the kernels gonum's BLAS for float32.
func register() {
	if active == &plain {
		blas32.Use(gonum.Implementation{})
		return
	}
	blas32.Use(implementation{})
}

// Peak measures the most that one core can do with the kernels' fused multiply-adds, in GFLOPS: the best of several
// short runs within the time. It is 0 for kernels without assembly.
func Peak(within time.Duration) float64 {
	if active.peak == nil {
		return 0
	}
	const rounds = 20000 // some tens of microseconds
	best := 0.0
	for start := time.Now(); time.Since(start) < within; {
		t := time.Now()
		active.peak(rounds)
		best = max(best, float64(rounds*active.flops)/time.Since(t).Seconds()/1e9)
	}
	return best
}
