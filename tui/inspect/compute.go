package inspect

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	tea "charm.land/bubbletea/v2"

	"cnnbench/nn"
	"cnnbench/nn/train"
	"cnnbench/sessions"
	"cnnbench/tui/figure"
	"cnnbench/tui/layout"
	"cnnbench/tui/screen"
	"cnnbench/tui/theme"
)

// subject is whose weights the tab is about.
type subject struct {
	run     *sessions.Run     // of this sitting; nil: a stored session
	over    bool              // the run has ended: its weights are on disk
	session *sessions.Session // stored; nil: the run
	which   sessions.Which    // of what is on disk
}

// subject is what the App's tabs are about; ok is false where nothing was trained yet.
func (s *Screen) subject() (_ subject, ok bool) {
	switch {
	case s.app.Session != nil:
		return subject{session: s.app.Session, which: s.which}, true
	case s.app.Live != nil:
		l := s.app.Live
		out := subject{run: l.Run, over: l.Over}
		if l.Over {
			out.which = s.which
		}
		return out, true
	}
	return subject{}, false
}

func (a subject) name() string {
	if a.session != nil {
		return a.session.Name
	}
	return a.run.Name
}

// weights gets the subject's weights, and what they were trained on; prepared is what is known of that already.
func (a subject) weights(ctx context.Context, store *sessions.Store, threads int, prepared *sessions.Prepared) (*sessions.Weights, *sessions.Prepared, error) {
	if a.run != nil && !a.over {
		w, err := a.run.Snapshot(ctx)
		if !errors.Is(err, sessions.ErrEnded) {
			return w, a.run.Prepared, err
		}
	}
	stored := a.session
	if stored == nil {
		prepared = a.run.Prepared
		var err error
		if stored, err = store.Open(a.run.Name); err != nil {
			return nil, nil, err
		}
	}
	w, err := store.WeightsOf(ctx, stored, a.which, threads)
	if err != nil {
		return nil, nil, err
	}
	if prepared == nil {
		prepared, err = stored.Prepare()
	}
	return w, prepared, err
}

// result is what was worked out, and a network with the weights that it was worked out with.
type result struct {
	subject subject
	data    *sessions.Prepared
	eval    *sessions.Evaluation
	at      moment
	took    time.Duration
	done    time.Time
	filters []layerFilters

	mu  sync.Mutex // of the network, which the commands share
	net *nn.Network
}

// close gives the network's memory back, once no command uses it every more.
func (r *result) close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.net.Close()
	r.net = nil
}

// moment is when in a training weights were taken.
type moment struct {
	epoch int   // finished epochs
	step  int64 // at least
	in    bool  // after them: in the midst of the next epoch
}

func (m moment) String() string {
	if m.in {
		return fmt.Sprintf("in epoch %d", m.epoch+1)
	}
	return fmt.Sprintf("epoch %d", m.epoch)
}

// momentOf is where a training of this sitting is. It goes on while its weights are taken, so they may be of a step or
// two later.
func momentOf(l *screen.Live) moment {
	m := moment{epoch: len(l.Epochs)}
	if l.Last != nil {
		m.step, m.in = l.Last.Step, l.State == train.Running || l.Last.Epoch > m.epoch
	}
	return m
}

// job is a result on its way.
type job struct {
	subject     subject
	at          moment // of a training that runs
	split       string
	cancel      context.CancelFunc
	done, total atomic.Int64
}

// computed brings the result of a job.
type computed struct {
	job    *job
	result *result
	err    error
}

// compute begins to look at the newest weights; what was begun before is ended.
func (s *Screen) compute() tea.Cmd {
	about, ok := s.subject()
	if !ok {
		return nil
	}
	s.cancel()
	ctx, cancel := context.WithCancel(context.Background())
	j := &job{subject: about, split: s.split, cancel: cancel}
	if s.app.Live != nil {
		j.at = momentOf(s.app.Live)
	}
	s.job, s.err = j, nil
	s.version++
	var prepared *sessions.Prepared
	if s.result != nil && sameSession(s.result.subject.session, about.session) {
		prepared = s.result.data // the data is read already
	}
	threads := s.app.Threads
	if s.trains() {
		threads = 1 // the training goes first
	}
	store := s.app.Store
	return tea.Batch(s.turn(), func() tea.Msg {
		r, err := j.work(ctx, store, prepared, threads)
		return computed{j, r, err}
	})
}

// work does the job, away from the screen.
func (j *job) work(ctx context.Context, store *sessions.Store, prepared *sessions.Prepared, threads int) (*result, error) {
	began := time.Now()
	w, data, err := j.subject.weights(ctx, store, threads, prepared)
	if err != nil {
		return nil, err
	}
	net, err := data.Load(w, threads)
	if err != nil {
		return nil, err
	}
	eval, err := data.Evaluate(ctx, net, available(data, j.split), func(done, total int) {
		j.done.Store(int64(done))
		j.total.Store(int64(total))
	})
	if err != nil {
		net.Close()
		return nil, err
	}
	at := j.at
	if j.subject.run == nil || j.subject.over {
		at = moment{epoch: w.Epoch, step: w.Step}
	}
	return &result{subject: j.subject, data: data, eval: eval, at: at, took: time.Since(began), done: time.Now(),
		filters: filtersOf(data, net), net: net}, nil
}

