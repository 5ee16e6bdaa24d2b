package form

import (
	"errors"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"cnnbench/spec"
)

// node is one row of a form: a setting, or one of the kind that a setting above it has.
type node struct {
	spec.Field
	parent *node
	depth  int
	kind   nodeKind

	initial string // what stood there at first
	text    string // what stands there: a YAML value, or a bare word for text
	err     error
	open    bool   // its children are shown
	owner   string // type of the kind that it is a setting of
	kids    []*node
}

// nodeKind is how a setting is edited.
type nodeKind int

const (
	asYAML   nodeKind = iota // typed, read as YAML
	asText                   // typed, taken as it is
	asChoice                 // one of some words
	asKind                   // one of a family, with settings of its own
	asGroup                  // a struct that may be there or not
)

// none is how a person reads null among choices, and some that a group is there.
const (
	none = "none"
	some = "set"
)

// nodesOf lists the settings of the struct that v points at; those whose keys are in last come last.
func nodesOf(v any, parent *node, depth int, blank bool, skip, last []string) []*node {
	texts := textsOf(v)
	var out, tail []*node
	for _, f := range spec.Fields(v) {
		if slices.Contains(skip, f.Key) {
			continue
		}
		n := &node{Field: f, parent: parent, depth: depth, text: texts[f.Key]}
		value := settingOf(v, f.Key)
		switch {
		case value.Kind() == reflect.Interface:
			n.kind = asKind
			if f.Nullable && !f.Required {
				n.Options = append([]string{none}, f.Options...)
			}
			if n.text == "null" {
				n.text = none
			}
		case value.Kind() == reflect.Pointer && value.Type().Elem().Kind() == reflect.Struct && len(spec.Fields(reflect.New(value.Type().Elem()).Interface())) > 0:
			n.kind, n.Options = asGroup, []string{none, some}
			n.text = none
			if !value.IsNil() {
				n.text = some
			}
		case len(f.Options) > 0:
			n.kind = asChoice
		case value.Kind() == reflect.String:
			n.kind = asText
			n.text = value.String()
		case n.text == "null":
			n.text = ""
		case blank && f.Required && value.IsZero():
			n.text = ""
		}
		n.initial = n.text
		if slices.Contains(last, f.Key) {
			tail = append(tail, n)
		} else {
			out = append(out, n)
		}
	}
	return append(out, tail...)
}

// textsOf gives each setting's value as one line of YAML; of a kind with settings only its name.
func textsOf(v any) map[string]string {
	out := map[string]string{}
	n := spec.Node(v, nil)
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, body := n.Content[i].Value, n.Content[i+1]
		switch {
		case body.Kind == yaml.ScalarNode:
			out[key] = body.Value
		case body.Kind == yaml.MappingNode && len(body.Content) == 2 && settingOf(v, key).Kind() == reflect.Interface:
			out[key] = body.Content[0].Value
		default:
			out[key] = spec.Text(settingOf(v, key).Interface())
		}
	}
	return out
}

// settingOf finds the field with the key in the struct that v points at, those of inlined structs included.
func settingOf(v any, key string) reflect.Value {
	return find(reflect.ValueOf(v).Elem(), key)
}

func find(s reflect.Value, key string) reflect.Value {
	for i := range s.NumField() {
		name, opt, _ := strings.Cut(s.Type().Field(i).Tag.Get("yaml"), ",")
		switch {
		case opt == "inline":
			if f := find(s.Field(i), key); f.IsValid() {
				return f
			}
		case name == key:
			return s.Field(i)
		}
	}
	return reflect.Value{}
}

// target is the struct within root that the node is a setting of, or nil while its parent has none.
func (n *node) target(root any) any {
	if n.parent == nil {
		return root
	}
	up := n.parent.target(root)
	if up == nil {
		return nil
	}
	v := settingOf(up, n.parent.Key)
	if !v.IsValid() || v.IsNil() {
		return nil
	}
	return v.Interface()
}

// yaml is what stands in the node as SetField reads it.
func (n *node) yaml() string {
	switch {
	case n.kind == asText:
		return strconv.Quote(n.text)
	case (n.kind == asKind || n.kind == asGroup) && n.text == none:
		return "null"
	case n.kind == asGroup:
		return "{}"
	}
	return n.text
}

// set writes the node's text into root.
func (n *node) set(root any) error {
	target := n.target(root)
	if target == nil {
		return nil
	}
	if n.Required && (n.text == "" && n.kind != asText || n.text == none && n.kind == asKind) {
		return errors.New("is missing; needs " + n.Want)
	}
	err := spec.SetField(target, n.Key, n.yaml())
	var at *spec.Error
	var in *spec.FieldError
	switch {
	case errors.As(err, &at):
		return errors.New(at.Msg)
	case errors.As(err, &in) && in.Key == n.Key:
		return in.Err
	}
	return err
}

// choose moves a choice by d places, around the ends.
func (n *node) choose(d int) {
	i := slices.Index(n.Options, n.text)
	n.text = n.Options[((i+d)%len(n.Options)+len(n.Options))%len(n.Options)]
}

// jump goes to the next choice that begins with the letters.
func (n *node) jump(prefix string) {
	i := slices.Index(n.Options, n.text)
	for d := 1; d <= len(n.Options); d++ {
		if o := n.Options[(i+d)%len(n.Options)]; strings.HasPrefix(o, strings.ToLower(prefix)) {
			n.text = o
			return
		}
	}
}

// isChoice says that the node is chosen and not typed.
func (n *node) isChoice() bool { return n.kind >= asChoice }
