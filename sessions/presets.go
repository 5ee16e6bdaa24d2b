package sessions

import (
	"fmt"
	"strings"

	"cnnbench/assets"
)

// presets are the experiments that come along, in the order of menus: the lecture's, then from small to large.
var presets = []string{"lecture-cnn", "lecture-shapes", "lecture-plain", "lecture-augmented", "lecture-mlp", "lecture-lstm", "lecture-linear",
	"lenet5", "keras-mnist", "fashion", "pictures", "vgg-small", "bn-net", "mlp", "lstm-rows"}

// PresetInfo says what a preset is in one line.
type PresetInfo struct{ Name, Doc string }

// Presets lists the experiments that come along.
func Presets() []PresetInfo {
	out := make([]PresetInfo, len(presets))
	for i, name := range presets {
		doc, _, _ := strings.Cut(string(presetText(name)), "\n")
		out[i] = PresetInfo{Name: name, Doc: strings.TrimPrefix(doc, "# ")}
	}
	return out
}

// IsPreset reports whether an experiment of that name comes along.
func IsPreset(name string) bool {
	_, err := PresetText(name)
	return err == nil
}

// PresetText is the file of a preset, with its comments.
func PresetText(name string) ([]byte, error) {
	for _, p := range presets {
		if p == name {
			return presetText(name), nil
		}
	}
	return nil, fmt.Errorf("there is no preset %q; there are %s", name, strings.Join(presets, ", "))
}

func presetText(name string) []byte {
	text, err := assets.Presets.ReadFile("presets/" + name + ".yaml")
	if err != nil {
		panic("sessions: a preset has no file")
	}
	return text
}

// Preset reads a preset; each of set, "path=value", is put in its place first.
func Preset(name string, set ...string) (*Experiment, error) {
	text, err := PresetText(name)
	if err != nil {
		return nil, err
	}
	return ParseExperiment("preset "+name, text, set...)
}
