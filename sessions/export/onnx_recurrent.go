package export

import (
	"cnnbench/nn"
	"cnnbench/sessions/onnx"
)

// recurrentCell is what sets one recurrent layer off from another.
type recurrentCell interface {
	// op is ONNX's operation, its activations and the order in which it has our gates; no activations: one of ours is
	// none that runtimes agree on, and the layer is spelt out step by step.
	op() (name string, activations []string, order []int)
	// sizes are the numbers of gates and of states, of which the output is the first.
	sizes() (gates, states int)
	// step adds what makes the next states of the inputs of the gates and the states.
	step(g *onnxGraph, l *layer, z string, states []string) ([]string, error)
}

// recurrent adds a recurrent layer.
func (g *onnxGraph) recurrent(l *layer, s *nn.Recurrent, c recurrentCell) error {
	g.channelsLast(l.Name)
	g.with(l.Name+"/steps_first", "Transpose", ints("perm", 1, 0, 2))
	op, activations, order := c.op()
	var err error
	if activations != nil {
		g.native(l, s, op, activations, order)
	} else {
		err = g.scan(l, s, c)
	}
	if s.ReturnSequences {
		g.with(l.Name+"/samples_first", "Transpose", ints("perm", 1, 0, 2))
	}
	return err
}

// native uses ONNX's own operation.
func (g *onnxGraph) native(l *layer, s *nn.Recurrent, op string, activations []string, order []int) {
	features, units, gates := l.In[1], s.Units, len(order)
	// blocks turns a matrix [rows, gates*units] into [gates*units, rows] with the gates in ONNX's order.
	blocks := func(w []float32, rows int) []float32 {
		w = permute(w, []int{rows, gates, units}, 1, 2, 0)
		var out []float32
		for _, gate := range order {
			out = append(out, w[gate*units*rows:(gate+1)*units*rows]...)
		}
		return out
	}
	dims := func(rows int) []int64 { return []int64{1, int64(gates * units), int64(rows)} }
	inputs := []string{g.value,
		g.constant(l.Name+".kernel", dims(features), blocks(l.weights["kernel"], features)),
		g.constant(l.Name+".recurrent_kernel", dims(units), blocks(l.weights["recurrent_kernel"], units))}
	if s.UseBias { // ours, and that of the states, which Keras does not have
		bias := append(blocks(l.weights["bias"], 1), make([]float32, gates*units)...)
		inputs = append(inputs, g.constant(l.Name+".bias", []int64{1, int64(len(bias))}, bias))
	}
	outputs := g.nodeOf(l.Name, op, inputs, 2, integer("hidden_size", units), onnx.Attribute{Name: "activations", Value: activations})
	if g.value = outputs[1]; s.ReturnSequences {
		g.value = outputs[0]
		g.apply(l.Name+"/direction", "Squeeze", g.integers(l.Name+"/axis", 1))
	} else {
		g.apply(l.Name+"/direction", "Squeeze", g.integers(l.Name+"/axis", 0))
	}
}

