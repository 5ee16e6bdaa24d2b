package sessions

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"cnnbench/nn/train"
	"cnnbench/sessions/disk/disktest"
)

// told is what someone knows who has only the news.
type told struct {
	epochs []train.Epoch
	marks  []train.Mark
	points []train.Point
}

func (k *told) take(n *News) {
	if n.Again {
		k.epochs, k.marks, k.points = slices.Clone(n.Session.History), slices.Clone(n.Session.Marks), slices.Clone(n.Session.Points)
		return
	}
	k.epochs, k.marks, k.points = append(k.epochs, n.Update.Epochs...), append(k.marks, n.Update.Marks...), append(k.points, n.Update.Steps...)
}

// text is a value with all its numbers, those that are none too, and without addresses.
func text(v any) string {
	if marks, ok := v.([]train.Mark); ok {
		out := ""
		for _, m := range marks {
			if c := m.Change; c != nil {
				out += fmt.Sprintf("%+v: ", *c)
				m.Change = nil
			}
			out += fmt.Sprintf("%+v\n", m)
		}
		return out
	}
	return fmt.Sprintf("%+v", v)
}

// plain is what a list says, but for the file's time, which a torn line changes too.
func plain(i Info) string {
	best := Best{}
	if i.Best != nil {
		best = *i.Best
	}
	i.Updated, i.Best = time.Time{}, nil
	return text(i) + text(best)
}

// compare holds a followed session, and what the news told, to the session as it is read at once.
func compare(t *testing.T, what string, got, want *Session, k *told) {
	t.Helper()
	for _, c := range []struct {
		name      string
		got, want any
	}{
		{"info", plain(got.Info), plain(want.Info)}, {"history", got.History, want.History}, {"marks", got.Marks, want.Marks}, {"points", got.Points, want.Points},
		{"branches", got.Branches, want.Branches}, {"place", got.journal, want.journal}, {"saves", got.chronicle.saves, want.chronicle.saves},
		{"changes", got.chronicle.pending(), want.chronicle.pending()},
		{"told epochs", k.epochs, want.History}, {"told marks", k.marks, want.Marks}, {"told points", k.points, want.Points},
	} {
		if g, w := text(c.got), text(c.want); g != w {
			t.Fatalf("%s: %s is\n%s\nwant\n%s", what, c.name, g, w)
		}
	}
}

// eventful is the journal of a training that was stopped, went back an epoch, was killed and went on, with its folder.
func eventful(t *testing.T, s *Store) (journal []byte, dir string) {
	t.Helper()
	r := trained(t, s, prepared(t, "fit.epochs=4"), RunOptions{Name: "x", Threads: 1, SaveEvery: Interval{Steps: 2}})
	at := 2
	for _, rate := range []float64{0.01, 0.02} {
		again, err := s.Resume(context.Background(), "x", &at, RunOptions{Threads: 1, SaveEvery: Interval{Steps: 3}, StartPaused: true})
		if err != nil {
			t.Fatal(err)
		}
		again.Send(train.SetLearningRate{Rate: rate})
		again.Send(train.Resume{})
		<-again.Done()
		at = 3
	}
	text, err := os.ReadFile(filepath.Join(r.Dir, journalFile))
	if err != nil {
		t.Fatal(err)
	}
	return text, r.Dir
}

