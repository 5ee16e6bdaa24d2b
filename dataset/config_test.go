package dataset

import (
	"reflect"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"cnnbench/spec"
)

func decode(text string) (Config, error) {
	d := &spec.Decoder{File: "e.yaml"}
	n, err := d.Parse([]byte(text))
	cfg := NewConfig()
	if err == nil {
		err = d.Decode(n, "data", &cfg)
	}
	return cfg, err
}

func TestDecodeEverything(t *testing.T) {
	cfg, err := decode(`
source: pictures/clothes
classes: [T-shirt, 7]
limit: 600
image: {size: [24, 32], color: rgb, interpolation: bilinear}
rescale: 1/255
split: {test: 0.2, validation: 40, shuffle: true, stratify: true, random_state: 42}
`)
	if err != nil {
		t.Fatal(err)
	}
	want := Config{
		Source: "pictures/clothes", Classes: []string{"T-shirt", "7"}, Limit: new(600), Rescale: new(1. / 255), Augment: NewConfig().Augment,
		Image: ImageConfig{Size: &spec.Pair{24, 32}, Color: new("rgb"), Interpolation: "bilinear"},
		Split: SplitConfig{Test: new(Amount(.2)), Validation: new(Amount(40)), Shuffle: true, Stratify: true, RandomState: new(42)},
	}
	if !reflect.DeepEqual(cfg, want) {
		t.Errorf("got %+v, want %+v", cfg, want)
	}
}

func TestDefaultsAndNulls(t *testing.T) {
	want := NewConfig()
	want.Source = "line"
	for _, text := range []string{
		"source: line",
		"{source: line, classes: null, limit: null, image: {size: null, color: null, interpolation: nearest}, rescale: null, split: {test: null, validation: null, shuffle: true, stratify: false, random_state: null}}",
	} {
		cfg, err := decode(text)
		if err != nil || !reflect.DeepEqual(cfg, want) {
			t.Errorf("%s: %+v, %v", text, cfg, err)
		}
	}
}

// What is written reads back as the same, and defaults are not written.
func TestRoundTrip(t *testing.T) {
	for _, text := range []string{
		"source: line\n",
		"source: 'a b: c.npz'\nlimit: 5\n",
		"source: x\nclasses: [a, \"1\"]\nimage:\n    size: 24\n    color: grayscale\nrescale: 0.5\nsplit:\n    test: 0\n    validation: 0.25\n    shuffle: false\n",
		"source: x\nsplit:\n    test: 100\n    random_state: 0\n",
	} {
		first, err := decode(text)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		defaults := NewConfig()
		out, err := yaml.Marshal(spec.Node(first, &defaults))
		if err != nil {
			t.Fatal(err)
		}
		second, err := decode(string(out))
		if err != nil || !reflect.DeepEqual(first, second) {
			t.Errorf("%s became %s: %v", text, out, err)
		}
		if n := strings.Count(string(out), ":"); n > strings.Count(text, ":") {
			t.Errorf("defaults were written: %s", out)
		}
	}
}

func TestDecodeRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"limit: 5":                                             "source is missing",
		"source: ''":                                           "name a built-in source or a path",
		"{source: a, column: y}":                               `unknown key "column"`,
		"{source: a, memory: 0}":                               "from 1 to 1048576",
		"{source: a, augment: {rotate: 4}}":                    `unknown key "rotate"`,
		"{source: a, augment: {shear_range: -1}}":              "a number of 0 or more",
		"{source: a, limit: 0}":                                "a whole number of 1 or more",
		"{source: a, classes: x}":                              "needs a list",
		"{source: a, classes: [x, x]}":                         `"x" stands there twice`,
		"{source: a, rescale: 0}":                              "would make all samples equal",
		"{source: a, rescale: .nan}":                           "needs a number",
		"{source: a, image: {size: 0}}":                        "a whole number of 1 or more",
		"{source: a, image: {color: grey}}":                    "one of rgb, grayscale",
		"{source: a, image: {interpolation: cubic}}":           "one of nearest, bilinear",
		"{source: a, split: {test: 1.0}}":                      "a share below 1",
		"{source: a, split: {test: -1}}":                       "a share below 1",
		"{source: a, split: {test: 1.5}}":                      "a share below 1",
		"{source: a, split: {test: .inf}}":                     "a share below 1",
		"{source: a, split: {test: half}}":                     `found "half"`,
		"{source: a, split: {test: [1]}}":                      "found a list",
		"{source: a, split: {test: 99999999999}}":              "a share below 1",
		"{source: a, split: {test: .6, validation: .4}}":       "nothing for training",
		"{source: a, split: {shuffle: false, stratify: true}}": "needs shuffle: true",
		"{source: a, split: {random_state: 4294967296}}":       "from 0 to 4294967295",
		"{source: a, split: {random_state: -1}}":               "from 0 to 4294967295",
	} {
		_, err := decode(text)
		if err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "e.yaml:1:") || !strings.Contains(err.Error(), "data") {
			t.Errorf("%s: error %v, want %q with file, line and path", text, err, want)
		}
	}
}

// A form needs a line on each setting.
func TestEverySettingIsDocumented(t *testing.T) {
	cfg := NewConfig()
	for _, v := range []any{&cfg, &cfg.Image, &cfg.Split, &cfg.Augment} {
		for _, f := range spec.Fields(v) {
			if f.Doc == "" {
				t.Errorf("%s has no doc", f.Key)
			}
		}
	}
	if err := spec.SetField(&cfg.Split, "test", "0.3"); err != nil || *cfg.Split.Test != .3 {
		t.Errorf("a form cannot set the test part: %v", err)
	}
	if err := spec.SetField(&cfg.Split, "test", "null"); err != nil || cfg.Split.Test != nil {
		t.Errorf("a form cannot take the test part back: %v", err)
	}
}
