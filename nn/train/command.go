package train

import (
	"sync"

	"cnnbench/nn"
)

// Command is what a training is told while it runs. It is obeyed between two batches.
type Command interface{ command() }

// Pause holds the training after the batch it is at. Resume lets it go on without end; both forget a number of batches
// or epochs that is still to be run. Stop ends it as it stands: nothing of the epoch's end is done.
type (
	Pause  struct{}
	Resume struct{}
	Stop   struct{}
)

// RunBatches runs so many batches and pauses. The batch that ends an epoch brings the epoch's end with it. What is left
// of an earlier RunBatches is added.
type RunBatches struct{ N int }

// RunEpochs runs so many epochs and pauses; finishing the one it is in counts as one. What is left of an earlier
// RunEpochs is added.
type RunEpochs struct{ N int }

// SetLearningRate sets the learning rate from the next step on; a schedule of the optimizer is given up, and callbacks
// that move the rate go on from it. Rates that are negative or not finite are passed over.
type SetLearningRate struct{ Rate float64 }

// Keep marks the place where the training stands, by a name or without one, for its observers to keep what they save of
// it.
type Keep struct{ Name string }

// Call runs a function in the trainer's goroutine, where the network may be read, and used for inference.
type Call struct{ Do func(*nn.Network) }

func (Pause) command()           {}
func (Resume) command()          {}
func (Stop) command()            {}
func (RunBatches) command()      {}
func (RunEpochs) command()       {}
func (SetLearningRate) command() {}
func (Keep) command()            {}
func (Call) command()            {}

// queue holds the commands that are not obeyed yet. There is room for any number: the sender never waits.
type queue struct {
	mu     sync.Mutex
	list   []Command
	spare  []Command     // the last list taken, to be filled again
	wake   chan struct{} // holds one token while there may be something
	closed bool
}

func newQueue() *queue { return &queue{wake: make(chan struct{}, 1)} }

// send reports whether the queue still takes commands.
func (q *queue) send(c Command) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return false
	}
	q.list = append(q.list, c)
	select {
	case q.wake <- struct{}{}:
	default:
	}
	return true
}

// take hands over all commands, in order; the slice holds until the next take.
func (q *queue) take() []Command {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.list) == 0 {
		return nil
	}
	out := q.list
	clear(q.spare)
	q.list, q.spare = q.spare[:0], out
	return out
}

// close hands over what is left; nothing is taken any more.
func (q *queue) close() []Command {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	return q.list
}
