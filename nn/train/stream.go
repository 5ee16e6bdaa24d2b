package train

import "slices"

// Stream is the batches of a training, one after the other without end: what comes when follows from the seed alone.
type Stream struct {
	order *order
	at    Position
	rows  int
}

// Stream starts at the first batch of a training on so many samples.
func (f *Fit) Stream(samples int, seed uint64) *Stream {
	return &Stream{order: newOrder(samples, seed, f.Shuffle), rows: f.Batch(samples)}
}

// Skip passes over so many steps.
func (s *Stream) Skip(steps int) {
	n := len(s.order.index)
	each := batches(n, s.rows)
	steps += s.at.Pass*each + s.at.Cursor/s.rows
	s.at = Position{Pass: steps / each, Cursor: steps % each * s.rows}
}

// Next is the pass over the data that the next batch belongs to, and the batch's samples. The slice holds until Next is
// called again.
func (s *Stream) Next() (pass int, index []int) {
	pass = s.at.Pass
	return pass, s.order.batch(&s.at, s.rows)
}

// Step is the step of the training, from 0, that takes a sample in a pass over the data, from 0.
func (s *Stream) Step(pass, sample int) int {
	if s.order.pass != pass {
		s.order.fill(pass)
	}
	return pass*batches(len(s.order.index), s.rows) + slices.Index(s.order.index, sample)/s.rows
}
