// Command gen writes the assembly of package kernel; go generate in that package runs it.
//
// It is a module of its own, so that the generator's dependencies are none of the program's.
package main

import (
	"flag"
	"fmt"
	"log"
	"maps"
	"slices"
	"strings"

	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/reg"
)

// isa describes one instruction set's micro-kernel: at most rows x (2 * lanes) accumulators.
type isa struct {
	name  string
	rows  int // most rows of a tile
	lanes int // float32s of a register
	vec   func() reg.VecVirtual
	mask  bool // opmasks, or masks in vector registers
}

var sets = []isa{
	{name: "AVX512", rows: 14, lanes: 16, vec: ZMM, mask: true},
	{name: "AVX2", rows: 6, lanes: 8, vec: YMM},
}

// wide is the set with the larger registers, and narrow the other, whose registers do what is left over for it.
var wide, narrow = sets[0], sets[1]

// vectors are n registers.
func (s isa) vectors(n int) []reg.VecVirtual {
	vs := make([]reg.VecVirtual, n)
	for i := range vs {
		vs[i] = s.vec()
	}
	return vs
}

// families are the files that the generator writes, one a run: avo keeps one file at a time.
var families = map[string]func(){
	"gemm":             gemmKernels,
	"elementwise":      elementwise,
	"conv":             convKernels,
	"winograd":         winogradKernels,
	"pooling":          pooling,
	"dropout":          dropoutKernels,
	"normalize":        normalizeKernels,
	"lanes":            lanesKernels,
	"lanes_wide":       lanesWide,
	"winograd_product": winogradProducts,
	"lstm":             lstmKernels,
	"optimizers":       optimizers,
}

// main writes the family that its argument names.
func main() {
	list := flag.Bool("list", false, "print the families' names")
	finish := flag.String("finish", "", "put what avo does not know in this file")
	flag.Parse()
	if *finish != "" {
		if err := exclusive(*finish); err != nil {
			log.Fatal(err)
		}
		return
	}
	names := slices.Sorted(maps.Keys(families))
	if *list {
		fmt.Println(strings.Join(names, "\n"))
		return
	}
	family, ok := families[flag.Arg(0)]
	if !ok {
		log.Fatalf("found family %q; needs one of %v", flag.Arg(0), names)
	}
	ConstraintExpr("amd64")
	family()
	Generate()
}
