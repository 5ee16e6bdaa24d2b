package dataset

import (
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
)

// The most columns that a table may have, and the most rows of which something may be missing, each of which is named.
const (
	maxColumns    = 1 << 17
	maxIncomplete = 1 << 20
)

// maxOneHot is the most different texts that a column of features may hold.
const maxOneHot = 32

// column is what a column of a table holds.
type column struct {
	name   string // "": it has none
	number int    // from 1

	text    bool
	seen    map[string]float32 // the texts, or the numbers of a column that may be classes, in the end with their place
	whole   bool               // all numbers are whole
	classes []string           // in order: of the label its classes, nil for values; else the texts that are one-hot
	lack    string             // what is said of a row in which it is missing; "": nothing yet
	line    int                // of the first cell
	first   string             // that cell
}

// mostShown is how many characters of a cell stand in a message.
const mostShown = 40

// title is how messages call a column.
func (c *column) title() string {
	if c.name == "" {
		return "column " + strconv.Itoa(c.number)
	}
	return short(c.name, mostShown)
}

// missing is why a row is left out.
func (c *column) missing() string {
	if c.lack == "" { // one text for all rows
		c.lack = c.title() + " is missing"
	}
	return c.lack
}

// missing reports whether a cell is empty or says that there is no value, as pandas and the UCI repository write it.
func missing(cell string) bool {
	switch cell {
	case "", "?", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>", "N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null":
		return true
	}
	return false
}

// number reads a finite number. Where semicolons part the cells, a comma may stand for the point.
func (t *sheet) number(cell string) (float32, bool) {
	v, err := strconv.ParseFloat(cell, 32)
	if err != nil && t.comma == ';' {
		v, err = strconv.ParseFloat(strings.Replace(cell, ",", ".", 1), 32)
	}
	if err != nil || math.IsInf(v, 0) || math.IsNaN(v) {
		return 0, false
	}
	return float32(v), true
}

// survey is what the first reading of a table finds.
type survey struct {
	rows    int // complete ones
	skipped []Skip
}

// survey goes through all rows and sees what the columns hold.
func (t *sheet) survey(r io.ReadSeeker) (*survey, error) {
	s := &survey{}
	err := t.each(r, func(cells []string, line int) error {
		if at := slices.IndexFunc(cells, missing); at >= 0 {
			if len(s.skipped) == maxIncomplete {
				return fmt.Errorf("something is missing in more than %d rows, %s on line %d for one; fill it in, or take the column out",
					maxIncomplete, t.columns[at].title(), line)
			}
			s.skipped = append(s.skipped, Skip{"line " + strconv.Itoa(line), t.columns[at].missing()})
			return nil
		}
		for i, cell := range cells {
			if err := t.look(i, cell, line); err != nil {
				return err
			}
		}
		s.rows++
		return nil
	})
	return s, err
}

// each calls do with every row below the header.
func (t *sheet) each(r io.ReadSeeker, do func(cells []string, line int) error) error {
	rows, err := t.open(r)
	if err != nil {
		return err
	}
	if t.header {
		if _, err := rows.next(); err != nil {
			return changed(err)
		}
	}
	for {
		cells, err := rows.next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if len(cells) != len(t.columns) {
			return changed(nil)
		}
		if err := do(cells, rows.line); err != nil {
			return err
		}
	}
}

// changed is the error of a file that is not what it was at the last reading.
func changed(err error) error {
	if err != nil && err != io.EOF {
		return err
	}
	return errors.New("it changed while it was read")
}

// look takes note of one cell.
func (t *sheet) look(i int, cell string, line int) error {
	c := &t.columns[i]
	v, number := t.number(cell)
	if c.line == 0 {
		c.line, c.first, c.text, c.whole = line, strings.Clone(cell), !number, true
		c.seen = map[string]float32{}
	}
	if i != t.label {
		if c.text == number {
			return fmt.Errorf("%s holds %s on line %d and %s on line %d; needs numbers in all rows or texts in all, and an empty cell where a value is missing",
				c.title(), shortCell(c.first), c.line, shortCell(cell), line)
		}
		if !c.text {
			return nil
		}
		if c.note(cell); len(c.seen) > maxOneHot {
			return fmt.Errorf("%s holds more than %d different texts, %s on line %d among them; take the column out, or make numbers of it", c.title(), maxOneHot, shortCell(cell), line)
		}
		return nil
	}
	if !number {
		c.text = true
	}
	c.whole = c.whole && float64(v) == math.Trunc(float64(v)) && math.Abs(float64(v)) < 1<<24 // beyond, float32 skips numbers
	if len(c.seen) <= maxClasses {
		c.note(cell)
	}
	return nil
}

