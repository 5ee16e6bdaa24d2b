package dataset

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// maxParallel bounds the goroutines, each of which may hold a large picture while it decodes it.
const maxParallel = 16

// parallel calls do for 0 to n-1 from as many goroutines as there are processors, each with a state of its own. What
// do writes must belong to i alone; so nothing depends on the number of goroutines.
func parallel[S any](n int, do func(s *S, i int)) {
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), maxParallel, n) {
		wg.Go(func() {
			var s S
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				do(&s, i)
			}
		})
	}
	wg.Wait()
}
