package dataset

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// maxRow is the most bytes that a row of a table may have.
const maxRow = 1 << 20

// sheet is how the file of a table is to be read.
type sheet struct {
	comma    rune
	header   bool
	columns  []column
	label    int // the column to be predicted
	features int // numbers a sample; known when the columns have been judged
}

// newSheet finds out what parts the cells, whether the first row names the columns, and which one is to be predicted.
func newSheet(r io.ReadSeeker, tabs bool, label string) (*sheet, error) {
	t := &sheet{comma: '\t'}
	if !tabs {
		var err error
		if t.comma, err = findComma(r); err != nil {
			return nil, err
		}
	}
	rows, err := t.open(r)
	if err != nil {
		return nil, err
	}
	var first, second []string
	if first, err = rows.next(); err == io.EOF {
		return nil, errors.New("it is empty; needs rows of cells")
	} else if err != nil {
		return nil, err
	}
	first = slices.Clone(first)
	if second, err = rows.next(); err != nil && err != io.EOF {
		return nil, err
	}
	t.header = t.isHeader(first, second, label)
	if t.header && second == nil {
		return nil, errors.New("it holds a header only; needs rows below it")
	}
	t.columns = make([]column, len(first))
	for i := range t.columns {
		t.columns[i].number = i + 1
		if t.header {
			t.columns[i].name = printable(first[i])
		}
	}
	return t, t.chooseLabel(label)
}

// isHeader says whether the first row names the columns: it holds the label's name, or text above a number, or
// nothing but text.
func (t *sheet) isHeader(first, second []string, label string) bool {
	if label != "" && slices.Contains(first, label) {
		if _, err := strconv.Atoi(label); err != nil {
			return true
		}
	}
	allText := true
	for i, cell := range first {
		_, number := t.number(cell)
		if number {
			allText = false
		} else if _, below := t.number(at(second, i)); below && !missing(cell) {
			return true
		}
	}
	return allText
}

// at is the cell of a row, "" beyond its end.
func at(row []string, i int) string {
	if i < len(row) {
		return row[i]
	}
	return ""
}

// findComma takes of comma, semicolon and tab the one that stands most often in the first line, outside of quotes.
func findComma(r io.ReadSeeker) (rune, error) {
	b, err := start(r)
	if err != nil {
		return 0, err
	}
	text, err := b.Peek(64 << 10)
	if err != nil && err != io.EOF {
		return 0, errors.New(plainError(err))
	}
	text = bytes.TrimLeft(text, "\r\n")
	var counts [256]int
	quoted := false
	for _, c := range text {
		if c == '"' {
			quoted = !quoted
		}
		if c == '\n' && !quoted {
			break
		}
		if !quoted {
			counts[c]++
		}
	}
	comma := ','
	for _, c := range ";\t" {
		if counts[c] > counts[comma] {
			comma = c
		}
	}
	return comma, nil
}

// start goes to the beginning of the text, behind the mark that some programs put before it.
func start(r io.ReadSeeker) (*bufio.Reader, error) {
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return nil, errors.New(plainError(err))
	}
	b := bufio.NewReaderSize(r, 64<<10)
	mark, _ := b.Peek(3)
	switch {
	case bytes.HasPrefix(mark, []byte("\xef\xbb\xbf")):
		b.Discard(3)
	case bytes.HasPrefix(mark, []byte("\xff\xfe")), bytes.HasPrefix(mark, []byte("\xfe\xff")):
		return nil, errors.New("it is text in UTF-16; save it as UTF-8")
	}
	return b, nil
}

// tableRows reads the rows of a table one after the other.
type tableRows struct {
	csv   *csv.Reader
	bound *boundReader
	width int // cells of the first row
	line  int // of the last row
}

func (t *sheet) open(r io.ReadSeeker) (*tableRows, error) {
	b, err := start(r)
	if err != nil {
		return nil, err
	}
	bound := &boundReader{r: b}
	c := csv.NewReader(bound)
	c.Comma, c.FieldsPerRecord, c.ReuseRecord = t.comma, -1, true
	c.LazyQuotes = t.comma == '\t' // tables with tabs seldom mean quotes
	c.TrimLeadingSpace = t.comma != '\t'
	return &tableRows{csv: c, bound: bound}, nil
}

// next returns the cells of the next row without the spaces around them, io.EOF behind the last. They hold until the
// next call.
func (r *tableRows) next() ([]string, error) {
	r.bound.read = 0
	cells, err := r.csv.Read()
	if err == io.EOF {
		return nil, err
	}
	var pe *csv.ParseError
	switch {
	case errors.As(err, &pe):
		return nil, fmt.Errorf("line %d cannot be read: %w", pe.StartLine, pe.Err)
	case err != nil:
		return nil, fmt.Errorf("behind line %d it cannot be read: %s", r.line, plainError(err))
	}
	r.line, _ = r.csv.FieldPos(0)
	if r.width == 0 {
		r.width = len(cells)
	}
	if len(cells) > maxColumns {
		return nil, fmt.Errorf("line %d has %d cells; tables of up to %d columns are read", r.line, len(cells), maxColumns)
	}
	if len(cells) != r.width {
		return nil, fmt.Errorf("line %d has %d cells and the first row %d; needs as many in every row", r.line, len(cells), r.width)
	}
	for i, c := range cells {
		cells[i] = strings.TrimSpace(c)
	}
	return cells, nil
}

// boundReader ends a row that goes on and on.
type boundReader struct {
	r    io.Reader
	read int // since the row began
}

func (b *boundReader) Read(p []byte) (int, error) {
	if b.read > maxRow {
		return 0, fmt.Errorf("the next row has more than %d bytes; is a quote left open?", maxRow)
	}
	n, err := b.r.Read(p)
	b.read += n
	return n, err
}
