package surgery_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"cnnbench/nn"
	"cnnbench/nn/train"
	"cnnbench/rng"
	"cnnbench/sessions"
	"cnnbench/sessions/surgery"
)

// net declares a network by a list of layers as they stand in an experiment.
func net(t testing.TB, in nn.Shape, layers ...string) surgery.Net {
	t.Helper()
	text := "name: x\ndata: {source: shapes}\nmodel:\n  layers:\n"
	for _, l := range layers {
		text += "    - " + l + "\n"
	}
	e, err := sessions.ParseExperiment("x.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	s, err := nn.Summarize(e.Model.Layers, in)
	if err != nil {
		t.Fatal(err)
	}
	return surgery.Net{Layers: e.Model.Layers, Summary: s}
}

const rows = 8

// built makes the network for inference, with weights that have something to lose: biases and moving statistics too.
func built(t testing.TB, n surgery.Net, seed uint64) *nn.Network {
	t.Helper()
	b, err := nn.Build(&nn.Model{Layers: n.Layers}, n.Summary.In, nn.Config{Batch: rows, Seed: seed, Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	draw := rng.New(seed, rng.Data, 1, 0).Stream()
	for _, w := range b.Weights() {
		for i := range w.Data {
			if len(w.Shape) == 1 {
				w.Data[i] += float32(draw.Uniform(.1, .9))
			}
		}
	}
	return b
}

func predict(n *nn.Network) []float32 {
	draw := rng.New(5, rng.Data, 2, 0).Stream()
	for i := range n.Input() {
		n.Input()[i] = float32(draw.Uniform(-1, 1))
	}
	return slices.Clone(n.Predict(rows))
}

// operate gives the network the weights that the plan makes of the old one's.
func operate(n *nn.Network, p *surgery.Plan, old *nn.Network) {
	c := p.Apply(train.Start(old.Weights()))
	for _, w := range n.Weights() {
		if x, ok := c.Find(train.ModelPrefix + w.Name); ok {
			copy(w.Data, x.F32)
		}
	}
}

// A network that is widened, and deepened where that is possible, predicts what it did.
func TestTheFunctionIsKept(t *testing.T) {
	both := surgery.Options{Widen: true, Deepen: true, Seed: 3}
	for _, c := range []struct {
		name     string
		in       nn.Shape
		old, new []string
	}{
		{"dense", nn.Shape{6},
			[]string{"dense: {units: 5, activation: relu}", "dense: {units: 3, activation: softmax}"},
			[]string{"dense: {units: 13, activation: relu}", "dense: {units: 3, activation: softmax}"}},
		{"two dense", nn.Shape{6},
			[]string{"dense: {units: 5, activation: tanh}", "dense: {units: 4, activation: elu, use_bias: false}", "dense: {units: 2}"},
			[]string{"dense: {units: 7, activation: tanh}", "dropout: {rate: 0.5}", "dense: {units: 9, activation: elu, use_bias: false}", "dense: {units: 2}"}},
		{"conv, batch normalisation, pooling, flatten, dense", nn.Shape{12, 10, 3},
			[]string{"conv2d: {filters: 4, kernel_size: 3}", "batch_normalization", "activation: {activation: relu}", "max_pooling2d: {pool_size: 2}", "flatten",
				"dense: {units: 6, activation: relu}", "dense: {units: 3, activation: softmax}"},
			[]string{"conv2d: {filters: 11, kernel_size: 3}", "batch_normalization", "activation: {activation: relu}", "max_pooling2d: {pool_size: 2}", "dropout: {rate: 0.25}", "flatten",
				"dense: {units: 20, activation: relu}", "dense: {units: 3, activation: softmax}"}},
		{"conv behind conv, average and global pooling", nn.Shape{10, 10, 2},
			[]string{"conv2d: {filters: 3, kernel_size: 3, activation: relu, padding: same}", "average_pooling2d: {pool_size: 2}", "conv2d: {filters: 5, kernel_size: [3, 1]}", "leaky_relu", "global_average_pooling2d", "dense: {units: 4}"},
			[]string{"conv2d: {filters: 16, kernel_size: 3, activation: relu, padding: same}", "average_pooling2d: {pool_size: 2}", "conv2d: {filters: 6, kernel_size: [3, 1]}", "leaky_relu", "global_average_pooling2d", "dense: {units: 4}"}},
		{"a recurrent layer behind", nn.Shape{7, 3},
			[]string{"dense: {units: 4, activation: relu}", "lstm: {units: 5}", "dense: {units: 2}"},
			[]string{"dense: {units: 9, activation: relu}", "lstm: {units: 5}", "dense: {units: 2}"}},
		{"deeper", nn.Shape{8, 8, 2},
			[]string{"conv2d: {filters: 4, kernel_size: 3, activation: relu}", "max_pooling2d", "flatten", "dense: {units: 6, activation: sigmoid}", "dense: {units: 3}"},
			[]string{"conv2d: {filters: 4, kernel_size: 3, activation: relu}", "conv2d: {filters: 4, kernel_size: [3, 5], activation: relu, padding: same}", "max_pooling2d",
				"conv2d: {filters: 4, kernel_size: 1}", "flatten", "dense: {units: 6, activation: sigmoid}", "dense: {units: 6, activation: relu}", "dense: {units: 3}"}},
		{"deeper and wider", nn.Shape{5},
			[]string{"dense: {units: 4, activation: relu}", "dense: {units: 3}"},
			[]string{"dense: {units: 6, activation: relu}", "dense: {units: 6, activation: relu, name: deeper}", "dense: {units: 3, name: dense_1}"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			was, is := net(t, c.in, c.old...), net(t, c.in, c.new...)
			old, new := built(t, was, 1), built(t, is, 2)
			p := surgery.New(was, is, both)
			if fresh := p.Report.Fresh(); fresh != nil {
				t.Fatalf("drawn anew: %v", fresh)
			}
			operate(new, p, old)
			want, got := predict(old), predict(new)
			for i := range want {
				if math.Abs(float64(got[i]-want[i])) > 1e-5 {
					t.Fatalf("prediction %d is %v and was %v", i, got[i], want[i])
				}
			}
			again := surgery.New(was, is, both).Apply(train.Start(old.Weights()))
			for i, x := range p.Apply(train.Start(old.Weights())).Tensors {
				if y := again.Tensors[i]; x.Name != y.Name || !slices.Equal(x.F32, y.F32) {
					t.Fatalf("%s comes out otherwise the second time", x.Name)
				}
			}
		})
	}
}

// By hand: a unit that stands k times hands on a k-th each time, and the copies of a unit are the unit.
func TestWidenedWeights(t *testing.T) {
	was := net(t, nn.Shape{2}, "dense: {units: 2}", "dense: {units: 1}")
	is := net(t, nn.Shape{2}, "dense: {units: 5}", "dense: {units: 1}")
	old := &train.Checkpoint{Tensors: []train.Tensor{
		{Name: "model/dense.kernel", Shape: []int{2, 2}, F32: []float32{1, 2, 3, 4}}, {Name: "model/dense.bias", Shape: []int{2}, F32: []float32{5, 6}},
		{Name: "model/dense_1.kernel", Shape: []int{2, 1}, F32: []float32{12, 24}}, {Name: "model/dense_1.bias", Shape: []int{1}, F32: []float32{7}},
		{Name: "optim/momentum/dense.kernel", F32: []float32{1, 1, 1, 1}}, {Name: "optim/momentum/dense_1.bias", F32: []float32{9}}, {Name: "optim/iterations", I64: []int64{4}},
	}}
	c := surgery.New(was, is, surgery.Options{Widen: true}).Apply(old)
	find := func(name string) []float32 { x, _ := c.Find(name); return x.F32 }
	kernel, bias, next := find("model/dense.kernel"), find("model/dense.bias"), find("model/dense_1.kernel")
	count := map[float32]float32{}
	for u, b := range bias {
		if want := b - 4; kernel[u] != want || kernel[5+u] != want+2 || u < 2 && b != float32(5+u) {
			t.Errorf("unit %d: kernel %v, bias %v", u, kernel, bias)
		}
		count[b]++
	}
	for u, b := range bias {
		if want := (b - 4) * 12 / count[b]; next[u] != want {
			t.Errorf("unit %d hands on %v, want %v", u, next[u], want)
		}
	}
	if m := find("optim/momentum/dense_1.bias"); !slices.Equal(m, []float32{9}) || find("optim/momentum/dense.kernel") != nil {
		t.Errorf("the optimizer's state: %v, %v", m, find("optim/momentum/dense.kernel"))
	}
	if _, ok := c.Find("optim/iterations"); !ok {
		t.Error("the optimizer's steps are gone")
	}
}

// What becomes of a network's layers, edit by edit.
func TestReports(t *testing.T) {
	in := nn.Shape{8, 8, 1}
	base := []string{"conv2d: {filters: 4, kernel_size: 3, activation: relu}", "flatten", "dense: {units: 6, activation: relu}", "dense: {units: 3, activation: softmax}"}
	edit := func(change func(l []string) []string) []string { return change(slices.Clone(base)) }
	set := func(i int, text string) []string { return edit(func(l []string) []string { l[i] = text; return l }) }
	insert := func(i int, text string) []string {
		return edit(func(l []string) []string { return slices.Insert(l, i, text) })
	}
	for _, c := range []struct {
		name   string
		layers []string
		o      surgery.Options
		want   string
	}{
		{"nothing", base, surgery.Options{}, "conv2d: kept|dense: kept|dense_1: kept"},
		{"a dropout", insert(1, "dropout: {rate: 0.5}"), surgery.Options{}, "conv2d: kept|dense: kept|dense_1: kept"},
		{"another activation", set(2, "dense: {units: 6, activation: tanh}"), surgery.Options{}, "conv2d: kept|dense: kept|dense_1: kept"},
		{"wider, anew", set(2, "dense: {units: 9, activation: relu}"), surgery.Options{}, "conv2d: kept|dense: drawn anew, 144x6 to 144x9|dense_1: kernel drawn anew, 6x3 to 9x3; bias kept"},
		{"wider", set(2, "dense: {units: 9, activation: relu}"), surgery.Options{Widen: true}, "conv2d: kept|dense: widened, 144x6 to 144x9|dense_1: kernel widened, 6x3 to 9x3; bias kept"},
		{"more filters", set(0, "conv2d: {filters: 6, kernel_size: 3, activation: relu}"), surgery.Options{Widen: true},
			"conv2d: widened, 3x3x1x4 to 3x3x1x6|dense: kernel widened, 144x6 to 216x6; bias kept|dense_1: kept"},
		{"narrower", set(2, "dense: {units: 5, activation: relu}"), surgery.Options{Widen: true}, "conv2d: kept|dense: drawn anew, 144x6 to 144x5|dense_1: kernel drawn anew, 6x3 to 5x3; bias kept"},
		{"larger filters", set(0, "conv2d: {filters: 4, kernel_size: 5, activation: relu}"), surgery.Options{Widen: true},
			"conv2d: kernel drawn anew, 3x3x1x4 to 5x5x1x4; bias kept|dense: kernel drawn anew, 144x6 to 64x6; bias kept|dense_1: kept"},
		{"a head for more classes", set(3, "dense: {units: 5, activation: softmax}"), surgery.Options{Widen: true}, "conv2d: kept|dense: kept|dense_1: drawn anew, 6x3 to 6x5"},
		{"a head of another name", set(3, "dense: {units: 3, activation: softmax, name: head}"), surgery.Options{Widen: true}, "conv2d: kept|dense: kept|head: drawn anew|dense_1: left out"},
		{"a dense between", insert(3, "dense: {units: 7, activation: relu}"), surgery.Options{Deepen: true},
			"conv2d: kept|dense: kept|dense_1: drawn anew|dense_2: kernel drawn anew, 6x3 to 7x3; bias kept (it was dense_1)"},
		{"an identity", insert(3, "dense: {units: 6, activation: relu}"), surgery.Options{Deepen: true}, "conv2d: kept|dense: kept|dense_1: identity|dense_2: kept (it was dense_1)"},
		{"no identity behind what is below 0", insert(1, "conv2d: {filters: 4, kernel_size: 3, padding: same, activation: tanh}"), surgery.Options{Deepen: true},
			"conv2d: kept|conv2d_1: drawn anew|dense: kept|dense_1: kept"},
		{"not through a softmax", set(2, "dense: {units: 9, activation: softmax}"), surgery.Options{Widen: true}, "conv2d: kept|dense: drawn anew, 144x6 to 144x9|dense_1: kernel drawn anew, 6x3 to 9x3; bias kept"},
		{"without the conv", edit(func(l []string) []string { return l[1:] }), surgery.Options{}, "dense: kernel drawn anew, 144x6 to 64x6; bias kept|dense_1: kept|conv2d: left out"},
		{"with batch normalisation", insert(1, "batch_normalization"), surgery.Options{}, "conv2d: kept|batch_normalization: drawn anew|dense: kept|dense_1: kept"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			r := surgery.New(net(t, in, base...), net(t, in, c.layers...), c.o).Report
			for _, l := range r.Layers() {
				got = append(got, l.Name+": "+l.Text)
			}
			if text := strings.Join(got, "|"); text != c.want {
				t.Errorf("got  %s\nwant %s", text, c.want)
			}
			if plain := c.want == "conv2d: kept|dense: kept|dense_1: kept"; r.Plain() != plain {
				t.Errorf("plain is %v", r.Plain())
			}
		})
	}
	r := surgery.New(net(t, in, base...), net(t, in, set(2, "dense: {units: 9, activation: relu}")...), surgery.Options{Widen: true}).Report
	if got, want := r.Optimizer(), "its state is kept, but that of dense, dense_1.kernel starts afresh"; got != want {
		t.Errorf("got %q", got)
	}
	if got, want := fmt.Sprint(&r), "weights: kept in 2 layers, widened in 2 layers"; got != want {
		t.Errorf("got %q", got)
	}
}
