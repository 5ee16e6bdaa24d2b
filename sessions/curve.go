package sessions

import "cnnbench/nn/train"

// The dots that a stored curve has: of an epoch at most so many, enough for a chart's width, and of all epochs about so
// many, as long as each can have two.
const (
	epochDots = 64
	curveDots = 2048
)

// curve thins the steps out as they come: it merges neighbours whenever twice its limit of dots are there, so that it
// stays small however long an epoch is, and keeps the lowest and the highest loss of what it merged.
type curve struct {
	limit int // between two calls of take, up to twice as many
	dots  []train.Point
	per   int // steps in each full dot
	in    int // steps in the last dot
}

// newCurve is the curve of a training of so many epochs.
func newCurve(epochs int) curve {
	return curve{limit: min(max(curveDots/max(epochs, 1), 2), epochDots)}
}

func (c *curve) add(s *train.Step) {
	p := train.PointOf(s)
	c.per = max(c.per, 1)
	if last := len(c.dots) - 1; last >= 0 && c.in < c.per {
		c.dots[last] = c.dots[last].Join(p)
		c.in++
		return
	}
	if len(c.dots) == 2*c.limit {
		for i := range c.limit {
			c.dots[i] = c.dots[2*i].Join(c.dots[2*i+1])
		}
		c.dots = c.dots[:c.limit]
		c.per *= 2
	}
	c.dots = append(c.dots, p)
	c.in = 1
}

// take hands the dots over and starts anew.
func (c *curve) take() []curveDot {
	var out []curveDot
	for _, p := range c.dots {
		out = append(out, newDot(p))
	}
	c.dots, c.per, c.in = c.dots[:0], 0, 0
	return out
}
