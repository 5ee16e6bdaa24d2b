package dataset

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
)

// Pass is how all samples are gone through. The zero value uses all processors and tells nobody.
type Pass struct {
	// Told is told after each sample how many of all are done, from several goroutines at once. Nil: nobody asks.
	Told func(done, total int)
	// Most says how many goroutines may be at it now; one always is. Those that become too many end, for the rest of the
	// pass. Nil: as many as there are processors.
	Most func() int
}

func (p Pass) tell(done, total int) {
	if p.Told != nil {
		p.Told(done, total)
	}
}

// stretch is the pass over some of all samples, of which those before are done.
func (p Pass) stretch(before, all int) Pass {
	return Pass{Told: func(done, _ int) { p.tell(before+done, all) }, Most: p.Most}
}

// maxParallel bounds the goroutines, each of which may hold a large picture while it decodes it.
const maxParallel = 16

// parallel calls do for 0 to n-1 from several goroutines, each with a state of its own, until ctx ends. What do writes
// must belong to i alone; so nothing depends on the number of goroutines.
func parallel[S any](ctx context.Context, p Pass, n int, do func(s *S, i int)) error {
	var next, done atomic.Int64
	var wg sync.WaitGroup
	for k := range min(runtime.GOMAXPROCS(0), maxParallel, n) {
		wg.Go(func() {
			var s S
			for ctx.Err() == nil && (k == 0 || p.Most == nil || k < p.Most()) {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				do(&s, i)
				p.tell(int(done.Add(1)), n)
			}
		})
	}
	wg.Wait()
	return ctx.Err()
}
