package train

import (
	"fmt"
	"math"

	"cnnbench/nn/metric"
)

// advance does the smallest piece of work between which commands are obeyed: a batch of training, or one of the
// validation; the last batch of an epoch brings what belongs to the epoch's end with it.
func (t *Trainer) advance() error {
	if t.at.batch < t.steps && !t.at.ending {
		if err := t.train(); err != nil {
			return err
		}
	} else if err := t.validate(); err != nil {
		return err
	}
	whole := t.at.batch == t.steps || t.at.ending // the epoch is trained
	if whole && t.at.checked == t.checks {
		if err := t.endEpoch(); err != nil {
			return err
		}
		whole = false
	}
	if t.batches == untilPause && !whole {
		t.batches, t.paused = 0, true
	}
	return nil
}

// untilPause stands for a number of batches that is used up: the pause comes when an epoch that is trained is ended.
const untilPause = -1

// train does one step.
func (t *Trainer) train() error {
	a := &t.at
	if !a.began {
		t.beginEpoch()
	}
	pass := a.Pass
	index := t.order.batch(&a.Position, t.rows)
	if err := t.load(t.o.Train, pass, index); err != nil {
		return fmt.Errorf("read batch %d of epoch %d: %w", a.batch+1, a.Epoch+1, err)
	}
	n, rate := len(index), t.rate.get()
	loss := t.net.Step(n, t.sampleWeights(n))
	a.Step++
	a.batch++
	a.samples += n
	t.means.add(t.net, n, loss)

	t.step.Step, t.step.Epoch, t.step.Batch, t.step.Samples = a.Step, a.Epoch+1, a.batch, n
	t.step.Loss, t.step.Means, t.step.LearningRate, t.step.Seconds = loss, t.means.current(), rate, t.clock.seconds()
	for _, o := range t.o.Observers {
		o.OnStep(&t.step)
	}
	if t.batches > 0 {
		if t.batches--; t.batches == 0 {
			t.batches = untilPause
		}
	}
	if !a.diverged && (math.IsNaN(loss) || math.IsInf(loss, 0)) {
		a.diverged = true
		t.mark(fmt.Sprintf("diverged at step %d", a.Step))
		if t.o.PauseOnDivergence {
			t.batches, t.epochs = untilPause, 0
		}
	}
	m := &t.moment
	m.epoch, m.batch, m.logs = a.Epoch, a.batch-1, t.step.Means
	for _, h := range t.hooks {
		if h.batchEnd != nil {
			if err := h.batchEnd(m); err != nil {
				return err
			}
		}
	}
	a.stop = a.stop || m.stop
	a.ending = a.stop
	if a.ending || a.batch == t.steps {
		a.trained = t.clock.seconds()
	}
	return nil
}

func (t *Trainer) beginEpoch() {
	a := &t.at
	a.began, a.start = true, t.clock.seconds()
	scale := 1.0
	for _, h := range t.hooks {
		if h.scale != nil {
			scale *= h.scale(a.Epoch)
		}
	}
	t.rate.plan(scale)
	a.rate = t.rate.get()
	t.means.reset()
	if t.validation != nil {
		t.validation.reset()
	}
}

// load fills the network's input, with its lengths, and targets.
func (t *Trainer) load(d Data, pass int, index []int) error {
	x, y := t.net.Input(), t.net.Targets() // [batch, sample], [batch, target]
	batch := t.net.Batch()
	for row, i := range index {
		t.net.Lengths()[row] = d.Length(i)
	}
	return d.Batch(pass, index, x[:len(x)/batch*len(index)], y[:len(y)/batch*len(index)])
}

// sampleWeights are the class weights of the loaded samples, [n]; nil where there are none.
func (t *Trainer) sampleWeights(n int) []float32 {
	if t.weights == nil {
		return nil
	}
	y, columns := t.net.Targets(), t.net.Columns() // [n, columns]
	for i := range n {
		w, ok := t.o.Fit.ClassWeight.Of[metric.TrueClass(y[i*columns:(i+1)*columns])]
		if !ok {
			w = 1
		}
		t.weights[i] = float32(w)
	}
	return t.weights[:n]
}

// validate infers one batch of the validation.
func (t *Trainer) validate() error {
	from := t.at.checked * t.rows
	index := t.index[from:min(from+t.rows, len(t.index))]
	if err := t.load(t.o.Validation, 0, index); err != nil {
		return fmt.Errorf("read batch %d of the validation of epoch %d: %w", t.at.checked+1, t.at.Epoch+1, err)
	}
	loss := t.net.Evaluate(len(index), nil)
	t.validation.add(t.net, len(index), loss)
	t.at.checked++
	return nil
}

// endEpoch closes the epoch whose batches and validation are done, and the training if it was the last.
func (t *Trainer) endEpoch() error {
	a, m := &t.at, &t.moment
	m.epoch = a.Epoch
	m.logs = t.means.current()
	if t.validation != nil {
		m.logs = append(m.logs[:len(m.logs):len(m.logs)], t.validation.current()...)
	}
	e := Epoch{Epoch: a.Epoch + 1, Step: a.Step, Steps: t.steps, Samples: a.samples, TrainSeconds: a.trained - a.start,
		Logs: sorted(m.logs), LearningRate: a.rate, ShowRate: a.live, Best: t.isBest()}
	for _, h := range t.hooks {
		e.ShowRate = e.ShowRate || h.moves
		if h.epochEnd != nil {
			if err := h.epochEnd(m); err != nil {
				return err
			}
		}
	}
	a.stop = a.stop || m.stop
	last := a.stop || a.Epoch+1 >= t.o.Fit.Epochs
	e.Notes = append([]string(nil), m.notes...)
	m.notes = m.notes[:0]
	for _, h := range t.hooks {
		if last && h.lastWords != nil {
			e.EndNotes = append(e.EndNotes, h.lastWords()...)
		}
	}
	e.Total = t.clock.seconds()
	e.Seconds = e.Total - a.start
	a.Epoch++
	a.began, a.ending, a.batch, a.samples, a.checked = false, false, 0, 0, 0
	for _, o := range t.o.Observers {
		o.OnEpoch(&e)
	}
	if t.epochs > 0 {
		if t.epochs--; t.epochs == 0 {
			t.paused = true
		}
	}
	return nil
}

// end lets the callbacks do what they do at the end of training.
func (t *Trainer) end() {
	for _, h := range t.hooks {
		if h.trainEnd != nil {
			h.trainEnd(&t.moment)
		}
	}
	t.at.over = true
}

// isBest reports whether the epoch's monitored figure is the best so far, and keeps it.
func (t *Trainer) isBest() bool {
	v, ok := t.moment.log(t.monitor)
	if !ok || math.IsNaN(v) || !math.IsNaN(t.at.best) && !t.better.Better(v, t.at.best) {
		return false
	}
	t.at.best = v
	return true
}
