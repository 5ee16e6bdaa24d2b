package sessions

import (
	"context"
	"errors"
	"slices"
	"strings"
	"syscall"
	"testing"

	"cnnbench/nn/train"
	"cnnbench/sessions/disk/disktest"
)

// TestUnsaved: a run says that it could not be saved until it is, and its marks say both.
func TestUnsaved(t *testing.T) {
	p := short(t)
	run := func(d *disktest.Faulty) (r *Run, marks []train.Mark, l *ledger) {
		l = &ledger{}
		r, err := (&Store{Home: "/home", disk: d}).Start(context.Background(), p, l.options(everyStep))
		if err != nil {
			return nil, nil, l
		}
		<-r.Done()
		return r, r.Feed.Drain().Marks, l
	}
	at := func(marks []train.Mark, text string) int {
		return slices.IndexFunc(marks, func(m train.Mark) bool { return strings.HasPrefix(m.Text, text) })
	}
	fault := func(forever bool, at int) *disktest.Faulty {
		return &disktest.Faulty{FS: disktest.NewMem(), FailAt: at, Forever: forever, Err: syscall.ENOSPC}
	}
	tried := 0
	for n := 30; n < 80; n++ {
		r, marks, l := run(fault(false, n))
		if r == nil || at(marks, "not saved: ") < 0 || at(marks, "not saved: thin out") >= 0 { // that one was saved
			continue
		}
		tried++
		if again := at(marks, "saved again"); again < at(marks, "not saved: ") || r.Unsaved() != nil || len(l.warned) == 0 {
			t.Errorf("a disk full at call %d, once: marks %+v, at the end %v, told %v", n, marks, r.Unsaved(), l.warned)
		}
	}
	if tried == 0 {
		t.Error("no save failed")
	}
	r, marks, _ := run(fault(true, 60))
	if r == nil || !errors.Is(r.Unsaved(), syscall.ENOSPC) || at(marks, "saved again") >= 0 {
		t.Errorf("a disk full for good: %v, marks %+v", r.Unsaved(), marks)
	}
}
