package nn

import "fmt"

// GlobalPooling holds what the two global poolings share.
//
// Shapes: [H, W, C] to [C], or to [1, 1, C] with keepdims.
type GlobalPooling struct {
	Common   `yaml:",inline"`
	KeepDims bool `yaml:"keepdims" doc:"keep the image's axes, with length 1"`
}

// Plan is Keras's global pooling.
func (l *GlobalPooling) Plan(in Shape) (Plan, error) {
	if len(in) != 3 || in[0] == 0 || in[1] == 0 {
		return Plan{}, fmt.Errorf("the input is %v; images (None, height, width, channels) are needed: put this layer before flatten, or reshape first", in)
	}
	if l.KeepDims {
		return Plan{Out: Shape{1, 1, in[2]}}, nil
	}
	return Plan{Out: Shape{in[2]}}, nil
}
