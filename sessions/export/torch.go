package export

import (
	"strconv"
	"strings"

	"cnnbench/nn"
	"cnnbench/sessions/safetensors"
)

// torchNet is the network as PyTorch has it: a Sequential of modules. Pictures have their channels first.
type torchNet struct {
	modules []torchModule
	shape   nn.Shape // of a sample of what the last module hands on, channels last
	first   bool     // its channels are the first axis after the batch
	image   nn.Shape // not nil: it is this image flattened with its channels first
}

// torchModule is one module of the Sequential, its number being its place there.
type torchModule struct {
	Code   string // nn.Conv2d(3, 32, 3)
	Layer  string // ours that it belongs to
	Class  string // of the script, where PyTorch has none
	Frozen bool   // its layer says trainable: false

	tensors   []safetensors.Tensor // under the module's own names: weight
	penalties []torchPenalty
	initial   []torchInitial
	fixed     []string // tensors that are not trained though PyTorch would
}

// torchPenalty is a regularizer of a parameter.
type torchPenalty struct {
	Name   string // 0.weight
	L1, L2 float64
}

func newTorchNet(n *network) (*torchNet, error) {
	t := &torchNet{shape: n.in, first: len(n.in) == 3}
	for i := range n.layers {
		from := len(t.modules)
		if err := t.layer(n, i); err != nil {
			return nil, err
		}
		t.shape = n.layers[i].Out
		for j := range t.modules[from:] {
			t.modules[from+j].Layer = n.layers[i].Name
			if m := &t.modules[from+j]; !n.layers[i].set.Settings().Trainable {
				m.Frozen = true
				m.freeze()
			}
		}
	}
	if len(t.shape) == 3 {
		t.channelsFirst()
	} else {
		t.channelsLast()
	}
	return t, nil
}

// tensors are the network's under the names of the Sequential's state: 0.weight.
func (t *torchNet) tensors() []safetensors.Tensor {
	var out []safetensors.Tensor
	for i, m := range t.modules {
		for _, x := range m.tensors {
			x.Name = strconv.Itoa(i) + "." + x.Name
			out = append(out, x)
		}
	}
	return out
}

// penalties are the regularizers of all parameters.
func (t *torchNet) penalties() []torchPenalty {
	var out []torchPenalty
	for i, m := range t.modules {
		for _, p := range m.penalties {
			p.Name = strconv.Itoa(i) + "." + p.Name
			out = append(out, p)
		}
	}
	return out
}

// classes are those that the script has to define, in the order in which they come up.
func (t *torchNet) classes() map[string]bool {
	out := map[string]bool{}
	for _, m := range t.modules {
		out[m.Class] = true
	}
	return out
}

// add adds a module of PyTorch's.
func (t *torchNet) add(class string, arguments ...string) *torchModule {
	t.modules = append(t.modules, torchModule{Code: "nn." + class + "(" + strings.Join(arguments, ", ") + ")"})
	return &t.modules[len(t.modules)-1]
}

// addOwn adds a module whose class the script defines.
func (t *torchNet) addOwn(class string, arguments ...string) *torchModule {
	t.modules = append(t.modules, torchModule{Code: class + "(" + strings.Join(arguments, ", ") + ")", Class: class})
	return &t.modules[len(t.modules)-1]
}

// tensor gives a module a tensor.
func (m *torchModule) tensor(name string, values []float32, shape ...int) {
	m.tensors = append(m.tensors, safetensors.F32(name, shape, values))
}

// freeze leaves all parameters of a module out of the training.
func (m *torchModule) freeze() {
	m.fixed = nil
	for _, x := range m.tensors {
		switch x.Name {
		case "running_mean", "running_var", "num_batches_tracked":
		default:
			m.fixed = append(m.fixed, x.Name)
		}
	}
}

// penalty says how a tensor is regularized.
func (m *torchModule) penalty(name string, r *nn.Regularizer) {
	if r != nil && (r.L1 != 0 || r.L2 != 0) {
		m.penalties = append(m.penalties, torchPenalty{name, r.L1, r.L2})
	}
}

// channelsFirst turns the value, if it has more axes than its channels and they are last.
func (t *torchNet) channelsFirst() {
	if n := len(t.shape); n > 1 && !t.first {
		order := []int{0, n}
		for i := 1; i < n; i++ {
			order = append(order, i)
		}
		t.permute(order)
		t.first = true
	}
}

// channelsLast is the way back.
func (t *torchNet) channelsLast() {
	if n := len(t.shape); n > 1 && t.first {
		order := []int{0}
		for i := 2; i <= n; i++ {
			order = append(order, i)
		}
		t.permute(append(order, 1))
	}
	t.first = false
}

func (t *torchNet) permute(order []int) {
	words := make([]string, len(order))
	for i, axis := range order {
		words[i] = strconv.Itoa(axis)
	}
	t.addOwn("Permute", words...)
}
