package kernel

import (
	"sync"
	"testing"
)

// Products that run at the same time have workspaces of their own, which serve the next ones.
func TestWorkspacesAreNotShared(t *testing.T) {
	const workers, rounds = 8, 2000
	var lock sync.Mutex
	inUse := map[*workspace]bool{}
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for range rounds {
				w := borrow()
				lock.Lock()
				if inUse[w] {
					t.Error("a workspace is used twice")
				}
				inUse[w] = true
				lock.Unlock()
				lock.Lock()
				inUse[w] = false
				lock.Unlock()
				w.giveBack()
			}
		})
	}
	wg.Wait()
	if n := testing.AllocsPerRun(100, func() { borrow().giveBack() }); n > 0 {
		t.Errorf("what was given back is not used again: %v allocations", n)
	}
}
