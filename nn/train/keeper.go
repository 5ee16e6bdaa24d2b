package train

import (
	"fmt"
	"slices"
	"strconv"
)

// keeper goes over what makes up a state, value by value under its name: it writes the values into a checkpoint, checks
// that a checkpoint has them, or takes them out of one. Whoever has a state names it in one method, for all three.
type keeper struct {
	does   keeping
	to     *Checkpoint       // what is written
	over   []Tensor          // of an old checkpoint whose memory is used again
	from   map[string]Tensor // what is read
	net    network
	prefix string
	used   int   // values that were found
	err    error // the first that is missing, or does not fit
}

type keeping int

const (
	writes keeping = iota
	checks
	reads
)

// CheckpointError says why a checkpoint is not one of this training.
type CheckpointError struct {
	Name   string // of the value at fault; "": the checkpoint as a whole
	Reason string
}

func (e *CheckpointError) Error() string {
	if e.Name == "" {
		return "the checkpoint does not fit: " + e.Reason
	}
	return fmt.Sprintf("the checkpoint does not fit: %s %s", e.Name, e.Reason)
}

func (k *keeper) fail(name, reason string) {
	if k.err == nil {
		k.err = &CheckpointError{name, reason}
	}
}

// of says what the values are about: those of another figure do not fit.
func (k *keeper) of(m Monitor) { k.prefix += m.Monitor + "/" }

// put writes a value.
func (k *keeper) put(t Tensor) { k.to.Tensors = append(k.to.Tensors, t) }

// room is the memory of the value in the checkpoint that is written over, empty.
func (k *keeper) room(name string, n int) []float32 {
	if i := len(k.to.Tensors); i < len(k.over) && k.over[i].Name == name && len(k.over[i].F32) == n {
		return k.over[i].F32[:0]
	}
	return make([]float32, 0, n)
}

// get finds a value of so many elements in the list that of gives.
func (k *keeper) get(name string, n int, of func(t Tensor) int) (Tensor, bool) {
	name = k.prefix + name
	t, ok := k.from[name]
	switch {
	case !ok:
		k.fail(name, "is missing")
	case of(t) != n:
		k.fail(name, "is of another size or type")
	default:
		k.used++
		return t, k.does == reads
	}
	return t, false
}

func (k *keeper) int64(name string, v *int64) {
	if k.does == writes {
		k.put(Tensor{Name: k.prefix + name, I64: []int64{*v}})
	} else if t, ok := k.get(name, 1, func(t Tensor) int { return len(t.I64) }); ok {
		*v = t.I64[0]
	}
}

func (k *keeper) int(name string, v *int) {
	x := int64(*v)
	k.int64(name, &x)
	*v = int(x)
}

func (k *keeper) bool(name string, v *bool) {
	var x int64
	if *v {
		x = 1
	}
	k.int64(name, &x)
	*v = x != 0
}

func (k *keeper) float(name string, v *float64) {
	if k.does == writes {
		k.put(Tensor{Name: k.prefix + name, F64: []float64{*v}})
	} else if t, ok := k.get(name, 1, func(t Tensor) int { return len(t.F64) }); ok {
		*v = t.F64[0]
	}
}

// means keeps sums and weights, [means, 2].
func (k *keeper) means(name string, m []mean) {
	flat := make([]float64, 0, 2*len(m))
	for _, x := range m {
		flat = append(flat, x.sum, x.weight)
	}
	if k.does == writes {
		k.put(Tensor{Name: k.prefix + name, Shape: []int{len(m), 2}, F64: flat})
	} else if t, ok := k.get(name, len(flat), func(t Tensor) int { return len(t.F64) }); ok {
		for i := range m {
			m[i] = mean{t.F64[2*i], t.F64[2*i+1]}
		}
	}
}

// float32s keeps a tensor of a shape.
func (k *keeper) float32s(name string, shape []int, v []float32) {
	if k.does == writes {
		k.put(Tensor{Name: k.prefix + name, Shape: shape, F32: append(k.room(k.prefix+name, len(v)), v...)})
		return
	}
	t, ok := k.get(name, len(v), func(t Tensor) int { return len(t.F32) })
	switch {
	case k.err == nil && !slices.Equal(t.Shape, shape):
		k.fail(k.prefix+name, "is of another shape")
	case ok:
		copy(v, t.F32)
	}
}

// weights keeps a copy of the network's weights, in their order; nil is none.
func (k *keeper) weights(name string, v *[][]float32) {
	list, values := k.net.Weights(), *v
	if k.does != writes {
		values = nil
		for _, w := range list {
			if _, some := k.from[k.prefix+name+"/"+list[0].Name]; some {
				values = append(values, make([]float32, len(w.Data)))
			}
		}
	}
	for i := range values {
		k.float32s(name+"/"+list[i].Name, list[i].Shape, values[i])
	}
	if k.does == reads {
		*v = values
	}
}

// texts keeps lines.
func (k *keeper) texts(name string, v *[]string) {
	if k.does == writes {
		for i, s := range *v {
			k.put(Tensor{Name: k.prefix + name + "/" + strconv.Itoa(i), Text: []byte(s)})
		}
		return
	}
	out := (*v)[:0:0]
	for {
		t, ok := k.from[k.prefix+name+"/"+strconv.Itoa(len(out))]
		if !ok {
			break
		}
		k.used++
		out = append(out, string(t.Text))
	}
	if k.does == reads {
		*v = out
	}
}
