package sessions

import "cnnbench/nn/train"

// curveDots is how many dots of the loss a stretch between two saves keeps: enough for a chart's width an epoch.
const curveDots = 64

// curve thins the steps out as they come: it merges neighbours whenever twice curveDots are there, so that it stays
// small however long an epoch is, and keeps the lowest and the highest loss of what it merged.
type curve struct {
	dots []train.Point
	per  int // steps in each full dot
	in   int // steps in the last dot
}

func (c *curve) add(s *train.Step) {
	p := train.PointOf(s)
	c.per = max(c.per, 1)
	if last := len(c.dots) - 1; last >= 0 && c.in < c.per {
		c.dots[last] = c.dots[last].Join(p)
		c.in++
		return
	}
	if len(c.dots) == 2*curveDots {
		for i := range curveDots {
			c.dots[i] = c.dots[2*i].Join(c.dots[2*i+1])
		}
		c.dots = c.dots[:curveDots]
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
