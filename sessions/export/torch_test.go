package export

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"cnnbench/dataset/augment"
	"cnnbench/dataset/npy"
	"cnnbench/nn"
	"cnnbench/rng"
	"cnnbench/sessions"
	"cnnbench/sessions/safetensors"
)

// writeTorch exports a trial as a script and as weights.
func writeTorch(t *testing.T, tr *trial, dir, stem string) job {
	t.Helper()
	j := tr.write(t, dir, stem, "torch-script-py", Options{})
	j.More = map[string]any{"weights": tr.write(t, dir, stem+"w", "safetensors-torch", Options{}).Path}
	return j
}

func TestTorchClients(t *testing.T) {
	c := python(t, "torch_client.py", "torch", "safetensors.torch", "numpy")
	dir := t.TempDir()
	var jobs []job
	for _, tr := range append(variants(t), chains(t)...) {
		jobs = append(jobs, writeTorch(t, tr, dir, fmt.Sprint(len(jobs))))
	}
	for _, tr := range presets(t) {
		j := writeTorch(t, tr, dir, tr.name)
		j.More["command"] = true
		jobs = append(jobs, j)
	}
	raw := writeTorch(t, prepared(t), dir, "raw")
	raw.More["raw"] = true
	jobs = append(jobs, raw)
	agree(t, jobs, c.run(t, jobs))
}

// trainings are experiments whose few steps the script repeats: nothing in them is drawn at random but the start.
func trainings() map[string]string {
	const blobs = "data: {source: blobs, limit: 48, split: {test: 0, validation: 0}}\nmodel: {layers: [dense: {units: 8, activation: tanh}, dense: {units: 10, activation: softmax}]}\n" +
		"fit: {batch_size: 20, epochs: 3, shuffle: false}\n"
	with := func(optimizer string) string { return blobs + "compile: {optimizer: {" + optimizer + "}}" }
	out := map[string]string{
		"values": "data: {source: line, limit: 30, split: {test: 0, validation: 0}}\nmodel: {layers: [dense: {units: 4, activation: relu}, dense: {units: 1}]}\n" +
			"fit: {batch_size: 8, epochs: 2, shuffle: false}\ncompile: {loss: mean_absolute_error, optimizer: {sgd: {learning_rate: 0.05}}}",
		"squared values": "data: {source: wave, limit: 30, split: {test: 0, validation: 0}}\nmodel: {layers: [lstm: {units: 4, recurrent_regularizer: {l2: 0.01}}, dense: {units: 1}]}\n" +
			"fit: {batch_size: all, epochs: 3, shuffle: false}\ncompile: {optimizer: {sgd: {learning_rate: 0.05}}}",
		"one of two classes": "data: {source: blobs, classes: ['1', '4'], limit: 40, split: {test: 0, validation: 0}}\nmodel: {layers: [dense: {units: 6, activation: elu, trainable: false}, dense: {units: 1, activation: sigmoid}]}\n" +
			"fit: {batch_size: 16, epochs: 2, shuffle: false}\ncompile: {loss: {binary_crossentropy: {label_smoothing: 0.1}}, optimizer: {adam: {learning_rate: 0.01}}}",
		"pictures": "data: {source: shapes, limit: 24, rescale: 1/255, image: {size: [12, 12]}, split: {test: 0, validation: 0}}\nmodel: {layers: [conv2d: {filters: 4, kernel_size: 3, padding: same, strides: 2, use_bias: false, kernel_regularizer: {l1: 0.001, l2: 0.01}}, batch_normalization: {momentum: 0.9}, " +
			"activation: {activation: relu}, flatten: {}, dense: {units: 3, activation: softmax}]}\nfit: {batch_size: 12, epochs: 2, shuffle: false, steps_per_epoch: 3, class_weight: {0: 2, 2: 0.5}}\n" +
			"compile: {loss: {categorical_crossentropy: {label_smoothing: 0.2}}, optimizer: {adam: {learning_rate: 0.001}}}",
		"balanced classes":                  strings.Replace(with("sgd: {learning_rate: 0.05}"), "shuffle: false", "shuffle: false, class_weight: balanced", 1),
		"probabilities that are no softmax": strings.Replace(with("sgd: {learning_rate: 0.05}"), "softmax", "sigmoid", 1) + "\n",
	}
	for _, o := range []string{
		"sgd: {learning_rate: 0.1}", "sgd: {learning_rate: 0.1, momentum: 0.9}", "sgd: {learning_rate: 0.1, momentum: 0.9, nesterov: true, weight_decay: 0.01}",
		"adam: {clipnorm: 0.1}", "adam: {amsgrad: true, clipvalue: 0.01}", "adamw: {weight_decay: 0.1, global_clipnorm: 0.1}", "nadam: {learning_rate: 0.01}", "adamax: {learning_rate: 0.01}",
		"adagrad: {learning_rate: 0.1}", "adadelta: {learning_rate: 1.0}", "rmsprop: {learning_rate: 0.001}", "rmsprop: {learning_rate: 0.001, momentum: 0.5, centered: true}",
		"sgd: {learning_rate: {cosine_decay: {initial_learning_rate: 0.1, decay_steps: 5, alpha: 0.1, warmup_target: 0.2, warmup_steps: 2}}}",
		"sgd: {learning_rate: {cosine_decay_restarts: {initial_learning_rate: 0.1, first_decay_steps: 3, m_mul: 0.5}}}",
		"sgd: {learning_rate: {exponential_decay: {initial_learning_rate: 0.1, decay_steps: 2, decay_rate: 0.5, staircase: true}}}",
		"sgd: {learning_rate: {inverse_time_decay: {initial_learning_rate: 0.1, decay_steps: 2, decay_rate: 0.5}}}",
		"sgd: {learning_rate: {piecewise_constant_decay: {boundaries: [2, 5], values: [0.1, 0.01, 0.2]}}}",
		"sgd: {learning_rate: {polynomial_decay: {initial_learning_rate: 0.1, decay_steps: 4, power: 2.0, cycle: true}}}",
		"sgd: {learning_rate: {polynomial_decay: {initial_learning_rate: 0.1, decay_steps: 4}}}",
	} {
		out[o] = with(o)
	}
	return out
}

