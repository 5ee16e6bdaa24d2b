package tensorboard

import (
	"bytes"
	"image/png"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"cnnbench/nn/train"
	"cnnbench/sessions/tfevents/eventtest"
)

// kerasTrain and kerasValidation are the steps and tags that Keras 3.15's callback wrote with TensorFlow 2.21, of a
// Sequential of Conv2D, BatchNormalization, Flatten and Dense: 2 epochs of 4 steps, histogram_freq=2, update_freq=2.
// Its pictures, and its order of weights and figures within an event, are left out.
const (
	kerasTrain = `2 batch_accuracy scalars
2 batch_loss scalars
4 batch_accuracy scalars
4 batch_loss scalars
0 epoch_accuracy scalars
0 epoch_loss scalars
0 epoch_learning_rate scalars
0 sequential/conv2d/kernel/histogram histograms
0 sequential/conv2d/bias/histogram histograms
0 sequential/batch_normalization/gamma/histogram histograms
0 sequential/batch_normalization/beta/histogram histograms
0 sequential/batch_normalization/moving_mean/histogram histograms
0 sequential/batch_normalization/moving_variance/histogram histograms
0 sequential/dense/kernel/histogram histograms
0 sequential/dense/bias/histogram histograms
6 batch_accuracy scalars
6 batch_loss scalars
8 batch_accuracy scalars
8 batch_loss scalars
1 epoch_accuracy scalars
1 epoch_loss scalars
1 epoch_learning_rate scalars`
	kerasValidation = `4 evaluation_accuracy_vs_iterations scalars
4 evaluation_loss_vs_iterations scalars
0 epoch_accuracy scalars
0 epoch_loss scalars
8 evaluation_accuracy_vs_iterations scalars
8 evaluation_loss_vs_iterations scalars
1 epoch_accuracy scalars
1 epoch_loss scalars`
)

var start = time.Unix(1_700_000_000, 500_000_000)

func read(t *testing.T, records []byte) []eventtest.Value {
	t.Helper()
	return eventtest.Read(t, append(Head(start), records...))
}

func TestTagsAreKeras(t *testing.T) {
	var weights []Tensor
	for _, name := range strings.Fields("conv2d.kernel conv2d.bias batch_normalization.gamma batch_normalization.beta batch_normalization.moving_mean batch_normalization.moving_variance dense.kernel dense.bias") {
		weights = append(weights, Tensor{name, []int{2}, []float32{1, 2}})
	}
	var l Log
	for epoch := 1; epoch <= 2; epoch++ {
		for step := int64(4*epoch - 3); step <= int64(4*epoch); step++ {
			if step%2 == 0 {
				l.Batch(start, step, []train.Value{{Name: "accuracy", Value: 0.5}, {Name: "loss", Value: float64(step)}})
			}
		}
		l.Epoch(start.Add(time.Second), &train.Epoch{Epoch: epoch, Step: int64(4 * epoch), Logs: []train.Value{{Name: "accuracy", Value: 0.25},
			{Name: "loss", Value: 2}, {Name: "val_accuracy", Value: 0.75}, {Name: "val_loss", Value: 3}}}, 0.125)
		if epoch == 1 {
			l.Histograms(start, epoch, weights)
		}
	}
	values := map[string]float64{}
	for _, run := range []struct {
		name    string
		records []byte
		want    string
	}{{"train", l.Train, kerasTrain}, {"validation", l.Validation, kerasValidation}} {
		var got []string
		for _, v := range read(t, run.records) {
			got = append(got, strings.Join([]string{strconv.FormatInt(v.Step, 10), v.Tag, v.Plugin}, " "))
			values[run.name+" "+v.Tag] = v.Floats[0]
		}
		if want := strings.Split(run.want, "\n"); !slices.Equal(got, want) {
			t.Errorf("%s has\n%s\nwant\n%s", run.name, strings.Join(got, "\n"), run.want)
		}
	}
	for tag, want := range map[string]float64{"train batch_loss": 8, "train epoch_loss": 2, "train epoch_learning_rate": 0.125, "validation epoch_loss": 3,
		"validation evaluation_accuracy_vs_iterations": 0.75} {
		if values[tag] != want {
			t.Errorf("%s is %v, want %v", tag, values[tag], want)
		}
	}
	if at := read(t, l.Train)[4].Time; at != 1_700_000_001.5 {
		t.Errorf("the first epoch ended at %v", at)
	}
}

// A layer of a name with dots keeps them.
func TestFiltersAreThoseOfTheFirstConvolution(t *testing.T) {
	var l Log
	kernel := []float32{0, 1, -1, 0.5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}
	weights := []Tensor{{"dense.kernel", []int{1, 2}, []float32{1, 2}}, {"my.layer.kernel", []int{3, 3, 1, 2}, kernel}, {"conv2d.kernel", []int{1, 1, 1, 1}, []float32{1}}}
	if err := l.Filters(start, 3, weights); err != nil {
		t.Fatal(err)
	}
	got := read(t, l.Train)
	if len(got) != 1 || got[0].Step != 2 || got[0].Tag != "sequential/my.layer/kernel/image" || got[0].Plugin != "images" {
		t.Fatalf("wrote %+v", got)
	}
	m, err := png.Decode(strings.NewReader(got[0].Strings[2]))
	if err != nil {
		t.Fatal(err)
	}
	if w, h := strconv.Itoa(m.Bounds().Dx()), strconv.Itoa(m.Bounds().Dy()); got[0].Strings[0] != w || got[0].Strings[1] != h {
		t.Errorf("the picture is %s x %s, said to be %v", w, h, got[0].Strings[:2])
	}
	before := len(l.Train)
	if err := l.Filters(start, 1, weights[:1]); err != nil || len(l.Train) != before {
		t.Errorf("a network without convolutions: %v, %d bytes", err, len(l.Train)-before)
	}
}

func TestSameInputSameBytes(t *testing.T) {
	log := func() []byte {
		var l Log
		l.Text(start, 1, "experiment", "a")
		l.Batch(start, 1, []train.Value{{Name: "loss", Value: 1}})
		return append(Head(start), l.Train...)
	}
	if !bytes.Equal(log(), log()) {
		t.Error("the bytes differ")
	}
	if got := FileName(start, "cnnbench.0"); got != "events.out.tfevents.1700000000.cnnbench.0.v2" {
		t.Errorf("the file is called %s", got)
	}
}
