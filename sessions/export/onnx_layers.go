package export

import (
	"math"

	"cnnbench/nn"
	"cnnbench/sessions/onnx"
)

// layer adds layer i.
func (g *onnxGraph) layer(n *network, i int) error {
	l := &n.layers[i]
	var err error
	switch s := l.set.(type) {
	case *nn.Conv2D:
		g.conv2d(l, s)
		err = g.activation(l, l.Name, s.Activation)
	case *nn.Dense:
		g.dense(l, s)
		err = g.activation(l, l.Name, s.Activation)
	case *nn.MaxPooling2D:
		g.pool(l, "MaxPool", poolWindow(l, &s.Pooling))
	case *nn.AveragePooling2D:
		g.pool(l, "AveragePool", poolWindow(l, &s.Pooling), integer("count_include_pad", 0))
	case *nn.GlobalAveragePooling2D:
		g.globalPool(l, "GlobalAveragePool", s.KeepDims)
	case *nn.GlobalMaxPooling2D:
		g.globalPool(l, "GlobalMaxPool", s.KeepDims)
	case *nn.BatchNormalization:
		g.batchNormalization(l, s)
	case *nn.ActivationLayer:
		err = g.activation(l, l.Name, s.Activation)
	case *nn.LeakyReLU:
		err = g.activation(l, l.Name, &nn.LeakyRelu{NegativeSlope: s.NegativeSlope})
	case *nn.Dropout: // hands on what it gets, but in training
	case *nn.Flatten:
		g.flatten(n, i)
	case *nn.Reshape:
		g.reshape(l)
	case *nn.LSTM:
		err = g.recurrent(l, &s.Recurrent, &lstmCell{s.Activation, s.RecurrentActivation})
	case *nn.SimpleRNN:
		err = g.recurrent(l, &s.Recurrent, &rnnCell{s.Activation})
	default:
		err = l.cannot("ONNX", "this kind of layer")
	}
	g.shape = l.Out
	return err
}

func (g *onnxGraph) conv2d(l *layer, s *nn.Conv2D) {
	g.channelsFirst(l.Name)
	w := convWindow(l, s)
	size := []int{w.size[0], w.size[1], l.In[2], s.Filters}
	kernel := g.constant(l.Name+".kernel", []int64{int64(size[3]), int64(size[2]), int64(size[0]), int64(size[1])}, permute(l.weights["kernel"], size, 3, 2, 0, 1))
	inputs := []string{g.value, kernel}
	if s.UseBias {
		inputs = append(inputs, g.vector(l.Name+".bias", l.weights["bias"]))
	}
	g.value = g.node(l.Name, "Conv", inputs, append(w.attributes(), ints("dilations", w.dilation[:]...), integer("group", 1))...)
}

// attributes are those that convolutions and poolings have in common.
func (w *window) attributes() []onnx.Attribute {
	return []onnx.Attribute{ints("kernel_shape", w.size[:]...), ints("strides", w.stride[:]...),
		ints("pads", w.before[0], w.before[1], w.after[0], w.after[1])}
}

func (g *onnxGraph) pool(l *layer, op string, w window, more ...onnx.Attribute) {
	g.channelsFirst(l.Name)
	g.with(l.Name, op, append(w.attributes(), more...)...)
}

func (g *onnxGraph) globalPool(l *layer, op string, keep bool) {
	g.channelsFirst(l.Name)
	g.with(l.Name, op)
	if !keep {
		g.with(l.Name+"/flatten", "Flatten", integer("axis", 1))
		g.first = false
	}
}

func (g *onnxGraph) batchNormalization(l *layer, s *nn.BatchNormalization) {
	g.channelsFirst(l.Name)
	channels := l.In[len(l.In)-1]
	inputs := []string{g.value}
	for _, p := range []struct {
		name   string
		absent float32
	}{{"gamma", 1}, {"beta", 0}, {"moving_mean", 0}, {"moving_variance", 1}} {
		values := l.weights[p.name]
		if values == nil {
			values = filled(channels, p.absent)
		}
		inputs = append(inputs, g.vector(l.Name+"."+p.name, values))
	}
	g.value = g.node(l.Name, "BatchNormalization", inputs, float("epsilon", s.Epsilon))
}

// filled is a vector of equal values.
func filled(n int, v float32) []float32 {
	out := make([]float32, n)
	for i := range out {
		out[i] = v
	}
	return out
}

