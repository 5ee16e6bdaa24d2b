package export

import (
	"context"
	"encoding/csv"
	"io"
	"slices"
	"strconv"
	"strings"

	"cnnbench/nn/train"
)

func init() {
	register(Format{Name: "csv", Extension: ".csv", Doc: "the history, one line an epoch, as Keras's CSVLogger writes it", write: writeCSV})
}

// rate is the column of the learning rate, which is there where something moved it.
const rate = "learning_rate"

// writeCSV writes Keras's CSVLogger (Keras 3, src/callbacks/csv_logger.py): the epoch counts from 0, the other columns
// are sorted, a figure that an epoch does not have is NA, numbers are as Python prints them, lines end as Python's csv
// ends them. Without validation each column has an empty partner named val_, as there. A figure that comes later than the
// first epoch, which Keras would leave out, gets its column too.
func writeCSV(_ context.Context, w io.Writer, in *Input) error {
	var columns []string
	add := func(name string) {
		if !slices.Contains(columns, name) {
			columns = append(columns, name)
		}
	}
	for i := range in.History {
		e := &in.History[i]
		for _, v := range e.Logs {
			add(v.Name)
		}
		if e.ShowRate {
			add(rate)
		}
	}
	slices.Sort(columns)
	if !slices.ContainsFunc(columns, func(name string) bool { return strings.HasPrefix(name, validation) }) {
		for _, name := range slices.Clone(columns) {
			add(validation + name)
		}
	}
	rows := [][]string{append([]string{"epoch"}, columns...)}
	for i := range in.History {
		e := &in.History[i]
		row := []string{strconv.Itoa(e.Epoch - 1)}
		for _, name := range columns {
			row = append(row, cell(e, name))
		}
		rows = append(rows, row)
	}
	c := csv.NewWriter(w)
	c.UseCRLF = true
	return c.WriteAll(rows)
}

func cell(e *train.Epoch, name string) string {
	if v, ok := e.Log(name); ok {
		return pythonFloat(v)
	}
	if name == rate && e.ShowRate {
		return pythonFloat(e.LearningRate)
	}
	return "NA"
}