// A watch of a journal that grows in random pieces knows after each what reading all of it at once tells.
func TestWatchEqualsTheWholeReader(t *testing.T) {
	s := &Store{Home: t.TempDir()}
	whole, dir := eventful(t, s)
	path := filepath.Join(dir, journalFile)
	l, err := s.lock("x")
	if err != nil {
		t.Fatal(err)
	}
	begin := bytes.IndexByte(whole, '\n') + 1
	for seed := range uint64(20) {
		draw := rand.New(rand.NewPCG(seed, 1))
		size := begin + draw.IntN(len(whole)-begin)
		put := func() {
			if err := os.WriteFile(path, whole[:size], 0o644); err != nil {
				t.Fatal(err)
			}
		}
		put()
		session, err := s.Open("x")
		if err != nil {
			t.Fatal(err)
		}
		w, k := s.Watch(session), &told{}
		k.take(&News{Session: session, Again: true})
		var kept []*Session // as they were handed out
		var were []string
		for size < len(whole) {
			size = min(size+1+draw.IntN(1+draw.IntN(3000)), len(whole))
			put()
			n, err := w.Look()
			if err != nil {
				t.Fatalf("seed %d at %d: %v", seed, size, err)
			}
			if n.Over || n.Holder != fmt.Sprint(os.Getpid()) || n.Update.State != train.Running {
				t.Fatalf("seed %d at %d: over %v, holder %q, %v", seed, size, n.Over, n.Holder, n.Update.State)
			}
			k.take(n)
			want, err := s.Open("x")
			if err != nil {
				t.Fatal(err)
			}
			compare(t, fmt.Sprintf("seed %d at %d", seed, size), n.Session, want, k)
			kept, were = append(kept, n.Session), append(were, text(n.Session.History)+text(n.Session.chronicle.saves)+text(n.Session.chronicle.changes))
		}
		for i, old := range kept {
			if text(old.History)+text(old.chronicle.saves)+text(old.chronicle.changes) != were[i] {
				t.Fatalf("seed %d: what was handed out changed", seed)
			}
		}
		if n, err := w.Look(); err != nil || n.Session != kept[len(kept)-1] || n.Again || len(n.Update.Epochs) > 0 {
			t.Fatalf("where nothing is new: %+v, %v", n, err)
		}
	}
	// The program ends: the last news is the stored session, and there are no more.
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	session, err := s.Open("x")
	if err != nil {
		t.Fatal(err)
	}
	w := s.Watch(session)
	if n, err := w.Look(); err != nil || !n.Over || n.Session.State != train.Finished {
		t.Fatalf("%+v, %v", n, err)
	}
	if _, err := w.Look(); err == nil {
		t.Error("news of a training that is over")
	}
}

// A line that was not synced, and written over by a longer one, is read as what it is in the end.
func TestWatchOfALineWrittenOver(t *testing.T) {
	s := &Store{Home: t.TempDir()}
	whole, dir := eventful(t, s)
	path := filepath.Join(dir, journalFile)
	l, err := s.lock("x")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	cut := bytes.Index(whole, []byte(`{"resume"`))
	if cut < 0 {
		cut = bytes.Index(whole, []byte(`"resume"`))
		cut = bytes.LastIndexByte(whole[:cut], '\n') + 1
	}
	one, two := line{Mark: &markLine{Step: 1, Text: "one"}}, line{Mark: &markLine{Step: 2, Text: "two"}}
	for _, after := range [][]byte{encodeLines([]line{one, two}), slices.Concat(encodeLines([]line{one, two}), encodeLines([]line{two}))} {
		if err := os.WriteFile(path, append(slices.Clone(whole[:cut]), encodeLines([]line{one})...), 0o644); err != nil {
			t.Fatal(err)
		}
		session, err := s.Open("x")
		if err != nil {
			t.Fatal(err)
		}
		w, k := s.Watch(session), &told{}
		if err := os.WriteFile(path, append(slices.Clone(whole[:cut]), after...), 0o644); err != nil {
			t.Fatal(err)
		}
		n, err := w.Look()
		if err != nil {
			t.Fatal(err)
		}
		k.take(n)
		want, err := s.Open("x")
		if err != nil {
			t.Fatal(err)
		}
		compare(t, "written over", n.Session, want, k)
	}
}

