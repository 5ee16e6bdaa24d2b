package nn

// fuser is a layer that training passes may compute in another way than inferences do, alone or together with the layers
// after it. What is between them is then never written: inferences, whose every activation may be looked at, run the
// layers' own operations.
type fuser interface {
	// fuse makes the operation that computes, in training passes, this layer, or this and some of the next, and says how
	// many layers that is; 0: training runs Build's operation too. The builder is the layer's own but for Y: after[i] is
	// the output of next[i].
	fuse(b *Builder, next []Layer, after []*Edge) (Op, int)
}

// step is an operation of a training pass and its output.
type step struct {
	op Op // nil where the output is the input
	y  *Edge
}

// fuse adds the step that computes the builder's layer, and perhaps the next ones, and returns how many layers that is;
// 0: there is none.
func (n *Network) fuse(b *Builder, layers []Layer) int {
	l, ok := layers[b.Index].(fuser)
	if !ok {
		return 0
	}
	op, count := l.fuse(b, layers[b.Index+1:], n.edges[b.Index+2:])
	if count > 0 {
		n.steps = append(n.steps, step{op, n.edges[b.Index+count]})
	}
	return count
}

// inferring is the builder of the same layer's operation for inferences alone.
func (b *Builder) inferring() *Builder {
	c := *b
	c.Infer, c.InputGradient, c.Params = true, false, nil
	for _, p := range b.Params {
		c.Params = append(c.Params, Tensor{W: p.W})
	}
	return &c
}
