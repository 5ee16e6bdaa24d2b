package spec

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

type shape interface{ Area() float64 }

type circle struct {
	Radius float64 `yaml:"radius" required:"true" above:"0" doc:"from the centre"`
}

type box struct {
	Sides Pair   `yaml:"sides" doc:"rows and columns"`
	Note  string `yaml:"note"`
}

func (c *circle) Area() float64 { return 3 * c.Radius * c.Radius }
func (b *box) Area() float64    { return float64(b.Sides[0] * b.Sides[1]) }

type inner struct {
	Name string `yaml:"name"`
}

type doc struct {
	inner   `yaml:",inline"`
	Count   int             `yaml:"count" required:"true" min:"1" max:"9"`
	Rate    float64         `yaml:"rate" min:"0" below:"1"`
	On      bool            `yaml:"on"`
	Mode    string          `yaml:"mode" oneof:"fast slow"`
	Limit   *int            `yaml:"limit" min:"0"`
	Shape   shape           `yaml:"shape"`
	Needed  shape           `yaml:"needed" null:"no"`
	Shapes  []shape         `yaml:"shapes"`
	Weights map[int]float64 `yaml:"weights"`
	Words   []string        `yaml:"words"`
}

func (d *doc) Validate() error {
	if d.On && d.Mode == "slow" {
		return &FieldError{Key: "mode", Err: fmt.Errorf("slow does not go with on; use fast")}
	}
	return nil
}

var shapes = NewFamily[shape]("shape")

func init() {
	shapes.Register(Kind{Name: "circle", Class: "Circle", New: func() any { return &circle{} }})
	shapes.Register(Kind{Name: "box", Class: "Box", Aliases: []string{"rect"}, New: func() any { return &box{Sides: Pair{1, 1}} }})
}

func defaults() *doc {
	return &doc{Rate: .5, Mode: "fast", Shape: &box{Sides: Pair{1, 1}}, Needed: &circle{1}}
}

func read(text string, set ...string) (*doc, error) {
	d := Decoder{File: "f.yaml"}
	n, err := d.Parse([]byte(text))
	if err != nil {
		return nil, err
	}
	for i := 0; i < len(set); i += 2 {
		if err := SetPath(n, set[i], set[i+1]); err != nil {
			return nil, err
		}
	}
	v := defaults()
	return v, d.Decode(n, "", v)
}

func TestDecode(t *testing.T) {
	two := 2
	for _, c := range []struct {
		text string
		want doc
	}{
		{"count: 3", doc{Count: 3, Rate: .5, Mode: "fast", Shape: &box{Sides: Pair{1, 1}}, Needed: &circle{1}}},
		{"---\ncount: 3\n---\n", doc{Count: 3, Rate: .5, Mode: "fast", Shape: &box{Sides: Pair{1, 1}}, Needed: &circle{1}}},
		{`{"count": 3, "rate": 1e-07, "weights": {"0": 1.0, "1": 3}, "shape": {"circle": {"radius": 2}}}`,
			doc{Count: 3, Rate: 1e-7, Mode: "fast", Shape: &circle{2}, Weights: map[int]float64{0: 1, 1: 3}, Needed: &circle{1}}},
		{"name: a\ncount: 1\nrate: 1/4\non: true\nlimit: 2\nshape: null\nshapes: [box, {circle: {radius: .5}}, {rect: {sides: [2, 3]}}, {box: }]\nwords: [a, 1, true]",
			doc{inner: inner{"a"}, Count: 1, Rate: .25, On: true, Mode: "fast", Limit: &two,
				Shapes: []shape{&box{Sides: Pair{1, 1}}, &circle{.5}, &box{Sides: Pair{2, 3}}, &box{Sides: Pair{1, 1}}}, Words: []string{"a", "1", "true"}, Needed: &circle{1}}},
	} {
		got, err := read(c.text)
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		if !reflect.DeepEqual(*got, c.want) {
			t.Errorf("%s:\n got %+v\nwant %+v", c.text, *got, c.want)
		}
		// What is written reads back as the same, with and without the defaults.
		for _, from := range []any{nil, defaults()} {
			out, err := yaml.Marshal(Node(got, from))
			if err != nil {
				t.Fatal(err)
			}
			back, err := read(string(out))
			if err != nil || !reflect.DeepEqual(back, got) {
				t.Errorf("%s read back from\n%s: %+v, %v", c.text, out, back, err)
			}
		}
	}
}

