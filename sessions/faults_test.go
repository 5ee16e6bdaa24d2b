package sessions

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"cnnbench/nn/train"
	"cnnbench/sessions/disk"
	"cnnbench/sessions/disk/disktest"
)

// ledger keeps what was acknowledged, and of what a person was told.
type ledger struct {
	mu     sync.Mutex
	acked  []train.Place
	warned []error
}

func (l *ledger) options(o RunOptions) RunOptions {
	o.Threads, o.pulse = 1, -1 // pulses come when they come, and their failures are nobody's business
	o.acked = func(s save) {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.acked = append(l.acked, s.Place)
	}
	o.Warn = func(err error) {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.warned = append(l.warned, err)
	}
	return o
}

// later reports whether a place comes after another.
func later(a, b train.Place) bool {
	return a.Step > b.Step || a.Step == b.Step && (a.Epoch > b.Epoch || a.Epoch == b.Epoch && (a.Checked > b.Checked || a.Over && !b.Over))
}

// short is a training that is over soon, with a checkpoint after every step and one at the end.
func short(t testing.TB) *Prepared {
	return wholly(t, "fit.epochs=2", "fit.batch_size=20", "model.layers=[dense: {units: 10, activation: softmax}]", "compile.optimizer=sgd",
		"fit.callbacks=[early_stopping: {monitor: val_loss, mode: max, patience: 9, restore_best_weights: true}]")
}

var everyStep = RunOptions{Name: "x", SaveEvery: Interval{Steps: 1}}

// fewEnds leaves the ends of epochs out until the training's.
var fewEnds = RunOptions{Name: "x", large: 1}

// recovered checks what is on a disk after something went wrong, and if whole, trains on to the end that want has.
func recovered(t *testing.T, what string, d disk.FS, l *ledger, want outcome, whole bool) {
	t.Helper()
	s := &Store{Home: "/home", disk: d}
	if !s.Exists("x") {
		if len(l.acked) > 0 {
			t.Fatalf("%s: the session is gone", what)
		}
		return
	}
	session, err := s.Open("x")
	if err != nil {
		if len(l.acked) > 0 {
			t.Fatalf("%s: %v", what, err)
		}
		return // it never began
	}
	newest, passed, err := session.newest()
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	if len(passed) > 0 {
		t.Errorf("%s: %v", what, passed)
	}
	for _, p := range l.acked {
		if later(p, newest.at.Place) {
			t.Fatalf("%s: the newest is of %+v, but %+v was acknowledged", what, newest.at.Place, p)
		}
	}
	if n := len(session.History); n < newest.at.Epoch {
		t.Fatalf("%s: %d epochs in the journal, %d in the checkpoint", what, n, newest.at.Epoch)
	}
	if !whole {
		return
	}
	again := &ledger{}
	finish(t, s, "x", again.options(RunOptions{SaveEvery: Interval{Steps: 1}}))
	if d := outcomeOf(t, s, "x").differs(want); d != "" {
		t.Fatalf("%s: in the end differs %s", what, d)
	}
	if len(again.warned) > 0 {
		t.Errorf("%s: going on warned of %v", what, again.warned)
	}
	for _, dir := range s.folders("x") {
		for _, n := range s.names(dir) {
			if strings.Contains(n, ".tmp-") {
				t.Errorf("%s: %s is left", what, n)
			}
		}
	}
}

// reference is how the short training ends on a disk without faults, and how many calls it makes.
func reference(t *testing.T, p *Prepared) outcome {
	t.Helper()
	s := &Store{Home: "/home", disk: disktest.NewMem()}
	trained(t, s, p, (&ledger{}).options(everyStep))
	return outcomeOf(t, s, "x")
}

// faults goes through the faults of a disk, at each call in turn until a scenario makes fewer.
func faults(t *testing.T, do func(what string, d *disktest.Faulty) (told []error)) {
	t.Helper()
	for _, c := range []struct {
		name    string
		err     error
		forever bool
	}{{"full once", syscall.ENOSPC, false}, {"full for ever", syscall.ENOSPC, true}, {"I/O error once", syscall.EIO, false}, {"I/O error for ever", syscall.EIO, true},
		{"short once", nil, false}, {"short for ever", nil, true}} {
		for n := 1; ; n++ {
			d := &disktest.Faulty{FailAt: n, Forever: c.forever, Err: c.err}
			what := fmt.Sprintf("%s at call %d", c.name, n)
			told := do(what, d)
			if t.Failed() {
				t.Fatalf("%s: %v failed", what, d.Failed())
			}
			if failed := d.Failed(); len(failed) > 0 && len(told) == 0 && !quiet(failed) {
				t.Fatalf("%s: %v failed, and nobody was told", what, failed)
			}
			if d.Calls() < n {
				break
			}
		}
	}
}

// quiet reports whether all that failed was a look at what may be there or not, or letting go of a lock.
func quiet(failed []string) bool {
	for _, op := range failed {
		if op != "stat" && op != "readdir" {
			return false
		}
	}
	return true
}

