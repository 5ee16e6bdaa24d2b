package loss

import "fmt"

// Target is the form in which a loss takes its targets.
type Target int

// The forms of targets.
const (
	Labels Target = iota // one column: the class number
	OneHot               // one column a class, 1 for the sample's class and 0 for the others
	Values               // the data's own columns
)

// Columns is the number of target columns beside predictions of that width.
func (t Target) Columns(width int) int {
	if t == Labels {
		return 1
	}
	return width
}

func (t Target) String() string { return [...]string{"labels", "one-hot", "values"}[t] }

// Head is how a network ends, as far as a loss must know.
type Head struct {
	Units      int    // the last axis of the output
	Activation string // by its name; "" when it is not known, and then not checked
}

// Data is what the data offers as targets.
type Data struct {
	Classes int  // number of classes; 0: the targets are values
	Open    bool // class numbers without names: there may be classes above the highest one seen
	Columns int  // of values
}

func count(n int, noun, plural string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %s", n, plural)
}

func (h Head) String() string { return "the last layer has " + count(h.Units, "unit", "units") }

func (d Data) String() string {
	if d.Classes > 0 {
		return "the data " + count(d.Classes, "class", "classes")
	}
	return "the data " + count(d.Columns, "target column", "target columns")
}

// covers reports whether the head has a unit for every class of the data.
func (h Head) covers(d Data) bool { return h.Units == d.Classes || d.Open && h.Units > d.Classes }

// probabilities refuses heads whose outputs cannot be meant as probabilities.
func (h Head) probabilities(loss, cure string) error {
	switch h.Activation {
	case "", "softmax", "sigmoid":
		return nil
	}
	return fmt.Errorf("%s needs probabilities: the last layer's activation is %s; set activation: %s", loss, h.Activation, cure)
}

// fitValues is the rule of the losses that compare number with number.
func fitValues(loss string, h Head, d Data) (Target, error) {
	switch {
	case d.Classes == 0 && h.Units == d.Columns:
		return Values, nil
	case d.Classes == 0:
		return 0, fmt.Errorf("%s needs one unit a target column: %v, %v; set units: %d", loss, h, d, d.Columns)
	case h.Units == 1:
		return Labels, nil
	case h.covers(d):
		return OneHot, nil
	}
	return 0, fmt.Errorf("%s needs one unit for the class number or one unit a class: %v, %v; set units: %d", loss, h, d, d.Classes)
}

// fitClasses is what both categorical crossentropies ask of a head.
func fitClasses(loss string, h Head, d Data) error {
	switch {
	case d.Classes == 1 && !d.Open:
		return fmt.Errorf("%s needs two classes or more, the data has one; give it another", loss)
	case !h.covers(d) || h.Units < 2:
		cure := ""
		if h.Units == 1 && d.Classes == 2 {
			cure = ", or take binary_crossentropy with a sigmoid"
		}
		return fmt.Errorf("%s needs one unit a class: %v, %v; set units: %d%s", loss, h, d, max(d.Classes, 2), cure)
	}
	return h.probabilities(loss, "softmax")
}
