package export

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"cnnbench/nn/train"
	"cnnbench/sessions"
	"cnnbench/sessions/tfevents/eventtest"
)

// logFolder is what the export writes, by the files' paths.
func logFolder(t *testing.T, in *Input) map[string][]byte {
	t.Helper()
	set := &Set{Base: "log"}
	if err := writeTensorBoard(t.Context(), set, in); err != nil {
		t.Fatal(err)
	}
	out := map[string][]byte{}
	for _, f := range set.files {
		out[f.name] = f.data
	}
	return out
}

func TestTensorBoard(t *testing.T) {
	s := trainedSession(t)
	in := from(t, s)
	files := logFolder(t, in)
	name := fmt.Sprintf("/events.out.tfevents.%d.cnnbench.v2", s.Created.Unix())
	if len(files) != 2 {
		t.Fatalf("there are %d files", len(files))
	}
	var tags []string
	for _, v := range eventtest.Read(t, files["train"+name]) {
		tags = append(tags, fmt.Sprintf("%d %s", v.Step, v.Tag))
		switch v.Tag {
		case "epoch_loss":
			e := s.History[v.Step]
			want, _ := e.Log("loss")
			if at := float64(s.Created.UnixMicro())/1e6 + e.Total; v.Floats[0] != float64(float32(want)) || math.Abs(v.Time-at) > 1e-3 {
				t.Errorf("the loss of epoch %d is %v at %v, want %v at %v", e.Epoch, v.Floats[0], v.Time, want, at)
			}
		case "sequential/dense/bias/histogram":
			w, err := s.Weights(sessions.AtEpoch(int(v.Step) + 1))
			if err != nil {
				t.Fatal(err)
			}
			f := w.File(s.Experiment)
			bias, _ := f.Lookup("dense.bias")
			values, _ := bias.Float32s()
			if lo, hi := v.Floats[0], v.Floats[3*29+1]; lo != float64(slices.Min(values)) || hi != float64(slices.Max(values)) {
				t.Errorf("the biases of step %d are from %v to %v, want those of %v", v.Step, lo, hi, values)
			}
		case "experiment":
			if !strings.Contains(v.Strings[0], "\n      source: ") {
				t.Errorf("the experiment is %q", v.Strings[0])
			}
		}
	}
	for _, want := range []string{"0 experiment", "0 epoch_loss", "2 epoch_accuracy", "1 epoch_learning_rate", "0 sequential/conv2d/kernel/histogram",
		"2 sequential/batch_normalization/moving_mean/histogram", "2 sequential/conv2d/kernel/image"} {
		if !slices.Contains(tags, want) {
			t.Errorf("%q is not among %q", want, tags)
		}
	}
	tags = nil
	for _, v := range eventtest.Read(t, files["validation"+name]) {
		tags = append(tags, fmt.Sprintf("%d %s", v.Step, v.Tag))
	}
	if !slices.Contains(tags, "2 epoch_loss") || !slices.Contains(tags, fmt.Sprintf("%d evaluation_loss_vs_iterations", s.History[0].Step)) {
		t.Errorf("the validation has %q", tags)
	}
	for file, data := range logFolder(t, in) {
		if !bytes.Equal(data, files[file]) {
			t.Errorf("%s has other bytes the second time", file)
		}
	}
	// Onto the disk, twice to the same place.
	path := filepath.Join(t.TempDir(), "log")
	for range 2 {
		if size, err := Write(t.Context(), "tensorboard", path, in); err != nil || size != int64(len(files["train"+name])+len(files["validation"+name])) {
			t.Fatalf("%d bytes, %v", size, err)
		}
	}
	if text, err := os.ReadFile(filepath.Join(path, "train"+name)); err != nil || !bytes.Equal(text, files["train"+name]) {
		t.Error(err)
	}
}

