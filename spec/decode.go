package spec

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"reflect"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Error is a person's mistake in a file: where it stands and what would work.
type Error struct {
	File      string // as given; "" when the text has no file
	Line, Col int    // 1-based; 0 when unknown
	Path      string // model.layers[0].conv2d.filters
	Msg       string // what was found and what would work
}

func (e *Error) Error() string {
	var b strings.Builder
	if e.File != "" {
		b.WriteString(e.File)
		if e.Line > 0 {
			fmt.Fprintf(&b, ":%d:%d", e.Line, e.Col)
		}
		b.WriteString(": ")
	} else if e.Line > 0 && e.Path == "" {
		fmt.Fprintf(&b, "line %d: ", e.Line)
	}
	if e.Path != "" {
		b.WriteString(e.Path + ": ")
	}
	b.WriteString(e.Msg)
	return b.String()
}

// Decoder decodes nodes of one file.
type Decoder struct{ File string }

// Errorf makes an Error that points at the node.
func (d *Decoder) Errorf(n *yaml.Node, path, format string, args ...any) error {
	e := &Error{File: d.File, Path: path, Msg: fmt.Sprintf(format, args...)}
	if n != nil {
		e.Line, e.Col = n.Line, n.Column
	}
	return e
}

// Custom is implemented by settings with a form of their own (a share or a count, say).
type Custom interface {
	// DecodeSpec reads the node at path.
	DecodeSpec(d *Decoder, n *yaml.Node, path string) error
	// EncodeSpec returns a value that yaml can encode.
	EncodeSpec() any
}

// Validator is implemented by settings whose fields must fit together.
type Validator interface{ Validate() error }

// FieldError lets Validate name the key that is wrong.
type FieldError struct {
	Key string
	Err error
}

func (e *FieldError) Error() string { return e.Key + ": " + e.Err.Error() }
func (e *FieldError) Unwrap() error { return e.Err }

// Parse reads one YAML document. The error is an *Error.
func (d *Decoder) Parse(text []byte) (*yaml.Node, error) {
	var doc, next yaml.Node
	documents := yaml.NewDecoder(bytes.NewReader(text))
	err := documents.Decode(&doc)
	if err == nil {
		err = documents.Decode(&next)
	}
	switch {
	case err == nil && !isNull(next.Content[0]): // a null one is a "---" or "..." at the end
		return nil, d.Errorf(next.Content[0], "", "a second document begins here; an experiment is one document: leave the rest out, or write it to a file of its own")
	case err != nil && !errors.Is(err, io.EOF):
		msg := strings.TrimPrefix(err.Error(), "yaml: ")
		e := &Error{File: d.File, Msg: "not valid YAML: " + msg}
		if _, scanErr := fmt.Sscanf(msg, "line %d:", &e.Line); scanErr == nil {
			e.Col = 1
			e.Msg = "not valid YAML: " + strings.TrimSpace(msg[strings.Index(msg, ":")+1:])
		}
		return nil, e
	}
	if len(doc.Content) == 0 {
		return nil, &Error{File: d.File, Msg: "the file is empty; an experiment needs at least data.source and model.layers"}
	}
	return doc.Content[0], nil
}

// Decode reads the node into the value that into points at, which holds the defaults; path names it in errors.
func (d *Decoder) Decode(n *yaml.Node, path string, into any) error {
	v := reflect.ValueOf(into)
	if v.Kind() != reflect.Pointer || v.IsNil() {
		panic("spec: Decode needs a pointer")
	}
	return d.value(n, path, v.Elem(), "")
}

func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.Tag == "!!null" }

// found says what stands at the node, for messages.
func found(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a map"
	case yaml.SequenceNode:
		return "a list"
	}
	if isNull(n) {
		return "null"
	}
	return quote(n.Value)
}

// quote is a word from the file as messages show it.
func quote(word string) string {
	s := []rune(word)
	if len(s) > 40 {
		s = append(s[:37:37], '.', '.', '.')
	}
	return strconv.Quote(string(s))
}

