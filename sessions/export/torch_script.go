package export

import (
	"bytes"
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"text/template"
	"unicode"

	"cnnbench/nn"
	"cnnbench/rng"
	"cnnbench/sessions/safetensors"
)

func init() {
	register(Format{Name: "torch-script-py", Extension: ".torch.py", Weights: true,
		Doc: "a Python script for PyTorch: network, preprocessing and training, with its weights beside it", writeSet: writeTorchScript})
}

//go:embed torch_script.py.tmpl
var torchScriptText string

var torchScript = template.Must(template.New("torch").Funcs(template.FuncMap{"python": pythonFloat, "pythonList": pythonList}).Parse(torchScriptText))

// torchPage is what the script is made of. Lines are Python's.
type torchPage struct {
	Session, Script     string
	Epoch               int
	WeightsFile, SHA256 string // the first a Python text
	Classes             string // a Python list; empty: values
	Pictures, Sequences bool
	Axes                string          // of a sample: 28, 28, 1
	Uses                map[string]bool // classes of the script's own
	Modules             []torchModule
	Initial, Fixed      []string // how weights start; parameters that are not trained
	Normalization       normalization
	*torchTraining
}

func writeTorchScript(_ context.Context, set *Set, in *Input) error {
	n, err := in.network()
	if err != nil {
		return err
	}
	t, err := newTorchNet(n)
	if err != nil {
		return err
	}
	check, err := in.selfcheck()
	if err != nil {
		return err
	}
	x := check.x
	if len(n.in) == 3 {
		x = toFirst(check.x, n.in)
	}
	y := check.y
	if len(n.out) == 3 {
		y = toFirst(check.y, n.out)
	}
	tensors := append(t.tensors(),
		safetensors.F32("selfcheck.input", torchShape(check.rows, check.in), x),
		safetensors.F32("selfcheck.output", torchShape(check.rows, check.out), y))
	weights, err := t.encode(in, tensors)
	if err != nil {
		return err
	}
	digest := sha256.Sum256(weights)
	weightsFile := set.Stem() + ".weights.safetensors" // not what the other formats of that ending are called
	page := &torchPage{Session: in.Session, Script: plainText(set.Base), Epoch: in.Weights.Epoch, WeightsFile: strconv.QuoteToASCII(weightsFile), SHA256: hex.EncodeToString(digest[:]),
		Pictures: len(n.in) == 3, Sequences: len(n.in) == 2, Axes: axes(n.in), Uses: t.classes(), Modules: t.modules, Normalization: normalizationOf(in)}
	if in.Classes != nil {
		page.Classes = pythonWords(in.Classes)
	}
	for i := range page.Modules {
		page.Modules[i].Layer = plainText(page.Modules[i].Layer)
	}
	for i := range t.modules {
		m := &t.modules[i]
		for _, x := range m.initial {
			page.Initial = append(page.Initial, fmt.Sprintf(x.code, fmt.Sprintf("model[%d].%s", i, x.name)))
		}
		for _, name := range m.fixed {
			page.Fixed = append(page.Fixed, fmt.Sprintf("%d.%s", i, name))
		}
	}
	if page.torchTraining, err = newTorchTraining(in, t); err != nil {
		return err
	}
	var script bytes.Buffer
	if err := torchScript.Execute(&script, page); err != nil {
		return fmt.Errorf("write the script: %w", err)
	}
	set.Add(weightsFile, weights)
	set.Add(set.Base, script.Bytes())
	return nil
}

// axes writes the axes of a sample as they stand in a text: 28, 28, 1. T is any length.
func axes(shape nn.Shape) string {
	words := make([]string, len(shape))
	for i, d := range shape {
		if words[i] = strconv.Itoa(d); d == 0 {
			words[i] = stepsAxis
		}
	}
	return strings.Join(words, ", ")
}

// torchShape is the shape of samples as PyTorch has them.
func torchShape(rows int, sample nn.Shape) []int {
	if len(sample) == 3 {
		sample = nn.Shape{sample[2], sample[0], sample[1]}
	}
	return append([]int{rows}, sample...)
}

// toFirst puts the channels of pictures first.
func toFirst(x []float32, sample nn.Shape) []float32 {
	return permute(x, []int{len(x) / sample.Size(), sample[0], sample[1], sample[2]}, 0, 3, 1, 2)
}

// plainText keeps a name from ending a comment or a text of the script.
func plainText(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '"' || r == '\\' || !unicode.IsPrint(r) {
			return '_'
		}
		return r
	}, s)
}

// selfcheck is what scripts compare their predictions with: samples as the network receives them, and what it makes of
// them here.
type selfcheck struct {
	rows    int
	in, out nn.Shape
	x, y    []float32 // [rows, ..], channels last
}

// selfcheckRows is the number of samples: enough to find a wrong layer, few beside the weights.
const selfcheckRows = 4

// selfcheck draws samples, as the data may be gone, and asks the network.
func (in *Input) selfcheck() (*selfcheck, error) {
	n, err := in.Model.Load(in.Weights, in.Threads)
	if err != nil {
		return nil, fmt.Errorf("ask the network for its predictions: %w", err)
	}
	defer n.Close()
	c := &selfcheck{rows: min(selfcheckRows, n.Batch()), in: in.Model.In, out: n.Summary().Out()}
	s := rng.New(in.Experiment.Seed, rng.Data, 0, 0).Stream()
	c.x = n.Input()[:c.rows*c.in.Size()]
	for i := range c.x {
		c.x[i] = float32(s.Float64())
	}
	c.x = slices.Clone(c.x)
	c.y = slices.Clone(n.Predict(c.rows))
	return c, nil
}
