package export

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cnnbench/dataset/npy"
	"cnnbench/nn/train"
	"cnnbench/sessions"
	"cnnbench/sessions/safetensors"
)

// input is a session of two epochs with two weights.
func input(t *testing.T) *Input {
	t.Helper()
	e, err := sessions.Preset("lecture-linear")
	if err != nil {
		t.Fatal(err)
	}
	return &Input{Session: "s", Experiment: e, Classes: []string{"cat", "dog \"x\""}, History: []train.Epoch{
		{Epoch: 1, Logs: []train.Value{{Name: "accuracy", Value: .5}, {Name: "loss", Value: 1}}},
		{Epoch: 2, Logs: []train.Value{{Name: "accuracy", Value: 1. / 3}, {Name: "loss", Value: math.NaN()}, {Name: "val_loss", Value: 5.1598e-05}}, LearningRate: .25, ShowRate: true},
	}, Weights: &sessions.Weights{Epoch: 2, Step: 9, Tensors: []safetensors.Tensor{
		safetensors.F32("dense.kernel", []int{1, 2}, []float32{1.5, float32(math.Inf(-1))}), safetensors.F32("dense.bias", []int{2}, []float32{0, 1e-40}),
	}}}
}

func write(t *testing.T, format string) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "out")
	if err := os.WriteFile(path, bytes.Repeat([]byte("old"), 10_000), 0o644); err != nil {
		t.Fatal(err)
	}
	size, err := Write(t.Context(), format, path, input(t))
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil || int64(len(text)) != size {
		t.Fatalf("%d bytes, said to be %d, %v", len(text), size, err)
	}
	return text
}

func TestCSV(t *testing.T) {
	const want = "epoch,accuracy,learning_rate,loss,val_loss\r\n0,0.5,NA,1.0,NA\r\n1,0.3333333333333333,0.25,nan,5.1598e-05\r\n"
	if got := string(write(t, "csv")); got != want {
		t.Errorf("wrote\n%s\nwant\n%s", got, want)
	}
}

// TestCSVIsKeras holds the bytes to files that the CSVLogger of Keras 3.15.1 wrote of these figures, without validation and
// a callback that moves the rate, and with validation.
func TestCSVIsKeras(t *testing.T) {
	moved := func(epoch int, accuracy, loss float64) train.Epoch {
		return train.Epoch{Epoch: epoch, Logs: []train.Value{{Name: "accuracy", Value: accuracy}, {Name: "loss", Value: loss}}, LearningRate: float64(float32(0.001)), ShowRate: true}
	}
	validated := func(epoch int, accuracy, loss, valLoss float64) train.Epoch {
		return train.Epoch{Epoch: epoch, Logs: []train.Value{{Name: "accuracy", Value: accuracy}, {Name: "loss", Value: loss}, {Name: "val_accuracy", Value: 1}, {Name: "val_loss", Value: valLoss}}}
	}
	for _, c := range []struct {
		history []train.Epoch
		want    string
	}{
		{[]train.Epoch{moved(1, 0.6000000238418579, 0.8433534502983093), moved(2, 0.6499999761581421, 0.7894459962844849), moved(3, 0.6499999761581421, 0.7471309900283813)},
			"epoch,accuracy,learning_rate,loss,val_accuracy,val_learning_rate,val_loss\r\n0,0.6000000238418579,0.0010000000474974513,0.8433534502983093,NA,NA,NA\r\n" +
				"1,0.6499999761581421,0.0010000000474974513,0.7894459962844849,NA,NA,NA\r\n2,0.6499999761581421,0.0010000000474974513,0.7471309900283813,NA,NA,NA\r\n"},
		{[]train.Epoch{validated(1, 0.5, 0.9924861192703247, 0.47645097970962524), validated(2, 0.5625, 0.9194309115409851, 0.47406700253486633)},
			"epoch,accuracy,loss,val_accuracy,val_loss\r\n0,0.5,0.9924861192703247,1.0,0.47645097970962524\r\n1,0.5625,0.9194309115409851,1.0,0.47406700253486633\r\n"},
	} {
		var b bytes.Buffer
		if err := writeCSV(t.Context(), &b, &Input{History: c.history}); err != nil || b.String() != c.want {
			t.Errorf("%v, wrote\n%s\nwant\n%s", err, b.String(), c.want)
		}
	}
}

// The words are what Python's repr gives.
func TestPythonFloat(t *testing.T) {
	for f, want := range map[float64]string{0: "0.0", 1: "1.0", -2.5: "-2.5", 1e16: "1e+16", 1e15: "1000000000000000.0", 1e-4: "0.0001", 9.9e-5: "9.9e-05",
		123456789.125: "123456789.125", math.Inf(1): "inf", math.Inf(-1): "-inf", 5e-324: "5e-324"} {
		if got := pythonFloat(f); got != want {
			t.Errorf("%v is %s, want %s", f, got, want)
		}
	}
}

func TestSafetensors(t *testing.T) {
	text := write(t, "safetensors")
	f, err := safetensors.Decode(text)
	if err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]string{"class_names": `["cat","dog \"x\""]`, "session": "s", "epoch": "2", "step": "9", "layout": "keras-HWIO", "format": "cnnbench"} {
		if f.Metadata[key] != want {
			t.Errorf("%s is %q", key, f.Metadata[key])
		}
	}
	if _, err := sessions.ParseExperiment("", []byte(f.Metadata["experiment"])); err != nil {
		t.Error(err)
	}
	k, _ := f.Lookup("dense.kernel")
	if v, err := k.Float32s(); err != nil || v[0] != 1.5 || !math.IsInf(float64(v[1]), -1) {
		t.Errorf("the kernel is %v, %v", v, err)
	}
	if !bytes.Equal(text, write(t, "safetensors")) {
		t.Error("the same input gives other bytes")
	}
}

func TestNPZ(t *testing.T) {
	text := write(t, "npz")
	arrays, err := npy.DecodeZip(bytes.NewReader(text), int64(len(text)), 1<<20)
	if err != nil || len(arrays) != 2 {
		t.Fatal(arrays, err)
	}
	b, _ := arrays.Lookup("dense.bias")
	if v, err := b.Float32s(); err != nil || len(b.Shape) != 1 || v[1] != 1e-40 {
		t.Errorf("the bias is %v, %v", v, err)
	}
	if !bytes.Equal(text, write(t, "npz")) {
		t.Error("the same input gives other bytes")
	}
}

func TestRefused(t *testing.T) {
	in := input(t)
	dir := t.TempDir()
	if _, err := Write(t.Context(), "docx", filepath.Join(dir, "x"), in); err == nil || !strings.Contains(err.Error(), "needs one of csv, ") {
		t.Errorf("an unknown format gives %v", err)
	}
	if _, err := Write(t.Context(), "csv", dir, in); err == nil || !strings.Contains(err.Error(), "folder") {
		t.Errorf("a folder gives %v", err)
	}
	in.Weights = nil
	if _, err := Write(t.Context(), "npz", filepath.Join(dir, "x"), in); err == nil {
		t.Error("no weights were exported")
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 0 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
	for _, f := range Formats() {
		if f.Extension == "" || f.Doc == "" {
			t.Errorf("%+v says too little", f)
		}
	}
}