// Whatever call fails while a training is saved: what was acknowledged stays, the training goes on, and it is told.
func TestFaultsWhileSaving(t *testing.T) {
	p := short(t)
	for _, o := range []RunOptions{everyStep, fewEnds} {
		faultsWhileSaving(t, p, o)
	}
}

func faultsWhileSaving(t *testing.T, p *Prepared, o RunOptions) {
	want := reference(t, p)
	faults(t, func(what string, d *disktest.Faulty) (told []error) {
		mem := disktest.NewMem()
		d.FS = mem
		l := &ledger{}
		r, err := (&Store{Home: "/home", disk: d}).Start(context.Background(), p, l.options(o))
		if err != nil {
			told = append(told, err)
		} else {
			<-r.Done()
			if r.err != nil {
				told = append(told, r.err)
			}
			if n := r.trainer.Position().Epoch; n != 2 {
				t.Errorf("%s: the training ended after %d epochs", what, n)
			}
		}
		recovered(t, what, mem, l, want, true)
		return append(told, l.warned...)
	})
}

// Whatever call fails while a stopped training is taken up again.
func TestFaultsWhileRecovering(t *testing.T) {
	p := short(t)
	want := reference(t, p)
	faults(t, func(what string, d *disktest.Faulty) (told []error) {
		mem := disktest.NewMem()
		l := &ledger{}
		stopped(t, &Store{Home: "/home", disk: mem}, p, 3, l.options(everyStep))
		d.FS = mem
		l.warned = nil
		r, err := (&Store{Home: "/home", disk: d}).Resume(context.Background(), "x", nil, l.options(RunOptions{SaveEvery: Interval{Steps: 1}}))
		if err != nil && !errors.Is(err, ErrFinished) {
			told = append(told, err)
		}
		if err == nil {
			<-r.Done()
			if r.err != nil {
				told = append(told, r.err)
			}
		}
		recovered(t, what, mem, l, want, true)
		return append(told, l.warned...)
	})
}

// Whatever call fails while a session is read or deleted.
func TestFaultsWhileReadingAndDeleting(t *testing.T) {
	p := short(t)
	want := reference(t, p)
	faults(t, func(what string, d *disktest.Faulty) (told []error) {
		mem := disktest.NewMem()
		l := &ledger{}
		trained(t, &Store{Home: "/home", disk: mem}, p, l.options(everyStep))
		d.FS = mem
		s := &Store{Home: "/home", disk: d}
		session, err := s.Open("x")
		if err == nil {
			var w *Weights
			if w, err = session.Weights(Last); err == nil {
				told = append(told, w.Passed...)
				if len(w.Passed) == 0 && string(fileOf(t, w)) != string(fileOf(t, weightsOf(want.newest))) {
					t.Errorf("%s: other weights were read", what)
				}
			}
		}
		if err != nil {
			told = append(told, err)
		}
		if d.FailAt%2 == 0 {
			recovered(t, what, mem, l, want, true)
			return told
		}
		if err := s.Remove("x"); err != nil {
			told = append(told, err)
			// It is there whole, or gone from the list.
			if healthy := (&Store{Home: "/home", disk: mem}); healthy.Exists("x") {
				recovered(t, what, mem, l, want, true)
			}
		}
		return told
	})
}

// seeds is how many power cuts are tried: a number in CNNBENCH_POWER_CUTS, or the one given.
func seeds(t *testing.T, usual int) int {
	text := os.Getenv("CNNBENCH_POWER_CUTS")
	if text == "" {
		return usual
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("CNNBENCH_POWER_CUTS is %q, needs a number", text)
	}
	return n
}

// The power goes off at any moment, of a training and then of the one that goes on, and takes with it what was not
// synced: nothing that was acknowledged is lost, and nothing damaged is taken for whole.
func TestPowerCuts(t *testing.T) {
	p := short(t)
	want := reference(t, p)
	calls := func() int {
		mem := disktest.NewMem()
		trained(t, &Store{Home: "/home", disk: mem}, p, (&ledger{}).options(everyStep))
		return mem.Calls()
	}()
	for seed := range seeds(t, 2000) {
		what := fmt.Sprintf("seed %d", seed)
		mem := disktest.NewMem()
		mem.CutAt(1+seed%calls, uint64(seed))
		l := &ledger{}
		s := &Store{Home: "/home", disk: mem}
		o := everyStep
		if seed%3 == 0 {
			o = fewEnds // which makes fewer calls: the power goes off after some, or after all
		}
		if r, err := s.Start(context.Background(), p, l.options(o)); err == nil {
			<-r.Done()
		}
		after := mem.Image()
		if seed%5 == 0 { // and once more
			after.CutAt(1+seed/calls%40, uint64(seed))
			if r, err := (&Store{Home: "/home", disk: after}).Resume(context.Background(), "x", nil, l.options(RunOptions{SaveEvery: Interval{Steps: 1}})); err == nil {
				<-r.Done()
			}
			after = after.Image()
		}
		recovered(t, what, after, l, want, seed%5 < 2)
		if t.Failed() {
			return
		}
	}
}