// trainedJob runs an experiment and exports it before and after, with its samples.
func trainedJob(t *testing.T, store *sessions.Store, dir, name, text string) job {
	t.Helper()
	stem := fmt.Sprintf("t%d", len(mustRead(t, dir)))
	e, err := sessions.ParseExperiment("e.yaml", []byte(text))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	p, err := sessions.Prepare(e, "")
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	run, err := store.Start(t.Context(), p, sessions.RunOptions{Name: stem, Threads: 1})
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	<-run.Done()
	s, err := store.Open(stem)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	in, err := From(s)
	if err != nil {
		t.Fatal(err)
	}
	export := func(which sessions.Which, format, path string) string {
		if in.Weights, err = s.Weights(which); err != nil {
			t.Fatal(err)
		}
		path = filepath.Join(dir, path)
		if _, err := Write(t.Context(), format, path, in); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		return path
	}
	j := job{Name: "training: " + name, Path: export(sessions.AtEpoch(0), "torch-script-py", stem+".py"), Data: filepath.Join(dir, stem+".npz")}
	j.More = map[string]any{"train": j.Data, "after": export(sessions.Last, "safetensors-torch", stem+"-after.safetensors")}
	n, size := p.Data.Train.Len(), p.In.Size()
	x := make([]float32, n*size)
	y := npy.Array{DType: "<i4", Shape: []int{n}}
	if p.Classes == nil {
		y = npy.Array{DType: "<f4", Shape: []int{n, len(p.Data.Train.Target(0))}}
	}
	for i := range n {
		if err := p.Data.Train.Read(x[i*size:(i+1)*size], i); err != nil {
			t.Fatal(err)
		}
		if p.Classes != nil {
			y.Data = binary.LittleEndian.AppendUint32(y.Data, uint32(p.Data.Train.Label(i)))
		} else {
			y.Data = append(y.Data, npy.F32("", nil, p.Data.Train.Target(i)).Data...)
		}
	}
	y.Name = "y"
	var b bytes.Buffer
	if err := npy.WriteZip(&b, []npy.Array{npy.F32("x", append([]int{n}, p.In...), x), y}); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(j.Data, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	return j
}

func mustRead(t *testing.T, dir string) []os.DirEntry {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	return entries
}

// The script trains as it says: from the same start, PyTorch comes to the same weights.
func TestTorchTraining(t *testing.T) {
	c := python(t, "torch_client.py", "torch", "safetensors.torch", "numpy")
	store := &sessions.Store{Home: t.TempDir()}
	dir := t.TempDir()
	var jobs []job
	all := trainings()
	for _, name := range slices.Sorted(maps.Keys(all)) {
		jobs = append(jobs, trainedJob(t, store, dir, name, all[name]))
	}
	// What is drawn at random is only run.
	const drawn = "data: {source: shapes, limit: 24, rescale: 1/255, augment: {rotation_range: 40, width_shift_range: 2, height_shift_range: [0.1, 0.2], shear_range: 20, zoom_range: 0.2, " +
		"horizontal_flip: true, vertical_flip: true, fill_mode: reflect, channel_shift_range: 10}}\nmodel: {layers: [conv2d: {filters: 2, kernel_size: 3}, dropout: {rate: 0.5}, flatten: {}, dense: {units: 3, activation: softmax}]}\n" +
		"fit: {callbacks: [early_stopping: {monitor: loss}]}\n"
	j := trainedJob(t, store, dir, "augmented", drawn)
	delete(j.More, "after")
	jobs = append(jobs, j)
	agree(t, jobs, c.run(t, jobs))
}

// The script deforms pictures as we do, given the same draws.
func TestTorchAugment(t *testing.T) {
	c := python(t, "torch_client.py", "torch", "safetensors.torch", "numpy")
	dir := t.TempDir()
	var jobs []job
	for _, fill := range []string{"nearest", "reflect", "constant"} {
		tr := alone(t, "augment, "+fill, nn.Shape{9, 12, 3}, model(t, "    - flatten\n    - dense: {units: 2}")...)
		a := &tr.in.Experiment.Data.Augment
		a.RotationRange, a.WidthShiftRange.Most, a.HeightShiftRange.Most, a.ShearRange, a.ZoomRange.By = 40, .2, 1.5, 20, .3
		a.FillMode, a.Cval = fill, .25
		augmenter := augment.NewAugmenter(*a, 9, 12, 3, false)
		s := rng.New(1, rng.Data, 0, 0).Stream()
		draws := make([][]float64, 6)
		tr.y = slices.Clone(tr.x)
		size := len(tr.x) / trialRows
		for i := range trialRows {
			d := augmenter.Draw(s)
			augmenter.Apply(tr.y[i*size:(i+1)*size], &d)
			for k, v := range []float64{d.Theta, d.Shear, d.Tx, d.Ty / 12, d.Zx, d.Zy} { // in the script's order
				draws[k] = append(draws[k], v)
			}
		}
		tr.ys = tr.xs
		j := tr.write(t, dir, fill, "torch-script-py", Options{})
		j.More = map[string]any{"draws": draws}
		jobs = append(jobs, j)
	}
	agree(t, jobs, c.run(t, jobs))
}

func TestTorchModules(t *testing.T) {
	for _, c := range []struct {
		in     nn.Shape
		layers string
		want   string
	}{
		{nn.Shape{6, 5, 2}, `
    - conv2d: {filters: 4, kernel_size: [2, 3], padding: same, strides: [2, 1], activation: relu}
    - flatten
    - dropout: {rate: 0.5}
    - dense: {units: 3, activation: softmax}`,
			`nn.Conv2d(2, 4, (2, 3), stride=(2, 1), padding=(0, 1))|nn.ReLU()|nn.Flatten()|nn.Dropout(0.5)|nn.Linear(60, 3)|nn.Softmax(dim=-1)`},
		{nn.Shape{5, 5, 2}, `
    - conv2d: {filters: 4, kernel_size: 2, padding: same, use_bias: false}
    - average_pooling2d: {pool_size: 2, padding: same}
    - max_pooling2d: {pool_size: 2, padding: same, strides: 1}
    - flatten
    - activation: {activation: softmax}`,
			`nn.ZeroPad2d((0, 1, 0, 1))|nn.Conv2d(2, 4, 2, bias=False)|AveragePool(2, 2, (0, 1, 0, 1))|nn.ConstantPad2d((0, 1, 0, 1), float("-inf"))|nn.MaxPool2d(2, 1)|` +
				`Permute(0, 2, 3, 1)|nn.Flatten()|nn.Softmax(dim=-1)`},
		{nn.Shape{5, 2}, `
    - lstm: {units: 4, return_sequences: true}
    - batch_normalization: {momentum: 0.99, center: false, scale: false}
    - lstm: {units: 3, recurrent_activation: {elu: {alpha: 0.5}}, use_bias: false}`,
			`LSTM(2, 4, sequences=True)|Permute(0, 2, 1)|nn.BatchNorm1d(4, eps=0.001, momentum=0.01, affine=False)|Permute(0, 2, 1)|OwnLSTM(4, 3, nn.Tanh(), nn.ELU(0.5), bias=False)`},
	} {
		n, err := alone(t, "modules", c.in, model(t, c.layers)...).in.network()
		if err != nil {
			t.Fatal(err)
		}
		net, err := newTorchNet(n)
		if err != nil {
			t.Fatal(err)
		}
		var lines []string
		for _, m := range net.modules {
			lines = append(lines, m.Code)
		}
		if got := strings.Join(lines, "|"); got != c.want {
			t.Errorf("%s\nbecomes %s\nwant    %s", c.layers, got, c.want)
		}
	}
}

// The names, shapes and values are PyTorch's, worked out by hand.
func TestTorchTensors(t *testing.T) {
	tr := alone(t, "tensors", nn.Shape{1, 2, 2}, model(t, `
    - conv2d: {filters: 2, kernel_size: 1, use_bias: false}
    - batch_normalization: {scale: false}
    - flatten
    - dense: {units: 1}`)...)
	tr.in.Weights = &sessions.Weights{Tensors: []safetensors.Tensor{
		safetensors.F32("conv2d.kernel", []int{1, 1, 2, 2}, []float32{1, 2, 3, 4}), // [in, out]
		safetensors.F32("batch_normalization.beta", []int{2}, []float32{5, 6}),
		safetensors.F32("batch_normalization.moving_mean", []int{2}, []float32{7, 8}),
		safetensors.F32("batch_normalization.moving_variance", []int{2}, []float32{9, 10}),
		safetensors.F32("dense.kernel", []int{4, 1}, []float32{11, 12, 13, 14}), // rows: two pixels of two channels
		safetensors.F32("dense.bias", []int{1}, []float32{15}),
	}}
	path := filepath.Join(t.TempDir(), "x.safetensors")
	if _, err := Write(t.Context(), "safetensors-torch", path, tr.in); err != nil {
		t.Fatal(err)
	}
	f, err := safetensors.Read(path)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"0.weight": "[2 2 1 1] [1 3 2 4]", "1.weight": "[2] [1 1]", "1.bias": "[2] [5 6]", "1.running_mean": "[2] [7 8]", "1.running_var": "[2] [9 10]",
		"3.weight": "[1 4] [11 13 12 14]", "3.bias": "[1] [15]",
	}
	for name, text := range want {
		x, ok := f.Lookup(name)
		if !ok {
			t.Errorf("there is no %s", name)
			continue
		}
		values, err := x.Float32s()
		if got := fmt.Sprint(x.Shape, values); err != nil || got != text {
			t.Errorf("%s is %s, want %s", name, got, text)
		}
	}
	if n, ok := f.Lookup("1.num_batches_tracked"); !ok || n.DType != safetensors.Int64 || len(n.Shape) != 0 || len(f.Tensors) != len(want)+1 {
		t.Errorf("%d tensors, num_batches_tracked %v", len(f.Tensors), n)
	}
	if f.Metadata["format"] != "pt" {
		t.Errorf("the format is %q", f.Metadata["format"])
	}
}
