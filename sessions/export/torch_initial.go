package export

import (
	"fmt"

	"cnnbench/nn"
)

// torchInitial is how a tensor of a module starts; %s in the code stands for the tensor.
type torchInitial struct{ name, code string }

// starts says how a tensor starts, where PyTorch has words for it.
func (m *torchModule) starts(name string, i nn.Initializer) {
	f := pythonFloat
	code := ""
	switch i := i.(type) {
	case *nn.Zeros:
		code = "nn.init.zeros_(%s)"
	case *nn.Ones:
		code = "nn.init.ones_(%s)"
	case *nn.Constant:
		code = "nn.init.constant_(%s, " + f(i.Value) + ")"
	case *nn.RandomUniform:
		code = fmt.Sprintf("nn.init.uniform_(%%s, %s, %s)", f(i.MinVal), f(i.MaxVal))
	case *nn.RandomNormal:
		code = fmt.Sprintf("nn.init.normal_(%%s, %s, %s)", f(i.Mean), f(i.StdDev))
	case *nn.TruncatedNormal:
		code = fmt.Sprintf("nn.init.trunc_normal_(%%s, %s, %s, %s, %s)", f(i.Mean), f(i.StdDev), f(i.Mean-2*i.StdDev), f(i.Mean+2*i.StdDev))
	case *nn.GlorotUniform:
		code = "nn.init.xavier_uniform_(%s)"
	case *nn.GlorotNormal:
		code = "nn.init.xavier_normal_(%s)"
	case *nn.HeUniform:
		code = `nn.init.kaiming_uniform_(%s, nonlinearity="relu")`
	case *nn.HeNormal:
		code = `nn.init.kaiming_normal_(%s, nonlinearity="relu")`
	case *nn.LecunUniform:
		code = `nn.init.kaiming_uniform_(%s, nonlinearity="linear")`
	case *nn.LecunNormal:
		code = `nn.init.kaiming_normal_(%s, nonlinearity="linear")`
	case *nn.Orthogonal:
		code = "nn.init.orthogonal_(%s, " + f(i.Gain) + ")"
	default:
		return // PyTorch's own way stays
	}
	m.initial = append(m.initial, torchInitial{name, code})
}