// scan spells the layer out: a body for one step, which ONNX's Scan runs over all of them.
func (g *onnxGraph) scan(l *layer, s *nn.Recurrent, c recurrentCell) error {
	gates, states := c.sizes()
	width := gates * s.Units
	kernel := g.matrix(l.Name+".kernel", l.In[1], width, l.weights["kernel"])
	recurrent := g.matrix(l.Name+".recurrent_kernel", s.Units, width, l.weights["recurrent_kernel"])

	batch := g.node(l.Name+"/batch", "Shape", []string{g.value}, integer("start", 1), integer("end", 2))
	shape := g.node(l.Name+"/state_shape", "Concat", []string{batch, g.integers(l.Name+"/units", int64(s.Units))}, integer("axis", 0))
	zeros := g.node(l.Name+"/zeros", "ConstantOfShape", []string{shape})

	b := g.body()
	row := func(name string, width int) onnx.Value {
		return onnx.Value{Name: name, Dims: []onnx.Dim{{Name: batchAxis}, {Size: int64(width)}}}
	}
	graph := &onnx.Graph{Name: b.name(l.Name + "/step")}
	var old, inputs []string
	for range states {
		name := b.name(l.Name + "/state")
		old, inputs = append(old, name), append(inputs, zeros)
		graph.Inputs = append(graph.Inputs, row(name, s.Units))
	}
	x := b.name(l.Name + "/x")
	graph.Inputs = append(graph.Inputs, row(x, l.In[1]))

	z := b.node(l.Name+"/sum", "Add", []string{b.node(l.Name+"/of_x", "MatMul", []string{x, kernel}), b.node(l.Name+"/of_state", "MatMul", []string{old[0], recurrent})})
	if s.UseBias {
		z = b.node(l.Name+"/biased", "Add", []string{z, g.vector(l.Name+".bias", l.weights["bias"])})
	}
	next, err := c.step(b, l, z, old)
	if err != nil {
		return err
	}
	for _, name := range append(next, b.node(l.Name+"/output", "Identity", next[:1])) {
		graph.Outputs = append(graph.Outputs, row(name, s.Units))
	}
	graph.Nodes = b.nodes
	outputs := g.nodeOf(l.Name, "Scan", append(inputs, g.value), states+1, onnx.Attribute{Name: "body", Value: graph}, integer("num_scan_inputs", 1))
	if g.value = outputs[0]; s.ReturnSequences {
		g.value = outputs[states]
	}
	return nil
}

// plain is the name of an activation that every runtime's recurrent operations have, without any settings.
func plain(fn nn.Activation) (string, bool) {
	switch fn.(type) {
	case *nn.Tanh:
		return "Tanh", true
	case *nn.Sigmoid:
		return "Sigmoid", true
	case *nn.Relu:
		return "Relu", true
	}
	return "", false
}

// rnnCell is SimpleRNN's.
type rnnCell struct{ fn nn.Activation }

func (c *rnnCell) op() (string, []string, []int) {
	fn, ok := plain(c.fn)
	if !ok {
		return "RNN", nil, nil
	}
	return "RNN", []string{fn}, []int{0}
}

func (c *rnnCell) sizes() (gates, states int) { return 1, 1 }

func (c *rnnCell) step(g *onnxGraph, l *layer, z string, _ []string) ([]string, error) {
	h, err := g.function(l, z, c.fn)
	return []string{h}, err
}

// lstmCell is LSTM's.
type lstmCell struct{ fn, gate nn.Activation }

func (c *lstmCell) op() (string, []string, []int) {
	fn, ok := plain(c.fn)
	gate, okGate := plain(c.gate)
	if !ok || !okGate {
		return "LSTM", nil, nil
	}
	return "LSTM", []string{gate, fn, fn}, []int{0, 3, 1, 2} // i, o, f, c of our i, f, c, o
}

func (c *lstmCell) sizes() (gates, states int) { return 4, 2 }

func (c *lstmCell) step(g *onnxGraph, l *layer, z string, states []string) ([]string, error) {
	gates := g.nodeOf(l.Name+"/gates", "Split", []string{z}, 4, integer("axis", 1))
	for i, fn := range []nn.Activation{c.gate, c.gate, c.fn, c.gate} {
		var err error
		if gates[i], err = g.function(l, gates[i], fn); err != nil {
			return nil, err
		}
	}
	kept := g.node(l.Name+"/kept", "Mul", []string{gates[1], states[1]})
	added := g.node(l.Name+"/added", "Mul", []string{gates[0], gates[2]})
	carry := g.node(l.Name+"/carry", "Add", []string{kept, added})
	out, err := g.function(l, carry, c.fn)
	if err != nil {
		return nil, err
	}
	return []string{g.node(l.Name+"/next_state", "Mul", []string{gates[3], out}), carry}, nil
}

// function adds an activation of a value inside a step.
func (g *onnxGraph) function(l *layer, of string, fn nn.Activation) (string, error) {
	g.value = of
	err := g.activation(l, l.Name, fn)
	return g.value, err
}
