package export

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cnnbench/nn"
)

// node runs a script of testdata where npm installed @tensorflow/tfjs: in the folder that CNNBENCH_NODE names, or here.
func node(t *testing.T, script string) client {
	t.Helper()
	const env = "CNNBENCH_NODE"
	return find(t, client{program: "node", script: script, dir: os.Getenv(env)}, env, "-e", "require.resolve('@tensorflow/tfjs', {paths: [process.cwd()]})")
}

func TestTFJSClients(t *testing.T) {
	c := node(t, "tfjs_client.js")
	dir := t.TempDir()
	var jobs []job
	refused := map[string]int{}
	for _, tr := range append(append(variants(t), chains(t)...), presets(t)...) {
		path := filepath.Join(dir, fmt.Sprint(len(jobs)))
		if _, err := Write(t.Context(), "tfjs", path, tr.in); err != nil {
			_, reason, ok := strings.Cut(err.Error(), "cannot say the activation ")
			if !ok {
				t.Errorf("%s: %v", tr.name, err)
			}
			refused[reason]++
			continue
		}
		shape := func(s nn.Shape) []int { return append([]int{trialRows}, s...) }
		jobs = append(jobs, job{Name: tr.name, Path: path, More: map[string]any{
			"x": tr.x, "y": tr.y, "shape": shape(tr.xs), "out": shape(tr.ys)}})
	}
	agree(t, jobs, c.run(t, jobs))
	t.Logf("what TensorFlow.js cannot say: %v", refused)
}

func TestTFJSRefused(t *testing.T) {
	for layers, want := range map[string]string{
		"    - dense: {units: 2, activation: {elu: {alpha: 0.5}}}":                                         "layer dense (dense): TensorFlow.js cannot say the activation elu with alpha 0.5, only with 1",
		"    - dense: {units: 2, activation: {gelu: {approximate: true}}}":                                 "layer dense (dense): TensorFlow.js cannot say the activation gelu with approximate: true",
		"    - reshape: {target_shape: [2, 2]}\n    - lstm: {units: 2, activation: leaky_relu, name: own}": "layer own (lstm): TensorFlow.js cannot say the activation leaky_relu inside a recurrent layer",
	} {
		tr := alone(t, "refused", nn.Shape{4}, model(t, layers)...)
		path := filepath.Join(t.TempDir(), "m")
		if _, err := Write(t.Context(), "tfjs", path, tr.in); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", layers, err, want)
		}
		if _, err := os.Stat(path); err == nil {
			t.Errorf("%s: a folder was left", layers)
		}
	}
}

func TestTFJSModel(t *testing.T) {
	tr := alone(t, "model", nn.Shape{4, 4, 1}, model(t, `
    - conv2d: {filters: 2, kernel_size: 3, activation: leaky_relu, kernel_regularizer: {l2: 0.1}}
    - global_max_pooling2d: {keepdims: true}
    - flatten
    - dense: {units: 3, name: a/b}`)...)
	tr.in.Classes = []string{"a", "b", "c"}
	dir := filepath.Join(t.TempDir(), "m")
	if _, err := Write(t.Context(), "tfjs", dir, tr.in); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, tfjsModel))
	if err != nil {
		t.Fatal(err)
	}
	var m struct {
		Format        string
		ModelTopology struct {
			Model struct {
				Config struct {
					Layers []struct {
						Class  string `json:"class_name"`
						Config struct {
							Name       string
							Activation string
							BatchInput []*int         `json:"batch_input_shape"`
							L2         map[string]any `json:"kernel_regularizer"`
						}
					}
				}
			} `json:"model_config"`
		}
		WeightsManifest []struct {
			Paths   []string
			Weights []struct {
				Name  string
				Shape []int
			}
		}
		Metadata struct {
			Classes []string `json:"class_names"`
		} `json:"userDefinedMetadata"`
	}
	if err := json.Unmarshal(text, &m); err != nil {
		t.Fatal(err)
	}
	var layers, weights []string
	for _, l := range m.ModelTopology.Model.Config.Layers {
		layers = append(layers, l.Class+" "+l.Config.Name)
	}
	size := 0
	for _, w := range m.WeightsManifest[0].Weights {
		weights = append(weights, fmt.Sprint(w.Name, w.Shape))
		size += 4 * nn.Shape(w.Shape).Size()
	}
	if got, want := strings.Join(layers, ", "), "InputLayer input, Conv2D conv2d, LeakyReLU conv2d_activation, GlobalMaxPooling2D global_max_pooling2d, Reshape global_max_pooling2d_keepdims, Flatten flatten, Dense a_b"; got != want {
		t.Errorf("layers %s, want %s", got, want)
	}
	if got, want := strings.Join(weights, ", "), "conv2d/kernel[3 3 1 2], conv2d/bias[2], a_b/kernel[2 3], a_b/bias[3]"; got != want {
		t.Errorf("weights %s, want %s", got, want)
	}
	if in := m.ModelTopology.Model.Config.Layers[0].Config.BatchInput; len(in) != 4 || in[0] != nil || *in[1] != 4 {
		t.Errorf("the input is %v", in)
	}
	if l := m.ModelTopology.Model.Config.Layers[1].Config; l.Activation != "linear" || l.L2["class_name"] != "L1L2" {
		t.Errorf("the convolution is %+v", l)
	}
	st, err := os.Stat(filepath.Join(dir, m.WeightsManifest[0].Paths[0]))
	if err != nil || st.Size() != int64(size) || m.Format != "layers-model" || len(m.Metadata.Classes) != 3 {
		t.Errorf("%v, %d bytes of weights, format %q, classes %v", err, size, m.Format, m.Metadata.Classes)
	}
}
