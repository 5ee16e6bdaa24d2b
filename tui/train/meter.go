package train

import (
	"math"

	"cnnbench/nn/train"
	"cnnbench/sessions"
)

// meter measures how fast a training is, over the last few seconds of it so that the figure can be read.
type meter struct {
	step           int64
	seconds        float64
	batch          float64 // samples of a step
	steps, elapsed float64 // of late: what is older counts ever less
}

// meterTime is the seconds of training that the speed is of.
const meterTime = 1.5

// add takes in what the training has done. The time of validation is left out.
func (m *meter) add(u *train.Update) {
	for i := range u.Epochs {
		m.seconds += u.Epochs[i].Seconds - u.Epochs[i].TrainSeconds
	}
	if u.Last == nil {
		return
	}
	steps, seconds := float64(u.Last.Step-m.step), u.Last.Seconds-m.seconds
	m.step, m.seconds = u.Last.Step, u.Last.Seconds
	m.batch = max(m.batch, float64(u.Last.Samples))
	if steps <= 0 || seconds <= 0 {
		return
	}
	keep := math.Exp(-seconds / meterTime)
	m.steps, m.elapsed = m.steps*keep+steps, m.elapsed*keep+seconds
}

// rate is samples a second, 0 if not known yet.
func (m *meter) rate() float64 {
	if m.elapsed == 0 {
		return 0
	}
	return m.batch * m.steps / m.elapsed
}

// average is samples a second over all epochs, 0 if there is none.
func average(epochs []train.Epoch) float64 {
	samples, seconds := 0.0, 0.0
	for i := range epochs {
		samples += float64(epochs[i].Samples)
		seconds += epochs[i].TrainSeconds
	}
	if seconds <= 0 {
		return 0
	}
	return samples / seconds
}

// progress is how far a training is.
type progress struct {
	epoch, planned int     // the epoch under way, from 1
	batch, batches int     // of the epoch
	share, total   float64 // of the epoch and of all, 0 to 1
	left           float64 // seconds of all, the last epoch's time a measure; below 0: not known
	leftEpoch      float64
}

// progressOf works out how far a training of so many planned epochs is.
func progressOf(planned int, epochs []train.Epoch, last *train.Step) progress {
	done := len(epochs)
	p := progress{epoch: min(done+1, max(planned, done)), planned: planned, left: -1, leftEpoch: -1}
	if last == nil {
		return p
	}
	p.batch, p.batches = last.Batch, last.Batches
	if last.Epoch <= done && done < planned { // the next epoch has not begun
		p.batch = 0
	}
	if last.Epoch > done {
		p.share = float64(p.batch) / float64(max(p.batches, 1))
	}
	p.total = min((float64(done)+p.share)/float64(max(planned, 1)), 1)
	perEpoch := 0.0
	switch {
	case done > 0: // validation belongs to it
		perEpoch = epochs[done-1].Seconds
	case last.Step > 0:
		perEpoch = last.Seconds / float64(last.Step) * float64(last.Batches)
	}
	if perEpoch > 0 {
		p.left = perEpoch * max(float64(planned-done)-p.share, 0)
		p.leftEpoch = perEpoch * (1 - p.share)
	}
	return p
}

// bestOf is the last epoch that was the best so far, nil if there is none.
func bestOf(epochs []train.Epoch) *train.Epoch {
	for i := len(epochs) - 1; i >= 0; i-- {
		if epochs[i].Best {
			return &epochs[i]
		}
	}
	return nil
}

// best is what a session would say of its best epoch.
func best(epochs []train.Epoch, monitor string) *sessions.Best {
	e := bestOf(epochs)
	if e == nil {
		return nil
	}
	v, ok := e.Log(monitor)
	if !ok {
		return nil
	}
	return &sessions.Best{Epoch: e.Epoch, Monitor: monitor, Value: v}
}
