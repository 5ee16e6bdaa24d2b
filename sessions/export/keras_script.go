package export

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"text/template"

	"cnnbench/dataset"
	"cnnbench/dataset/npy"
	"cnnbench/nn/loss"
	"cnnbench/nn/train"
	"cnnbench/rng"
	"cnnbench/sessions/keras"
)

func init() {
	register(Format{Name: "keras-script-py", Extension: ".keras.py", Weights: true,
		Doc: "a Python script for Keras 3 that builds, trains and asks the network, with --selfcheck", writeSet: writeKerasScript})
}

//go:embed keras_script.py.tmpl
var kerasScript string

var kerasTemplate = template.Must(template.New("keras").Parse(kerasScript))

// writeKerasScript writes a script and beside it the weights and the samples of its self check.
func writeKerasScript(set *Set, in *Input) error {
	if in.Model == nil {
		return errNoModel
	}
	weights, err := in.weightsH5()
	if err != nil {
		return err
	}
	check, err := in.check()
	if err != nil {
		return err
	}
	stem := strings.TrimSuffix(set.Stem(), ".keras")
	view, err := in.kerasView(stem)
	if err != nil {
		return err
	}
	var script bytes.Buffer
	if err := kerasTemplate.Execute(&script, view); err != nil {
		return fmt.Errorf("write the script: %w", err)
	}
	set.Add(stem+".weights.h5", weights)
	set.Add(stem+".check.npz", check)
	set.Add(set.Base, script.Bytes())
	return nil
}

// kerasView is what the script's template shows. Texts are Python already.
type kerasView struct {
	*keras.Source
	Name, Session                             string // for the script's own words
	Weights, Check                            string // the files beside it
	Classes                                   string // a list, or None
	OneHot                                    int    // units that class numbers are spread over; 0: they stay numbers, or are values
	BatchSize, StepsPerEpoch, ValidationSteps string
	Epochs                                    int
	Shuffle, ClassWeight                      string
	Rate                                      string
	Pictures                                  bool // samples are pictures
	Size, Color, Interpolation                string
	Rescale                                   string
	SamplewiseCenter, SamplewiseStd, Features bool
	FeatureMean, FeatureFactor                string
	Augmented, Mixed, Partial                 bool
}

func (in *Input) kerasView(stem string) (*kerasView, error) {
	e := in.Model.Settled()
	source, err := keras.Script(e, in.shape())
	if err != nil {
		return nil, err
	}
	v := &kerasView{Source: source, Name: quoted(e.Name), Session: quoted(in.Session), Weights: quoted(stem + ".weights.h5"), Check: quoted(stem + ".check.npz"),
		Classes: "None", Epochs: e.Fit.Epochs, BatchSize: "None", StepsPerEpoch: whole(e.Fit.StepsPerEpoch), ValidationSteps: whole(e.Fit.ValidationSteps),
		Shuffle: boolean(e.Fit.Shuffle), ClassWeight: "None", Rescale: "None", Augmented: e.Data.Augment.Active(), Mixed: e.Data.Augment.Mixup > 0}
	if in.Classes != nil {
		v.Classes = list(in.Classes)
	}
	if e.Fit.BatchSize != train.All {
		v.BatchSize = strconv.Itoa(int(e.Fit.BatchSize))
	}
	if len(e.Fit.ClassWeight) > 0 {
		var parts []string
		for class := range len(in.Classes) {
			if w, ok := e.Fit.ClassWeight[class]; ok {
				parts = append(parts, fmt.Sprintf("%d: %s", class, decimal(w)))
			}
		}
		v.ClassWeight = "{" + strings.Join(parts, ", ") + "}"
	}
	out := in.Model.Summary.Out()
	units := out[len(out)-1]
	if target, err := e.Compile.Loss.Fit(loss.Head{Units: units}, loss.Data{Classes: len(in.Classes), Columns: units}); err == nil && target == loss.OneHot {
		v.OneHot = units
	}
	v.Rate = decimal(e.Compile.Optimizer.Settings().LearningRate.Value)
	v.Partial = strings.Contains(strings.Join(source.Layers, ""), "functools.")
	v.samples(in, &e.Data)
	return v, nil
}

// samples says how samples are made ready.
func (v *kerasView) samples(in *Input, d *dataset.Config) {
	if d.Rescale != nil {
		v.Rescale = decimal(*d.Rescale)
	}
	v.SamplewiseStd = d.Standardize.SamplewiseStd
	v.SamplewiseCenter = d.Standardize.SamplewiseCenter || v.SamplewiseStd
	if f := in.Model.Features; f != nil && (d.Standardize.FeaturewiseCenter || d.Standardize.FeaturewiseStd) {
		v.Features = true
		factors := make([]float64, len(f.Std))
		for i, std := range f.Std {
			if factors[i] = 1; d.Standardize.FeaturewiseStd {
				factors[i] = 1 / (std + 1e-6) // Keras's guard against samples without contrast
			}
		}
		v.FeatureMean, v.FeatureFactor = decimals(f.Mean), decimals(factors)
	}
	if shape := in.Model.In; len(shape) == 3 && (shape[2] == 1 || shape[2] == 3) {
		v.Pictures, v.Size = true, keras.Python(shape[:2], false)
		v.Interpolation, v.Color = quoted(d.Image.Interpolation), quoted("rgb")
		if shape[2] == 1 {
			v.Color = quoted("grayscale")
		}
	}
}

// checkRows is how many samples the self check asks for.
const checkRows = 4

// check is an .npz with samples drawn from a fixed key and what the network answers.
func (in *Input) check() ([]byte, error) {
	n, err := in.Model.Load(in.Weights, 1)
	if err != nil {
		return nil, err
	}
	defer n.Close()
	rows := min(checkRows, n.Batch())
	x := n.Input()[:rows*in.Model.In.Size()]
	draw := rng.New(0, rng.Data, 0, 0).Stream()
	for i := range x {
		x[i] = float32(draw.Float64())
	}
	x = slices.Clone(x)
	var b bytes.Buffer
	err = npy.WriteZip(&b, []npy.Array{
		npy.F32("x", append([]int{rows}, in.Model.In...), x),
		npy.F32("predictions", append([]int{rows}, in.Model.Summary.Out()...), n.Predict(rows)),
	})
	return b.Bytes(), err
}

// quoted is a string in Python, which takes JSON's.
func quoted(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic("export: a text cannot be encoded")
	}
	return string(b)
}

func list(words []string) string {
	parts := make([]string, len(words))
	for i, w := range words {
		parts[i] = quoted(w)
	}
	return "[" + strings.Join(parts, ", ") + "]"
}

func whole(n *int) string {
	if n == nil {
		return "None"
	}
	return strconv.Itoa(*n)
}

func boolean(b bool) string {
	if b {
		return "True"
	}
	return "False"
}

func decimal(f float64) string { return strconv.FormatFloat(f, 'g', -1, 64) }

func decimals(f []float64) string {
	parts := make([]string, len(f))
	for i, x := range f {
		parts[i] = decimal(x)
	}
	return "[" + strings.Join(parts, ", ") + "]"
}
