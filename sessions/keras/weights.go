package keras

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"cnnbench/nn"
	"cnnbench/sessions/hdf5"
	"cnnbench/sessions/safetensors"
)

// Weights is the tree of a .weights.h5 file. values gives those of a weight by its name, such as conv2d.kernel.
//
// Keras finds a layer there by its class and its place among those of the class, never by its name, and a weight by its
// number: layers/conv2d_1/vars/0. Those of a recurrent layer lie in its cell.
func Weights(s *nn.Summary, values func(name string, shape []int) ([]float32, error)) (*hdf5.Object, error) {
	root := &hdf5.Object{}
	for _, place := range places(s) {
		r := place.row
		vars := root.Group("layers").Group(place.group)
		if place.cell {
			vars = vars.Group("cell")
		}
		vars = vars.Group("vars")
		vars.Attributes = []hdf5.Attribute{{Name: "name", Value: hdf5.Text(r.Name)}}
		for i, p := range r.Params {
			v, err := values(r.Name+"."+p.Name, p.Shape)
			if err != nil {
				return nil, err
			}
			vars.Group(strconv.Itoa(i)).Data = hdf5.Float32s(p.Shape, v)
		}
	}
	return root, nil
}

// place says where a layer's weights are.
type place struct {
	row   *nn.Row
	group string // conv2d_1
	cell  bool   // they lie in the group cell
}

// places lists the layers that have weights. Their kinds are Keras's names of their classes.
func places(s *nn.Summary) []place {
	var out []place
	count := map[string]int{}
	for i := range s.Rows {
		r := &s.Rows[i]
		if len(r.Params) == 0 {
			continue
		}
		p := place{row: r, group: r.Kind, cell: slices.ContainsFunc(r.Params, func(p nn.Param) bool { return p.Name == "recurrent_kernel" })}
		if n := count[r.Kind]; n > 0 {
			p.group = fmt.Sprintf("%s_%d", r.Kind, n)
		}
		count[r.Kind]++
		out = append(out, p)
	}
	return out
}

// containers are the groups that hold a model's layers: of Keras 3, and of Keras 2.13 to 2.15.
var containers = []string{"layers", "_layer_checkpoint_dependencies"}

// ReadWeights finds the weights of a network in an HDF5 file that Keras wrote: a .weights.h5, or a legacy .h5 with a
// whole model or weights alone. All must be there, and of the network's shapes. Notes say what else is in the file.
func ReadWeights(root *hdf5.Object, s *nn.Summary) (tensors []safetensors.Tensor, notes []string, err error) {
	legacy := root
	if whole := root.Find("model_weights"); whole != nil {
		legacy = whole
	}
	if legacy.Attribute("layer_names") != nil || legacy.Attribute("layer_names0") != nil {
		if o := root.Find("optimizer_weights"); o != nil && arrays(o) > 2 {
			notes = append(notes, "the state of the optimizer is not carried over")
		}
		tensors, err = readLegacy(legacy, s)
		return tensors, notes, err
	}
	if o := root.Find("optimizer"); o != nil && arrays(o) > 2 { // beside its iterations and its learning rate
		notes = append(notes, "the state of the optimizer is not carried over")
	}
	for _, name := range containers {
		if layers := root.Find(name); layers != nil {
			tensors, err = readLayers(layers, s)
			return tensors, notes, err
		}
	}
	return nil, nil, fmt.Errorf("the file holds no weights of Keras: it has neither a group layers nor an attribute layer_names")
}

// arrays counts those below an object.
func arrays(o *hdf5.Object) int {
	if o.Data != nil {
		return 1
	}
	n := 0
	for _, m := range o.Members {
		n += arrays(m)
	}
	return n
}

