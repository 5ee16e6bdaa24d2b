package export

import (
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"fmt"
	"html/template"
	"image"
	"image/color"
	"image/png"
	"math"
	"slices"
	"strconv"

	"cnnbench/nn"
	"cnnbench/nn/train"
	"cnnbench/sessions"
	"cnnbench/sessions/filters"
)

// results are how the network does on data that it was not trained on.
type results struct {
	Split   string
	Of      string // which weights
	Samples string
	Figures []fact
	Classes []classRow // empty: the targets are values
	Matrix  []matrixRow
	TooMany string    // why there is no matrix: the number of classes
	Mistake []picture // the most certain wrong ones
	Wrong   string    // how many there are
}

type classRow struct{ Name, Precision, Recall, F1, Support string }

// matrixRow is a true class of the confusion matrix.
type matrixRow struct {
	Name  string
	Cells []matrixCell // by class that was said
}

type matrixCell struct {
	Count string
	Shade int // share of the row in tenths, for its colour
	Right bool
}

// picture is one that stands in the page itself.
type picture struct {
	Src           template.URL
	Width, Height int
	Alt           string
}

// Limits of what is shown.
const (
	mostMistakes  = 24
	mostClasses   = 100 // a larger matrix fits no page
	mistakePixels = 84  // side of a picture of a mistake, about
)

// judge evaluates the weights on the test data, or the validation data where there is none; the error says why it cannot.
func (r *report) judge(ctx context.Context, in *Input) error {
	w := in.Weights
	if w == nil {
		var err error
		if w, err = in.Stored.Weights(sessions.Last); err != nil {
			return err
		}
	}
	if err := r.filters(in, w); err != nil {
		return err
	}
	p, err := in.Stored.Prepare()
	if err != nil {
		return fmt.Errorf("the data is not at hand: %w", err)
	}
	split := "test"
	if p.Test == nil {
		split = "validation"
	}
	if _, err := p.Part(split); err != nil {
		return err
	}
	net, err := p.Load(w, in.Threads)
	if err != nil {
		return err
	}
	defer net.Close()
	ev, err := p.Evaluate(ctx, net, split, in.Progress)
	if err != nil {
		return err
	}
	res := &results{Split: split, Of: fmt.Sprintf("weights of epoch %d", w.Epoch), Samples: count(ev.Samples, "sample")}
	res.Figures = []fact{{Name: lossName, Value: train.FormatValue(ev.Loss)}}
	for _, m := range ev.Metrics {
		res.Figures = append(res.Figures, fact{Name: m.Name, Value: train.FormatValue(m.Value)})
	}
	if ev.Confusion != nil {
		res.classes(ev)
		if err := res.mistakes(p, ev); err != nil {
			return err
		}
	}
	r.Results = res
	return nil
}

func (res *results) classes(ev *sessions.Evaluation) {
	row := func(name string, precision, recall, f1 float64, support int64) classRow {
		three := func(v float64) string { return strconv.FormatFloat(v, 'f', 3, 64) }
		return classRow{name, three(precision), three(recall), three(f1), thousands(support)}
	}
	for k, s := range ev.Report.Classes {
		res.Classes = append(res.Classes, row(printable(ev.Classes[k]), s.Precision, s.Recall, s.F1, s.Support))
	}
	m, w := ev.Report.Macro, ev.Report.Weighted
	res.Classes = append(res.Classes, row("macro average", m.Precision, m.Recall, m.F1, m.Support), row("weighted average", w.Precision, w.Recall, w.F1, w.Support))
	if len(ev.Classes) > mostClasses {
		res.TooMany = thousands(len(ev.Classes))
		return
	}
	for t, name := range ev.Classes {
		cells := make([]matrixCell, len(ev.Classes))
		for c := range cells {
			cells[c] = matrixCell{thousands(ev.Confusion.At(t, c)), int(math.Ceil(ev.Confusion.Share(t, c) * 10)), t == c}
		}
		res.Matrix = append(res.Matrix, matrixRow{printable(name), cells})
	}
}

// mistakes draws the wrong ones that the network was most certain of, where samples are pictures.
func (res *results) mistakes(p *sessions.Prepared, ev *sessions.Evaluation) error {
	var wrong []sessions.Prediction
	for _, q := range ev.Predictions {
		if q.Class != q.Label {
			wrong = append(wrong, q)
		}
	}
	res.Wrong = fmt.Sprintf("%s of %s", thousands(len(wrong)), thousands(ev.Samples))
	if len(p.In) != 3 || p.In[2] != 1 && p.In[2] != 3 {
		return nil
	}
	slices.SortStableFunc(wrong, func(a, b sessions.Prediction) int { return cmp.Compare(b.Probability(), a.Probability()) })
	part, err := p.Part(ev.Split)
	if err != nil {
		return err
	}
	x, y := make([]float32, p.In.Size()), make([]float32, p.Summary.Out().Size())
	for _, q := range wrong[:min(len(wrong), mostMistakes)] {
		if err := part.Batch(0, []int{q.Sample}, x, y); err != nil {
			return err
		}
		m, err := inline(sample(p.In, x))
		if err != nil {
			return err
		}
		m.Alt = fmt.Sprintf("%s taken for %s, %.0f %%", printable(ev.Classes[q.Label]), printable(ev.Classes[q.Class]), 100*q.Probability())
		res.Mistake = append(res.Mistake, *m)
	}
	return nil
}

// sample is a sample as a picture: values from 0 to 1 as they are, others spread from the smallest to the largest. Its
// pixels are squares.
func sample(in nn.Shape, x []float32) image.Image {
	lo, hi := float32(0), float32(1)
	if a, b := slices.Min(x), slices.Max(x); a < 0 || b > 1 {
		lo, hi = a, b
	}
	level := func(v float32) uint8 {
		if !(hi > lo) || v != v {
			return 0
		}
		return uint8(math.Round(float64((v-lo)/(hi-lo)) * 255))
	}
	scale := max(mistakePixels/max(in[0], in[1]), 1)
	m := image.NewNRGBA(image.Rect(0, 0, in[1]*scale, in[0]*scale))
	for i := range in[0] * scale {
		for j := range in[1] * scale {
			at := (i/scale*in[1] + j/scale) * in[2]
			c := color.NRGBA{level(x[at]), level(x[at]), level(x[at]), 0xff}
			if in[2] == 3 {
				c.G, c.B = level(x[at+1]), level(x[at+2])
			}
			m.SetNRGBA(j, i, c)
		}
	}
	return m
}

// filters draws those of the first convolution, if there is one.
func (r *report) filters(in *Input, w *sessions.Weights) error {
	tensors, err := tensorsOf(in, w)
	if err != nil {
		return err
	}
	for _, t := range tensors {
		if len(t.Shape) != 4 {
			continue
		}
		m, err := inline(filters.Draw(t.Shape, t.Data))
		if err != nil {
			return err
		}
		colours := "blue is below 0, red above"
		if t.Shape[2] == 3 {
			colours = "its three channels as red, green and blue, grey is 0"
		}
		m.Alt = fmt.Sprintf("The %d filters of %s: %s.", t.Shape[3], printable(t.Name), colours)
		r.Filters = m
		return nil
	}
	return nil
}

// inline is an image inside the page.
func inline(m image.Image) (*picture, error) {
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		return nil, fmt.Errorf("draw a picture: %w", err)
	}
	return &picture{Src: template.URL("data:image/png;base64," + base64.StdEncoding.EncodeToString(b.Bytes())), Width: m.Bounds().Dx(), Height: m.Bounds().Dy()}, nil
}
