package sessions

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"cnnbench/nn"
	"cnnbench/nn/metric"
	"cnnbench/nn/train"
)

// Evaluation is how well a network does on a part of the data.
type Evaluation struct {
	Split       string
	Samples     int
	Loss        float64       // penalties included, as training reports it
	Metrics     []train.Value // in the experiment's order
	Classes     []string      // nil: the targets are values
	Confusion   *metric.Confusion
	Report      metric.Report
	Predictions []Prediction // of every sample, in the part's order
}

// Prediction is what a network says of one sample.
type Prediction struct {
	Sample int       // position in the part, in the files, or in the array
	Index  int       // row in the source; -1 where there is none
	Label  int       // the true class; -1 where it is not known
	Class  int       // the likeliest class; -1 where the targets are values
	Values []float32 // the network's outputs: a probability for each class (of one unit: for class 1), or values
	Target []float32 // the true values; nil for classes
}

// Probabilities has one for each class; nil where the targets are values. A network of one unit says only that of
// class 1, and so that of class 0.
func (p *Prediction) Probabilities() []float32 {
	switch {
	case p.Class < 0:
		return nil
	case len(p.Values) == 1:
		return []float32{1 - p.Values[0], p.Values[0]}
	}
	return p.Values
}

// Probability is that of the class taken; 0 where the targets are values.
func (p *Prediction) Probability() float64 {
	if p.Class < 0 {
		return 0
	}
	return float64(p.Probabilities()[p.Class])
}

// Splits are the names of the parts of the data.
var Splits = []string{"train", "validation", "test"}

// Part is the part of the data of that name; the error says which there are.
func (p *Prepared) Part(split string) (train.Data, error) {
	parts := map[string]train.Data{"train": p.Train, "validation": p.Validation, "test": p.Test}
	d, known := parts[split]
	if d != nil {
		return d, nil
	}
	var there []string
	for _, name := range Splits {
		if parts[name] != nil {
			there = append(there, name)
		}
	}
	if !known {
		return nil, fmt.Errorf("found %q, needs one of %s", split, strings.Join(there, ", "))
	}
	return nil, fmt.Errorf("the data has no %s part; it has %s", split, strings.Join(there, ", "))
}

// Evaluate lets the network answer every sample of a part of the data. progress, if not nil, is told how far it is; ctx
// ends it between batches.
func (p *Prepared) Evaluate(ctx context.Context, n *nn.Network, split string, progress func(done, total int)) (*Evaluation, error) {
	d, err := p.Part(split)
	if err != nil {
		return nil, err
	}
	samples := d.(*part)
	total := samples.Len()
	ev := &Evaluation{Split: split, Samples: total, Classes: p.Classes, Predictions: make([]Prediction, 0, total)}
	if p.Classes != nil {
		ev.Confusion = metric.NewConfusion(len(p.Classes))
	}
	index := make([]int, 0, n.Batch())
	judge := newJudge(p.Metrics, n)
	for at := 0; at < total; at += len(index) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		index = index[:0]
		for i := at; i < min(at+n.Batch(), total); i++ {
			index = append(index, i)
		}
		if err := samples.fill(n, index); err != nil {
			return nil, err
		}
		judge.add(n, len(index))
		for row, i := range index {
			q := p.prediction(n, row)
			q.Sample, q.Index, q.Label, q.Target = i, samples.Index[i], samples.Label(i), samples.Target(i)
			if ev.Confusion != nil {
				ev.Confusion.Add(q.Label, q.Class)
			}
			ev.Predictions = append(ev.Predictions, q)
		}
		if progress != nil {
			progress(at+len(index), total)
		}
	}
	ev.Loss, ev.Metrics = judge.loss/float64(total), judge.means()
	if ev.Confusion != nil {
		ev.Report = ev.Confusion.Report()
	}
	return ev, nil
}

// prediction copies what the network said of the sample in that row of the batch.
func (p *Prepared) prediction(n *nn.Network, row int) Prediction {
	size := n.Summary().Out().Size()
	q := Prediction{Index: -1, Label: -1, Class: -1, Values: slices.Clone(n.Output()[row*size : (row+1)*size])}
	if p.Classes != nil {
		q.Class = metric.Class(q.Values)
	}
	return q
}

// judge sums up a network's loss and metrics over batches.
type judge struct {
	metrics []metric.Named
	loss    float64
	sums    []float64
	rows    []float64 // one figure a row of predictions
	count   int       // of them
}

func newJudge(metrics []metric.Named, n *nn.Network) *judge {
	return &judge{metrics: metrics, sums: make([]float64, len(metrics)), rows: make([]float64, n.Batch()*n.RowsPer())}
}

// add judges the first samples of the network's input and targets.
func (j *judge) add(n *nn.Network, samples int) {
	j.loss += float64(n.Evaluate(samples, nil) * float64(samples))
	rows := j.rows[:samples*n.RowsPer()]
	for r := range rows {
		if n.Counts(r) {
			j.count++
		}
	}
	for k, m := range j.metrics {
		m.Metric.Rows(n.Targets()[:len(rows)*n.Columns()], n.Output()[:len(rows)*n.Width()], n.Width(), rows)
		for r, v := range rows {
			if n.Counts(r) {
				j.sums[k] += v
			}
		}
	}
}

func (j *judge) means() []train.Value {
	out := make([]train.Value, len(j.metrics))
	for k, m := range j.metrics {
		out[k] = train.Value{Name: m.Name, Value: j.sums[k] / float64(j.count)}
	}
	return out
}
