package augment

import (
	"go.yaml.in/yaml/v3"

	"cnnbench/spec"
)

// Zoom is the lowest and the highest factor of the coordinates; below 1 enlarges the picture. The zero value is no zoom.
type Zoom struct {
	By     float64 // one number: from 1-By to 1+By
	Factor *Range  // a pair
}

// WantSpec says what a zoom is read from.
func (z *Zoom) WantSpec() string {
	return "a number from 0 to below 1, such as 0.2 for factors from 0.8 to 1.2, or both factors, such as [0.9, 1.5]"
}

// maxZoom bounds factors.
const maxZoom = 1000

// DecodeSpec reads a number or a list of two.
func (z *Zoom) DecodeSpec(d *spec.Decoder, n *yaml.Node, path string) error {
	if v, ok := number(n); ok && v >= 0 && v < 1 {
		*z = Zoom{By: v}
		return nil
	}
	if list, ok := numbers(n); ok && len(list) == 2 && list[0] > 0 && list[0] <= list[1] && list[1] <= maxZoom {
		*z = Zoom{Factor: &Range{list[0], list[1]}}
		return nil
	}
	return d.Errorf(n, path, "found %s, needs %s", found(n), z.WantSpec())
}

// EncodeSpec writes the number or the pair.
func (z Zoom) EncodeSpec() any {
	if z.Factor != nil {
		return z.Factor.EncodeSpec()
	}
	return z.By
}

func (z *Zoom) factors() Range {
	if z.Factor != nil {
		return *z.Factor
	}
	return Range{1 - z.By, 1 + z.By}
}

func (z *Zoom) none() bool { return z.factors() == Range{1, 1} }

// zooming multiplies rows and columns.
func zooming(rows, cols float64) matrix { return matrix{{rows, 0, 0}, {0, cols, 0}} }
