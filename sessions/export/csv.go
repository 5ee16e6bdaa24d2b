package export

import (
	"fmt"
	"io"
	"math"
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
// are sorted, a figure that an epoch does not have is NA, numbers are as Python prints them.
func writeCSV(w io.Writer, in *Input) error {
	var columns []string
	for i := range in.History {
		e := &in.History[i]
		for _, v := range e.Logs {
			if !slices.Contains(columns, v.Name) {
				columns = append(columns, v.Name)
			}
		}
		if e.ShowRate && !slices.Contains(columns, rate) {
			columns = append(columns, rate)
		}
	}
	slices.Sort(columns)
	if _, err := fmt.Fprintln(w, strings.Join(append([]string{"epoch"}, columns...), ",")); err != nil {
		return err
	}
	for i := range in.History {
		e := &in.History[i]
		cells := []string{strconv.Itoa(e.Epoch - 1)}
		for _, name := range columns {
			cells = append(cells, cell(e, name))
		}
		if _, err := fmt.Fprintln(w, strings.Join(cells, ",")); err != nil {
			return err
		}
	}
	return nil
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

// pythonFloat is Python's repr of a float: the shortest digits that read back as the value.
func pythonFloat(f float64) string {
	switch {
	case math.IsNaN(f):
		return "nan"
	case math.IsInf(f, 1):
		return "inf"
	case math.IsInf(f, -1):
		return "-inf"
	}
	if a := math.Abs(f); a != 0 && (a < 1e-4 || a >= 1e16) {
		return strconv.FormatFloat(f, 'e', -1, 64)
	}
	s := strconv.FormatFloat(f, 'f', -1, 64)
	if !strings.Contains(s, ".") {
		s += ".0"
	}
	return s
}
