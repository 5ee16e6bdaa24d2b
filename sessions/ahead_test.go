package sessions

import (
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"

	"cnnbench/nn/train"
)

// numbers is data whose sample i is i + 1000*pass; it counts the batches that were asked for.
type numbers struct {
	n     int
	asked atomic.Int64
	spoil int // a sample that cannot be read, 0: none
}

func (d *numbers) Len() int       { return d.n }
func (d *numbers) Length(int) int { return 0 }

func (d *numbers) Batch(pass int, index []int, x, y []float32) error {
	d.asked.Add(1)
	for row, i := range index {
		switch {
		case d.spoil == i && i > 0:
			return errors.New("spoilt")
		case d.spoil < 0:
			panic("broken")
		}
		x[row], y[row] = float32(i+1000*pass), float32(-i)
	}
	return nil
}

func fitFor(batch int) *train.Fit {
	f := train.Defaults()
	f.BatchSize = train.BatchSize(batch)
	return &f
}

// TestAheadIsTheData goes through several passes, and from the middle of one.
func TestAheadIsTheData(t *testing.T) {
	for _, c := range []struct{ n, batch, from int }{{10, 4, 0}, {10, 4, 5}, {12, 4, 7}, {5, 9, 0}, {7, 1, 30}} {
		d := &numbers{n: c.n}
		f := fitFor(c.batch)
		a := &ahead{Data: d, fit: f, seed: 4}
		s := f.Stream(c.n, 4)
		s.Skip(c.from)
		const batches = 20
		for k := range batches {
			pass, index := s.Next()
			x, y := make([]float32, len(index)), make([]float32, len(index))
			if err := a.Batch(pass, index, x, y); err != nil {
				t.Fatal(err)
			}
			for row, i := range index {
				if x[row] != float32(i+1000*pass) || y[row] != float32(-i) {
					t.Fatalf("%+v: batch %d has %v, %v for the samples %v of pass %d", c, k, x, y, index, pass)
				}
			}
		}
		<-a.way.done
		if n := d.asked.Load(); n != batches+1 {
			t.Errorf("%+v: %d batches were read for %d: what was prepared was not used", c, n, batches)
		}
	}
}

// TestAheadOfSomethingElse: a batch that nobody foresaw is read at once.
func TestAheadOfSomethingElse(t *testing.T) {
	a := &ahead{Data: &numbers{n: 10}, fit: fitFor(4), seed: 4}
	x, y := make([]float32, 2), make([]float32, 2)
	for range 3 {
		for _, index := range [][]int{{3, 4}, {9, 0}} {
			if err := a.Batch(2, index, x, y); err != nil || !slices.Equal(x, []float32{float32(index[0] + 2000), float32(index[1] + 2000)}) {
				t.Errorf("%v: %v, %v", index, x, err)
			}
		}
	}
}

func TestAheadFails(t *testing.T) {
	f := fitFor(1)
	s := f.Stream(6, 4)
	d := &numbers{n: 6}
	a := &ahead{Data: d, fit: f, seed: 4}
	_, first := s.Next()
	x, y := make([]float32, 1), make([]float32, 1)
	first = slices.Clone(first)
	_, second := s.Next()
	if d.spoil = second[0]; d.spoil == 0 {
		_, second = s.Next()
		d.spoil = second[0]
	}
	if err := a.Batch(0, first, x, y); err != nil {
		t.Fatal(err)
	}
	if err := a.Batch(0, second, x, y); err == nil || err.Error() != "spoilt" {
		t.Errorf("the error is %v", err)
	}
	broken := &ahead{Data: &numbers{n: 6}, fit: f, seed: 4}
	if err := broken.Batch(0, first, x, y); err != nil {
		t.Fatal(err)
	}
	<-broken.way.done
	broken.Data.(*numbers).spoil = -1
	broken.begin(1, 1)
	defer func() {
		if r := recover(); fmt.Sprint(r) != "broken" {
			t.Errorf("the panic is %v", r)
		}
	}()
	if err := broken.Batch(0, second, x, y); err == nil {
		t.Error("neither panic nor error")
	}
}

func BenchmarkAheadOfNothing(b *testing.B) { // what handing over costs
	f := fitFor(32)
	a := &ahead{Data: &numbers{n: 320}, fit: f, seed: 4}
	s := f.Stream(320, 4)
	x, y := make([]float32, 32), make([]float32, 32)
	b.ReportAllocs()
	for b.Loop() {
		pass, index := s.Next()
		if err := a.Batch(pass, index, x, y); err != nil {
			b.Fatal(err)
		}
	}
}
