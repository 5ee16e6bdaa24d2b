package augment

import (
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"cnnbench/spec"
)

// Shift is how far pictures may be moved along one axis, in the three forms that Keras takes. At most one of the
// fields is set; the zero value moves nothing.
type Shift struct {
	Most  float64   // a decimal: anything from -Most to Most; below 1 a share of the side, from 1 on pixels
	Below int       // a whole number: 0, 1, ... Below-1 pixels, either way
	Of    []float64 // a list: one of these, either way; shares of the side if all are below 1, else pixels
}

// WantSpec says what a shift is read from.
func (s *Shift) WantSpec() string {
	return "a share such as 0.2, pixels such as 3.0, a whole number such as 3 (whole pixels below it), or a list to choose from"
}

// maxShift bounds shifts in pixels.
const maxShift = 1 << 20

// DecodeSpec reads one of the three forms. Keras takes the whole number 1 for no shift at all, so that it is refused.
func (s *Shift) DecodeSpec(d *spec.Decoder, n *yaml.Node, path string) error {
	v, isNumber := number(n)
	switch {
	case isNumber && v == 0:
		*s = Shift{}
		return nil
	case isNumber && n.Tag == "!!int":
		if i, err := strconv.Atoi(n.Value); err == nil && i >= 2 && i <= maxShift {
			*s = Shift{Below: i}
			return nil
		} else if i == 1 {
			return d.Errorf(n, path, "found the whole number 1, which is no shift, as whole pixels below 1 are drawn; needs 1.0 for up to a pixel, or 2 for a whole one")
		}
	case isNumber && v > 0 && v <= maxShift:
		*s = Shift{Most: v}
		return nil
	default:
		list, ok := numbers(n)
		if ok = ok && len(list) > 0; ok {
			for _, v := range list {
				ok = ok && v >= -maxShift && v <= maxShift
			}
		}
		if ok {
			*s = Shift{Of: list}
			return nil
		}
	}
	return d.Errorf(n, path, "found %s, needs %s", found(n), s.WantSpec())
}

// EncodeSpec writes a decimal with its point, so that it stays one.
func (s Shift) EncodeSpec() any {
	switch {
	case s.Of != nil:
		return s.Of
	case s.Below != 0:
		return s.Below
	case s.Most == 0:
		return 0
	}
	text := spec.FormatFloat(s.Most)
	if !strings.ContainsAny(text, ".e") {
		text += ".0"
	}
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!float", Value: text}
}

func (s *Shift) none() bool { return s.Most == 0 && s.Below == 0 && len(s.Of) == 0 }

// draw draws the shift in pixels along a side of so many.
func (s *Shift) draw(src Source, side int) float64 {
	share := s.Most < 1
	var v float64
	switch {
	case s.Below != 0:
		v, share = float64(src.IntN(s.Below)), false
		v *= sign(src)
	case s.Of != nil:
		v, share = s.Of[src.IntN(len(s.Of))], slices.Max(s.Of) < 1
		v *= sign(src)
	default:
		v = uniform(src, -s.Most, s.Most)
	}
	if share {
		v *= float64(side)
	}
	return v
}

func sign(src Source) float64 { return float64(2*src.IntN(2) - 1) }

// translation moves by rows and columns.
func translation(rows, cols float64) matrix { return matrix{{1, 0, rows}, {0, 1, cols}} }
