package spec

import (
	"math"
	"reflect"
	"sort"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Node encodes a value so that decoding it gives the value back. Settings that equal their default are left out:
// defaults is a pointer to the value's struct with its defaults, or nil to write everything.
func Node(v, defaults any) *yaml.Node {
	rv := reflect.ValueOf(v)
	if rv.Kind() == reflect.Pointer {
		rv = rv.Elem()
	}
	var dv reflect.Value
	if defaults != nil {
		dv = reflect.ValueOf(defaults).Elem()
	}
	return encode(rv, dv, false)
}

// Text is the value as one line of YAML.
func Text(v any) string {
	rv := reflect.ValueOf(v)
	if !rv.IsValid() {
		return "null"
	}
	return text(rv)
}

func text(v reflect.Value) string {
	n := encode(v, reflect.Value{}, true)
	flow(n)
	b, err := yaml.Marshal(n)
	if err != nil {
		panic("spec: a setting cannot be encoded")
	}
	return strings.Join(strings.Fields(string(b)), " ")
}

func flow(n *yaml.Node) {
	if n.Kind == yaml.MappingNode || n.Kind == yaml.SequenceNode {
		n.Style = yaml.FlowStyle
	}
	for _, c := range n.Content {
		flow(c)
	}
}

func word(s string) *yaml.Node {
	n := &yaml.Node{}
	n.SetString(s)
	return n
}

func plain(tag, s string) *yaml.Node { return &yaml.Node{Kind: yaml.ScalarNode, Tag: tag, Value: s} }

// encode writes v; d holds the defaults where it is valid. Settings of kinds and short lists are written in flow style.
func encode(v, d reflect.Value, inKind bool) *yaml.Node {
	if !v.IsValid() {
		return plain("!!null", "null")
	}
	if c, ok := custom(v); ok {
		n := &yaml.Node{}
		if err := n.Encode(c.EncodeSpec()); err != nil {
			panic("spec: a setting cannot be encoded")
		}
		flow(n)
		return n
	}
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return plain("!!null", "null")
		}
		// A pointer's target has its own defaults only where the default is not null.
		if d.IsValid() && d.Kind() == reflect.Pointer && !d.IsNil() {
			return encode(v.Elem(), d.Elem(), inKind)
		}
		return encode(v.Elem(), reflect.New(v.Type().Elem()).Elem(), inKind)
	case reflect.Interface:
		if v.IsNil() {
			return plain("!!null", "null")
		}
		return encodeKind(v)
	case reflect.Struct:
		return encodeStruct(v, d, inKind)
	case reflect.Slice:
		if v.IsNil() {
			return plain("!!null", "null")
		}
		n := &yaml.Node{Kind: yaml.SequenceNode}
		blocks := v.Type().Elem().Kind() == reflect.Interface
		for i := range v.Len() {
			n.Content = append(n.Content, encode(v.Index(i), reflect.Value{}, inKind))
		}
		if !blocks || inKind || v.Len() == 0 {
			n.Style = yaml.FlowStyle
		}
		return n
	case reflect.Map:
		if v.IsNil() {
			return plain("!!null", "null")
		}
		n := &yaml.Node{Kind: yaml.MappingNode, Style: yaml.FlowStyle}
		keys := v.MapKeys()
		sort.Slice(keys, func(i, j int) bool { return lessKey(keys[i], keys[j]) })
		for _, k := range keys {
			n.Content = append(n.Content, encode(k, reflect.Value{}, true), encode(v.MapIndex(k), reflect.Value{}, true))
		}
		return n
	case reflect.Bool:
		return plain("", strconv.FormatBool(v.Bool()))
	case reflect.Int, reflect.Int64:
		return plain("", strconv.FormatInt(v.Int(), 10))
	case reflect.Uint64:
		return plain("", strconv.FormatUint(v.Uint(), 10))
	case reflect.Float64:
		return plain("", FormatFloat(v.Float()))
	case reflect.String:
		return word(v.String())
	}
	panic("spec: setting of an unsupported type")
}

func lessKey(a, b reflect.Value) bool {
	if a.Kind() == reflect.String {
		return a.String() < b.String()
	}
	return a.Int() < b.Int()
}

// FormatFloat writes the shortest decimal that reads back as f.
func FormatFloat(f float64) string {
	if a := math.Abs(f); a != 0 && (a < 1e-4 || a >= 1e15) {
		return strconv.FormatFloat(f, 'e', -1, 64)
	}
	return strconv.FormatFloat(f, 'f', -1, 64)
}

func custom(v reflect.Value) (Custom, bool) {
	if v.Kind() == reflect.Interface {
		return nil, false
	}
	if c, ok := v.Interface().(Custom); ok && v.Kind() != reflect.Pointer {
		return c, true
	}
	p := reflect.New(v.Type())
	p.Elem().Set(v)
	c, ok := p.Interface().(Custom)
	return c, ok
}

func encodeKind(v reflect.Value) *yaml.Node {
	k := families[v.Type()].Must(v.Interface())
	body := encode(v.Elem().Elem(), reflect.ValueOf(k.New()).Elem(), true)
	if len(body.Content) == 0 {
		return word(k.Name)
	}
	return &yaml.Node{Kind: yaml.MappingNode, Content: []*yaml.Node{word(k.Name), body}}
}

func encodeStruct(v, d reflect.Value, inKind bool) *yaml.Node {
	n := &yaml.Node{Kind: yaml.MappingNode}
	if inKind {
		n.Style = yaml.FlowStyle
	}
	for _, f := range fieldsOf(v.Type()) {
		fv := v.FieldByIndex(f.index)
		var fd reflect.Value
		if d.IsValid() {
			fd = d.FieldByIndex(f.index)
			if reflect.DeepEqual(fv.Interface(), fd.Interface()) && f.tag.Get("required") != "true" {
				continue
			}
		}
		n.Content = append(n.Content, word(f.key), encode(fv, fd, inKind))
	}
	return n
}

// Clone copies a value deeply.
func Clone[T any](v T) T {
	src := reflect.ValueOf(&v).Elem()
	dst := reflect.New(src.Type()).Elem()
	clone(dst, src)
	return dst.Interface().(T)
}

func clone(dst, src reflect.Value) {
	switch src.Kind() {
	case reflect.Pointer:
		if !src.IsNil() {
			p := reflect.New(src.Type().Elem())
			clone(p.Elem(), src.Elem())
			dst.Set(p)
		}
	case reflect.Interface:
		if !src.IsNil() {
			e := reflect.New(src.Elem().Type()).Elem()
			clone(e, src.Elem())
			dst.Set(e)
		}
	case reflect.Struct:
		dst.Set(src)
		for i := range src.NumField() {
			if dst.Field(i).CanSet() {
				clone(dst.Field(i), src.Field(i))
			}
		}
	case reflect.Slice:
		if !src.IsNil() {
			s := reflect.MakeSlice(src.Type(), src.Len(), src.Len())
			for i := range src.Len() {
				clone(s.Index(i), src.Index(i))
			}
			dst.Set(s)
		}
	case reflect.Map:
		if !src.IsNil() {
			m := reflect.MakeMap(src.Type())
			for _, k := range src.MapKeys() {
				e := reflect.New(src.Type().Elem()).Elem()
				clone(e, src.MapIndex(k))
				m.SetMapIndex(k, e)
			}
			dst.Set(m)
		}
	default:
		dst.Set(src)
	}
}
