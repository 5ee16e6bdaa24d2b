package dataset

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync/atomic"
	"testing"
)

// Everything is done once and told, by as many goroutines as there may be: too many end while the pass goes on.
func TestParallel(t *testing.T) {
	const n = 2000
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(4))
	for _, most := range []int{0, 1, 2, maxParallel} {
		t.Run(fmt.Sprint(most), func(t *testing.T) {
			var calls [n]atomic.Int32
			var told, last, stayed atomic.Int32
			var free atomic.Int32 // goroutines that may be at it
			free.Store(maxParallel)
			p := Pass{Most: func() int { return int(free.Load()) }, Told: func(done, total int) {
				told.Add(1)
				if done == n && total == n {
					last.Add(1)
				}
			}}
			err := parallel(t.Context(), p, n, func(after *int, i int) {
				calls[i].Add(1)
				switch {
				case i == n/2:
					free.Store(int32(most))
				case free.Load() != maxParallel:
					if *after++; *after == 2 { // the first one may have been on its way
						stayed.Add(1)
					}
				}
			})
			if most < maxParallel && int(stayed.Load()) > max(most, 1) {
				t.Errorf("%d goroutines go on", stayed.Load())
			}
			if err != nil || told.Load() != n || last.Load() != 1 {
				t.Errorf("%v, told %d times", err, told.Load())
			}
			for i := range calls {
				if c := calls[i].Load(); c != 1 {
					t.Fatalf("%d is done %d times", i, c)
				}
			}
		})
	}
}

// What goes through a source ends with its context, wherever it is.
func TestCancelled(t *testing.T) {
	files := map[string][]byte{}
	for i := range 40 {
		files[fmt.Sprintf("%c/%d.png", 'a'+i%2, i)] = shaded(t, 8, 8, i)
	}
	cfg := named(tree(t, files))
	for _, at := range []int{0, 3, 40, 77} {
		ctx, cancel := context.WithCancel(t.Context())
		if at == 0 {
			cancel()
		}
		src, err := OpenContext(ctx, cfg, Options{Pass: Pass{Told: func(done, total int) {
			if total != 80 {
				t.Errorf("%d in all", total)
			}
			if done == at {
				cancel()
			}
		}}})
		if src != nil || !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled at %d: %v", at, err)
		}
		cancel()
	}
	d := load(t, cfg, Options{})
	ends := 0
	told := func(done, total int) {
		if done == total {
			ends++
		}
	}
	if _, err := d.Describe(t.Context(), Pass{Told: told}); err != nil || ends != 1 {
		t.Errorf("%v, %d ends", err, ends)
	}
	if _, err := d.Source.Describe(t.Context(), Pass{Told: told}); err != nil || ends != 2 {
		t.Errorf("%v, %d ends", err, ends)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := d.Describe(ctx, Pass{}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if _, err := d.Overlaps(ctx, Pass{}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
