package command

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"cnnbench/nn"
	"cnnbench/nn/kernel"
	"cnnbench/nn/loss"
	"cnnbench/rng"
	"cnnbench/sessions"
)

// benchNet is a reference network: the layers, loss and optimizer of the preset of its name on inputs of that shape.
type benchNet struct {
	name    string
	in      nn.Shape
	classes int
}

var benchNets = []benchNet{
	{"lecture-cnn", nn.Shape{24, 24, 3}, 3},
	{"lenet5", nn.Shape{28, 28, 1}, 10},
	{"keras-mnist", nn.Shape{28, 28, 1}, 10},
	{"vgg-small", nn.Shape{32, 32, 3}, 10},
	{"mlp", nn.Shape{28, 28, 1}, 10},
	{"bn-net", nn.Shape{32, 32, 3}, 10},
	{"lstm-rows", nn.Shape{28, 28, 1}, 10},
}

// convolutions are the ways of compile.convolution.
var convolutions = []string{"auto", "im2col"}

// benchWarmUp is the number of steps before the clock starts.
const benchWarmUp = 5

func (p *Program) bench() *cobra.Command {
	var names []string
	for _, n := range benchNets {
		names = append(names, n.name)
	}
	var batch int
	var seconds float64
	var asJSON bool
	var convolution string
	cmd := &cobra.Command{
		Use:   "bench [NET ...]",
		Short: "Training throughput of the reference networks, beside what the processor could do",
		Long: "Measures training steps (forward, loss, backward, optimizer) on random data in memory. The share is that of the\n" +
			"measured peak of fused multiply-adds on the same cores, for the direct algorithm's operations.\nNetworks: " + strings.Join(names, ", "),
		Example: "cnnbench bench\ncnnbench bench lecture-cnn lenet5 --batch 128 --seconds 1.5 --json",
		RunE: func(cmd *cobra.Command, args []string) error {
			if batch < 1 || seconds <= 0 || math.IsNaN(seconds) || seconds > 3600 {
				return fmt.Errorf("found --batch %d --seconds %v; needs a batch of 1 or more and a time above 0 and up to 3600 seconds", batch, seconds)
			}
			if !slices.Contains(convolutions, convolution) {
				return fmt.Errorf("found --convolution %q, needs one of %s", convolution, strings.Join(convolutions, ", "))
			}
			nets := benchNets
			if len(args) > 0 {
				nets = nil
				for _, a := range args {
					i := slices.IndexFunc(benchNets, func(n benchNet) bool { return n.name == a })
					if i < 0 {
						return fmt.Errorf("found network %q, needs one of %s, or gemm", a, strings.Join(names, ", "))
					}
					nets = append(nets, benchNets[i])
				}
			}
			peak := peakOf(p.cores())
			for _, n := range nets {
				r, err := p.measure(cmd.Context(), n, batch, convolution, time.Duration(seconds*float64(time.Second)))
				if err != nil {
					return err
				}
				r.peak = peak
				if asJSON {
					p.printJSON(r.object())
				} else {
					fmt.Fprintln(p.Stdout, r)
				}
			}
			return nil
		},
	}
	cmd.Flags().IntVar(&batch, "batch", 32, "samples of a step")
	cmd.Flags().Float64Var(&seconds, "seconds", 3, "how long to measure each network")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object a network")
	cmd.Flags().StringVar(&convolution, "convolution", convolutions[0], "how convolutions are computed: "+strings.Join(convolutions, " or ")+", as compile.convolution says")
	cmd.AddCommand(p.benchGemm())
	return cmd
}

// cores is the number of threads that a network gets.
func (p *Program) cores() int {
	if p.threads > 0 {
		return p.threads
	}
	return runtime.GOMAXPROCS(0)
}

// peakOf measures what so many cores can do together, in GFLOPS; 0 where it cannot be measured.
func peakOf(cores int) float64 {
	each := make([]float64, cores)
	var wg sync.WaitGroup
	for i := range each {
		wg.Go(func() { each[i] = kernel.Peak(200 * time.Millisecond) })
	}
	wg.Wait()
	sum := 0.0
	for _, g := range each {
		sum += g
	}
	return sum
}

