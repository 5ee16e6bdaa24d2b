package export

import (
	"fmt"
	"strconv"
	"strings"

	"cnnbench/nn"
	"cnnbench/sessions/safetensors"
)

// layer adds the modules of layer i.
func (t *torchNet) layer(n *network, i int) error {
	l := &n.layers[i]
	switch s := l.set.(type) {
	case *nn.Conv2D:
		t.conv2d(l, s)
		return t.activation(l, s.Activation)
	case *nn.Dense:
		t.dense(l, s)
		return t.activation(l, s.Activation)
	case *nn.MaxPooling2D:
		t.maxPool(poolWindow(l, &s.Pooling))
	case *nn.AveragePooling2D:
		t.averagePool(poolWindow(l, &s.Pooling))
	case *nn.GlobalAveragePooling2D:
		t.globalPool("AdaptiveAvgPool2d", s.KeepDims)
	case *nn.GlobalMaxPooling2D:
		t.globalPool("AdaptiveMaxPool2d", s.KeepDims)
	case *nn.BatchNormalization:
		t.batchNormalization(l, s)
	case *nn.ActivationLayer:
		return t.activation(l, s.Activation)
	case *nn.LeakyReLU:
		return t.activation(l, &nn.LeakyRelu{NegativeSlope: s.NegativeSlope})
	case *nn.Dropout:
		t.add("Dropout", pythonFloat(s.Rate))
	case *nn.Flatten:
		t.flatten(n, i)
	case *nn.Reshape:
		t.reshape(l)
	case *nn.LSTM:
		return t.lstm(l, s)
	case *nn.SimpleRNN:
		return t.simpleRNN(l, s)
	default:
		return l.cannot("PyTorch", "this kind of layer")
	}
	return nil
}

// sides is the window's padding as PyTorch's padding modules take it.
func (w *window) sides() string {
	return fmt.Sprintf("(%d, %d, %d, %d)", w.before[1], w.after[1], w.before[0], w.after[0])
}

func (t *torchNet) conv2d(l *layer, s *nn.Conv2D) {
	t.channelsFirst()
	w := convWindow(l, s)
	if w.before != w.after {
		t.add("ZeroPad2d", w.sides())
	}
	arguments := []string{strconv.Itoa(l.In[2]), strconv.Itoa(s.Filters), pythonPair(w.size)}
	if w.stride != [2]int{1, 1} {
		arguments = append(arguments, "stride="+pythonPair(w.stride))
	}
	if w.before == w.after && w.padded() {
		arguments = append(arguments, "padding="+pythonPair(w.before))
	}
	if w.dilation != [2]int{1, 1} {
		arguments = append(arguments, "dilation="+pythonPair(w.dilation))
	}
	if !s.UseBias {
		arguments = append(arguments, "bias=False")
	}
	m := t.add("Conv2d", arguments...)
	m.tensor("weight", permute(l.weights["kernel"], []int{w.size[0], w.size[1], l.In[2], s.Filters}, 3, 2, 0, 1), s.Filters, l.In[2], w.size[0], w.size[1])
	m.penalty("weight", s.KernelRegularizer)
	m.starts("weight", s.KernelInitializer)
	if s.UseBias {
		m.tensor("bias", l.weights["bias"], s.Filters)
		m.penalty("bias", s.BiasRegularizer)
		m.starts("bias", s.BiasInitializer)
	}
}

func (t *torchNet) maxPool(w window) {
	t.channelsFirst()
	arguments := []string{pythonPair(w.size), pythonPair(w.stride)}
	switch {
	case w.before != w.after:
		t.add("ConstantPad2d", w.sides(), `float("-inf")`)
	case w.padded():
		arguments = append(arguments, "padding="+pythonPair(w.before))
	}
	t.add("MaxPool2d", arguments...)
}

// averagePool divides by the number of the image's cells under a window, which PyTorch does where both sides are padded
// alike.
func (t *torchNet) averagePool(w window) {
	t.channelsFirst()
	switch {
	case w.before != w.after:
		t.addOwn("AveragePool", pythonPair(w.size), pythonPair(w.stride), w.sides())
	case w.padded():
		t.add("AvgPool2d", pythonPair(w.size), pythonPair(w.stride), "padding="+pythonPair(w.before), "count_include_pad=False")
	default:
		t.add("AvgPool2d", pythonPair(w.size), pythonPair(w.stride))
	}
}

