package sessions

import (
	"bytes"
	"errors"
	"testing"

	"cnnbench/dataset/hostile"
	"cnnbench/spec"
)

// Whatever stands in an experiment's file, reading it ends with a sentence or with an experiment that is the same when
// it is written and read again, and that can be checked.
func FuzzExperiment(f *testing.F) {
	for _, p := range Presets() {
		f.Add(presetText(p.Name), "")
	}
	f.Add([]byte(`{"data": {"source": "a", "split": {"test": 0.2}}, "model": {"layers": ["flatten", {"dense": {"units": 1e3}}]}}`), "fit.epochs=5")
	f.Add([]byte("a: &a [1, 2]\nb: [*a, *a]\nc: {<<: *a}"), "data.classes[1]=x")
	f.Add([]byte("model: {layers: [conv2d: {filters: 1048576, kernel_size: [1048576, 1048576]}], input: [4294967296, 4294967296, 4294967296]}\ndata: {source: \x1b[2J}"), "model.layers[0].conv2d.filters=-1")
	f.Add([]byte("--- {}\n---\n[[[[[[[["), "=")
	f.Fuzz(func(t *testing.T, text []byte, set string) {
		var e *Experiment
		var err error
		hostile.Within(t, 4<<20+1<<12*(len(text)+len(set)), func() {
			if set == "" {
				e, err = ParseExperiment("an experiment.yaml", text)
			} else {
				e, err = ParseExperiment("an experiment.yaml", text, set)
			}
		})
		if err != nil {
			if se := (*spec.Error)(nil); !errors.As(err, &se) {
				t.Errorf("%T: %v", err, err)
			}
			hostile.Sentence(t, err)
			return
		}
		once := e.Encode()
		again, err := ParseExperiment("", once)
		if err != nil {
			t.Fatalf("%v\n%s", err, once)
		}
		if twice := again.Encode(); !bytes.Equal(twice, once) {
			t.Errorf("written again it is\n%s\nnot\n%s", twice, once)
		}
	})
}