// result is what one network reached.
type result struct {
	net            string
	batch, threads int
	flop           float64 // of one image's training, by the direct algorithm
	mean, best     float64 // images a second
	peak           float64 // GFLOPS of all threads; 0: unknown
}

// measure trains a network for a while.
func (p *Program) measure(ctx context.Context, b benchNet, batch int, convolution string, within time.Duration) (*result, error) {
	e, err := sessions.Preset(b.name)
	if err != nil {
		return nil, err
	}
	summary, err := nn.Summarize(e.Model.Layers, b.in)
	if err != nil {
		return nil, err
	}
	target, err := e.Compile.Loss.Fit(loss.Head{Units: b.classes, Activation: "softmax"}, loss.Data{Classes: b.classes})
	if err != nil {
		return nil, err
	}
	net, err := nn.Build(&e.Model, b.in, nn.Config{Batch: batch, Seed: e.Seed, Threads: p.cores(), Convolution: convolution,
		Objective: &nn.Objective{Loss: e.Compile.Loss, Target: target, Optimizer: e.Compile.Optimizer}})
	if err != nil {
		return nil, err
	}
	defer net.Close()
	draw := rng.New(e.Seed, rng.Data, 0, 0).Stream()
	for i := range net.Input() {
		net.Input()[i] = float32(draw.Norm())
	}
	y := net.Targets() // [batch, columns]
	for row := range batch {
		switch class := draw.IntN(b.classes); target {
		case loss.Labels:
			y[row] = float32(class)
		default:
			y[row*b.classes+class] = 1
		}
	}
	for range benchWarmUp {
		net.Step(batch, nil)
	}
	r := &result{net: b.name, batch: batch, threads: p.cores(), flop: trainingFLOP(summary)}
	steps, start, best := 0, time.Now(), time.Duration(math.MaxInt64)
	for last := start; last.Sub(start) < within; steps++ {
		if ctx.Err() != nil {
			return nil, errInterrupted
		}
		net.Step(batch, nil)
		now := time.Now()
		best, last = min(best, now.Sub(last)), now
	}
	r.mean = float64(steps*batch) / time.Since(start).Seconds()
	r.best = float64(batch) / best.Seconds()
	return r, nil
}

// trainingFLOP is what training on one sample takes with the direct algorithm: a forward pass and twice as much
// backward, less the first layer's gradient by the input, which nobody needs; a multiply-add counts twice.
func trainingFLOP(s *nn.Summary) float64 {
	macs := 3 * s.MACs
	for _, r := range s.Rows {
		if r.MACs == 0 {
			continue
		}
		switch r.Kind {
		case "lstm", "simple_rnn": // whose state needs its gradient also in the first layer
			macs -= int64(r.In[0]) * int64(r.Params[0].Size())
		default:
			macs -= r.MACs
		}
		break
	}
	return 2 * float64(macs)
}

// share is the part of the peak that was reached.
func (r *result) share() float64 {
	if r.peak == 0 {
		return math.NaN()
	}
	return r.mean * r.flop / (r.peak * 1e9)
}

func (r *result) String() string {
	out := fmt.Sprintf("%-12s %10s images/s  (best %s)  batch %d, %d threads, %s", r.net, thousands(int64(math.Round(r.mean))),
		thousands(int64(math.Round(r.best))), r.batch, r.threads, kernel.ISA())
	if r.peak > 0 {
		out += fmt.Sprintf(", %.1f %% of %.0f GFLOPS", 100*r.share(), r.peak)
	}
	return out
}

func (r *result) object() object {
	return object{{"peer", "cnnbench " + sessions.Version()}, {"net", r.net}, {"batch", r.batch}, {"threads", r.threads}, {"layout", "nhwc"},
		{"images_per_s", rounded(r.mean)}, {"best_images_per_s", rounded(r.best)}, {"isa", kernel.ISA()}, {"peak_gflops", rounded(r.peak)},
		{"share", figure(math.Round(r.share()*1e4) / 1e4)}}
}

// rounded keeps one decimal, as the other frameworks' scripts do.
func rounded(x float64) figure { return figure(math.Round(x*10) / 10) }
