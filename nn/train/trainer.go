package train

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime/debug"
	"strings"
	"time"

	"cnnbench/nn"
	"cnnbench/nn/metric"
	"cnnbench/nn/optim"
	"cnnbench/spec"
)

// Data is a part of the data, ready for the network.
type Data interface {
	// Len is the number of samples.
	Len() int
	// Batch fills x [len(index), sample] and y [len(index), target] with the samples of those numbers, as pass number
	// pass over the data, from 0, shows them. A validation is always pass 0.
	Batch(pass int, index []int, x, y []float32) error
	// Length is how many steps of sample i count, where it is a sequence that ends early; 0: all.
	Length(i int) int
}

// network is what training needs of *nn.Network.
type network interface {
	Batch() int
	Columns() int // of a row of targets
	Width() int   // of a row of predictions
	RowsPer() int // rows of a sample
	Input() []float32
	Lengths() []int // of the input's sequences
	Targets() []float32
	Output() []float32
	Counts(row int) bool // whether a row of predictions is within its sequence
	Step(rows int, weights []float32) float64
	Evaluate(rows int, weights []float32) float64
	Weights() []nn.Weight
	Optimizer() *optim.State
}

// Options says what is trained, and how.
type Options struct {
	Net               *nn.Network // built for batches of Fit.Batch(Train.Len()) samples, with an optimizer
	Fit               *Fit
	Train, Validation Data // Validation may be nil
	Metrics           []metric.Named
	Seed              uint64
	Observers         []Observer
	PauseOnDivergence bool // pause after the first batch whose loss is not finite
	StartPaused       bool
	// From is where the training begins: Run goes on from there as if it had never stopped. nil: at the start.
	From *Checkpoint
	// Fork: From is of another experiment. What fits is taken, by name and shape, the rest starts afresh, and a training
	// that had ended goes on.
	Fork    bool
	Changes []Change // made again, each in its place; those of places that From is behind must not be among them
	// Between is told, in the trainer's goroutine, whenever the training is between two batches, with the epoch's and the
	// training's end done where they are due; there it may be copied. nil: nobody.
	Between func(t *Trainer)
	// Save writes the network to a file for model_checkpoint, making its folder; the ending says the format.
	Save func(path string, n *nn.Network) error
}

// Position is a place in a training. What comes next follows from it and the seed.
type Position struct {
	Epoch  int   // finished epochs
	Step   int64 // steps done
	Pass   int   // passes over the training data that are done
	Cursor int   // samples taken of the pass under way
}

// progress is where a training stands, beside what its network, its rate and its callbacks hold.
type progress struct {
	Position
	began    bool // the epoch under way has begun
	batch    int  // its steps done
	samples  int  // trained in it
	ending   bool // a callback ends the training with it: stop, within an epoch
	stop     bool // a callback ends the training
	start    float64
	trained  float64 // seconds at the end of its training part
	rate     float64 // at its start
	checked  int     // batches of its validation done
	diverged bool    // the training ever did
	live     bool    // the rate was ever set by a command
	best     float64 // of the monitored figure
	over     bool
}

// Trainer runs one training.
type Trainer struct {
	o       Options
	net     network
	order   *order
	hooks   []hooks
	steps   int // of an epoch
	rows    int // samples of a step
	checks  int // batches of a validation
	monitor string
	better  metric.Direction

	queue      *queue
	clock      clock
	rate       *rate
	state      State
	paused     bool
	stopped    bool
	batches    int // to run until the pause; 0: no end
	epochs     int
	at         progress
	means      *means
	validation *means
	index      []int     // of the validation: 0, 1, ...
	weights    []float32 // of a batch's samples; nil: all 1
	moment     moment
	step       Step
	changes    []Change // still to be made again
	stack      []byte
}

// New checks the options. Errors are a person's mistakes: those of callbacks are *spec.FieldErrors whose key is below
// fit.
func New(o Options) (*Trainer, error) {
	return newTrainer(o, o.Net)
}