// While a training goes on, journal and pulse tell of all its steps, and of its pauses.
func TestWatchOfATraining(t *testing.T) {
	s := &Store{Home: "/home", disk: disktest.NewMem()}
	r, err := s.Start(context.Background(), prepared(t, "fit.epochs=4"), RunOptions{Name: "x", Threads: 1, StartPaused: true, pulse: time.Nanosecond})
	if err != nil {
		t.Fatal(err)
	}
	session, err := s.Open("x")
	if err != nil {
		t.Fatal(err)
	}
	if session.State != train.Running || session.Holder != "1" {
		t.Fatalf("%v by %q", session.State, session.Holder)
	}
	w, k := s.Watch(session), &told{}
	var steps []int64
	see := func(want int64) *News {
		t.Helper()
		for end := time.Now().Add(20 * time.Second); ; time.Sleep(time.Millisecond) {
			n, err := w.Look()
			if err != nil {
				t.Fatal(err)
			}
			k.take(n)
			all := append(slices.Clone(k.points), n.Tail...)
			if len(all) > 0 && all[len(all)-1].Step == want && n.Update.State == train.Paused {
				steps = steps[:0]
				for _, p := range all {
					steps = append(steps, p.Step)
				}
				return n
			}
			if time.Now().After(end) {
				t.Fatalf("step %d does not come: %+v", want, n)
			}
		}
	}
	for n := range int64(5) {
		r.Send(train.RunBatches{N: 1})
		news := see(n + 1)
		if l := news.Update.Last; l != nil && (l.Step != n+1 || len(l.Means) == 0 || l.Batches == 0) {
			t.Errorf("the newest step is %+v", l)
		}
	}
	if want := []int64{1, 2, 3, 4, 5}; !slices.Equal(steps, want) {
		t.Errorf("steps %v, want %v", steps, want)
	}
	r.Send(train.RunEpochs{N: 1})
	for len(k.epochs) == 0 {
		n, err := w.Look()
		if err != nil {
			t.Fatal(err)
		}
		k.take(n)
		time.Sleep(time.Millisecond)
	}
	var busy *BusyError
	if _, err := s.Resume(context.Background(), "x", nil, RunOptions{}); !errors.As(err, &busy) || busy.Holder != "1" {
		t.Errorf("resuming gives %v", err)
	}
	if err := s.Remove("x"); !errors.As(err, &busy) || busy.Session != "x" {
		t.Errorf("removing gives %v", err)
	}
	r.Send(train.Stop{})
	<-r.Done()
	n, err := w.Look()
	if err != nil || !n.Over || n.Session.State != train.Stopped || !n.Session.CanGoOn() {
		t.Fatalf("%+v, %v", n, err)
	}
	if slices.Contains(s.names(s.dir("x")), pulseFile) {
		t.Error("the pulse is still there")
	}
}

// A pulse that a killed program left says nothing of the next one, and is cleared away at the next start.
func TestPulseOfTheDead(t *testing.T) {
	s := &Store{Home: t.TempDir()}
	whole, dir := eventful(t, s)
	old := pulse{Journal: int64(bytes.Index(whole, []byte(`"resume"`))), State: train.Paused.String(), Last: &stepLine{Step: 99999}, Curve: []curveDot{{99999}}}
	path := filepath.Join(dir, pulseFile)
	if err := os.WriteFile(path, sealed(&old), 0o644); err != nil {
		t.Fatal(err)
	}
	l, err := s.lock("x")
	if err != nil {
		t.Fatal(err)
	}
	session, err := s.Open("x")
	if err != nil {
		t.Fatal(err)
	}
	if n, err := s.Watch(session).Look(); err != nil || n.Update.Last != nil || len(n.Tail) > 0 || n.Update.State != train.Running {
		t.Errorf("it is taken for news: %+v, %v", n, err)
	}
	if err := s.sweep(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Errorf("of one that lives it was cleared away: %v", err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.sweep(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("it is still there")
	}
}

// FuzzPulse: no bytes make the reader panic, and what is sound of them reads as the same again.
func FuzzPulse(f *testing.F) {
	f.Add(sealed(&pulse{State: "PAUSED", Last: &stepLine{Means: []namedValue{{"loss", 1}}}, Curve: []curveDot{{1, 2, 3}}}))
	f.Add([]byte("{\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		p := parsePulse(text)
		if p == nil {
			return
		}
		if q := parsePulse(sealed(p)); q == nil || fmt.Sprint(q.points(-1)) != fmt.Sprint(p.points(-1)) || q.alive() != p.alive() {
			t.Errorf("%q reads as another", text)
		}
		if p.Last != nil {
			p.Last.step()
		}
	})
}
