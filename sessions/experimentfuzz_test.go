package sessions

import (
	"bytes"
	"errors"
	"strings"
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
	f.Add([]byte("[a]"), "data.classe\x10\x001]=x")
	f.Add([]byte("--- {}\n---\n[[[[[[[["), "=")
	f.Fuzz(func(t *testing.T, text []byte, set string) {
		if len(set) > 300 {
			t.Skip("a command line is the person's own, and messages repeat it")
		}
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

// An experiment may be as long as its file, which is not to be what checking it takes.
func TestHostileExperiments(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"layers":        {"data: {source: a}\nmodel: {input: [8], layers: [" + strings.Repeat("flatten, ", 20_000) + "]}", "model.layers: found 20000 layers, needs at most 1000"},
		"depth":         {strings.Repeat("[", 20_000), "not valid YAML: exceeded max depth"},
		"aliases":       {"name: &a x\ndata: {source: *a}", "anchors and aliases are not read here"},
		"a long key":    {"? " + strings.Repeat("k", 1<<20) + "\n: 1", "unknown key \"kkkk"},
		"a long layer":  {"data: {source: a}\nmodel: {layers: [\"" + strings.Repeat("k", 1<<20) + "\"]}", "unknown layer \"kkkk"},
		"letters":       {"\"\\e[2J\\n\": 1", `unknown key "\x1b[2J\n"`},
		"large numbers": {"data: {source: a}\nmodel: {input: [4294967296, 4294967296, 4294967296], layers: [flatten, {dense: {units: 2}}]}", "model."},
	} {
		hostile.Within(t, 64<<20, func() {
			_, err := ParseExperiment("f.yaml", []byte(c.text))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s: %.300v, want %q", name, err, c.want)
			} else {
				hostile.Sentence(t, err)
			}
		})
	}
}