func TestMistakes(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"count: 3\ncuont: 4", `f.yaml:2:1: unknown key "cuont"; did you mean count? (known: name, count, rate, on, mode, limit, shape, needed, shapes, weights, words)`},
		{"rate: 0.1", "f.yaml:1:1: count is missing; needs a whole number from 1 to 9"},
		{"count: three", `f.yaml:1:8: count: found "three", needs a whole number from 1 to 9`},
		{"count: " + strings.Repeat("é", 50), `f.yaml:1:8: count: found "` + strings.Repeat("é", 37) + `...", needs a whole number from 1 to 9`},
		{"count: 3.0", `f.yaml:1:8: count: found "3.0", needs a whole number from 1 to 9`},
		{"count: 10", `f.yaml:1:8: count: found "10", needs a whole number from 1 to 9`},
		{`count: "3"`, `f.yaml:1:8: count: found "3", needs a whole number from 1 to 9`},
		{"count: null", `f.yaml:1:8: count: found null, needs a whole number from 1 to 9`},
		{"count: [1]", `f.yaml:1:8: count: found a list, needs a whole number from 1 to 9`},
		{"count: 1\nrate: 1", `f.yaml:2:7: rate: found "1", needs a number of 0 or more and below 1`},
		{"count: 1\nrate: .nan", `f.yaml:2:7: rate: found ".nan", needs a number of 0 or more and below 1`},
		{"count: 1\nmode: quick", `f.yaml:2:7: mode: found "quick", needs one of fast, slow`},
		{"count: 1\non: yes", `f.yaml:2:5: on: found "yes", needs true or false`},
		{"count: 1\nlimit: -1", `f.yaml:2:8: limit: found "-1", needs a whole number of 0 or more`},
		{"count: 1\ncount: 2", `f.yaml:2:1: key "count" stands here twice; keep one`},
		{"count: 1\nshape: circel", `f.yaml:2:8: shape: unknown shape "circel"; did you mean circle? (known: box, circle)`},
		{"count: 1\nshape: circle", `f.yaml:2:8: shape: circle needs radius: write {circle: {radius: ...}}`},
		{"count: 1\nshapes: [{circle: {}}]", `f.yaml:2:19: shapes[0].circle: radius is missing; needs a number above 0`},
		{"count: 1\nshapes: [{circle: {radius: 0}}]", `f.yaml:2:28: shapes[0].circle.radius: found "0", needs a number above 0`},
		{"count: 1\nneeded: null", `f.yaml:2:9: needed: found null, needs the name of a shape or a map with that one key; known: box, circle`},
		{"count: 1\nshapes: [box, null]", `f.yaml:2:15: shapes[1]: found null, needs a value`},
		{"count: 1\nshapes: [{box: {sides: [1, 0]}}]", `f.yaml:2:24: shapes[0].box.sides: found a list, needs a whole number of 1 or more, or a pair of them such as [3, 5]`},
		{"count: 1\nshapes: [{box: {}, circle: {}}]", `f.yaml:2:10: shapes[0]: found a map with the keys box, circle, needs the name of a shape or a map with that one key; known: box, circle`},
		{"count: 1\non: true\nmode: slow", `f.yaml:3:7: mode: slow does not go with on; use fast`},
		{"count: 1\nweights: {a: 1}", `f.yaml:2:11: weights: found "a", needs a whole number of 0 or more`},
		{"count: &x 1\nlimit: *x", `f.yaml:1:8: count: anchors and aliases are not read here; write the value out`},
		{"- 1", "f.yaml:1:1: found a list, needs a map with keys among name, count, rate, on, mode, limit, shape, needed, shapes, weights, words"},
		{"count: [1", "f.yaml:1:1: not valid YAML: did not find expected ',' or ']'"},
		{"count: 1\n---\ncount: 2", "f.yaml:3:1: a second document begins here; an experiment is one document: leave the rest out, or write it to a file of its own"},
		{"count: 1\n---\ncount: [", "f.yaml:3:1: not valid YAML: did not find expected node content"},
		{"# nothing", "f.yaml: the file is empty; an experiment needs at least data.source and model.layers"},
		{"", "f.yaml: the file is empty; an experiment needs at least data.source and model.layers"},
	} {
		_, err := read(c.text)
		if err == nil || err.Error() != c.want {
			t.Errorf("%q:\n got %v\nwant %s", c.text, err, c.want)
		}
	}
}

