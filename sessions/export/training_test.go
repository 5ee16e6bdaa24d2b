package export

import (
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"cnnbench/nn/train"
	"cnnbench/sessions"
)

// hostile is a name that breaks what does not escape it; as that of a folder it is a class.
const hostile = `<script>&"'{{.}}]]>`

// trainedSession is a session of 3 epochs on pictures whose classes have hostile names.
func trainedSession(t *testing.T, set ...string) *sessions.Session {
	t.Helper()
	dir := t.TempDir()
	for k, class := range []string{hostile, "plain"} {
		folder := filepath.Join(dir, "pictures", class)
		if err := os.MkdirAll(folder, 0o755); err != nil {
			t.Skipf("this system has no such folders: %v", err)
		}
		for i := range 12 {
			m := image.NewGray(image.Rect(0, 0, 8, 8))
			for p := range m.Pix {
				m.Pix[p] = uint8((p*(k+2)*7 + i*31) % 256)
			}
			m.SetGray(i%8, k, color.Gray{Y: 255})
			f, err := os.Create(filepath.Join(folder, fmt.Sprintf("%d.png", i)))
			if err != nil {
				t.Fatal(err)
			}
			if err := png.Encode(f, m); err != nil || f.Close() != nil {
				t.Fatal(err)
			}
		}
	}
	e, err := sessions.ParseExperiment("x.yaml", []byte(`name: 'x <b>&amp;"'
seed: 1
data:
  source: pictures
  split: {validation: 0.25, test: 0.25}
  rescale: 0.00392156862745098
model:
  layers:
    - conv2d: {filters: 3, kernel_size: 3, activation: relu}
    - batch_normalization: {}
    - flatten: {}
    - dense: {units: 2, activation: softmax}
compile: {optimizer: adam}
fit: {epochs: 3, batch_size: 4}
`), set...)
	if err != nil {
		t.Fatal(err)
	}
	p, err := sessions.Prepare(e, dir)
	if err != nil {
		t.Fatal(err)
	}
	store := &sessions.Store{Home: t.TempDir()}
	run, err := store.Start(t.Context(), p, sessions.RunOptions{Name: "run-1"})
	if err != nil {
		t.Fatal(err)
	}
	<-run.Done()
	if err := run.Err(); err != nil {
		t.Fatal(err)
	}
	s, err := store.Open("run-1")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func from(t *testing.T, s *sessions.Session) *Input {
	t.Helper()
	in, err := From(s)
	if err != nil {
		t.Fatal(err)
	}
	return in
}

// exported is what a format of one file writes; the second time it must be the same bytes.
func exported(t *testing.T, format string, in *Input) []byte {
	t.Helper()
	var texts [2]string
	for i := range texts {
		path := filepath.Join(t.TempDir(), "out")
		if _, err := Write(t.Context(), format, path, in); err != nil {
			t.Fatalf("%s: %v", format, err)
		}
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		texts[i] = string(text)
	}
	if texts[0] != texts[1] {
		t.Errorf("%s: the same input gives other bytes", format)
	}
	return []byte(texts[0])
}

// told is a training of which only the history is known.
func told(t *testing.T, history ...train.Epoch) *Input {
	t.Helper()
	e, err := sessions.Preset("lecture-linear")
	if err != nil {
		t.Fatal(err)
	}
	for i := range history {
		history[i].Epoch = i + 1
	}
	s := &sessions.Session{Info: sessions.Info{Name: "told", Header: sessions.Header{Monitor: "loss"}}, Experiment: e, History: history}
	return &Input{Session: "told", Experiment: e, History: history, Stored: s}
}

func epochOf(values ...train.Value) train.Epoch {
	return train.Epoch{Logs: values, LearningRate: 0.01, Total: 1}
}
