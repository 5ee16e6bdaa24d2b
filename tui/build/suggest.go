package build

import (
	"fmt"

	"cnnbench/nn"
	"cnnbench/spec"
)

// suggest makes a new layer of the kind with settings that people mostly take at its place: before is what stands
// there already, in the shape that comes in (nil: not known), classes how many there are, last that it ends the network.
func suggest(kind spec.Kind, before []nn.Layer, in nn.Shape, classes int, last bool) nn.Layer {
	l := kind.New().(nn.Layer)
	set := func(key, text string) {
		// What cannot be set is none of this kind's settings, or not for a form to guess.
		_ = spec.SetField(l, key, text)
	}
	switch kind.Name {
	case "conv2d":
		filters := 32
		for _, b := range before {
			if c, ok := b.(*nn.Conv2D); ok {
				filters = min(2*c.Filters, 256)
			}
		}
		set("filters", fmt.Sprint(filters))
		set("kernel_size", "3")
		set("activation", "relu")
	case "dense":
		if last && classes > 0 && len(in) == 1 {
			set("units", fmt.Sprint(classes))
			set("activation", "softmax")
			break
		}
		set("units", "128")
		set("activation", "relu")
	case "dropout":
		set("rate", "0.2")
	case "lstm", "simple_rnn":
		set("units", "32")
	case "activation":
		set("activation", "relu")
	case "reshape":
		if n := in.Size(); in != nil && n > 0 {
			set("target_shape", fmt.Sprintf("[%d]", n))
		}
	}
	return l
}