func (d *Decoder) value(n *yaml.Node, path string, v reflect.Value, tag reflect.StructTag) error {
	if n.Kind == yaml.AliasNode || n.Anchor != "" {
		return d.Errorf(n, path, "anchors and aliases are not read here; write the value out")
	}
	if v.CanAddr() {
		if c, ok := v.Addr().Interface().(Custom); ok {
			return c.DecodeSpec(d, n, path)
		}
	}
	switch v.Kind() {
	case reflect.Pointer:
		if isNull(n) {
			v.SetZero()
			return nil
		}
		p := reflect.New(v.Type().Elem())
		if !v.IsNil() {
			p.Elem().Set(v.Elem())
		}
		if err := d.value(n, path, p.Elem(), tag); err != nil {
			return err
		}
		v.Set(p)
		return nil
	case reflect.Interface:
		return d.kind(n, path, v, tag)
	case reflect.Struct:
		return d.mapping(n, path, v)
	case reflect.Slice:
		return d.list(n, path, v, tag)
	case reflect.Map:
		return d.table(n, path, v, tag)
	}
	if n.Kind != yaml.ScalarNode || isNull(n) {
		return d.Errorf(n, path, "found %s, needs %s", found(n), want(v.Kind(), tag))
	}
	return d.scalar(n, path, v, tag)
}

// want says in words what a scalar setting takes.
func want(k reflect.Kind, tag reflect.StructTag) string {
	var s string
	switch k {
	case reflect.Bool:
		return "true or false"
	case reflect.String:
		if words := tag.Get("oneof"); words != "" {
			return "one of " + strings.Join(strings.Fields(words), ", ")
		}
		return "a word"
	case reflect.Float64:
		s = "a number"
	default:
		s = "a whole number"
	}
	switch lo, hi := tag.Get("min"), tag.Get("max"); {
	case lo != "" && hi != "":
		s += fmt.Sprintf(" from %s to %s", lo, hi)
	case lo != "":
		s += fmt.Sprintf(" of %s or more", lo)
	case hi != "":
		s += fmt.Sprintf(" of %s or less", hi)
	}
	if lo := tag.Get("above"); lo != "" {
		s += " above " + lo
	}
	if hi := tag.Get("below"); hi != "" {
		if tag.Get("above") != "" || tag.Get("min") != "" {
			s += " and"
		}
		s += " below " + hi
	}
	return s
}

func (d *Decoder) scalar(n *yaml.Node, path string, v reflect.Value, tag reflect.StructTag) error {
	bad := func() error { return d.Errorf(n, path, "found %s, needs %s", found(n), want(v.Kind(), tag)) }
	quoted := n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0
	switch v.Kind() {
	case reflect.Bool:
		if quoted || (n.Value != "true" && n.Value != "false") {
			return bad()
		}
		v.SetBool(n.Value == "true")
	case reflect.Int, reflect.Int64:
		i, err := strconv.ParseInt(n.Value, 10, 64)
		if quoted || err != nil || !inBounds(float64(i), tag) {
			return bad()
		}
		v.SetInt(i)
	case reflect.Uint64:
		u, err := strconv.ParseUint(n.Value, 10, 64)
		if quoted || err != nil || !inBounds(float64(u), tag) {
			return bad()
		}
		v.SetUint(u)
	case reflect.Float64:
		f, err := parseFloat(n.Value)
		if quoted || err != nil || !inBounds(f, tag) {
			return bad()
		}
		v.SetFloat(f)
	case reflect.String:
		if words := strings.Fields(tag.Get("oneof")); len(words) > 0 {
			for _, w := range words {
				if n.Value == w {
					v.SetString(w)
					return nil
				}
			}
			return bad()
		}
		v.SetString(n.Value)
	default:
		panic("spec: setting of an unsupported type")
	}
	return nil
}

