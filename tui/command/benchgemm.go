package command

import (
	"fmt"
	"math"
	"runtime"
	"time"

	"github.com/spf13/cobra"
	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/gonum"

	"cnnbench/nn"
	"cnnbench/nn/kernel"
)

// product is a shape of C = A B, or A^T B: C is m x n, the sum has k terms.
type product struct {
	m, n, k int
	trans   bool
}

// gemmShapes are those that the reference convolution and dense layers ask for, and two squares.
var gemmShapes = []product{{64, 400, 288, false}, {32, 484, 27, false}, {12800, 64, 288, false}, {15488, 32, 27, false}, {288, 64, 12800, true},
	{12800, 288, 64, false}, {32, 128, 6400, false}, {512, 512, 512, false}, {1024, 1024, 1024, false}}

func (p *Program) benchGemm() *cobra.Command {
	var seconds float64
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "gemm",
		Short:   "Matrix products at the engine's shapes, beside stock gonum and the processor's peak",
		Example: "cnnbench bench gemm --threads 1",
		Args:    wordsOf(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if seconds <= 0 || math.IsNaN(seconds) || seconds > 600 {
				return fmt.Errorf("found --seconds %v; needs a time of 0 to 600 seconds", seconds)
			}
			threads := p.cores()
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(threads)) // which stock gonum goes by
			peak := peakOf(threads)
			workers := nn.NewWorkers(threads)
			defer workers.Close()
			within := time.Duration(seconds * float64(time.Second))
			for _, s := range gemmShapes {
				if cmd.Context().Err() != nil {
					return errInterrupted
				}
				a, b, c := s.matrices()
				own := s.gflops(within, func() { s.engine(workers, a, b, c) })
				stock := s.gflops(within, func() { s.gonum(a, b, c) })
				if asJSON {
					o := object{{"m", s.m}, {"n", s.n}, {"k", s.k}, {"trans_a", s.trans}, {"threads", threads}, {"isa", kernel.ISA()}, {"gflops", rounded(own)},
						{"gonum_gflops", rounded(stock)}, {"peak_gflops", rounded(peak)}}
					if peak > 0 {
						o.add("share", figure(math.Round(own/peak*1e4)/1e4))
					} else {
						o.add("share", nil)
					}
					p.printJSON(o)
					continue
				}
				name := fmt.Sprintf("%dx%dx%d", s.m, s.n, s.k)
				if s.trans {
					name += " A^T"
				}
				line := fmt.Sprintf("%-18s %7.1f GFLOPS  gonum %6.1f  %d threads, %s", name, own, stock, threads, kernel.ISA())
				if peak > 0 {
					line += fmt.Sprintf(", %.0f %% of %.0f", 100*own/peak, peak)
				}
				fmt.Fprintln(p.Stdout, line)
			}
			return nil
		},
	}
	cmd.Flags().Float64Var(&seconds, "seconds", 0.3, "how long to measure each shape and side")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object a shape")
	return cmd
}

// matrices are filled with small whole numbers.
func (s product) matrices() (a, b, c []float32) {
	a, b, c = make([]float32, s.m*s.k), make([]float32, s.k*s.n), make([]float32, s.m*s.n)
	for i := range a {
		a[i] = float32(i%7) - 3
	}
	for i := range b {
		b[i] = float32(i%5) - 2
	}
	return a, b, c
}

// gflops is the best rate of several runs within the time.
func (s product) gflops(within time.Duration, run func()) float64 {
	run()
	best := time.Duration(math.MaxInt64)
	for start := time.Now(); time.Since(start) < within; {
		t := time.Now()
		run()
		best = min(best, time.Since(t))
	}
	return 2 * float64(s.m) * float64(s.n) * float64(s.k) / best.Seconds() / 1e9
}

// engine multiplies with the engine's kernels, cut over its workers.
func (s product) engine(w *nn.Workers, a, b, c []float32) {
	lda, trans := s.k, kernel.NoTrans
	if s.trans {
		lda, trans = s.m, kernel.T
	}
	w.Gemm(trans, kernel.NoTrans, s.m, s.n, s.k, a, lda, b, s.n, 0, c, s.n)
}

// gonum multiplies with stock gonum, which starts threads of its own.
func (s product) gonum(a, b, c []float32) {
	lda, trans := s.k, blas.NoTrans
	if s.trans {
		lda, trans = s.m, blas.Trans
	}
	gonum.Implementation{}.Sgemm(trans, blas.NoTrans, s.m, s.n, s.k, 1, a, lda, b, s.n, 0, c, s.n)
}