func readLayers(layers *hdf5.Object, s *nn.Summary) ([]safetensors.Tensor, error) {
	var out []safetensors.Tensor
	taken := map[string]bool{}
	for _, p := range places(s) {
		at := p.group
		taken[at] = true
		if p.cell {
			at += "/cell"
		}
		vars := layers.Find(at + "/vars")
		if vars == nil || len(vars.Members) != len(p.row.Params) {
			n := 0
			if vars != nil {
				n = len(vars.Members)
			}
			return nil, fmt.Errorf("the file has %d weights of layer %s (as %s), and the network %d", n, p.row.Name, at, len(p.row.Params))
		}
		for i, param := range p.row.Params {
			t, err := tensor(p.row, &param, vars.Find(strconv.Itoa(i)))
			if err != nil {
				return nil, err
			}
			out = append(out, t)
		}
	}
	for _, m := range layers.Members {
		if taken[m.Name] {
			continue
		}
		for _, inner := range m.Members { // dropout keeps the state of its draws in a group of its own
			if inner.Name != "seed_generator" && arrays(inner) > 0 {
				return nil, fmt.Errorf("the file has weights of a layer %s, which the network does not have", m.Name)
			}
		}
	}
	return out, nil
}

// tensor takes one weight from where it should be.
func tensor(r *nn.Row, p *nn.Param, o *hdf5.Object) (safetensors.Tensor, error) {
	name := r.Name + "." + p.Name
	if o == nil || o.Data == nil {
		return safetensors.Tensor{}, fmt.Errorf("the file has no %s", name)
	}
	if !slices.Equal(o.Data.Shape, p.Shape) {
		return safetensors.Tensor{}, fmt.Errorf("%s is %v in the file and %v in the network", name, o.Data.Shape, p.Shape)
	}
	values, err := o.Data.Float32s()
	if err != nil {
		return safetensors.Tensor{}, fmt.Errorf("%s: %w", name, err)
	}
	return safetensors.F32(name, p.Shape, values), nil
}

// readLegacy reads layers in the order in which the file names them; those of the network with weights are in the same.
func readLegacy(group *hdf5.Object, s *nn.Summary) ([]safetensors.Tensor, error) {
	layers, err := words(group, "layer_names")
	if err != nil {
		return nil, err
	}
	rows := places(s)
	var out []safetensors.Tensor
	for _, layer := range layers {
		g := group.Find(layer)
		if g == nil {
			return nil, fmt.Errorf("the file names a layer %s, which it does not have", layer)
		}
		names, err := words(g, "weight_names")
		if err != nil {
			return nil, err
		}
		if len(names) == 0 {
			continue
		}
		if len(rows) == 0 || len(names) != len(rows[0].row.Params) {
			return nil, fmt.Errorf("the file has %d weights of layer %s, which are not those of the network", len(names), layer)
		}
		r := rows[0].row
		rows = rows[1:]
		for i := range r.Params {
			p := &r.Params[i]
			at := slices.IndexFunc(names, func(n string) bool { return strings.TrimSuffix(path.Base(n), ":0") == p.Name })
			if at < 0 {
				return nil, fmt.Errorf("the file has no %s of layer %s", p.Name, layer)
			}
			t, err := tensor(r, p, g.Find(names[at]))
			if err != nil {
				return nil, err
			}
			out = append(out, t)
		}
	}
	if len(rows) > 0 {
		return nil, fmt.Errorf("the file has no weights of layer %s", rows[0].row.Name)
	}
	return out, nil
}

// words is an attribute that is a list of names. Keras spreads a long one over name0, name1 and so on.
func words(o *hdf5.Object, name string) ([]string, error) {
	parts := []*hdf5.Array{o.Attribute(name)}
	if parts[0] == nil {
		parts = nil
		for i := 0; ; i++ {
			a := o.Attribute(name + strconv.Itoa(i))
			if a == nil {
				break
			}
			parts = append(parts, a)
		}
	}
	var out []string
	for _, a := range parts {
		if a.Len() == 0 { // an empty list is one of numbers
			continue
		}
		s, err := a.Strings()
		if err != nil {
			return nil, fmt.Errorf("read the list %s of %s: %w", name, o.Name, err)
		}
		out = append(out, s...)
	}
	return out, nil
}