// parseFloat reads a finite number, or a fraction such as 1/255 (the lecture's rescale).
func parseFloat(s string) (float64, error) {
	if a, b, ok := strings.Cut(s, "/"); ok {
		x, err := strconv.ParseFloat(strings.TrimSpace(a), 64)
		if err != nil {
			return 0, err
		}
		y, err := strconv.ParseFloat(strings.TrimSpace(b), 64)
		if err != nil {
			return 0, err
		}
		return finite(x / y)
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return 0, err
	}
	return finite(f)
}

func finite(f float64) (float64, error) {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return 0, errors.New("not a finite number")
	}
	return f, nil
}

func inBounds(x float64, tag reflect.StructTag) bool {
	bound := func(key string, ok func(b float64) bool) bool {
		s := tag.Get(key)
		if s == "" {
			return true
		}
		b, err := strconv.ParseFloat(s, 64)
		if err != nil {
			panic("spec: bound is not a number")
		}
		return ok(b)
	}
	return bound("min", func(b float64) bool { return x >= b }) && bound("max", func(b float64) bool { return x <= b }) &&
		bound("above", func(b float64) bool { return x > b }) && bound("below", func(b float64) bool { return x < b })
}

// nullable reports whether a pointer or interface may be null.
func nullable(tag reflect.StructTag) bool {
	return tag.Get("null") != "no" && tag.Get("required") != "true"
}

// kind reads a member of a family: its bare name, or a map of one key.
func (d *Decoder) kind(n *yaml.Node, path string, v reflect.Value, tag reflect.StructTag) error {
	f := families[v.Type()]
	if f == nil {
		panic("spec: interface without a family")
	}
	if isNull(n) && nullable(tag) {
		v.SetZero()
		return nil
	}
	switch {
	case isNull(n): // what is needed is said below
	case n.Kind == yaml.ScalarNode:
		s, err := f.New(n.Value)
		if err != nil {
			return d.Errorf(n, path, "%v", err)
		}
		if key := firstRequired(reflect.TypeOf(s).Elem()); key != "" {
			return d.Errorf(n, path, "%s needs %s: write {%s: {%s: ...}}", n.Value, key, n.Value, key)
		}
		return d.set(n, path, v, s)
	case n.Kind == yaml.MappingNode && len(n.Content) == 2:
		key, body := n.Content[0], n.Content[1]
		s, err := f.New(key.Value)
		if err != nil {
			return d.Errorf(key, path, "%v", err)
		}
		if isNull(body) { // "flatten:" with nothing behind it
			body = &yaml.Node{Kind: yaml.MappingNode, Line: key.Line, Column: key.Column}
		}
		if err := d.mapping(body, join(path, key.Value), reflect.ValueOf(s).Elem()); err != nil {
			return err
		}
		v.Set(reflect.ValueOf(s))
		return nil
	}
	what := found(n)
	if n.Kind == yaml.MappingNode && len(n.Content) > 2 {
		var keys []string
		for i := 0; i < len(n.Content); i += 2 {
			keys = append(keys, n.Content[i].Value)
		}
		what += " with the keys " + strings.Join(keys, ", ")
	}
	return d.Errorf(n, path, "found %s, needs the name of %s or a map with that one key; %s", what, f.article(), suggest("", f.order))
}

func (d *Decoder) set(n *yaml.Node, path string, v reflect.Value, s any) error {
	if err := d.validate(n, path, s); err != nil {
		return err
	}
	v.Set(reflect.ValueOf(s))
	return nil
}

func (d *Decoder) validate(n *yaml.Node, path string, s any) error {
	val, ok := s.(Validator)
	if !ok {
		return nil
	}
	err := val.Validate()
	var fe *FieldError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &fe):
		at := n
		for i := 0; i+1 < len(n.Content); i += 2 {
			if n.Content[i].Value == fe.Key {
				at = n.Content[i+1]
			}
		}
		return d.Errorf(at, join(path, fe.Key), "%v", fe.Err)
	}
	return d.Errorf(n, path, "%v", err)
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