func TestSetPath(t *testing.T) {
	const text = "count: 1\nshape: box\nshapes: [{circle: {radius: 1}}]"
	got, err := read(text, "count", "4", "shapes[0].circle.radius", "2.5", "shape.box.note", "hello", "weights.3", "0.5")
	if err != nil {
		t.Fatal(err)
	}
	if got.Count != 4 || got.Shapes[0].(*circle).Radius != 2.5 || got.Shape.(*box).Note != "hello" || got.Weights[3] != .5 {
		t.Errorf("got %+v", got)
	}
	for path, want := range map[string]string{
		"shapes[3].circle": "shapes[3].circle: there is no item [3]; the list has 1",
		"shapes.circle":    `shapes.circle: "circle" is not an index; the value there is a list: write [0]`,
		"a..b":             `path "a..b" has an empty key; write it like model.layers[0].conv2d.filters`,
		"shapes[x]":        `path "shapes[x]": "x" is not an index; write it like layers[0]`,
	} {
		if _, err := read(text, path, "1"); err == nil || err.Error() != want {
			t.Errorf("%s:\n got %v\nwant %s", path, err, want)
		}
	}
}

func TestFields(t *testing.T) {
	v := defaults()
	v.Count = 2
	var keys []string
	for _, f := range Fields(v) {
		keys = append(keys, f.Key+"="+f.Text)
	}
	want := "name= count=2 rate=0.5 on=false mode=fast limit=null shape=box needed={circle: {radius: 1}} shapes=null weights=null words=null"
	got := strings.ReplaceAll(strings.Join(keys, " "), `""`, "")
	if got != want {
		t.Errorf("fields are %s, want %s", got, want)
	}
	before := Clone(v)
	if err := SetField(v, "count", "12"); err == nil || err.Error() != `count: found "12", needs a whole number from 1 to 9` {
		t.Errorf("a bad value gives %v", err)
	}
	if !reflect.DeepEqual(v, before) {
		t.Error("a bad value changed the settings")
	}
	if err := SetField(v, "shape", "{circle: {radius: 2}}"); err != nil || v.Shape.(*circle).Radius != 2 {
		t.Errorf("shape is %v, %v", v.Shape, err)
	}
	if before.Shape.(*box) == nil {
		t.Error("the clone shares memory")
	}
}

func FuzzDecode(f *testing.F) {
	f.Add("count: 1\nshapes: [box, {circle: {radius: 1}}]")
	f.Add("{}")
	f.Fuzz(func(t *testing.T, text string) {
		v, err := read(text)
		if err != nil {
			return
		}
		out, err := yaml.Marshal(Node(v, nil))
		if err != nil {
			t.Fatal(err)
		}
		back, err := read(string(out))
		if err != nil || !reflect.DeepEqual(back, v) {
			t.Errorf("%q reads back from %q as %+v, %v", text, out, back, err)
		}
	})
}
