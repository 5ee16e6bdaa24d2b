package optim

import (
	"math"
	"unsafe"

	"cnnbench/nn/kernel"
)

// Param is one tensor of weights that is trained, with the place where its gradient appears. Both are equally long.
type Param struct {
	Name string
	W, G []float32
	// Streamed: there is no G, and no chunk; whoever works the gradient out calls Update with each piece of it. Only
	// where the optimizer does not measure.
	Streamed bool
}

// Chunk is a piece of one parameter, [Lo, Hi) of its weights.
type Chunk struct{ Param, Lo, Hi int }

const (
	chunkSize = 8192 // weights: a fixed cut, so that the order of sums does not depend on the workers
	blockSize = 2048 // weights: where clipping or decay go over them first, that and the update do while they are in the cache
	lane      = 16   // float32s in a cache line
)

// State is an optimizer at work on a network's parameters. One step is
//
//	if s.Measures() { s.Measure(i) for every chunk i }
//	s.Begin()
//	s.Apply(i) for every chunk i, s.Update for every piece of what is streamed
//
// where each line's chunks may be spread over workers in any order, and Begin runs alone. Step does it all.
type State struct {
	opt    Optimizer
	set    Settings
	params []Param
	chunks []Chunk

	slots  []Slot
	memory []float32 // [slots, stride]
	stride int       // floats of one slot
	at     []int     // each parameter's place in a slot

	fixed   bool    // the rate is the number below, not the schedule
	rate    float32 // Keras keeps it as float32 too
	step    Step    // the last step; its Product is the next one's
	used    float32 // learning rate of the last step, uncorrected
	squares []float64
	factor  []float32 // by parameter: what clipping multiplies its gradient by
}

// New makes the state of an optimizer before its first step; the optimizer's settings must not change from then on.
// The slots of all parameters lie in one block of memory, [slots, weights], each parameter at the start of a cache
// line.
func New(o Optimizer, params []Param) *State {
	s := &State{opt: o, set: o.Settings(), params: params, slots: o.Slots(),
		at: make([]int, len(params)), factor: make([]float32, len(params))}
	if len(s.slots) > maxSlots {
		panic("optim: an optimizer has too many slots")
	}
	for p, x := range params {
		if !x.Streamed && len(x.W) != len(x.G) {
			panic("optim: a parameter and its gradient differ in size")
		}
		s.at[p] = s.stride
		s.stride += (len(x.W) + lane - 1) / lane * lane
		for lo := 0; lo < len(x.W) && !x.Streamed; lo += chunkSize {
			s.chunks = append(s.chunks, Chunk{p, lo, min(lo+chunkSize, len(x.W))})
		}
	}
	s.squares = make([]float64, len(s.chunks))
	s.stride += beyond(apart - s.stride)
	size := len(s.slots) * s.stride
	s.memory = make([]float32, size+page)
	from := 0
	if len(params) > 0 {
		from = beyond(place(params[0].W) + apart - place(s.memory))
	}
	s.memory = s.memory[from : from+size : from+size]
	s.Reset()
	return s
}

// The weights and the slots are gone through side by side. Where they begin at the same place of a page, a processor
// takes a write to one for a write to the other and waits for it; so each begins some way beyond the one before.
const page, apart = 1024, 336 // float32s

// beyond is n, a number of float32s, as a place in a page.
func beyond(n int) int { return (n%page + page) % page }

// place is where a slice lies, in float32s.
func place(x []float32) int { return int(uintptr(unsafe.Pointer(unsafe.SliceData(x))) / 4 % page) }

// Reset brings the state back to before the first step. The parameters stay.
func (s *State) Reset() {
	for i, slot := range s.slots {
		values := s.memory[i*s.stride : (i+1)*s.stride]
		for j := range values {
			values[j] = slot.Initial
		}
	}
	s.Restore(Scalars{LearningRate: s.set.LearningRate.Value, Fixed: s.set.LearningRate.Schedule == nil, Product: 1})
}

// Chunks are the pieces that Measure and Apply take, by their number. They depend on the parameters' sizes alone.
func (s *State) Chunks() []Chunk { return s.chunks }

// Iterations is how many steps have begun.
func (s *State) Iterations() int64 { return s.step.T }

// LearningRate is the learning rate of the next step.
func (s *State) LearningRate() float64 {
	if s.fixed {
		return float64(s.rate)
	}
	return s.set.LearningRate.At(s.step.T)
}

// Scheduled reports whether a schedule moves the learning rate.
func (s *State) Scheduled() bool { return !s.fixed }

// SetLearningRate sets the learning rate from the next step on. A schedule is given up. Keras refuses to do so, which
// a caller can do by Scheduled.
func (s *State) SetLearningRate(rate float64) { s.rate, s.fixed = float32(rate), true }

