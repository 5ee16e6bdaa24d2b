package optim

import (
	"encoding/json"
	"math"
	"testing"

	"cnnbench/nn/golden"
	"cnnbench/spec"
)

// decode reads an optimizer as an experiment file writes it.
func decode(text string) (Optimizer, error) {
	d := &spec.Decoder{File: "x.yaml"}
	n, err := d.Parse([]byte(text))
	if err != nil {
		return nil, err
	}
	var o Optimizer
	err = d.Decode(n, "optimizer", &o)
	return o, err
}

func must(t *testing.T, text string) Optimizer {
	t.Helper()
	o, err := decode(text)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// The files hold ten steps of Keras 3.15.1 and of NumPy in float64 (metadata "case"): of one parameter p, or of p and
// q, which the clippings treat apart or together.
func TestGoldens(t *testing.T) {
	golden.Each(t, "testdata/*.safetensors", 19, func(t *testing.T, f golden.File) {
		var c struct {
			Optimizer string
			Config    json.RawMessage
			Steps     int
		}
		f.Case(&c)
		o := must(t, `{`+c.Optimizer+`: `+string(c.Config)+`}`)
		var params []Param
		var grads, after [][]float32
		for _, name := range []string{"p", "q"} {
			if !f.Has(name) {
				continue
			}
			w, g := f.Floats(name), "grads"
			if f.Has(name + "_grads") {
				g = name + "_grads"
			}
			params = append(params, Param{Name: name, W: w, G: make([]float32, len(w))})
			grads = append(grads, f.Floats(g))
			after = append(after, f.Floats(name+"_after"))
		}
		s := New(o, params)
		for step := range c.Steps {
			for i, p := range params {
				copy(p.G, grads[i][step*len(p.G):])
			}
			s.Step()
		}
		for i, p := range params {
			if r := golden.Relative(p.W, after[i]); !(r <= 2e-6) {
				t.Errorf("%s differs by %.2g", p.Name, r)
			}
		}
		if s.Iterations() != int64(c.Steps) {
			t.Errorf("%d iterations", s.Iterations())
		}
	})
}

// One weight from 1 by the gradients .5, -.25, 1 with Keras's defaults; computed by Keras.
func TestKnownSteps(t *testing.T) {
	for text, want := range map[string][3]float64{
		"sgd":                                    {.995, .9975, .9875},
		"{sgd: {momentum: 0.9}}":                 {.995, .993, .9812},
		"{sgd: {momentum: 0.9, nesterov: true}}": {.9905, .9912, .97058},
		"adagrad":                                {.999154846, .999544095, .998702689},
		"rmsprop":                                {.996837729, .998312146, .995493567},
		"adam":                                   {.999000006, .998733671, .998075561},
		"{adamw: {weight_decay: 0}}":             {.999000006, .998733671, .998075561},
		"adadelta":                               {.999998586, .999999499, .999997579},
		"adamax":                                 {.999, .998789263, .998353839},
		"nadam":                                  {.998937212, .999329808, .998381926},
		"{sgd: {weight_decay: 0.1}}":             {1*(1-.001) - .005, .994*(1-.001) + .0025, (.994*(1-.001)+.0025)*(1-.001) - .01},
		"{sgd: {clipvalue: 0.3}}":                {.997, .9995, .9965},
		"{sgd: {clipnorm: 0.3}}":                 {.997, .9995, .9965},
		"{sgd: {global_clipnorm: 0.3}}":          {.997, .9995, .9965},
		"{sgd: {clipnorm: 0}}":                   {.995, .9975, .9875},
		"{sgd: {learning_rate: {piecewise_constant_decay: {boundaries: [0, 1], values: [0.1, 0.2, 0.3]}}}}": {.95, 1, .7},
	} {
		p := Param{Name: "w", W: []float32{1}, G: []float32{0}}
		s := New(must(t, text), []Param{p})
		for i, g := range []float32{.5, -.25, 1} {
			p.G[0] = g
			s.Step()
			if got := float64(p.W[0]); math.Abs(got-want[i]) > 1.2e-7 {
				t.Errorf("%s: step %d gives %.9f, want %.9f", text, i+1, got, want[i])
			}
		}
	}
}
