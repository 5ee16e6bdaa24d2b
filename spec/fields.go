package spec

import (
	"fmt"
	"reflect"
	"strings"

	"go.yaml.in/yaml/v3"
)

// field is one setting of a struct type.
type field struct {
	key   string
	index []int
	tag   reflect.StructTag
}

// fieldsOf lists a struct's settings in order, those of inlined structs in their place.
func fieldsOf(t reflect.Type) []field {
	var out []field
	for i := range t.NumField() {
		sf := t.Field(i)
		key, opt, _ := strings.Cut(sf.Tag.Get("yaml"), ",")
		switch {
		case opt == "inline":
			for _, f := range fieldsOf(sf.Type) {
				f.index = append([]int{i}, f.index...)
				out = append(out, f)
			}
		case key != "" && key != "-":
			out = append(out, field{key: key, index: []int{i}, tag: sf.Tag})
		}
	}
	return out
}

func lookup(fields []field, key string) (field, bool) {
	for _, f := range fields {
		if f.key == key {
			return f, true
		}
	}
	return field{}, false
}

// firstRequired names the first setting that has no default, or "".
func firstRequired(t reflect.Type) string {
	for _, f := range fieldsOf(t) {
		if f.tag.Get("required") == "true" {
			return f.key
		}
	}
	return ""
}

// Field describes one setting to a form.
type Field struct {
	Key      string
	Doc      string
	Unit     string
	Want     string   // what it takes, in words: "a whole number of 1 or more"
	Options  []string // the words to choose from, if it is a choice
	Required bool
	Nullable bool   // null (none) is allowed
	Decimal  bool   // it takes numbers that need not be whole
	Text     string // the value as one line of YAML
}

// Fields lists the settings of the struct that v points at.
func Fields(v any) []Field {
	s := reflect.ValueOf(v).Elem()
	var out []Field
	for _, f := range fieldsOf(s.Type()) {
		fv := s.FieldByIndex(f.index)
		d := Field{Key: f.key, Doc: f.tag.Get("doc"), Unit: f.tag.Get("unit"), Want: wantType(fv.Type(), f.tag),
			Required: f.tag.Get("required") == "true", Decimal: decimal(fv.Type()), Text: text(fv)}
		switch fv.Kind() {
		case reflect.Bool:
			d.Options = []string{"true", "false"}
		case reflect.String:
			d.Options = strings.Fields(f.tag.Get("oneof"))
		case reflect.Interface:
			d.Nullable = nullable(f.tag)
			if fam := families[fv.Type()]; fam != nil {
				d.Options = fam.Names()
			}
		case reflect.Pointer:
			d.Nullable = true
			d.Want = wantType(fv.Type().Elem(), f.tag) + ", or null"
		}
		out = append(out, d)
	}
	return out
}

// decimal reports whether a setting is a number that need not be whole, or a list of such.
func decimal(t reflect.Type) bool {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	return t.Kind() == reflect.Float64
}

// SetField parses text as YAML and sets the setting key of the struct that v points at. On an error v is unchanged.
func SetField(v any, key, text string) error {
	s := reflect.ValueOf(v).Elem()
	f, ok := lookup(fieldsOf(s.Type()), key)
	if !ok {
		return fmt.Errorf("no setting is called %q", key)
	}
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(text), &doc); err != nil {
		return fmt.Errorf("%s: %q is not readable: %s", key, text, strings.TrimPrefix(err.Error(), "yaml: "))
	}
	n := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null"}
	if len(doc.Content) > 0 {
		n = doc.Content[0]
	}
	d := &Decoder{}
	trial := reflect.New(s.Type())
	trial.Elem().Set(reflect.ValueOf(Clone(v)).Elem())
	clearLines(n)
	if err := d.value(n, key, trial.Elem().FieldByIndex(f.index), f.tag); err != nil {
		return err
	}
	if val, ok := trial.Interface().(Validator); ok {
		if err := val.Validate(); err != nil {
			return err
		}
	}
	s.Set(trial.Elem())
	return nil
}

// clearLines forgets positions: a form's one-line text has none worth naming.
func clearLines(n *yaml.Node) {
	n.Line, n.Column = 0, 0
	for _, c := range n.Content {
		clearLines(c)
	}
}
