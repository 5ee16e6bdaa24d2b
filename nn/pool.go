package nn

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"sync/atomic"
)

// pool runs the chunks of a task on a fixed set of workers. Which worker takes which chunk is left to chance: a task's
// result must not depend on it.
//
// A step is dozens of tasks of some tens of microseconds, and waking a sleeping thread takes as long as one of them. So
// the workers wait for the next task awake, for a while, and a task ends when its chunks are done, not when each worker
// has noticed: one that the system has put aside with nothing to do holds nobody up. Where the machine has other work,
// waiting awake would take its time away, so nobody does so for long.
type pool struct {
	workers int
	caller  sleeper
	helpers []*sleeper // all but the caller
	_       [64]byte   // what the workers write lies in cache lines of its own
	// work is the task's number of chunks in the high half and how many were asked for in the low one. Asking for one
	// is adding 1: whoever gets a number below the first owns that chunk, and until it is done the task stays.
	work    atomic.Uint64
	_       [64]byte
	done    atomic.Uint32 // chunks
	_       [64]byte
	task    func(chunk, worker int)
	closed  atomic.Bool
	failure atomic.Pointer[workerPanic]

	busyT, idleT func() bool
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
	if s.asleep.CompareAndSwap(true, false) {
		s.wake <- struct{}{}
	}
}

// workerPanic carries a panic from a worker to the caller's goroutine.
type workerPanic struct {
	value any
	stack []byte
}

func (p *workerPanic) Error() string { return fmt.Sprint(p.value) }

// awake is how often a worker looks for what it waits for before it sleeps, some 200 microseconds; every so many
// looks it lets other goroutines run.
const awake, polite = 1 << 18, 1 << 10

func newPool(workers int) *pool {
	p := &pool{workers: max(workers, 1), caller: newSleeper()}
	p.busyT, p.idleT = p.busy, p.idle
	for i := 1; i < p.workers; i++ {
		h := newSleeper()
		p.helpers = append(p.helpers, &h)
		go p.help(&h, i)
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
	p.task = task
	p.done.Store(0)
	p.work.Store(uint64(chunks) << 32)
	for _, h := range p.helpers[:min(len(p.helpers), chunks-1)] {
		h.rouse()
	}
	for p.chunk(0) {
	}
	for looks := 1; p.busy(); looks++ {
		if looks%polite == 0 {
			runtime.Gosched()
		}
		if looks%awake == 0 {
			p.caller.sleep(p.busyT)
		}
	}
	if f := p.failure.Swap(nil); f != nil {
		panic(f)
	}
}

// left reports whether there are chunks that nobody has.
func (p *pool) left() bool {
	w := p.work.Load()
	return uint32(w) < uint32(w>>32)
}

// busy reports whether chunks are not done yet.
func (p *pool) busy() bool { return p.done.Load() < uint32(p.work.Load()>>32) }

// idle reports whether there is nothing for a helper to do.
func (p *pool) idle() bool { return !p.left() && !p.closed.Load() }

// chunk does the next chunk and reports whether there was one.
func (p *pool) chunk(worker int) bool {
	if !p.left() {
		return false
	}
	w := p.work.Add(1)
	c := uint32(w) - 1
	if c >= uint32(w>>32) {
		return false
	}
	defer p.finish()
	p.task(int(c), worker)
	return true
}

// finish counts a chunk as done, also one that panicked.
func (p *pool) finish() {
	if r := recover(); r != nil {
		p.failure.CompareAndSwap(nil, &workerPanic{value: r, stack: debug.Stack()})
	}
	p.done.Add(1)
	if !p.busy() {
		p.caller.rouse()
	}
}

// help is a worker's life: it does chunks, waits awake for more, and sleeps when none come.
func (p *pool) help(h *sleeper, worker int) {
	for !p.closed.Load() {
		for looks := 1; looks < awake; looks++ {
			if p.chunk(worker) {
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
