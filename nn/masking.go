package nn

// Masking says what a layer makes of sequences that end before others of the batch do, as Keras's layers do with masks.
// What stands behind a sequence's end is padding.
type Masking int

// The kinds of masking.
const (
	// Ignores: the layer takes padding for a part of the sequence, and so do all layers after it.
	Ignores Masking = iota
	// Keeps: the output has the input's steps, and ends where that does.
	Keeps
	// Consumes: the layer stops at each sequence's end and hands on no more steps.
	Consumes
)

// Lengths is where a batch's sequences say how many of their steps count, [Batch]: 1 to T, or 0, as at first, for all.
// It is of use where a sample is a sequence [T, F]. Passes set what lies behind an end of Input to 0, recurrent layers
// keep their state from there on, and neither loss nor metrics count these steps.
func (n *Network) Lengths() []int { return n.lengths }

// ends are the lengths of the rows of a pass; nil where all are full.
func (n *Network) ends(rows int) []int {
	in := n.edges[0]
	if !in.steps {
		return nil
	}
	steps, size := in.Shape[0], in.Shape[1]
	short := false
	for r, length := range n.lengths[:rows] {
		if length < 0 || length > steps {
			panic("nn: a sequence's length is not within its steps")
		}
		if length == 0 {
			length = steps
		}
		n.whole[r] = length
		short = short || length < steps
	}
	if !short {
		return nil
	}
	for r, length := range n.whole[:rows] {
		clear(in.V[(r*steps+length)*size : (r+1)*steps*size])
	}
	return n.whole[:rows]
}

// ends are the lengths of the edge's sequences in the pass; nil where all are full, or where there are none.
func (e *Edge) ends(p *Pass) []int {
	if !e.steps {
		return nil
	}
	return p.Lengths
}

// runs calls f for each run lo..hi of the rows from..to that lie within their sequences, or behind their ends, steps rows
// being one sequence. Without ends that is one run.
func runs(ends []int, steps, from, to int, f func(lo, hi int, within bool)) {
	if ends == nil {
		f(from, to, true)
		return
	}
	for from < to {
		n := from / steps
		hi, within := n*steps+ends[n], true
		if from >= hi {
			hi, within = (n+1)*steps, false
		}
		hi = min(hi, to)
		f(from, hi, within)
		from = hi
	}
}

// counted is how many of so many rows count, those of sequences with these ends.
func counted(ends []int, rows int) int {
	if ends == nil {
		return rows
	}
	n := 0
	for _, end := range ends {
		n += end
	}
	return n
}
