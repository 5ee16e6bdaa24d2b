package nntest

import "cnnbench/nn"

// ends are the lengths that sequences of five steps are tried with: full, shorter, and a single step.
var ends = []int{5, 2, 1}

// ending holds a layer that knows of sequences' ends to what it makes of them: recurrent layers to what they make of each
// sequence alone, whose last output is repeated, the others to what they make of the steps within.
func (c *contract) ending() {
	c.t.Helper()
	plain := *c
	c.lengths, c.what = ends, c.what+" ending early"
	c.ref = func(l nn.Layer, x Tensor, w []Tensor, training bool) Tensor {
		if _, ok := l.(*nn.BatchNormalization); ok {
			return within(plain.ref, l, x, w, training)
		}
		return alone(plain.ref, l, x, w, training)
	}
	c.agrees(true)
	c.gradients()
	*c = plain
}

// alone runs each sequence by itself, without padding.
func alone(ref Reference, l nn.Layer, x Tensor, w []Tensor, training bool) Tensor {
	var y Tensor
	size := x.Shape[2]
	for n, end := range ends {
		one := ref(l, Tensor{[]int{1, end, size}, x.Data[n*x.Shape[1]*size:][:end*size]}, w, training)
		if len(one.Shape) == 3 {
			units := one.Shape[2]
			for range x.Shape[1] - end {
				one.Data = append(one.Data, one.Data[len(one.Data)-units:]...)
			}
			one.Shape[1] = x.Shape[1]
		}
		y.Shape = append([]int{len(ends)}, one.Shape[1:]...)
		y.Data = append(y.Data, one.Data...)
	}
	return y
}

// within runs the steps that count as a batch, and leaves 0 behind the ends.
func within(ref Reference, l nn.Layer, x Tensor, w []Tensor, training bool) Tensor {
	size := x.Shape[2]
	var steps []float64
	for n, end := range ends {
		steps = append(steps, x.Data[n*x.Shape[1]*size:][:end*size]...)
	}
	packed := ref(l, Tensor{[]int{len(steps) / size, 1, size}, steps}, w, training)
	y, at := NewTensor(x.Shape...), 0
	for n, end := range ends {
		at += copy(y.Data[n*x.Shape[1]*size:], packed.Data[at:at+end*size])
	}
	return y
}

// cut sets to 0 what lies behind the ends of sequences, where the reference says nothing of it.
func (c *contract) cut(v []float32) {
	if _, ok := c.layer.(*nn.BatchNormalization); !ok || c.lengths == nil {
		return
	}
	for n, end := range c.lengths {
		size := len(v) / len(c.lengths)
		clear(v[n*size+end*size/c.in[0] : (n+1)*size])
	}
}