func (t *torchNet) globalPool(class string, keep bool) {
	t.channelsFirst()
	t.add(class, "1")
	if !keep {
		t.add("Flatten")
		t.first = false
	}
}

func (t *torchNet) batchNormalization(l *layer, s *nn.BatchNormalization) {
	t.channelsFirst()
	class, channels := "BatchNorm1d", l.In[len(l.In)-1]
	if len(l.In) == 3 {
		class = "BatchNorm2d"
	}
	arguments := []string{strconv.Itoa(channels), "eps=" + pythonNumber(s.Epsilon), "momentum=" + pythonNumber(1-s.Momentum)}
	affine := s.Center || s.Scale
	if !affine {
		arguments = append(arguments, "affine=False")
	}
	m := t.add(class, arguments...)
	if affine { // PyTorch has both or none
		gamma, beta := l.weights["gamma"], l.weights["beta"]
		if gamma == nil {
			gamma = filled(channels, 1)
		}
		if beta == nil {
			beta = filled(channels, 0)
		}
		m.tensor("weight", gamma, channels)
		m.tensor("bias", beta, channels)
		m.penalty("weight", s.GammaRegularizer)
		m.penalty("bias", s.BetaRegularizer)
		if s.Scale {
			m.starts("weight", s.GammaInitializer)
		} else {
			m.fixed = append(m.fixed, "weight")
		}
		if s.Center {
			m.starts("bias", s.BetaInitializer)
		} else {
			m.fixed = append(m.fixed, "bias")
		}
	}
	m.starts("running_mean", s.MovingMeanInitializer)
	m.starts("running_var", s.MovingVarianceInitializer)
	m.tensor("running_mean", l.weights["moving_mean"], channels)
	m.tensor("running_var", l.weights["moving_variance"], channels)
	m.tensors = append(m.tensors, safetensors.I64("num_batches_tracked", nil, []int64{0}))
}

func (t *torchNet) dense(l *layer, s *nn.Dense) {
	in := l.In[len(l.In)-1]
	kernel := l.weights["kernel"]
	if t.image != nil {
		kernel, t.image = channelsFirst(kernel, t.image, s.Units), nil
	}
	t.channelsLast()
	arguments := []string{strconv.Itoa(in), strconv.Itoa(s.Units)}
	if !s.UseBias {
		arguments = append(arguments, "bias=False")
	}
	m := t.add("Linear", arguments...)
	m.tensor("weight", permute(kernel, []int{in, s.Units}, 1, 0), s.Units, in)
	m.penalty("weight", s.KernelRegularizer)
	m.starts("weight", s.KernelInitializer)
	if s.UseBias {
		m.tensor("bias", l.weights["bias"], s.Units)
		m.penalty("bias", s.BiasRegularizer)
		m.starts("bias", s.BiasInitializer)
	}
}

func (t *torchNet) flatten(n *network, i int) {
	l := &n.layers[i]
	switch {
	case len(l.In) == 1:
		return
	case len(l.In) == 3 && t.first && n.takesAnyOrder(i):
		t.image = l.In
	default:
		t.channelsLast()
	}
	t.first = false
	t.add("Flatten")
}

func (t *torchNet) reshape(l *layer) {
	t.channelsLast()
	if len(l.In) > 1 {
		t.add("Flatten")
	}
	if len(l.Out) > 1 {
		words := make([]string, len(l.Out))
		for i, d := range l.Out {
			words[i] = strconv.Itoa(d)
		}
		t.add("Unflatten", "1", "("+strings.Join(words, ", ")+")")
	}
}

// activation adds a function of the value, or nothing where it is linear.
func (t *torchNet) activation(l *layer, fn nn.Activation) error {
	if fn == nil {
		return nil
	}
	if _, linear := fn.(*nn.Linear); linear {
		return nil
	}
	class, arguments, err := torchActivation(l, fn, t.first)
	if err == nil {
		t.add(class, arguments...)
	}
	return err
}

