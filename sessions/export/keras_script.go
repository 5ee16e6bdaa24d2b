package export

import (
	"bytes"
	"context"
	_ "embed"
	"fmt"
	"strconv"
	"strings"
	"text/template"

	"cnnbench/dataset"
	"cnnbench/dataset/npy"
	"cnnbench/nn/loss"
	"cnnbench/nn/train"
	"cnnbench/sessions/keras"
)

func init() {
	register(Format{Name: "keras-script-py", Extension: ".keras.py", Weights: true,
		Doc: "a Python script for Keras 3 that builds, trains and asks the network, with --selfcheck", writeSet: writeKerasScript})
}

//go:embed keras_script.py.tmpl
var kerasScript string

var kerasTemplate = template.Must(template.New("keras").Funcs(template.FuncMap{"python": pythonFloat, "pythonList": pythonList}).Parse(kerasScript))

// writeKerasScript writes a script and beside it the weights and the samples of its self check.
func writeKerasScript(_ context.Context, set *Set, in *Input) error {
	if in.Model == nil {
		return errNoModel
	}
	weights, err := in.weightsH5()
	if err != nil {
		return err
	}
	c, err := in.selfcheck()
	if err != nil {
		return err
	}
	var check bytes.Buffer
	if err := npy.WriteZip(&check, []npy.Array{npy.F32("x", append([]int{c.rows}, c.in...), c.x), npy.F32("predictions", append([]int{c.rows}, c.out...), c.y)}); err != nil {
		return fmt.Errorf("write the samples of the self check: %w", err)
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
	set.Add(stem+".check.npz", check.Bytes())
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
	Balanced                                  bool
	Normalization                             normalization
	Augmented, Mixed, Partial                 bool
}

func (in *Input) kerasView(stem string) (*kerasView, error) {
	e := in.Model.Settled()
	source, err := keras.Script(e, in.shape())
	if err != nil {
		return nil, err
	}
	v := &kerasView{Source: source, Name: strconv.QuoteToASCII(e.Name), Session: strconv.QuoteToASCII(in.Session), Weights: strconv.QuoteToASCII(stem + ".weights.h5"), Check: strconv.QuoteToASCII(stem + ".check.npz"),
		Classes: "None", Epochs: e.Fit.Epochs, BatchSize: "None", StepsPerEpoch: pythonInt(e.Fit.StepsPerEpoch), ValidationSteps: pythonInt(e.Fit.ValidationSteps),
		Shuffle: pythonBool(e.Fit.Shuffle), ClassWeight: "None", Balanced: e.Fit.ClassWeight.Balanced, Normalization: normalizationOf(in), Augmented: e.Data.Augment.Active(), Mixed: e.Data.Augment.Mixup > 0}
	if in.Classes != nil {
		v.Classes = pythonWords(in.Classes)
	}
	if e.Fit.BatchSize != train.All {
		v.BatchSize = strconv.Itoa(int(e.Fit.BatchSize))
	}
	if e.Fit.ClassWeight.Balanced {
		v.ClassWeight = "balanced(data)"
	} else if factors := torchClassWeight(e.Fit.ClassWeight); factors != "" {
		v.ClassWeight = factors
	}
	out := in.Model.Summary.Out()
	units := out[len(out)-1]
	if target, err := e.Compile.Loss.Fit(loss.Head{Units: units}, loss.Data{Classes: len(in.Classes), Columns: units}); err == nil && target == loss.OneHot {
		v.OneHot = units
	}
	v.Rate = pythonFloat(e.Compile.Optimizer.Settings().LearningRate.Value)
	v.Partial = strings.Contains(strings.Join(source.Layers, ""), "functools.")
	v.samples(in, &e.Data)
	return v, nil
}

// samples says how samples are made ready.
func (v *kerasView) samples(in *Input, d *dataset.Config) {
	if shape := in.Model.In; len(shape) == 3 && (shape[2] == 1 || shape[2] == 3) {
		v.Pictures, v.Size = true, keras.Python(shape[:2], false)
		v.Interpolation, v.Color = strconv.QuoteToASCII(d.Image.Interpolation), strconv.QuoteToASCII("rgb")
		if shape[2] == 1 {
			v.Color = strconv.QuoteToASCII("grayscale")
		}
	}
}
