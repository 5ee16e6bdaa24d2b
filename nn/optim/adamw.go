package optim

import (
	"errors"

	"cnnbench/spec"
)

// AdamW is Adam with weight decay (Loshchilov and Hutter 2017), which here cannot be null.
type AdamW struct {
	Adam `yaml:",inline"`
}

// Validate refuses an AdamW without its decay, as Keras does.
func (o *AdamW) Validate() error {
	if o.WeightDecay == nil {
		return &spec.FieldError{Key: "weight_decay", Err: errors.New("found null, needs a number of 0 or more; adam is the one without decay")}
	}
	return o.Adam.Validate()
}

func init() {
	Family.Register(spec.Kind{Name: "adamw", Class: "AdamW", Doc: "adam with weight decay",
		New: func() any {
			decay := 0.004
			o := adam()
			o.WeightDecay = &decay
			return &AdamW{o}
		}})
}
