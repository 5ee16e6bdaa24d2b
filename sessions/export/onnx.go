package export

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strconv"

	"cnnbench/nn"
	"cnnbench/sessions/onnx"
)

func init() {
	register(Format{Name: "onnx", Extension: ".onnx", Weights: true, Options: true,
		Doc: "the network for ONNX Runtime, OpenCV and whatever reads ONNX (opset 17), any batch, channels last", write: writeONNX})
}

// Names of the graph's input and output.
const (
	onnxInput  = "input"
	onnxOutput = "output"
)

func writeONNX(_ context.Context, w io.Writer, in *Input) error {
	m, err := onnxModel(in)
	if err != nil {
		return err
	}
	text, err := onnx.Encode(m)
	if err != nil {
		return err
	}
	_, err = w.Write(text)
	return err
}

// onnxModel makes the graph of the network.
func onnxModel(in *Input) (*onnx.Model, error) {
	n, err := in.network()
	if err != nil {
		return nil, err
	}
	first := in.Options.Layout == NCHW
	if first && len(n.in) != 3 {
		return nil, fmt.Errorf("the layout %s is for networks that take pictures; this one takes %v", NCHW, n.in)
	}
	m := &onnx.Model{Producer: "cnnbench"}
	if m.Metadata, err = onnxMetadata(in, n); err != nil {
		return nil, err
	}
	g := newONNXGraph(n.in, first)
	if m.Graph.Name = g.ascii(in.Experiment.Name); m.Graph.Name == "" { // which readers refuse
		m.Graph.Name = "network"
	}
	m.Graph.Inputs = []onnx.Value{{Name: onnxInput, Dims: g.dims()}}
	if in.Options.Preprocess {
		g.preprocess(in)
	}
	for i := range n.layers {
		if err := g.layer(n, i); err != nil {
			return nil, err
		}
	}
	if first && len(g.shape) == 3 {
		g.channelsFirst(onnxOutput)
	} else {
		g.channelsLast(onnxOutput)
	}
	g.finish()
	m.Graph.Outputs = []onnx.Value{{Name: onnxOutput, Dims: g.dims()}}
	m.Graph.Nodes, m.Graph.Initializers = g.nodes, *g.constants
	return m, nil
}

// normalization is what is done to pixels before the network sees them, in the order of the fields; for metadata and scripts.
type normalization struct {
	Scale            float64   `json:"scale"`
	SamplewiseCenter bool      `json:"samplewise_center,omitempty"`
	SamplewiseStd    bool      `json:"samplewise_std_normalization,omitempty"`
	Mean             []float64 `json:"mean,omitempty"` // taken from each channel
	Std              []float64 `json:"std,omitempty"`  // each channel is divided by it
}

// epsilon is added to the deviations that samples and channels are divided by, as in Keras.
const epsilon = 1e-6

func normalizationOf(in *Input) normalization {
	data := &in.Experiment.Data
	n := normalization{Scale: 1, SamplewiseCenter: data.Standardize.SamplewiseCenter || data.Standardize.SamplewiseStd, SamplewiseStd: data.Standardize.SamplewiseStd}
	if data.Rescale != nil {
		n.Scale = *data.Rescale
	}
	if f := in.Model.Features; f != nil && (data.Standardize.FeaturewiseCenter || data.Standardize.FeaturewiseStd) {
		n.Mean = f.Mean
		if data.Standardize.FeaturewiseStd {
			for _, s := range f.Std {
				n.Std = append(n.Std, s+epsilon)
			}
		}
	}
	return n
}

// onnxMetadata says what a client needs beside the graph.
func onnxMetadata(in *Input, n *network) ([]onnx.Property, error) {
	var out []onnx.Property
	add := func(key, value string) { out = append(out, onnx.Property{Key: key, Value: value}) }
	asJSON := func(key string, value any) error {
		text, err := json.Marshal(value)
		if err != nil {
			return fmt.Errorf("write %s: %w", key, err)
		}
		add(key, string(text))
		return nil
	}
	if in.Classes != nil {
		if err := asJSON("class_names", in.Classes); err != nil {
			return nil, err
		}
	}
	if err := asJSON("normalization", normalizationOf(in)); err != nil {
		return nil, err
	}
	inside := "outside"
	if in.Options.Preprocess {
		inside = "inside"
	}
	add("preprocessing", inside)
	if len(n.in) == 3 {
		layout := "NHWC"
		if in.Options.Layout == NCHW {
			layout = "NCHW"
		}
		add("input_layout", layout)
	}
	add("session", in.Session)
	add("epoch", strconv.Itoa(in.Weights.Epoch))
	add("train_config", string(in.Experiment.Encode()))
	return out, nil
}

// preprocess adds rescaling and normalisation before the first layer.
func (g *onnxGraph) preprocess(in *Input) {
	n := normalizationOf(in)
	const name = "preprocess"
	if n.Scale != 1 {
		g.apply(name+"/rescale", "Mul", g.scalar(name+"/scale", float32(n.Scale)))
	}
	if n.SamplewiseCenter {
		g.samplewise(name, n.SamplewiseStd)
	}
	if n.Mean != nil {
		g.apply(name+"/featurewise_center", "Sub", g.perChannel(name+"/mean", n.Mean, func(v float64) float32 { return float32(v) }))
	}
	if n.Std != nil {
		g.apply(name+"/featurewise_std", "Mul", g.perChannel(name+"/factor", n.Std, func(v float64) float32 { return float32(1 / v) }))
	}
}

// samplewise takes each sample's mean away, and divides by its deviation.
func (g *onnxGraph) samplewise(name string, std bool) {
	axes := make([]int64, len(g.shape))
	for i := range axes {
		axes[i] = int64(i + 1)
	}
	mean := g.node(name+"/mean_of_sample", "ReduceMean", []string{g.value}, onnx.Attribute{Name: "axes", Value: axes})
	g.apply(name+"/samplewise_center", "Sub", mean)
	if std {
		square := g.node(name+"/square", "Mul", []string{g.value, g.value})
		variance := g.node(name+"/variance", "ReduceMean", []string{square}, onnx.Attribute{Name: "axes", Value: axes})
		deviation := g.node(name+"/deviation", "Sqrt", []string{variance})
		g.apply(name+"/samplewise_std", "Div", g.node(name+"/divisor", "Add", []string{deviation, g.scalar(name+"/epsilon", epsilon)}))
	}
}

// perChannel is a constant that is combined with each channel of the value.
func (g *onnxGraph) perChannel(name string, values []float64, of func(float64) float32) string {
	dims := []int64{int64(len(values))}
	if g.first {
		for range len(g.shape) - 1 {
			dims = append(dims, 1)
		}
	}
	floats := make([]float32, len(values))
	for i, v := range values {
		floats[i] = of(v)
	}
	return g.constant(name, dims, floats)
}

// batch names the open axis of samples, steps that of a sequence's length.
const (
	batchAxis = "N"
	stepsAxis = "T"
)

// dims are the axes of the current value.
func (g *onnxGraph) dims() []onnx.Dim {
	shape := g.shape
	if last := len(shape) - 1; g.first && last > 0 {
		shape = append(nn.Shape{shape[last]}, shape[:last]...)
	}
	out := []onnx.Dim{{Name: batchAxis}}
	for _, d := range shape {
		if d == 0 {
			out = append(out, onnx.Dim{Name: stepsAxis})
		} else {
			out = append(out, onnx.Dim{Size: int64(d)})
		}
	}
	return out
}
