package dataset

import (
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"cnnbench/dataset/hostile"
	"cnnbench/spec"
)

// openText opens a table that is written to a file.
func openText(t testing.TB, name, text string, cfg Config, targets Targets) (*Source, error) {
	t.Helper()
	dir := tree(t, map[string][]byte{name: []byte(text)})
	cfg.Source = filepath.Join(dir, name)
	return Open(cfg, Options{Targets: targets})
}

func TestTables(t *testing.T) {
	for name, c := range map[string]struct {
		file, text, label string
		targets           Targets
		x                 [][]float32
		classes           []string // nil: values
		y                 []float32
		skipped           []string
	}{
		"header and text classes": {text: "w,h,kind\n1,2,b\n3.5,-4e1,a\n5,6,b\n", x: [][]float32{{1, 2}, {3.5, -40}, {5, 6}}, classes: []string{"a", "b"}, y: []float32{1, 0, 1}},
		"no header":               {text: "1,2,b\n3,4,a\n", x: [][]float32{{1, 2}, {3, 4}}, classes: []string{"a", "b"}, y: []float32{1, 0}},
		"numbers as names":        {text: "label,0,1\n7,10,20\n3,30,40\n7,1,1\n3,2,2\n", x: [][]float32{{10, 20}, {30, 40}, {1, 1}, {2, 2}}, classes: []string{"3", "7"}, y: []float32{1, 0, 1, 0}},
		"one row of numbers":      {text: "1,2,3", x: [][]float32{{1, 2}}, y: []float32{3}},
		"all text is a header":    {text: "a,b\nred,x\nblue,y\nred,y\n", x: [][]float32{{0, 1}, {1, 0}, {0, 1}}, classes: []string{"x", "y"}, y: []float32{0, 1, 1}},
		"usual name":              {text: "Target,w\nx,1\ny,2\n", x: [][]float32{{1}, {2}}, classes: []string{"x", "y"}, y: []float32{0, 1}},
		"label before class":      {text: "class,label\n1.5,x\n2.5,y\n", x: [][]float32{{1.5}, {2.5}}, classes: []string{"x", "y"}, y: []float32{0, 1}},
		"label by name":           {text: "a,b,y\n1,2,3\n4,5,6\n", label: "b", x: [][]float32{{1, 3}, {4, 6}}, y: []float32{2, 5}},
		"label by number":         {text: "a,b,y\n1,2.5,3\n4,5,6\n", label: "2", x: [][]float32{{1, 3}, {4, 6}}, y: []float32{2.5, 5}},
		"label from the end":      {text: "1,2.5,3\n4,5,6\n", label: "-3", x: [][]float32{{2.5, 3}, {5, 6}}, y: []float32{1, 4}},
		"a name that is a number": {text: "label,1,2\n1.5,8.5,9\n2,8,9\n", label: "1", x: [][]float32{{1.5, 9}, {2, 9}}, y: []float32{8.5, 8}},
		"classes of numbers":      {text: "1,0\n2,1\n3,2\n4,0\n5,1\n6,2\n", x: [][]float32{{1}, {2}, {3}, {4}, {5}, {6}}, classes: []string{"0", "1", "2"}, y: []float32{0, 1, 2, 0, 1, 2}},
		"plus and minus one":      {text: "1,-1\n2,1.0\n3,+1\n4,-1\n5,1\n6,1\n", x: [][]float32{{1}, {2}, {3}, {4}, {5}, {6}}, classes: []string{"-1", "1"}, y: []float32{0, 1, 1, 0, 1, 1}},
		"numbers seldom alike":    {text: "1,10\n2,20\n3,30\n4,10\n", x: [][]float32{{1}, {2}, {3}, {4}}, y: []float32{10, 20, 30, 10}},
		"asked for as classes":    {text: "1,10\n2,20\n3,30\n", targets: Labels, x: [][]float32{{1}, {2}, {3}}, classes: []string{"10", "20", "30"}, y: []float32{0, 1, 2}},
		"asked for as values":     {text: "1,0\n2,1\n3,1\n4,0\n", targets: Values, x: [][]float32{{1}, {2}, {3}, {4}}, y: []float32{0, 1, 1, 0}},
		"texts one-hot":           {text: "c,w,y\nred,1,.5\nblue,2,.6\ngreen,3,.7\n", x: [][]float32{{0, 0, 1, 1}, {1, 0, 0, 2}, {0, 1, 0, 3}}, y: []float32{.5, .6, .7}},
		"missing": {text: "c,w,y\nred,1,.5\nonly here,,.6\nblue,?,.6\n\nblue,3,NaN\nblue, NA ,1\nblue,4,.7\n", x: [][]float32{{0, 1, 1}, {1, 0, 4}}, y: []float32{.5, .7},
			skipped: []string{"line 3: w is missing", "line 4: w is missing", "line 6: y is missing", "line 7: w is missing"}},
		"a missing first":       {text: "1,a\n?,b\n3,b\n", x: [][]float32{{1}, {3}}, classes: []string{"a", "b"}, y: []float32{0, 1}, skipped: []string{"line 2: column 1 is missing"}},
		"tabs":                  {file: "t.tsv", text: "w\tkind\n1\tit's \"a\"\n2\tb,c\n", x: [][]float32{{1}, {2}}, classes: []string{"b,c", `it's "a"`}, y: []float32{1, 0}},
		"tabs in a .csv":        {text: "w\tkind\n1\ta\n2\tb\n", x: [][]float32{{1}, {2}}, classes: []string{"a", "b"}, y: []float32{0, 1}},
		"semicolons and commas": {text: "w;kind\r\n1,5;a\r\n2;b\r\n", x: [][]float32{{1.5}, {2}}, classes: []string{"a", "b"}, y: []float32{0, 1}},
		"quotes and a mark":     {text: "\ufeff\"w, or h\", \"kind\"\n\"1\", \"a\nb\"\n2 ,\"\x1b[2J\"\n", label: "kind", x: [][]float32{{1}, {2}}, classes: []string{`\x1b[2J`, `a\nb`}, y: []float32{1, 0}},
	} {
		if c.file == "" {
			c.file = "t.csv"
		}
		cfg := NewConfig()
		cfg.Label = c.label
		s, err := openText(t, c.file, c.text, cfg, c.targets)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		x := rows(t, s.Train, s.Train.Samples.Len())
		y := slices.Clone(s.Train.Values)
		for _, l := range s.Train.Labels {
			y = append(y, float32(l))
		}
		if !slices.EqualFunc(x, c.x, slices.Equal[[]float32]) || !slices.Equal(y, c.y) || !slices.Equal(s.Classes, c.classes) || !slices.Equal(skips(s), c.skipped) {
			t.Errorf("%s: x %v, y %v, classes %q, left out %q", name, x, y, s.Classes, skips(s))
		}
		if (s.Classes == nil) != (s.Width == 1) || (s.Classes == nil) != (s.Train.Labels == nil) || !slices.Equal(s.Shape, []int{len(c.x[0])}) {
			t.Errorf("%s: %+v", name, s)
		}
		if want := slices.Equal(c.classes, numbers(len(c.classes))) && c.classes != nil; s.Unnamed != want {
			t.Errorf("%s: unnamed is %v", name, s.Unnamed)
		}
	}
}

