package nn

import (
	"fmt"
	"math"
	"runtime"
	"runtime/debug"
	"sync/atomic"
)

// pool runs the chunks of a task on a fixed set of workers. A task's result must not depend on which worker takes which
// chunk.
//
// A step is dozens of tasks of some tens of microseconds, and waking a sleeping thread takes as long as one of them. So
// the workers wait for the next task awake, for a while, and a task ends when its chunks are done, not when each worker
// has noticed: one that the system has put aside with nothing to do holds nobody up. Where the machine has other work,
// waiting awake would take its time away, so nobody does so for long.
//
// Each worker has a run of neighbouring chunks of its own, the same one in each task of so many chunks, so that what it
// wrote in one task is in its caches in the next: from those of another core, which perhaps shares none of them, it comes
// five times more slowly. A worker that is through takes chunks from the ends of others' runs. Where there are many
// workers, neighbours, which mostly do share a cache, have a run in common: each run is written and looked at in every
// task.
type pool struct {
	workers int
	caller  sleeper
	helpers []*sleeper // all but the caller
	shares  []share    // of the workers, at most poolRuns
	closed  atomic.Bool
	failure atomic.Pointer[workerPanic]

	busyT, idleT func() bool

	_     [64]byte // what changes with each task lies in cache lines of its own
	total uint64   // chunks of all tasks up to this one
}

// poolRuns is the most runs that a task is dealt out in.
const poolRuns = 8

// share is a worker's part of a task, or that of several. What is written while others look at something else lies in
// cache lines of its own.
type share struct {
	// left is the run of chunks that nobody has taken: from the one in the high half to before the one in the low half.
	// Whoever makes it shorter owns a chunk, and until that is done the task stays.
	left atomic.Uint64
	task func(chunk, worker int)
	_    [112]byte
	done atomic.Uint64 // chunks that its workers did, of all tasks
	_    [120]byte
}

// sleeper is a worker's place to sleep.
type sleeper struct {
	asleep atomic.Bool
	wake   chan struct{} // a token for each time that another took asleep back
}

func newSleeper() sleeper { return sleeper{wake: make(chan struct{}, 1)} }

// sleep returns when it is roused, or at once if the reason to sleep has gone: what another does to end it comes before
// its rouse.
func (s *sleeper) sleep(reason func() bool) {
	s.asleep.Store(true)
	// Where the other one took asleep back meanwhile, its token is on the way and must be taken.
	if !reason() && s.asleep.CompareAndSwap(true, false) {
		return
	}
	<-s.wake
}

// rouse wakes the worker if it sleeps.
func (s *sleeper) rouse() {
	if s.asleep.Load() && s.asleep.CompareAndSwap(true, false) {
		s.wake <- struct{}{}
	}
}

// workerPanic carries a panic from a worker to the caller's goroutine.
type workerPanic struct {
	value any
	stack []byte
}

func (p *workerPanic) Error() string { return fmt.Sprint(p.value) }

// awake is how often a worker looks for what it waits for before it sleeps, about a millisecond; every so many looks it
// lets other goroutines run.
const awake, polite = 1 << 17, 1 << 10

func newPool(workers int) *pool {
	p := &pool{workers: max(workers, 1), caller: newSleeper()}
	p.shares = make([]share, min(p.workers, poolRuns))
	p.busyT, p.idleT = p.busy, p.idle
	for i := 1; i < p.workers; i++ {
		h := newSleeper()
		p.helpers = append(p.helpers, &h)
		go p.help(&h, i, i*len(p.shares)/p.workers)
	}
	return p
}

// close ends the workers.
func (p *pool) close() {
	p.closed.Store(true)
	for _, h := range p.helpers {
		h.rouse()
	}
	p.helpers, p.workers = nil, 1
}

// run calls task for every chunk and returns when all are done. The caller is worker 0.
func (p *pool) run(chunks int, task func(chunk, worker int)) {
	if chunks <= 1 || p.workers == 1 {
		for c := range chunks {
			task(c, 0)
		}
		return
	}
	p.deal(chunks, task)
	for _, h := range p.helpers[:min(len(p.helpers), chunks-1)] {
		h.rouse()
	}
	for p.chunk(0, 0) {
	}
	for looks := 1; p.busy(); looks++ {
		if looks%polite == 0 {
			runtime.Gosched()
		}
		if looks%awake == 0 {
			p.caller.sleep(p.busyT)
		}
	}
	if f := p.failure.Load(); f != nil {
		p.failure.Store(nil)
		panic(f)
	}
}

// deal shares out a task's chunks.
func (p *pool) deal(chunks int, task func(chunk, worker int)) {
	p.total += uint64(chunks)
	n := min(len(p.shares), chunks)
	for i := n - 1; i >= 0; i-- { // the caller's last: it begins when all can
		p.shares[i].task = task
		p.shares[i].left.Store(uint64(i*chunks/n)<<32 | uint64((i+1)*chunks/n))
	}
}

// left reports whether there are chunks that nobody has.
func (p *pool) left() bool {
	for w := range p.shares {
		if left := p.shares[w].left.Load(); left>>32 < left&math.MaxUint32 {
			return true
		}
	}
	return false
}

// busy reports whether chunks are not done yet.
func (p *pool) busy() bool {
	done := uint64(0)
	for w := range p.shares {
		done += p.shares[w].done.Load()
	}
	return done < p.total
}

// idle reports whether there is nothing for a helper to do.
func (p *pool) idle() bool { return !p.left() && !p.closed.Load() }

// take is the next chunk of the worker's own share, home, and its task, or one from the end of another run; nil where
// there is none.
func (p *pool) take(home int) (task func(chunk, worker int), chunk int) {
	for i := home; ; {
		share := &p.shares[i]
		left := &share.left
		for {
			run := left.Load()
			first, end := run>>32, run&math.MaxUint32
			if first >= end {
				break
			}
			chunk, rest := first, run+1<<32
			if i != home {
				chunk, rest = end-1, run-1
			}
			if left.CompareAndSwap(run, rest) {
				return share.task, int(chunk)
			}
		}
		if i++; i == len(p.shares) {
			i = 0
		}
		if i == home {
			return nil, 0
		}
	}
}

// chunk does a chunk and reports whether there was one.
func (p *pool) chunk(worker, home int) bool {
	if !p.left() {
		return false
	}
	task, c := p.take(home)
	if task == nil {
		return false
	}
	defer p.finish(home)
	task(c, worker)
	return true
}

// finish counts a chunk as done, also one that panicked.
func (p *pool) finish(home int) {
	if r := recover(); r != nil {
		p.failure.CompareAndSwap(nil, &workerPanic{value: r, stack: debug.Stack()})
	}
	p.shares[home].done.Add(1)
	if p.caller.asleep.Load() && !p.busy() {
		p.caller.rouse()
	}
}

// help is a worker's life: it does chunks, waits awake for more, and sleeps when none come.
func (p *pool) help(h *sleeper, worker, home int) {
	for !p.closed.Load() {
		for looks := 1; looks < awake; looks++ {
			if p.chunk(worker, home) {
				looks = 0
				continue
			}
			if looks%polite == 0 {
				runtime.Gosched()
			}
		}
		h.sleep(p.idleT)
	}
}