func newTrainer(o Options, net network) (*Trainer, error) {
	n := o.Train.Len()
	if n == 0 {
		return nil, errors.New("there are no training samples")
	}
	t := &Trainer{o: o, net: net, order: newOrder(n, o.Seed, o.Fit.Shuffle), steps: o.Fit.Steps(n), rows: o.Fit.Batch(n),
		queue: newQueue(), clock: clock{now: time.Now}, rate: newRate(net.Optimizer()), paused: o.StartPaused}
	if net.Batch() < t.rows {
		panic("train: the network was built for smaller batches")
	}
	if o.Validation != nil && o.Validation.Len() == 0 {
		t.o.Validation = nil
	}
	setup := Setup{Metrics: o.Metrics, Validation: t.o.Validation != nil, Scheduled: net.Optimizer().Scheduled()}
	var err error
	if t.hooks, err = o.Fit.begin(setup); err != nil {
		return nil, err
	}
	t.monitor, t.better = o.Fit.Monitor(setup)
	t.at.best = math.NaN()
	if err := t.weigh(); err != nil {
		return nil, err
	}
	most := t.rows * net.RowsPer()
	t.means = newMeans(o.Metrics, most, "")
	if v := t.o.Validation; v != nil {
		t.validation = newMeans(o.Metrics, most, "val_")
		t.checks = batches(v.Len(), t.rows)
		if s := o.Fit.ValidationSteps; s != nil {
			t.checks = min(t.checks, *s)
		}
		t.index = make([]int, v.Len())
		for i := range t.index {
			t.index[i] = i
		}
	}
	t.moment = moment{net: net, rate: t.rate, mark: t.mark, save: func(path string) error { return o.Save(path, o.Net) }}
	t.step = Step{Batches: t.steps}
	t.changes = o.Changes
	if o.From != nil {
		if err := t.restore(o.From, o.Fork); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// weigh makes room for the samples' weights if there are class weights that the targets allow.
func (t *Trainer) weigh() error {
	columns := t.net.Columns()
	if t.o.Fit.ClassWeight.Balanced {
		return &spec.FieldError{Key: "class_weight", Err: errors.New("balanced weights are to be worked out before the training")}
	}
	for class := range t.o.Fit.ClassWeight.Of {
		switch {
		case t.net.RowsPer() > 1:
			return &spec.FieldError{Key: "class_weight", Err: errors.New("weights are by the class of a sample, but the network answers each with a sequence; take class_weight out")}
		case columns > 1 && class >= columns:
			return &spec.FieldError{Key: "class_weight", Err: fmt.Errorf("found class %d, but there are %d classes, numbered from 0", class, columns)}
		}
		t.weights = make([]float32, t.rows)
	}
	return nil
}

// Send hands the trainer a command, which it obeys between two batches; it never waits. False says that the training
// is over and the command is lost.
func (t *Trainer) Send(c Command) bool { return t.queue.send(c) }

// Position is where the training stands. It may be asked in the trainer's goroutine, and when Run is not running.
func (t *Trainer) Position() Position { return t.at.Position }

// Stack is the stack of the panic that made the training fail, for a log; nil if none did.
func (t *Trainer) Stack() []byte { return t.stack }

// Run trains in the caller's goroutine until the training is finished, or stopped by a command or the context, or
// fails, which alone is an error: also a panic in a step becomes one. It may be called once.
func (t *Trainer) Run(ctx context.Context) error {
	if t.state != Idle {
		panic("train: Run was called twice")
	}
	end, err := Failed, t.protect(func() error { return t.loop(ctx) })
	switch {
	case err != nil:
	case t.at.over:
		end = Finished
	default:
		end = Stopped
	}
	t.clock.stop()
	waiting := t.queue.close()
	if err == nil { // else the network may be in the middle of a step
		err = t.protect(func() error { answer(waiting, t.o.Net); return nil })
	}
	if err != nil {
		end = Failed
	}
	if failed := t.protect(func() error { t.report(end, err); return nil }); err == nil {
		err = failed
	}
	return err
}

func (t *Trainer) loop(ctx context.Context) error {
	for {
		if t.closing() {
			t.end()
			t.between()
		}
		if t.at.over {
			return nil
		}
		t.replay()
		if !t.obey(ctx) {
			return nil
		}
		if err := t.advance(); err != nil {
			return err
		}
		t.between()
	}
}

// closing reports whether all epochs are done, so that only the callbacks' end of the training is left.
func (t *Trainer) closing() bool {
	return !t.at.over && !t.at.began && (t.at.stop || t.at.Epoch >= t.o.Fit.Epochs)
}

func (t *Trainer) between() {
	if t.o.Between != nil {
		t.o.Between(t)
	}
}

// protect makes an error of a panic.
func (t *Trainer) protect(f func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			t.stack = debug.Stack()
			err = fmt.Errorf("internal error: %v", r)
		}
	}()
	return f()
}

// answer does the calls among commands that came too late for anything else.
func answer(commands []Command, n *nn.Network) {
	for _, c := range commands {
		if call, ok := c.(Call); ok {
			call.Do(n)
		}
	}
}

// obey takes the commands, and waits while the training is paused. It reports whether there is something to be done.
func (t *Trainer) obey(ctx context.Context) bool {
	for {
		for _, c := range t.queue.take() {
			t.command(c)
		}
		if t.stopped || ctx.Err() != nil {
			return false
		}
		if !t.paused {
			t.clock.start()
			t.report(Running, nil)
			return true
		}
		t.clock.stop()
		t.report(Paused, nil)
		select {
		case <-t.queue.wake:
		case <-ctx.Done():
		}
	}
}

func (t *Trainer) command(c Command) {
	switch c := c.(type) {
	case Pause:
		t.paused, t.batches, t.epochs = true, 0, 0
	case Resume:
		t.paused, t.batches, t.epochs = false, 0, 0
	case RunBatches:
		if c.N > 0 {
			t.paused, t.batches, t.epochs = false, max(t.batches, 0)+c.N, 0
		}
	case RunEpochs:
		if c.N > 0 {
			t.paused, t.batches, t.epochs = false, 0, t.epochs+c.N
		}
	case Stop:
		t.stopped = true
	case SetLearningRate:
		t.setRate(c.Rate)
	case Keep:
		t.tell(Mark{Text: strings.TrimSpace("marked " + c.Name), Keep: true})
		t.between()
	case Call:
		c.Do(t.o.Net)
	}
}

func (t *Trainer) setRate(to float64) {
	if math.IsNaN(to) || math.IsInf(to, 0) || to < 0 {
		return
	}
	t.rate.set(to)
	t.at.live = true
	t.tell(Mark{Text: "learning rate " + spec.FormatFloat(to), Change: &Change{t.Place(), to}})
}

// report tells of a new state.
func (t *Trainer) report(s State, err error) {
	if s == t.state {
		return
	}
	t.state = s
	for _, o := range t.o.Observers {
		o.OnState(s, err)
	}
}

// mark tells of something that happened at the last step done.
func (t *Trainer) mark(text string) { t.tell(Mark{Text: text}) }

// tell tells of a mark, for which it fills in the place.
func (t *Trainer) tell(m Mark) {
	m.Step, m.Epoch, m.Seconds = t.at.Step, float64(t.at.Epoch)+float64(t.at.batch)/float64(t.steps), t.clock.seconds()
	for _, o := range t.o.Observers {
		o.OnMark(m)
	}
}
