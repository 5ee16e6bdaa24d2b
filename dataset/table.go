package dataset

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

func init() {
	registerFormat(format{
		doc:   "tables in .csv or .tsv files",
		table: true,
		match: func(path string, info fs.FileInfo) bool { return !info.IsDir() && isTable(path) },
		open: func(req request) (*Source, error) {
			src, err := openTable(req)
			if err != nil {
				return nil, within(printable(req.path), err)
			}
			return src, nil
		},
	})
}

func isTable(path string) bool {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".csv", ".tsv":
		return true
	}
	return false
}

func openTable(req request) (*Source, error) {
	st, err := os.Stat(req.path)
	switch {
	case err != nil:
		return nil, errors.New(plainError(err))
	case !st.Mode().IsRegular():
		return nil, errors.New("it is no file")
	case st.Size() > maxBytes:
		return nil, fmt.Errorf("it is larger than the %d GiB that are read", maxBytes>>30)
	}
	f, err := os.Open(req.path)
	if err != nil {
		return nil, errors.New(plainError(err))
	}
	defer f.Close()
	return readTable(f, strings.EqualFold(filepath.Ext(req.path), ".tsv"), req)
}

// readTable reads a table with one row a sample. All columns but the one to be predicted are features: numbers as they
// are, texts one-hot, a feature for each text in alphabetical order. What is to be predicted is a class where it is
// text, or whole numbers that come again, else a value. A row in which something is missing is left out.
//
// The file is read twice: first to see what each column holds, then for its values.
func readTable(r io.ReadSeeker, tabs bool, req request) (*Source, error) {
	t, err := newSheet(r, tabs, req.label)
	if err != nil {
		return nil, err
	}
	s, err := t.survey(r)
	if err != nil {
		return nil, err
	}
	if s.rows == 0 {
		return nil, fmt.Errorf("none of its rows is complete%s", firstSkips(s.skipped))
	}
	if err := t.judge(s, req); err != nil {
		return nil, err
	}
	if t.features == 0 {
		return nil, fmt.Errorf("its only column is %s; needs at least one more to predict it from", t.columns[t.label].title())
	}
	src := &Source{Description: t.describe(), Shape: []int{t.features}, Skipped: s.skipped, Train: &Set{}}
	if err := fits(s.rows, t.features, 4); err != nil {
		return nil, err
	}
	x, y, err := t.values(r, s.rows)
	if err != nil {
		return nil, err
	}
	src.Train.Samples = Floats(src.Shape, x)
	target := &t.columns[t.label]
	if target.classes == nil {
		src.Train.Values, src.Width = y, 1
		return src, nil
	}
	src.Train.Labels = make([]int32, len(y))
	for i, v := range y {
		src.Train.Labels[i] = int32(v)
	}
	src.Classes = target.classes
	src.Unnamed = slices.Equal(src.Classes, numbers(len(src.Classes)))
	return src, nil
}

// describe says what became of the columns.
func (t *sheet) describe() string {
	var names []string
	for i := range t.columns {
		switch c := &t.columns[i]; {
		case i == t.label:
		case c.text:
			names = append(names, fmt.Sprintf("%s (one-hot, %d)", c.title(), len(c.classes)))
		default:
			names = append(names, c.title())
		}
	}
	return fmt.Sprintf("table that predicts %s from %s", t.columns[t.label].title(), listing(names))
}

// chooseLabel finds the column to be predicted: by name, by number from 1 or, negative, from the end; where none is
// given, the first of the usual names, else the last column.
func (t *sheet) chooseLabel(want string) error {
	t.label = len(t.columns) - 1
	if want == "" {
		for _, usual := range []string{"label", "class", "target", "y"} {
			at := slices.IndexFunc(t.columns, func(c column) bool { return strings.EqualFold(c.name, usual) })
			if at >= 0 {
				t.label = at
				return nil
			}
		}
		return nil
	}
	found := 0
	for i := range t.columns {
		if t.columns[i].name == want {
			t.label = i
			found++
		}
	}
	if found == 1 {
		return nil
	}
	if found > 1 {
		return field("label", fmt.Errorf("%d columns are called %s; give the number of one, from 1", found, printable(want)))
	}
	n, err := strconv.Atoi(want)
	if n < 0 {
		n += len(t.columns) + 1
	}
	if err != nil || n < 1 || n > len(t.columns) {
		var names []string
		for i := range t.columns {
			names = append(names, fmt.Sprintf("%d %s", i+1, short(t.columns[i].name, 60)))
		}
		return field("label", fmt.Errorf("there is no column %s; the columns are %s", short(printable(want), 60), listing(names)))
	}
	t.label = n - 1
	return nil
}
