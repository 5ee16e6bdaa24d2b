package train

import "time"

// clock measures the time of training; it stands still in pauses.
type clock struct {
	now   func() time.Time
	since time.Time // when it was last started
	spent time.Duration
	runs  bool
}

func (c *clock) start() {
	if !c.runs {
		c.since, c.runs = c.now(), true
	}
}

func (c *clock) stop() {
	if c.runs {
		c.spent += c.now().Sub(c.since)
		c.runs = false
	}
}

func (c *clock) total() time.Duration {
	d := c.spent
	if c.runs {
		d += c.now().Sub(c.since)
	}
	return d
}

func (c *clock) seconds() float64 { return c.total().Seconds() }