// torchActivation is the module of a function; first says that the channels are the first axis after the batch.
func torchActivation(l *layer, fn nn.Activation, first bool) (class string, arguments []string, err error) {
	switch f := fn.(type) {
	case nil, *nn.Linear:
		return "Identity", nil, nil
	case *nn.Relu:
		return "ReLU", nil, nil
	case *nn.LeakyRelu:
		return "LeakyReLU", []string{pythonFloat(f.NegativeSlope)}, nil
	case *nn.Elu:
		return "ELU", []string{pythonFloat(f.Alpha)}, nil
	case *nn.Selu:
		return "SELU", nil, nil
	case *nn.Sigmoid:
		return "Sigmoid", nil, nil
	case *nn.Tanh:
		return "Tanh", nil, nil
	case *nn.Softplus:
		return "Softplus", nil, nil
	case *nn.Silu:
		return "SiLU", nil, nil
	case *nn.Gelu:
		if f.Approximate {
			arguments = []string{`approximate="tanh"`}
		}
		return "GELU", arguments, nil
	case *nn.Softmax:
		if first {
			return "Softmax", []string{"dim=1"}, nil
		}
		return "Softmax", []string{"dim=-1"}, nil
	}
	return "", nil, l.cannot("PyTorch", "the activation "+nn.Activations.Must(fn).Name)
}

// lstm is PyTorch's own where the functions are, else one of the script's; both have the same tensors. The gates lie in
// the same order as ours.
func (t *torchNet) lstm(l *layer, s *nn.LSTM) error {
	fn, okFn := plain(s.Activation)
	gate, okGate := plain(s.RecurrentActivation)
	if okFn && okGate && fn == "Tanh" && gate == "Sigmoid" {
		t.forgetBias(s, t.recurrent(l, &s.Recurrent, 4, "LSTM"))
		return nil
	}
	of, err := torchFunction(l, s.Activation)
	if err != nil {
		return err
	}
	gates, err := torchFunction(l, s.RecurrentActivation)
	if err != nil {
		return err
	}
	t.forgetBias(s, t.recurrent(l, &s.Recurrent, 4, "OwnLSTM", of, gates))
	return nil
}

// forgetBias lets the bias of an LSTM's forget gate start at 1.
func (t *torchNet) forgetBias(s *nn.LSTM, m *torchModule) {
	if s.UseBias && s.UnitForgetBias {
		m.initial = append(m.initial, torchInitial{"bias_ih_l0", fmt.Sprintf("nn.init.ones_(%%s[%d:%d])", s.Units, 2*s.Units)})
	}
}

func (t *torchNet) simpleRNN(l *layer, s *nn.SimpleRNN) error {
	switch fn, _ := plain(s.Activation); fn {
	case "Tanh":
		t.recurrent(l, &s.Recurrent, 1, "RNN")
		return nil
	case "Relu":
		t.recurrent(l, &s.Recurrent, 1, "RNN", `nonlinearity="relu"`)
		return nil
	}
	of, err := torchFunction(l, s.Activation)
	if err != nil {
		return err
	}
	t.recurrent(l, &s.Recurrent, 1, "OwnRNN", of)
	return nil
}

// torchFunction is the code of an activation of the rows [N, units] of a state.
func torchFunction(l *layer, fn nn.Activation) (string, error) {
	class, arguments, err := torchActivation(l, fn, false)
	return "nn." + class + "(" + strings.Join(arguments, ", ") + ")", err
}

func (t *torchNet) recurrent(l *layer, s *nn.Recurrent, gates int, class string, more ...string) *torchModule {
	t.channelsLast()
	features, width := l.In[1], gates*s.Units
	arguments := append([]string{strconv.Itoa(features), strconv.Itoa(s.Units)}, more...)
	if s.ReturnSequences {
		arguments = append(arguments, "sequences=True")
	}
	if !s.UseBias {
		arguments = append(arguments, "bias=False")
	}
	m := t.addOwn(class, arguments...)
	m.tensor("weight_ih_l0", permute(l.weights["kernel"], []int{features, width}, 1, 0), width, features)
	m.tensor("weight_hh_l0", permute(l.weights["recurrent_kernel"], []int{s.Units, width}, 1, 0), width, s.Units)
	m.penalty("weight_ih_l0", s.KernelRegularizer)
	m.penalty("weight_hh_l0", s.RecurrentRegularizer)
	m.starts("weight_ih_l0", s.KernelInitializer)
	m.starts("weight_hh_l0", s.RecurrentInitializer)
	if s.UseBias {
		m.tensor("bias_ih_l0", l.weights["bias"], width)
		m.tensor("bias_hh_l0", make([]float32, width), width) // PyTorch has a second one
		m.penalty("bias_ih_l0", s.BiasRegularizer)
		m.starts("bias_ih_l0", s.BiasInitializer)
		m.starts("bias_hh_l0", &nn.Zeros{})
		m.fixed = append(m.fixed, "bias_hh_l0")
	}
	return m
}