// An epoch whose weights the session does not keep has its figures all the same, and where they are damaged that is said.
func TestTensorBoardWithoutSomeWeights(t *testing.T) {
	s := trainedSession(t)
	in := from(t, s)
	in.History = append(in.History, train.Epoch{Epoch: 4, Step: 12, Logs: []train.Value{{Name: "loss", Value: 1}}})
	steps := func() map[string][]int64 {
		out := map[string][]int64{}
		for name, data := range logFolder(t, in) {
			for _, v := range eventtest.Read(t, data) {
				if strings.HasPrefix(name, "train/") {
					out[v.Tag] = append(out[v.Tag], v.Step)
				}
			}
		}
		return out
	}
	const histogram = "sequential/dense/kernel/histogram"
	if got := steps(); !slices.Equal(got["epoch_loss"], []int64{0, 1, 2, 3}) || !slices.Equal(got[histogram], []int64{0, 1, 2}) || got["left_out"] != nil {
		t.Errorf("the losses are of %v, the histograms of %v, left out are %v", got["epoch_loss"], got[histogram], got["left_out"])
	}
	for _, file := range weightsFiles(t, s) {
		if err := os.WriteFile(file, []byte("damaged"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got := steps(); !slices.Equal(got["epoch_loss"], []int64{0, 1, 2, 3}) || got[histogram] != nil || !slices.Equal(got["left_out"], []int64{0, 1, 2}) {
		t.Errorf("damaged: the losses are of %v, the histograms of %v, left out are %v", got["epoch_loss"], got[histogram], got["left_out"])
	}
}

// weightsFiles are all files of a session with weights.
func weightsFiles(t *testing.T, s *sessions.Session) []string {
	t.Helper()
	var files []string
	err := filepath.WalkDir(s.Dir, func(path string, _ os.DirEntry, err error) error {
		if strings.HasSuffix(path, ".safetensors") {
			files = append(files, path)
		}
		return err
	})
	if err != nil || len(files) == 0 {
		t.Fatalf("the session has %d files with weights, %v", len(files), err)
	}
	return files
}

// seen is a value as TensorBoard's reader gives it.
type seen struct {
	Step   int64
	Time   float64
	Values []float64
	Text   string
}

// TestTensorBoardReadsIt lets TensorBoard's own reader read an export and a log that was written while training, and
// compares every value.
func TestTensorBoardReadsIt(t *testing.T) {
	c := python(t, "tensorboard_client.py", "numpy", "tensorboard.backend.event_processing.event_accumulator")
	exported, live := filepath.Join(t.TempDir(), "exported"), filepath.Join(t.TempDir(), "live")
	s := trainedSession(t, fmt.Sprintf("fit.callbacks=[tensorboard: {log_dir: '%s', histogram_freq: 1, write_images: true, update_freq: batch}]", live))
	if _, err := Write(t.Context(), "tensorboard", exported, from(t, s)); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{exported, live} {
		cmd := exec.Command(c.program, c.script, dir)
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("%v\n%s", err, stderr.Bytes())
		}
		var runs map[string]map[string][]seen
		if err := json.Unmarshal(out, &runs); err != nil {
			t.Fatalf("%v: %.300s", err, out)
		}
		for _, run := range []string{"train", "validation"} {
			files, err := filepath.Glob(filepath.Join(dir, run, "*"))
			if err != nil || len(files) != 1 {
				t.Fatalf("%s has %q, %v", run, files, err)
			}
			data, err := os.ReadFile(files[0])
			if err != nil {
				t.Fatal(err)
			}
			agreeOnLog(t, run, runs[run], eventtest.Read(t, data))
		}
	}
}

// agreeOnLog compares what was read of a run with what was written.
func agreeOnLog(t *testing.T, run string, tags map[string][]seen, wrote []eventtest.Value) {
	t.Helper()
	read := 0
	for _, series := range tags {
		read += len(series)
	}
	if read != len(wrote) || read == 0 {
		t.Errorf("%s: TensorBoard read %d values of %d", run, read, len(wrote))
	}
	for _, v := range wrote {
		at := slices.IndexFunc(tags[v.Tag], func(x seen) bool { return x.Step == v.Step })
		if at < 0 {
			t.Errorf("%s: TensorBoard found no %s of step %d", run, v.Tag, v.Step)
			continue
		}
		x := tags[v.Tag][at]
		same := false
		switch v.Plugin {
		case "images": // read is the size in the picture itself
			same = fmt.Sprintf("%.0f %.0f", x.Values[0], x.Values[1]) == v.Strings[0]+" "+v.Strings[1]
		case "text":
			same = x.Text == v.Strings[0]
		default:
			same = slices.Equal(x.Values, v.Floats)
		}
		if !same || x.Time != v.Time {
			t.Errorf("%s: %s of step %d is %+v, want %+v", run, v.Tag, v.Step, x, v)
		}
	}
}
