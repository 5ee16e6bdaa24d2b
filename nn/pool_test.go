package nn

import (
	"errors"
	"sync/atomic"
	"testing"
)

// TestPoolRunsEveryChunkOnce, on any number of workers and for any number of chunks.
func TestPoolRunsEveryChunkOnce(t *testing.T) {
	for _, workers := range []int{1, 2, 5, 19} {
		p := newPool(workers)
		for chunks := range 40 {
			hits := make([]atomic.Int32, chunks)
			p.run(chunks, func(c, w int) {
				if w < 0 || w >= workers {
					t.Errorf("worker %d of %d", w, workers)
				}
				hits[c].Add(1)
			})
			for c := range hits {
				if hits[c].Load() != 1 {
					t.Fatalf("%d workers: chunk %d of %d ran %d times", workers, c, chunks, hits[c].Load())
				}
			}
		}
		p.close()
	}
}

// TestPanicReachesTheCaller: a panic in a worker's chunk is the caller's, and the pool goes on working.
func TestPanicReachesTheCaller(t *testing.T) {
	p := newPool(3)
	defer p.close()
	for range 20 {
		func() {
			defer func() {
				var f *workerPanic
				err, _ := recover().(error)
				if !errors.As(err, &f) || f.value != "broken" || len(f.stack) == 0 {
					t.Errorf("got %v", err)
				}
			}()
			p.run(9, func(c, _ int) {
				if c == 7 {
					panic("broken")
				}
			})
		}()
		var n atomic.Int32
		p.run(9, func(int, int) { n.Add(1) })
		if n.Load() != 9 {
			t.Fatalf("%d of 9 chunks ran after a panic", n.Load())
		}
	}
}

// TestPoolKeepsChunksWithTheirWorkers: each worker has the same run in every task, and helps the others from the ends of
// theirs.
func TestPoolKeepsChunksWithTheirWorkers(t *testing.T) {
	p := &pool{shares: make([]share, 3)}
	for range 2 {
		p.deal(8, func(int, int) {})
		for _, want := range []struct{ home, chunk int }{{1, 2}, {0, 0}, {1, 3}, {1, 4}, {1, 7}, {1, 6}, {2, 5}, {2, 1}} {
			task, chunk := p.take(want.home)
			if task == nil || chunk != want.chunk {
				t.Fatalf("the worker of share %d got chunk %d, want %d", want.home, chunk, want.chunk)
			}
		}
		if task, _ := p.take(0); task != nil || p.left() {
			t.Fatal("there are chunks after the last one")
		}
	}
}

// BenchmarkPool measures a task of two chunks that do nothing.
func BenchmarkPool(b *testing.B) {
	p := newPool(2)
	defer p.close()
	for b.Loop() {
		p.run(2, func(int, int) {})
	}
}