// Measures reports whether the optimizer clips by norms, so that Measure must see all gradients before Begin.
func (s *State) Measures() bool { return Measures(s.opt) }

// Measures reports whether the optimizer's steps depend on all gradients together.
func Measures(o Optimizer) bool {
	set := o.Settings()
	return value(set.Clipnorm) > 0 || value(set.GlobalClipnorm) > 0
}

// Measure adds up the squares of a chunk's gradients.
func (s *State) Measure(chunk int) {
	c := s.chunks[chunk]
	s.squares[chunk] = squareSum(s.params[c.Param].G[c.Lo:c.Hi])
}

// Begin starts a step: it counts it and works out its scalars.
func (s *State) Begin() {
	s.step.LearningRate = s.LearningRate()
	s.used = float32(s.step.LearningRate)
	s.step.Rate = s.used
	s.step.T++
	s.opt.Begin(&s.step)
	for p := range s.factor {
		s.factor[p] = 1
	}
	if s.Measures() {
		s.measured()
	}
}

// measured turns the sums of squares into the factors of clipping, adding them in the chunks' order.
func (s *State) measured() {
	limit, total, own := value(s.set.Clipnorm), 0.0, 0.0
	for i, c := range s.chunks {
		total += s.squares[i]
		own += s.squares[i]
		if c.Hi == len(s.params[c.Param].W) {
			s.factor[c.Param] = clipFactor(math.Sqrt(own), limit)
			own = 0
		}
	}
	if limit > 0 {
		return
	}
	all := globalFactor(math.Sqrt(total), value(s.set.GlobalClipnorm))
	for p := range s.factor {
		s.factor[p] = all
	}
}

// Apply moves a chunk's weights; see Update.
func (s *State) Apply(chunk int) {
	c := s.chunks[chunk]
	s.Update(c.Param, c.Lo, s.params[c.Param].G[c.Lo:c.Hi])
}

// Update moves the weights of a parameter from lo on by their gradients, within the step that Begin started: it clips
// the gradients in place, takes the weight decay off the weights, and lets the optimizer update them. Every weight must
// be updated once a step, in any pieces.
func (s *State) Update(param, lo int, gradients []float32) {
	p, factor := &s.params[param], s.factor[param]
	limit, decay := float32(value(s.set.Clipvalue)), float32(value(s.set.WeightDecay))
	block := len(gradients)
	if factor != 1 || limit > 0 || decay != 0 {
		block = blockSize
	}
	for len(gradients) > 0 {
		end := lo + min(block, len(gradients))
		w, g := p.W[lo:end], gradients[:end-lo]
		if factor != 1 {
			kernel.Scale(g, factor)
		}
		if limit > 0 {
			kernel.Clamp(g, limit)
		}
		if decay != 0 {
			kernel.Shrink(w, decay, s.used)
		}
		var slots Slots
		for i := range s.slots {
			at := i*s.stride + s.at[param]
			slots[i] = s.memory[at+lo : at+end]
		}
		s.opt.Update(w, g, slots, &s.step)
		lo, gradients = end, gradients[len(g):]
	}
}

// Step does one whole step in this goroutine.
func (s *State) Step() {
	if s.Measures() {
		for i := range s.chunks {
			s.Measure(i)
		}
	}
	s.Begin()
	for i := range s.chunks {
		s.Apply(i)
	}
}

// Tensor is one slot of one parameter.
type Tensor struct {
	Slot   string    // momentum, velocity
	Name   string    // the parameter's
	Param  int       // its number in the list that New got
	Values []float32 // the state's own memory, as long as the parameter
}

// Tensors lists all the slots of all parameters, slot by slot, for a checkpoint to store and to fill again.
func (s *State) Tensors() []Tensor {
	var out []Tensor
	for i, slot := range s.slots {
		for p, x := range s.params {
			at := i*s.stride + s.at[p]
			out = append(out, Tensor{slot.Name, x.Name, p, s.memory[at : at+len(x.W) : at+len(x.W)]})
		}
	}
	return out
}

// Scalars is the rest of what a checkpoint needs.
type Scalars struct {
	Iterations   int64
	LearningRate float64 // where Fixed; else 0
	Fixed        bool    // the learning rate is a number; false: the schedule of the settings
	Product      float64 // Nadam's product of the momenta
}

// Scalars returns the state's scalars as they stand between two steps.
func (s *State) Scalars() Scalars {
	return Scalars{s.step.T, float64(s.rate), s.fixed, s.step.Product}
}

// Restore puts the scalars back.
func (s *State) Restore(x Scalars) {
	s.step = Step{T: x.Iterations, Product: x.Product}
	s.rate, s.fixed = float32(x.LearningRate), x.Fixed
}