// splits are the parts of the data that may be looked at, those first that say most.
var splits = []string{"validation", "test", "train"}

// available is the part asked for, or where there is none such the next.
func available(data *sessions.Prepared, split string) string {
	for _, name := range append([]string{split}, splits...) {
		if d, err := data.Part(name); err == nil && d != nil {
			return name
		}
	}
	return split
}

// computed takes a result over.
func (s *Screen) computed(m computed) tea.Cmd {
	if m.job != s.job {
		return m.result.closing()
	}
	s.job, s.err = nil, m.err
	s.version++
	if m.err != nil {
		return nil
	}
	old := s.result
	s.result = m.result
	s.split = m.result.eval.Split
	same := old != nil && old.subject.name() == m.result.subject.name() && old.eval.Split == m.result.eval.Split
	if n := len(m.result.eval.Classes); !same {
		s.filter, s.at = [2]int{every, every}, 0
		s.cell = [2]int{min(s.cell[0], max(n-1, 0)), min(s.cell[1], max(n-1, 0))}
	}
	s.choose()
	part := m.result.data.Data.Part(s.split)
	s.window.Reset(part.Shape(), part.Read)
	s.window.Steps(part.Length)
	s.filters.choose(m.result.filters, s.filters.layer)
	s.maps.forget()
	return tea.Batch(old.closing(), s.seeOwn())
}

// closing gives the network back in the background.
func (r *result) closing() tea.Cmd {
	if r == nil {
		return nil
	}
	return func() tea.Msg {
		r.close()
		return nil
	}
}

// trains says that a training is to go first, of this program or of the one whose session is watched.
func (s *Screen) trains() bool { return s.app.Running() || s.app.Watching != nil }

// sameSession says that two readings are of one session, which may have grown in between, or that both are of none.
func sameSession(a, b *sessions.Session) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Name == b.Name && a.Created.Equal(b.Created)
}

// cancel ends the job that is under way.
func (s *Screen) cancel() {
	if s.job != nil {
		s.job.cancel()
		s.job = nil
		s.version++
	}
}

// drop forgets the result: the tab is about something else now.
func (s *Screen) drop() {
	s.cancel()
	s.err = nil
	s.version++
}

// Looking again after an epoch, unasked, is for the person who watches: it may take a fifth of the time, no more.
const (
	cheap = 250 * time.Millisecond // always
	rest  = 4                      // times as long as it took is waited before it is done again
)

// catchUp looks at the newest weights where that is wanted and, after an epoch, cheap enough to be done unasked.
func (s *Screen) catchUp(epoch bool) tea.Cmd {
	if !s.shown() || s.job != nil || s.fresh() {
		return s.turn()
	}
	if r := s.result; epoch && r != nil && s.trains() && r.took > cheap && time.Since(r.done) < rest*r.took {
		return nil
	}
	return s.compute()
}

// fresh says that the result is of the newest weights of what the tab is about. While a training runs, these are those
// of its last epoch; what comes after is on its way.
func (s *Screen) fresh() bool {
	now, ok := s.subject()
	if !ok {
		return true // nothing to be fresher than
	}
	r := s.result
	if r == nil || r.subject != now || r.eval.Split != s.split {
		return false
	}
	live := s.app.Live
	switch {
	case now.run == nil || now.over || live.Last == nil:
		return true
	case live.State == train.Paused:
		return r.at.step >= live.Last.Step
	}
	return r.at.epoch >= len(live.Epochs)
}

// about says in w cells what the result is of, and whether it is the newest.
func (s *Screen) about(w int) string {
	t := s.app.Theme
	if s.job != nil {
		return s.progress(w)
	}
	r := s.result
	if r == nil {
		return ""
	}
	head := s.split + " " + theme.Dot + " " + r.subject.name()
	epoch := " " + r.at.String()
	if (r.subject.session != nil || r.subject.over) && r.subject.which != sessions.Last {
		epoch += " (" + r.subject.which.String() + ")"
	}
	sign, style := theme.Good, t.Good.Render
	if !s.fresh() {
		sign, style = theme.Warn+" stale, r renews", t.Warn.Render
		if w < 60 {
			sign = theme.Warn + " stale"
		}
	}
	room := w - layout.Width(sign) - 1
	if layout.Width(head+epoch) > room {
		head = s.split
	}
	return layout.Cut(t.Dim.Render(head)+epoch, room) + " " + style(sign)
}

// progress draws in w cells how far the job is.
func (s *Screen) progress(w int) string {
	t := s.app.Theme
	done, total := s.job.done.Load(), s.job.total.Load()
	text := t.Accent.Render(s.spin.View()) + " " + wordLooking + " " + s.job.split
	if total > 0 {
		share := float64(done) / float64(total)
		text += " " + figure.Percent(share)
		if room := w - layout.Width(text) - 3 - layout.Width(wordCancel); room >= 6 {
			text += " " + t.Progress(share, min(room, 20))
		}
	}
	if layout.Width(text)+2+layout.Width(wordCancel) <= w {
		text += "  " + t.Dim.Render(wordCancel)
	}
	return layout.Cut(text, w)
}
