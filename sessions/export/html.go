package export

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"cnnbench/nn/train"
)

func init() {
	register(Format{Name: "html", Extension: ".html", Doc: "a report on one page: curves, figures, confusion matrix, mistakes", write: writeHTML})
}

//go:embed report.html
var reportText string

var reportPage = template.Must(template.New("report").Parse(reportText))

// report is what the page shows.
type report struct {
	Title, Lead string
	State       string
	Reason      string // of a failure
	Cards       []fact
	Charts      []svgChart
	Columns     []string // of the table of epochs, after the epoch's number
	Epochs      []epochRow
	Layers      []layerRow
	Params      string
	Trainable   string
	MACs        string
	Data        []fact
	Results     *results
	NoResults   string // why there are none
	Filters     *picture
	Marks       []markRow
	Experiment  string
	Environment []fact
}

// fact is a figure or a word with its name.
type fact struct{ Name, Value, Note string }

type epochRow struct {
	Epoch int
	Cells []string
	Best  bool
}

type layerRow struct{ Name, Class, Out, Params, MACs string }

type markRow struct{ Where, Text string }

// writeHTML writes the report. Results are there where the weights and the data are; else it says what is missing.
func writeHTML(ctx context.Context, w io.Writer, in *Input) error {
	if in.Stored == nil {
		return errors.New("the report needs the stored session")
	}
	r := &report{Title: printable(in.Session), State: strings.ToLower(in.Stored.State.String()), Reason: printable(in.Stored.Reason),
		Experiment: printableLines(string(in.Experiment.Encode()))}
	s := in.Stored
	r.Lead = fmt.Sprintf("%s, trained on %s for %s of %d", printable(in.Experiment.Name), printable(s.Source), count(len(in.History), "epoch"), s.Planned)
	r.network(in)
	r.epochs(in)
	r.data(in)
	r.environment(in)
	for _, m := range s.Marks {
		r.Marks = append(r.Marks, markRow{fmt.Sprintf("step %s, epoch %.2f", thousands(m.Step), m.Epoch), printable(m.Text)})
	}
	if err := r.judge(ctx, in); ctx.Err() != nil {
		return ctx.Err()
	} else if err != nil {
		r.NoResults = printable(err.Error())
	}
	r.cards(in)
	if len(in.History) > 0 {
		for _, f := range figures(in.History) {
			r.Charts = append(r.Charts, newSVGChart(in, &f, len(r.Charts)))
		}
	}
	return reportPage.Execute(w, r)
}

// cards are the figures that one looks for first.
func (r *report) cards(in *Input) {
	if n := len(in.History); n > 0 {
		for _, v := range in.History[n-1].Logs {
			r.Cards = append(r.Cards, fact{v.Name, train.FormatValue(v.Value), "last epoch"})
		}
	}
	if b := in.best(); b != nil {
		r.Cards = append(r.Cards, fact{"best " + b.Monitor, train.FormatValue(b.Value), fmt.Sprintf("epoch %d", b.Epoch)})
	}
	if r.Results != nil {
		for _, f := range r.Results.Figures {
			r.Cards = append(r.Cards, fact{r.Results.Split + " " + f.Name, f.Value, r.Results.Of})
		}
	}
}

// network is Keras's summary with the cost.
func (r *report) network(in *Input) {
	sum := in.Model.Summary
	for _, row := range sum.Rows {
		r.Layers = append(r.Layers, layerRow{printable(row.Name), row.Class, row.Out.String(), thousands(row.Total), thousands(row.MACs)})
	}
	r.Params, r.Trainable, r.MACs = thousands(sum.Total), thousands(sum.Trainable), thousands(sum.MACs)
}

// epochs is the table of what the log said.
func (r *report) epochs(in *Input) {
	for i := range in.History {
		for _, v := range in.History[i].Logs {
			if !slices.Contains(r.Columns, v.Name) {
				r.Columns = append(r.Columns, v.Name)
			}
		}
	}
	best := in.best()
	for i := range in.History {
		e := &in.History[i]
		row := epochRow{Epoch: e.Epoch, Best: best != nil && best.Epoch == e.Epoch}
		for _, name := range r.Columns {
			cell := "–"
			if v, ok := e.Log(name); ok {
				cell = train.FormatValue(v)
			}
			row.Cells = append(row.Cells, cell)
		}
		row.Cells = append(row.Cells, train.FormatValue(e.LearningRate), strconv.FormatFloat(e.Seconds, 'f', 2, 64))
		r.Epochs = append(r.Epochs, row)
	}
	if len(r.Columns) > 0 {
		r.Columns = append(r.Columns, rate, "seconds")
	}
}

func (r *report) data(in *Input) {
	s := in.Stored
	r.Data = []fact{{Name: "Source", Value: printable(s.Source)}, {Name: "Sample", Value: shapeText(s.Input)},
		{Name: "Training", Value: count(s.Samples[0], "sample")}, {Name: "Validation", Value: count(s.Samples[1], "sample")},
		{Name: "Test", Value: count(s.Samples[2], "sample")}}
	if in.Classes == nil {
		r.Data = append(r.Data, fact{Name: "Targets", Value: "values"})
		return
	}
	names := make([]string, len(in.Classes))
	for i, c := range in.Classes {
		names[i] = printable(c)
	}
	r.Data = append(r.Data, fact{Name: "Classes", Value: strings.Join(names, ", ")})
}

func (r *report) environment(in *Input) {
	s := in.Stored
	r.Environment = []fact{{Name: "Program", Value: printable(s.Program)}, {Name: "Go", Value: printable(s.Go)},
		{Name: "System", Value: printable(s.GOOS + "/" + s.GOARCH)}, {Name: "Kernels", Value: printable(s.ISA)},
		{Name: "Threads", Value: strconv.Itoa(s.Threads)}, {Name: "Begun", Value: s.Created.UTC().Format(time.RFC3339)},
		{Name: "Seed", Value: strconv.FormatUint(in.Experiment.Seed, 10)}}
	if n := len(in.History); n > 0 {
		r.Environment = append(r.Environment, fact{Name: "Training time", Value: fmt.Sprintf("%.1f s, %s steps", in.History[n-1].Total, thousands(in.History[n-1].Step))})
	}
}

// shapeText writes a shape for people: 24 x 24 x 3.
func shapeText(shape []int) string {
	parts := make([]string, len(shape))
	for i, d := range shape {
		parts[i] = strconv.Itoa(d)
	}
	return strings.Join(parts, " × ")
}

// thousands writes a whole number with commas: 839,107.
func thousands[T ~int | ~int64](n T) string {
	s := strconv.FormatInt(int64(n), 10)
	for at := len(s) - 3; at > 0 && s[at-1] != '-'; at -= 3 {
		s = s[:at] + "," + s[at:]
	}
	return s
}

// printableLines is printable for a text of several lines.
func printableLines(s string) string {
	lines := strings.Split(s, "\n")
	for i := range lines {
		lines[i] = printable(lines[i])
	}
	return strings.Join(lines, "\n")
}
