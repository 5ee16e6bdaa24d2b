package sessions

import (
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"cnnbench/nn/train"
)

// deformed is an experiment with augmentation and standardization.
const deformed = `
seed: 5
data:
  source: shapes
  limit: 40
  rescale: 1/255
  featurewise_std_normalization: true
  augment: {rotation_range: 40, width_shift_range: 0.2, channel_shift_range: 30, brightness_range: [0.7, 1.2], horizontal_flip: true}
model:
  layers: [{conv2d: {filters: 2, kernel_size: 5, strides: 4}}, flatten, {dense: {units: 3, activation: softmax}}]
fit: {epochs: 2, batch_size: 7}
`

func deform(t *testing.T, set ...string) *Prepared {
	t.Helper()
	e, err := ParseExperiment("deformed.yaml", []byte(deformed), set...)
	if err != nil {
		t.Fatal(err)
	}
	p, err := Prepare(e, ".")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// shown is what a pass shows of the first samples of a part of the data.
func shown(t *testing.T, p *Prepared, d train.Data, pass int) []float32 {
	t.Helper()
	x, y := make([]float32, 4*p.In.Size()), make([]float32, 4*len(p.Classes))
	if err := d.Batch(pass, []int{0, 1, 2, 3}, x, y); err != nil {
		t.Fatal(err)
	}
	return append(x, y...)
}

func TestOnlyTrainingIsAugmented(t *testing.T) {
	p, plain := deform(t), deform(t, "data.augment={}")
	o := p.options(nil, RunOptions{}, nil)
	first := shown(t, p, o.Train, 0)
	if slices.Equal(first, shown(t, p, o.Train, 1)) {
		t.Error("the second pass shows what the first did")
	}
	if !slices.Equal(first, shown(t, p, o.Train, 0)) {
		t.Error("the first pass shows something else when it is asked again")
	}
	undeformed := shown(t, plain, plain.options(nil, RunOptions{}, nil).Train, 0)
	if slices.Equal(first, undeformed) {
		t.Error("training shows the samples undeformed")
	}
	targets := 4 * len(p.Classes)
	if n := len(first) - targets; !slices.Equal(first[n:], undeformed[n:]) {
		t.Error("the targets changed")
	}
	for _, d := range [][2]train.Data{{p.Train, plain.Train}, {p.Validation, plain.Validation}, {o.Validation, plain.Validation}} {
		if !slices.Equal(shown(t, p, d[0], 1), shown(t, plain, d[1], 0)) {
			t.Error("samples that are evaluated are deformed")
		}
	}
}

// TestFeaturesStayWithTheSession: what was learnt with the statistics of the training part is used with them.
func TestFeaturesStayWithTheSession(t *testing.T) {
	s := &Store{Home: t.TempDir()}
	p := deform(t)
	r := trained(t, s, p, RunOptions{})
	session := open(t, s, r.Name)
	if session.Features == nil || !slices.Equal(session.Features.Mean, p.Features.Mean) || !slices.Equal(session.Features.Std, p.Features.Std) {
		t.Fatalf("the session has %+v, want %+v", session.Features, p.Features)
	}
	model, err := session.Model()
	if err != nil {
		t.Fatal(err)
	}
	weights, err := session.Weights(Last)
	if err != nil {
		t.Fatal(err)
	}
	net, err := model.Load(weights, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer net.Close()
	h, w := p.In[0], p.In[1]
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for i := range img.Pix {
		img.Pix[i] = 100
	}
	for y := range h {
		for x := range w {
			img.Set(x, y, color.RGBA{100, 150, 200, 255})
		}
	}
	path := filepath.Join(t.TempDir(), "p.png")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := png.Encode(f, img); err != nil {
		t.Fatal(err)
	}
	f.Close()
	if _, err := model.PredictPicture(net, path); err != nil {
		t.Fatal(err)
	}
	channels := p.In[2]
	if channels == 3 {
		for c, v := range []float64{100, 150, 200} {
			want := (v/255 - p.Features.Mean[c]) / (p.Features.Std[c] + 1e-6)
			if got := float64(net.Input()[c]); math.Abs(got-want) > 1e-4 {
				t.Errorf("channel %d reaches the network as %v, want %v", c, got, want)
			}
		}
	}
	on, err := session.PrepareOn("shapes", ".")
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(on.Features.Mean, p.Features.Mean) {
		t.Error("other data is standardized by its own statistics")
	}
	again, err := session.Prepare()
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(shown(t, again, again.Validation, 0), shown(t, p, p.Validation, 0)) {
		t.Error("the session's data is not what it was")
	}
}

// TestThreadsDoNotShow: a training with augmentation gives the same bits whatever the number of threads.
func TestAugmentedTrainingOnAnyThreads(t *testing.T) {
	s := &Store{Home: t.TempDir()}
	var first *Weights
	for _, threads := range []int{1, 2, 5} {
		r := trained(t, s, deform(t), RunOptions{Threads: threads})
		w, err := open(t, s, r.Name).Weights(Last)
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = w
			continue
		}
		for i, tensor := range w.Tensors {
			if !slices.Equal(tensor.Data, first.Tensors[i].Data) {
				t.Errorf("%d threads: %s has other bits", threads, tensor.Name)
			}
		}
	}
}

// TestMixupMixesTargets: the targets of a batch are the same sums as its pictures.
func TestMixupMixesTargets(t *testing.T) {
	p := deform(t, "data.augment={mixup: 1}")
	x, y := make([]float32, 4*p.In.Size()), make([]float32, 4*3)
	index := []int{3, 1, 0, 2}
	if err := p.options(nil, RunOptions{}, nil).Train.Batch(1, index, x, y); err != nil {
		t.Fatal(err)
	}
	own := make([]float32, p.In.Size())
	mixed := 0
	for row, i := range index {
		drawn, err := p.Data.Train.Augmented(own, i, 1)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(own, x[row*len(own):(row+1)*len(own)]) {
			t.Errorf("row %d shows another picture", row)
		}
		want := make([]float64, 3)
		want[p.Data.Train.Label(i)] += 1 - drawn.Mix
		want[p.Data.Train.Label(drawn.MixWith)] += drawn.Mix
		for c, v := range y[row*3 : (row+1)*3] {
			if math.Abs(float64(v)-want[c]) > 1e-6 {
				t.Errorf("row %d has the target %v, want %v", row, y[row*3:(row+1)*3], want)
				break
			}
			if v > .01 && v < .99 {
				mixed++
			}
		}
	}
	if mixed == 0 {
		t.Error("no target is mixed")
	}
	e, err := ParseExperiment("deformed.yaml", []byte(deformed), "data.augment={mixup: 0.2}", "compile.loss=sparse_categorical_crossentropy")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Prepare(e, "."); err == nil || !strings.Contains(err.Error(), "data.augment.mixup: the loss takes class numbers") {
		t.Errorf("class numbers: %v", err)
	}
}
