package nn

import (
	"testing"

	"cnnbench/rng"
)

// BenchmarkFusedLSTM measures the parts of a step through the reference network's LSTM on one worker, batch 32.
func BenchmarkFusedLSTM(b *testing.B) {
	const rows = 32
	kind, _ := Layers.Lookup("lstm")
	l := kind.New().(*LSTM)
	l.Units = 64
	n, err := Build(&Model{Layers: []Layer{l}}, Shape{28, 28}, Config{Batch: rows, Threads: 1, InputGradient: true})
	if err != nil {
		b.Fatal(err)
	}
	defer n.Close()
	s := rng.New(1, rng.Data, 0, 0).Stream()
	for i := range n.Input() {
		n.Input()[i] = float32(s.Float64())
	}
	n.edges[0].D = nil // as in the first layer of a network
	n.Forward(rows, true, 0)
	n.Backward()
	o := n.ops[0].(*fusedLSTM)
	for _, part := range []struct {
		name   string
		chunks int
		task   func(chunk, worker int)
		macs   int
	}{
		{"forward", o.rowCut().chunks(), o.forward, 28*28 + 27*64},
		{"back and gradients", o.shardCut().chunks(), o.back, 27*64 + 28*28 + 27*64},
	} {
		b.Run(part.name, func(b *testing.B) {
			if part.name == "forward" {
				o.weights = o.common[0][:o.g.Packed()]
				for group := range o.g.Groups() {
					o.pack(group, 0)
				}
			} else {
				n.Backward()
			}
			for b.Loop() {
				for c := range part.chunks {
					part.task(c, 0)
				}
			}
			images := rows * float64(b.N)
			b.ReportMetric(b.Elapsed().Seconds()/images*1e6, "us/image")
			b.ReportMetric(2*256*float64(part.macs)*images/b.Elapsed().Seconds()/1e9, "GFLOPS")
		})
	}
}