// note keeps a text.
func (c *column) note(cell string) {
	if _, ok := c.seen[cell]; !ok {
		c.seen[strings.Clone(cell)] = 0
	}
}

// shortCell is a cell in a message.
func shortCell(cell string) string {
	return strconv.Quote(short(cell, mostShown))
}

// judge decides what becomes of each column.
func (t *sheet) judge(s *survey, req request) error {
	for i := range t.columns {
		switch c := &t.columns[i]; {
		case i == t.label:
			if err := t.judgeLabel(c, s.rows, req); err != nil {
				return err
			}
		case c.text:
			c.order()
			t.features += len(c.classes)
		default:
			t.features++
		}
	}
	return nil
}

// order puts the texts in alphabetical order.
func (c *column) order() {
	for text := range c.seen {
		c.classes = append(c.classes, text)
	}
	slices.Sort(c.classes)
	for i, text := range c.classes {
		c.seen[text] = float32(i)
		c.classes[i] = printable(text)
	}
}

// judgeLabel decides whether the column to be predicted holds classes or values. Where nothing else says so, whole
// numbers are classes if there are at most 100 different ones, each twice on average.
func (t *sheet) judgeLabel(c *column, rows int, req request) error {
	const most = 100
	few := func(different int) bool { return different <= most && 2*different <= rows }
	if c.text {
		if n := len(c.seen); n > maxClasses || n > maxOneHot && !few(n) {
			return field("label", fmt.Errorf("%s holds %d different texts in %d rows, too many for classes; name the column to predict", c.title(), n, rows))
		}
		c.order()
		if len(c.classes) == 1 {
			return field("label", fmt.Errorf("%s holds %s in every row; needs two classes or more", c.title(), shortCell(c.classes[0])))
		}
		return nil
	}
	if req.targets == Values || !c.whole || len(c.seen) > maxClasses {
		return nil
	}
	if numbers := t.different(c); few(len(numbers)) || req.targets == Labels || req.classes > 0 {
		for cell := range c.seen {
			v, _ := t.number(cell)
			i, _ := slices.BinarySearch(numbers, int(v))
			c.seen[cell] = float32(i)
		}
		for _, n := range numbers {
			c.classes = append(c.classes, strconv.Itoa(n))
		}
	}
	return nil
}

// different lists the whole numbers of a column in their order; 1 and 1.0 are the same.
func (t *sheet) different(c *column) []int {
	var all []int
	for cell := range c.seen {
		v, _ := t.number(cell)
		all = append(all, int(v))
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// values reads the complete rows: x [row, feature], and y [row], the class number or value of each.
func (t *sheet) values(r io.ReadSeeker, rows int) (x, y []float32, err error) {
	x, y = make([]float32, 0, rows*t.features), make([]float32, 0, rows)
	err = t.each(r, func(cells []string, line int) error {
		if slices.ContainsFunc(cells, missing) {
			return nil
		}
		if len(y) == rows {
			return changed(nil)
		}
		for i, cell := range cells {
			c := &t.columns[i]
			v, ok := t.number(cell)
			if c.classes != nil {
				v, ok = c.seen[cell]
			}
			switch {
			case !ok:
				return changed(nil)
			case i == t.label:
				y = append(y, v)
			case c.text:
				at := len(x)
				x = x[:at+len(c.classes)]
				x[at+int(v)] = 1
			default:
				x = append(x, v)
			}
		}
		return nil
	})
	if err == nil && len(y) != rows {
		err = changed(nil)
	}
	return x, y, err
}
