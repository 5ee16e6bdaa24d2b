package nn

import (
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"
)

// pool runs the chunks of a task on a fixed set of workers. Which worker takes which chunk is left to chance: a task's
// result must not depend on it.
type pool struct {
	workers int
	wake    []chan struct{} // one for each worker but the caller
	task    func(chunk, worker int)
	chunks  int64
	next    atomic.Int64
	done    sync.WaitGroup
	failure atomic.Pointer[workerPanic]
}

// workerPanic carries a panic from a worker to the caller's goroutine.
type workerPanic struct {
	value any
	stack []byte
}

func (p *workerPanic) Error() string { return fmt.Sprint(p.value) }

func newPool(workers int) *pool {
	p := &pool{workers: max(workers, 1)}
	for i := 1; i < p.workers; i++ {
		wake := make(chan struct{}, 1)
		p.wake = append(p.wake, wake)
		go func() {
			for range wake {
				p.work(i)
				p.done.Done()
			}
		}()
	}
	return p
}

// close ends the workers.
func (p *pool) close() {
	for _, w := range p.wake {
		close(w)
	}
	p.wake = nil
	p.workers = 1
}

// run calls task for every chunk and returns when all are done. The caller is worker 0.
func (p *pool) run(chunks int, task func(chunk, worker int)) {
	if chunks <= 1 || p.workers == 1 {
		for c := range chunks {
			task(c, 0)
		}
		return
	}
	p.task, p.chunks = task, int64(chunks)
	p.next.Store(0)
	helpers := min(p.workers, chunks) - 1
	p.done.Add(helpers)
	for _, w := range p.wake[:helpers] {
		w <- struct{}{}
	}
	p.work(0)
	p.done.Wait()
	p.task = nil
	if f := p.failure.Swap(nil); f != nil {
		panic(f)
	}
}

func (p *pool) work(worker int) {
	defer func() {
		if r := recover(); r != nil {
			p.failure.CompareAndSwap(nil, &workerPanic{value: r, stack: debug.Stack()})
			p.next.Store(p.chunks)
		}
	}()
	for {
		c := p.next.Add(1) - 1
		if c >= p.chunks {
			return
		}
		p.task(int(c), worker)
	}
}

// cut is a fixed cutting of n items into chunks of size, whatever the number of workers.
type cut struct{ n, size int }

func (c cut) chunks() int { return (c.n + c.size - 1) / c.size }

func (c cut) at(chunk int) (lo, hi int) { return chunk * c.size, min((chunk+1)*c.size, c.n) }
