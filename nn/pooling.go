package nn

import (
	"fmt"

	"cnnbench/nn/kernel"
	"cnnbench/spec"
)

// Pooling holds the settings of the pooling layers.
//
// Shapes: [H, W, C] to [OH, OW, C], as Conv2D's.
type Pooling struct {
	Common   `yaml:",inline"`
	PoolSize spec.Pair  `yaml:"pool_size" doc:"rows and columns of a window" unit:"pixels"`
	Strides  *spec.Pair `yaml:"strides" doc:"step from one window to the next; null: pool_size" unit:"pixels"`
	Padding  string     `yaml:"padding" oneof:"valid same" doc:"valid: no padding; same: windows may reach beyond the edge"`
}

func pooling() Pooling { return Pooling{Common: common(), PoolSize: spec.Square(2), Padding: "valid"} }

func (l *Pooling) window(in Shape) (kernel.Window, error) {
	strides := l.PoolSize
	if l.Strides != nil {
		strides = *l.Strides
	}
	if l.PoolSize[0]*l.PoolSize[1] > 1<<16 {
		return kernel.Window{}, fmt.Errorf("pool_size: a window of %d cells is too large; use at most 65536, or global pooling", l.PoolSize[0]*l.PoolSize[1])
	}
	return window(in, l.PoolSize, strides, spec.Square(1), l.Padding, "pool_size")
}

// Plan is Keras's pooling.
func (l *Pooling) Plan(in Shape) (Plan, error) {
	g, err := l.window(in)
	return Plan{Out: Shape{g.OH, g.OW, g.C}}, err
}
