// Package spec turns what a person writes into checked Go values: strict decoding of YAML (and so of JSON) into
// plain structs, errors that say where and what would work, families of named kinds (layers, optimizers, losses
// and so on), and a description of every setting from which forms are made.
//
// A setting is a struct field. Its tags say everything about it:
//
//	yaml:"filters"      the key; ",inline" for an embedded struct
//	required:"true"     the key must be given
//	min:"1" max:"8"     inclusive bounds of numbers (for a pair, of both)
//	above:"0" below:"1" exclusive bounds
//	oneof:"valid same"  the words that are allowed
//	null:"no"           null is refused; elsewhere pointers and interfaces may be null
//	doc:"..." unit:"..." what a form shows
//
// The value before decoding holds the defaults.
package spec

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// Kind is one named member of a family: conv2d among the layers, adam among the optimizers.
type Kind struct {
	Name    string     // the name in experiment files, Keras's snake case
	Class   string     // Keras's class name, "Conv2D"
	Aliases []string   // other names that are read as this one
	Doc     string     // one line for menus and help
	New     func() any // a pointer to the kind's settings with their defaults
}

// Family is a set of kinds that fill the same Go interface.
type Family struct {
	name  string
	iface reflect.Type
	kinds map[string]Kind
	order []string
}

// families finds the family of a field's interface type while decoding.
var families = map[reflect.Type]*Family{}

// NewFamily declares the family of kinds that implement the interface T; name is the noun in messages ("layer").
func NewFamily[T any](name string) *Family {
	t := reflect.TypeFor[T]()
	if t.Kind() != reflect.Interface {
		panic("spec: a family needs an interface type")
	}
	if families[t] != nil {
		panic("spec: family declared twice")
	}
	f := &Family{name: name, iface: t, kinds: map[string]Kind{}}
	families[t] = f
	return f
}

// article is the family's noun with its article.
func (f *Family) article() string {
	if strings.ContainsRune("aeiou", rune(f.name[0])) {
		return "an " + f.name
	}
	return "a " + f.name
}

// Register adds a kind. It panics when the name is taken or the settings do not implement the family's interface.
func (f *Family) Register(k Kind) {
	if !reflect.TypeOf(k.New()).Implements(f.iface) {
		panic("spec: kind does not implement its family's interface")
	}
	for _, name := range append([]string{k.Name}, k.Aliases...) {
		if _, taken := f.kinds[name]; taken {
			panic("spec: kind registered twice")
		}
		f.kinds[name] = k
	}
	f.order = append(f.order, k.Name)
	slices.Sort(f.order)
}

// Names lists the kinds in alphabetical order, without aliases.
func (f *Family) Names() []string { return slices.Clone(f.order) }

// Lookup finds a kind by its name or an alias.
func (f *Family) Lookup(name string) (Kind, bool) {
	k, ok := f.kinds[name]
	return k, ok
}

// Of finds the kind whose settings v is.
func (f *Family) Of(v any) (Kind, bool) {
	t := reflect.TypeOf(v)
	for _, name := range f.order {
		if k := f.kinds[name]; reflect.TypeOf(k.New()) == t {
			return k, true
		}
	}
	return Kind{}, false
}

// Must returns the kind of v, which must belong to the family.
func (f *Family) Must(v any) Kind {
	k, ok := f.Of(v)
	if !ok {
		panic("spec: value of an unregistered kind")
	}
	return k
}

// New makes the settings of a kind with their defaults; the error names what would work.
func (f *Family) New(name string) (any, error) {
	k, ok := f.kinds[name]
	if !ok {
		return nil, fmt.Errorf("unknown %s %s; %s", f.name, quote(name), suggest(name, f.order))
	}
	return k.New(), nil
}

// suggest names the likeliest of the known words, or all of them.
func suggest(word string, known []string) string {
	best, bestCost := "", 3
	for _, k := range known {
		if len(word) >= len(k)+bestCost { // nor is one so much longer
			continue
		}
		if c := distance(strings.ToLower(word), k); c < bestCost {
			best, bestCost = k, c
		}
	}
	all := "known: " + strings.Join(known, ", ")
	if best != "" {
		return fmt.Sprintf("did you mean %s? (%s)", best, all)
	}
	return all
}

// distance is Levenshtein's.
func distance(a, b string) int {
	prev := make([]int, len(b)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(a); i++ {
		cur := make([]int, len(b)+1)
		cur[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			cur[j] = min(prev[j]+1, cur[j-1]+1, prev[j-1]+cost)
		}
		prev = cur
	}
	return prev[len(b)]
}
