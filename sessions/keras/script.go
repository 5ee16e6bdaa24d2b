package keras

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"cnnbench/nn"
	"cnnbench/nn/optim"
	"cnnbench/nn/train"
	"cnnbench/sessions"
	"cnnbench/spec"

	"go.yaml.in/yaml/v3"
)

// Source is a model as lines of Python that make it with Keras 3.
type Source struct {
	Layers    []string // one expression each, the input first
	Loss      string
	Optimizer string
	Metrics   string
	Callbacks []string
	Scales    []string // factors of the learning rate by epoch, in terms of math, epoch and EPOCHS
	Stops     []string // pairs of a figure and the value below which training ends
}

// Script writes an experiment as Python. Only settings that are not Keras's defaults are written. in is the shape of a
// sample, where 0 stands for any length.
func Script(e *sessions.Experiment, in nn.Shape) (*Source, error) {
	s, err := nn.Summarize(e.Model.Layers, in)
	if err != nil {
		return nil, err
	}
	out := &Source{Loss: python(encodeLoss(e.Compile.Loss)), Optimizer: pythonOptimizer(e.Compile.Optimizer)}
	out.Layers = []string{fmt.Sprintf("keras.Input(shape=%s)", Python([]int(in), true))}
	for i, l := range e.Model.Layers {
		line, err := pythonLayer(l, s.Rows[i].Class)
		if err != nil {
			return nil, fmt.Errorf("layer %s (%s): %w", s.Rows[i].Name, s.Rows[i].Class, err)
		}
		out.Layers = append(out.Layers, line)
	}
	var metrics []string
	for _, m := range e.Compile.Metrics {
		metrics = append(metrics, quote(m.Name))
	}
	out.Metrics = "[" + strings.Join(metrics, ", ") + "]"
	for _, c := range e.Fit.Callbacks {
		if err := out.callback(c); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func pythonLayer(l nn.Layer, class string) (string, error) {
	all := settings(l)
	var args []string
	written := changed(l, nn.Layers.Must(l).New())
	for _, p := range all { // which some of Keras's layers have no default for
		if p.key == "pool_size" && !slices.ContainsFunc(written, func(q pair) bool { return q.key == p.key }) {
			written = append([]pair{p}, written...)
		}
	}
	for _, p := range written {
		if strings.HasSuffix(p.key, "activation") {
			a, err := pythonActivation(p.value)
			if err != nil {
				return "", err
			}
			args = append(args, p.key+"="+a)
			continue
		}
		v, err := encodeSetting(p, all)
		if err != nil {
			return "", err
		}
		args = append(args, p.key+"="+python(v))
	}
	return fmt.Sprintf("keras.layers.%s(%s)", class, strings.Join(args, ", ")), nil
}

// pythonActivation also says settings that Keras's files cannot.
func pythonActivation(n *yaml.Node) (string, error) {
	v, err := encodeActivation(n)
	if err == nil {
		return python(v), nil
	}
	kind, all, _ := whole(nn.Activations, n)
	args := []string{"keras.activations." + kind.Class}
	for _, p := range all {
		args = append(args, p.key+"="+python(value(p.value)))
	}
	return "functools.partial(" + strings.Join(args, ", ") + ")", nil
}

func pythonOptimizer(o optim.Optimizer) string {
	kind := optim.Family.Must(o)
	args := []string{"learning_rate=" + python(encodeRate(o))}
	for _, p := range changed(o, kind.New()) {
		if p.key != "learning_rate" {
			args = append(args, p.key+"="+python(value(p.value)))
		}
	}
	return fmt.Sprintf("keras.optimizers.%s(%s)", kind.Class, strings.Join(args, ", "))
}

// callback adds a callback. Those that Keras does not have are put together from what it has.
func (s *Source) callback(c train.Callback) error {
	kind := train.Callbacks.Must(c)
	switch c := c.(type) {
	case *train.Cosine:
		epochs := "EPOCHS"
		if c.Epochs != nil {
			epochs = strconv.Itoa(*c.Epochs)
		}
		s.Scales = append(s.Scales, fmt.Sprintf("%[1]s + (1 - %[1]s) * (1 + math.cos(math.pi * min(epoch, %[2]s) / %[2]s)) / 2", float(c.Alpha), epochs))
		return nil
	case *train.ExponentialDecay:
		s.Scales = append(s.Scales, fmt.Sprintf("%s ** epoch", float(c.Rate)))
		return nil
	case *train.StepDecay:
		s.Scales = append(s.Scales, fmt.Sprintf("%s ** (epoch // %d)", float(c.Drop), c.EpochsDrop))
		return nil
	case *train.WarmUp:
		s.Scales = append(s.Scales, fmt.Sprintf("min(epoch + 1, %[1]d) / %[1]d", c.Epochs))
		return nil
	case *train.StopBelow:
		s.Stops = append(s.Stops, fmt.Sprintf("(%s, %s)", quote(c.Monitor), float(c.Value)))
		return nil
	case *train.ModelCheckpoint:
		own := *c
		ending := ".keras"
		if own.SaveWeightsOnly {
			ending = ".weights.h5"
		}
		own.Filepath = strings.TrimSuffix(own.Filepath, ".safetensors") + ending
		s.Callbacks = append(s.Callbacks, call(kind, &own))
		return nil
	}
	switch kind.Class {
	case "EarlyStopping", "ReduceLROnPlateau", "TerminateOnNaN", "TensorBoard":
		s.Callbacks = append(s.Callbacks, call(kind, c))
		return nil
	}
	return fmt.Errorf("there is no callback %s in Keras; leave it out of the experiment to export it", kind.Name)
}

// call makes a callback with the settings that Keras itself does not have as defaults.
func call(kind spec.Kind, c any) string {
	var args []string
	for _, p := range settings(c) {
		if p.value.Tag != "!!null" && !(p.key == "raise_error" && p.value.Value == "false") { // which older releases do not know
			args = append(args, p.key+"="+python(value(p.value)))
		}
	}
	return fmt.Sprintf("keras.callbacks.%s(%s)", kind.Class, strings.Join(args, ", "))
}

// quote is a string in Python, which takes JSON's.
func quote(s string) string {
	b, err := plain(s)
	if err != nil {
		panic("keras: a text cannot be encoded")
	}
	return string(b)
}

// Python writes whole numbers as a tuple; where open is true, 0 is an axis of any length.
func Python(n []int, open bool) string {
	var b strings.Builder
	b.WriteByte('(')
	for _, d := range n {
		if d == 0 && open {
			b.WriteString("None, ")
		} else {
			fmt.Fprintf(&b, "%d, ", d)
		}
	}
	text := strings.TrimSuffix(b.String(), " ")
	if len(n) > 1 {
		text = strings.TrimSuffix(text, ",")
	}
	return text + ")"
}

// python writes what json.Marshal would as an expression; objects of Keras become calls.
func python(v any) string {
	switch v := v.(type) {
	case nil:
		return "None"
	case bool:
		if v {
			return "True"
		}
		return "False"
	case string:
		return quote(v)
	case int:
		return strconv.Itoa(v)
	case json.RawMessage:
		switch string(v) {
		case "true":
			return "True"
		case "false":
			return "False"
		}
		return string(v)
	case []any:
		parts := make([]string, len(v))
		for i, x := range v {
			parts[i] = python(x)
		}
		if len(parts) == 1 {
			return "(" + parts[0] + ",)"
		}
		return "(" + strings.Join(parts, ", ") + ")"
	case object:
		if len(v) < 3 || v[0].key != "module" {
			break
		}
		config, _ := v[2].value.(object)
		var args []string
		for _, m := range config {
			if m.value != nil {
				args = append(args, m.key+"="+python(m.value))
			}
		}
		return fmt.Sprintf("%v.%v(%s)", v[0].value, v[1].value, strings.Join(args, ", "))
	}
	panic("keras: a value that Python does not take")
}