func (d *Decoder) mapping(n *yaml.Node, path string, v reflect.Value) error {
	fields := fieldsOf(v.Type())
	if n.Kind != yaml.MappingNode {
		keys := make([]string, len(fields))
		for i, f := range fields {
			keys[i] = f.key
		}
		return d.Errorf(n, path, "found %s, needs a map with keys among %s", found(n), strings.Join(keys, ", "))
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, body := n.Content[i], n.Content[i+1]
		f, ok := lookup(fields, key.Value)
		if !ok {
			keys := make([]string, len(fields))
			for j, f := range fields {
				keys[j] = f.key
			}
			if len(keys) == 0 {
				return d.Errorf(key, path, "unknown key %s; no settings are taken here", quote(key.Value))
			}
			return d.Errorf(key, path, "unknown key %s; %s", quote(key.Value), suggest(key.Value, keys))
		}
		if seen[f.key] {
			return d.Errorf(key, path, "key %q stands here twice; keep one", f.key)
		}
		seen[f.key] = true
		if err := d.value(body, join(path, f.key), v.FieldByIndex(f.index), f.tag); err != nil {
			return err
		}
	}
	for _, f := range fields {
		if f.tag.Get("required") == "true" && !seen[f.key] {
			return d.Errorf(n, path, "%s is missing; needs %s", f.key, wantType(v.FieldByIndex(f.index).Type(), f.tag))
		}
	}
	return d.validate(n, path, v.Addr().Interface())
}

// Wanter is implemented by custom settings that say in words what they take.
type Wanter interface{ WantSpec() string }

func wantType(t reflect.Type, tag reflect.StructTag) string {
	if w, ok := reflect.New(t).Interface().(Wanter); ok {
		return w.WantSpec()
	}
	switch t.Kind() {
	case reflect.Slice:
		return "a list"
	case reflect.Struct, reflect.Map:
		return "a map"
	case reflect.Array:
		return "a whole number or a pair of them"
	case reflect.Interface:
		if f := families[t]; f != nil {
			return f.article()
		}
	}
	return want(t.Kind(), tag)
}

func (d *Decoder) list(n *yaml.Node, path string, v reflect.Value, tag reflect.StructTag) error {
	if isNull(n) {
		v.SetZero()
		return nil
	}
	if n.Kind != yaml.SequenceNode {
		return d.Errorf(n, path, "found %s, needs a list", found(n))
	}
	out := reflect.MakeSlice(v.Type(), len(n.Content), len(n.Content))
	for i, item := range n.Content {
		at := fmt.Sprintf("%s[%d]", path, i)
		if err := d.value(item, at, out.Index(i), tag); err != nil {
			return err
		}
		if k := out.Index(i).Kind(); k == reflect.Interface && out.Index(i).IsNil() {
			return d.Errorf(item, at, "found null, needs a value")
		}
	}
	v.Set(out)
	return nil
}

// table reads a map with free keys, such as class weights; JSON's quoted numeric keys are read as numbers.
func (d *Decoder) table(n *yaml.Node, path string, v reflect.Value, tag reflect.StructTag) error {
	if isNull(n) {
		v.SetZero()
		return nil
	}
	if n.Kind != yaml.MappingNode {
		return d.Errorf(n, path, "found %s, needs a map", found(n))
	}
	out := reflect.MakeMap(v.Type())
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, body := n.Content[i], n.Content[i+1]
		k := reflect.New(v.Type().Key()).Elem()
		bare := *key
		bare.Style = 0
		if err := d.value(&bare, path, k, `min:"0"`); err != nil {
			return err
		}
		if out.MapIndex(k).IsValid() {
			return d.Errorf(key, path, "key %s stands here twice; keep one", quote(key.Value))
		}
		e := reflect.New(v.Type().Elem()).Elem()
		if err := d.value(body, join(path, key.Value), e, tag); err != nil {
			return err
		}
		out.SetMapIndex(k, e)
	}
	v.Set(out)
	return nil
}