func (g *onnxGraph) dense(l *layer, s *nn.Dense) {
	in := l.In[len(l.In)-1]
	kernel := l.weights["kernel"]
	if len(l.In) == 1 { // a general product with the kernel [units, in], which all runtimes take
		if g.image != nil {
			kernel, g.image = channelsFirst(kernel, g.image, s.Units), nil
		}
		inputs := []string{g.value, g.matrix(l.Name+".kernel", s.Units, in, permute(kernel, []int{in, s.Units}, 1, 0))}
		if s.UseBias {
			inputs = append(inputs, g.vector(l.Name+".bias", l.weights["bias"]))
		}
		g.value = g.node(l.Name, "Gemm", inputs, integer("transB", 1))
		return
	}
	g.channelsLast(l.Name)
	g.apply(l.Name, "MatMul", g.matrix(l.Name+".kernel", in, s.Units, kernel))
	if s.UseBias {
		g.apply(l.Name+"/bias", "Add", g.vector(l.Name+".bias", l.weights["bias"]))
	}
}

func (g *onnxGraph) flatten(n *network, i int) {
	l := &n.layers[i]
	if len(l.In) == 1 {
		return
	}
	if len(l.In) == 3 && g.first && g.pictures && n.takesAnyOrder(i) {
		g.image = l.In
	} else {
		g.channelsLast(l.Name)
	}
	g.first = false
	g.with(l.Name, "Flatten", integer("axis", 1))
}

func (g *onnxGraph) reshape(l *layer) {
	g.channelsLast(l.Name)
	shape := []int64{-1}
	for _, d := range l.Out {
		shape = append(shape, int64(d))
	}
	g.apply(l.Name, "Reshape", g.integers(l.Name+"/shape", shape...))
}

// activation adds a function of the current value, or nothing where it is linear.
func (g *onnxGraph) activation(l *layer, name string, fn nn.Activation) error {
	switch f := fn.(type) {
	case nil, *nn.Linear:
	case *nn.Relu:
		g.with(name+"/relu", "Relu")
	case *nn.LeakyRelu:
		g.with(name+"/leaky_relu", "LeakyRelu", float("alpha", f.NegativeSlope))
	case *nn.Elu:
		g.with(name+"/elu", "Elu", float("alpha", f.Alpha))
	case *nn.Selu:
		g.with(name+"/selu", "Selu")
	case *nn.Sigmoid:
		g.with(name+"/sigmoid", "Sigmoid")
	case *nn.Tanh:
		g.with(name+"/tanh", "Tanh")
	case *nn.Softplus:
		g.with(name+"/softplus", "Softplus")
	case *nn.Softmax:
		axis := -1
		if g.first {
			axis = 1
		}
		g.with(name+"/softmax", "Softmax", integer("axis", axis))
	case *nn.Silu:
		g.apply(name+"/silu", "Mul", g.node(name+"/sigmoid", "Sigmoid", []string{g.value}))
	case *nn.Gelu:
		g.gelu(name, f.Approximate)
	default:
		return l.cannot("ONNX", "the activation "+nn.Activations.Must(fn).Name)
	}
	return nil
}

// gelu spells the function out, which is an operation of its own only since opset 20.
func (g *onnxGraph) gelu(name string, approximate bool) {
	x := g.value
	half := g.node(name+"/half", "Mul", []string{x, g.scalar(name+"/0.5", .5)})
	if approximate {
		square := g.node(name+"/square", "Mul", []string{x, x})
		g.value = g.node(name+"/cube", "Mul", []string{square, x})
		g.apply(name+"/cubic", "Mul", g.scalar(name+"/0.044715", .044715))
		g.apply(name+"/sum", "Add", x)
		g.apply(name+"/scaled", "Mul", g.scalar(name+"/sqrt(2/pi)", float32(math.Sqrt(2/math.Pi))))
		g.with(name+"/tanh", "Tanh")
	} else {
		g.apply(name+"/scaled", "Mul", g.scalar(name+"/1/sqrt(2)", float32(1/math.Sqrt2)))
		g.with(name+"/erf", "Erf")
	}
	g.apply(name+"/plus_one", "Add", g.scalar(name+"/1", 1))
	g.apply(name+"/gelu", "Mul", half)
}