func TestTablesRefuse(t *testing.T) {
	many := "w,name\n"
	for i := range 80 {
		many += fmt.Sprintf("%d,n%d\n", i, i)
	}
	for want, c := range map[string]struct{ text, label string }{
		"source: is empty":                       {"", ""},
		"is empty; needs rows of cells":          {"\n\n", ""},
		"it holds a header only":                 {"a,b\n", ""},
		"line 3 has 3 cells and the first row 2": {"a,b\n1,2\n1,2,3\n", ""},
		"w holds \"1\" on line 2 and \"abc\" on line 3; needs numbers in all rows or texts in all": {"w,y\n1,2\nabc,2\n", ""},
		"w holds \"1\" on line 2 and \"inf\" on line 3":                                            {"w,y\n1,2\ninf,2\n", ""},
		"w holds \"1\" on line 2 and \"1e39\" on line 3":                                           {"w,y\n1,2\n1e39,2\n", ""},
		"column 1 holds \"1\" on line 1 and \"x\" on line 2":                                       {"1,2\nx,2\n", ""},
		"none of its rows is complete; line 2: b is missing; line 3: b is missing":                 {"a,b,c\n1,,2\n1,NA,3\n", ""},
		"name holds more than 32 different texts, \"n32\" on line 34 among them; take the column":  {many, "w"},
		"label: *: name holds 80 different texts in 80 rows, too many for classes":                 {many, ""},
		"label: *: y holds \"a\" in every row; needs two classes":                                  {"w,y\n1,a\n2,a\n", ""},
		"label: *: there is no column kind; the columns are 1 w, 2 y":                              {"w,y\n1,2\n", "kind"},
		"label: *: there is no column 3":                                                           {"w,y\n1,2\n", "3"},
		"label: *: there is no column 0":                                                           {"w,y\n1,2\n", "0"},
		"label: *: 2 columns are called w; give the number of one":                                 {"w,w\n1,2\n", "w"},
		"its only column is y; needs at least one more":                                            {"y\n1\n2\n", ""},
		"line 2 cannot be read: extraneous or missing \" in quoted-field":                          {"w,y\n1,\"2\n3,4\n", ""},
		"it is text in UTF-16; save it as UTF-8":                                                   {"\xff\xfew\x00", ""},
		"the next row has more than 1048576 bytes; is a quote left open?":                          {"w,y\n1,2\n1,\"" + strings.Repeat("x\n", 1<<20), ""},
	} {
		cfg := NewConfig()
		cfg.Label = c.label
		_, err := openText(t, "t.csv", c.text, cfg, Either)
		key, text, _ := strings.Cut(want, ": *: ")
		if text == "" {
			key, text = "source", strings.TrimPrefix(want, "source: is ")
		}
		if err == nil || !strings.Contains(err.Error(), text) || !strings.HasPrefix(err.Error(), key+": ") || strings.Contains(err.Error(), "\n") {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

// The label is a setting of tables only, and reads as a name or a number.
func TestLabelSetting(t *testing.T) {
	for _, text := range []string{"{source: a, label: 3}", "{source: a, label: '3'}"} {
		if cfg, err := decode(text); err != nil || cfg.Label != "3" {
			t.Errorf("%s: %q, %v", text, cfg.Label, err)
		}
	}
	for _, source := range []string{"line", writeNPZ(t), tree(t, map[string][]byte{"a/1.png": nil})} {
		cfg := named(source)
		cfg.Label = "y"
		var fe *spec.FieldError
		if _, err := Open(cfg, Options{}); !errors.As(err, &fe) || fe.Key != "label" || !strings.Contains(err.Error(), "has no columns to choose from; leave label out") {
			t.Errorf("%s: %v", source, err)
		}
	}
}

// A table becomes parts as other sources do.
func TestTableDivides(t *testing.T) {
	var text strings.Builder
	text.WriteString("w,h,kind\n")
	for i := range 100 {
		fmt.Fprintf(&text, "%d,%v,%s\n", i, math.Sqrt(float64(i)), []string{"ox", "ass", "ape"}[i%3])
	}
	dir := tree(t, map[string][]byte{"t.csv": []byte(text.String())})
	cfg := named("t.csv")
	cfg.Classes, cfg.Split.Test, cfg.Split.Stratify = []string{"ox", "ape"}, new(Amount(.2)), true
	d := load(t, cfg, Options{Dir: dir})
	if counts(d) != [3]int{39, 14, 14} || d.Classes[1] != "ape" {
		t.Errorf("%v of %v", counts(d), d.Classes)
	}
	x := make([]float32, 2)
	for i := range d.Train.Len() {
		if err := d.Train.Read(x, i); err != nil || x[1] != float32(math.Sqrt(float64(x[0]))) || d.Train.Label(i) != int(x[0])%3/2 {
			t.Errorf("sample %v has label %d: %v", x, d.Train.Label(i), err)
		}
	}
	f, err := d.Source.Describe(t.Context(), Pass{})
	if err != nil || f.Description != "table that predicts kind from w, h" {
		t.Errorf("%+v, %v", f, err)
	}
}

func FuzzTable(f *testing.F) {
	for _, text := range []string{"w,h,kind\n1,2,b\n3.5,-4e1,a\n", "1,2\n3,4\n", "label,0,1\n7,10,20\n3,30,40\n", "a;b\n\"x\ny\";1,5\n", "w\ty\n?\t2\n3\t4", "\xef\xbb\xbfa,b", "\xff\xfe", "a,\"b"} {
		f.Add([]byte(text), "", false, 0)
		f.Add([]byte(text), "2", true, 2)
	}
	f.Add([]byte(strings.Repeat("\xec", 5000)+",2\n3"), "\xd8", true, -61)
	f.Fuzz(func(t *testing.T, text []byte, label string, tabs bool, targets int) {
		var s *Source
		var err error
		hostile.Within(t, 1<<21+1<<9*len(text), func() {
			s, err = readTable(strings.NewReader(string(text)), tabs, request{label: label, targets: Targets(targets)})
		})
		if err != nil {
			hostile.Sentence(t, shownError{err}) // as Open returns it
			return
		}
		n := s.Train.Samples.Len()
		if n == 0 || len(s.Train.Labels)+len(s.Train.Values) != n || s.Train.Labels != nil && len(s.Classes) < 1 {
			t.Errorf("%d samples, %d labels, %d values, %d classes", n, len(s.Train.Labels), len(s.Train.Values), len(s.Classes))
		}
		for _, l := range s.Train.Labels {
			if l < 0 || int(l) >= len(s.Classes) {
				t.Errorf("label %d of %d classes", l, len(s.Classes))
			}
		}
		for i := range n {
			x := make([]float32, s.Shape[0])
			if err := s.Train.Samples.Read(x, i); err != nil || finite(x, 1) != nil {
				t.Errorf("row %d: %v, %v", i, x, err)
			}
		}
		for _, word := range append(append(skips(s), s.Classes...), s.Description) {
			if printable(word) != word {
				t.Errorf("unprintable %q", word)
			}
		}
	})
}

func BenchmarkTable(b *testing.B) {
	var text strings.Builder
	for i := range 1000 {
		fmt.Fprint(&text, i%10)
		for j := range 784 {
			fmt.Fprint(&text, ",", (i*j)%256)
		}
		text.WriteByte('\n')
	}
	b.SetBytes(int64(text.Len()))
	for b.Loop() {
		if _, err := readTable(strings.NewReader(text.String()), false, request{label: "1"}); err != nil {
			b.Fatal(err)
		}
	}
}
