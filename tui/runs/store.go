package runs

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"

	tea "charm.land/bubbletea/v2"

	"cnnbench/nn/train"
	"cnnbench/sessions"
	"cnnbench/tui/curves"
	"cnnbench/tui/figure"
	"cnnbench/tui/form"
	"cnnbench/tui/screen"
)

// What was read in the background.
type (
	listed struct {
		gen   int
		infos []sessions.Info
		err   error
	}
	opened struct {
		name    string
		session *sessions.Session
		err     error
	}
	removed struct {
		name string
		err  error
	}
	counted struct {
		name, dir string
		files     int
		size      int64
	}
	taken struct {
		session *sessions.Session
		err     error
	}
)

// list reads what is stored.
func (s *Screen) list() tea.Cmd {
	s.gen++
	gen, store := s.gen, s.app.Store
	return func() tea.Msg {
		infos, err := store.List()
		return listed{gen, infos, err}
	}
}

func (s *Screen) took(m listed) tea.Cmd {
	if m.gen != s.gen {
		return nil
	}
	s.listed = true
	s.infos, s.listErr = m.infos, m.err
	exists := func(name string) bool {
		return slices.ContainsFunc(m.infos, func(i sessions.Info) bool { return i.Name == name })
	}
	gone := func(name string) bool { return !exists(name) }
	s.over = slices.DeleteFunc(s.over, gone)
	s.pins = slices.DeleteFunc(s.pins, gone)
	s.opened.drop(func(o *session) bool {
		i := slices.IndexFunc(m.infos, func(i sessions.Info) bool { return i.Name == o.Name })
		return i < 0 || !m.infos[i].Updated.Equal(o.Updated)
	})
	if gone(s.marked) {
		s.marked = ""
	}
	return tea.Batch(curves.Send(curves.Listed{Infos: m.infos}), s.refresh())
}

// refresh brings the live training in, and the rows into order.
func (s *Screen) refresh() tea.Cmd {
	if l := s.app.Live; l != nil && s.live != nil {
		i := slices.IndexFunc(s.infos, func(i sessions.Info) bool { return i.Name == l.Run.Name })
		switch {
		case i >= 0:
			s.infos[i] = infoOf(l, s.infos[i])
		case s.app.Running():
			s.infos = append([]sessions.Info{infoOf(l, sessions.Info{})}, s.infos...)
		}
	}
	s.order()
	return s.show()
}

// infoOf is what a list says of the training of this sitting; what it does not know is as it was listed.
func infoOf(l *screen.Live, was sessions.Info) sessions.Info {
	p := l.Run.Prepared
	out := was
	out.Name, out.Dir, out.Err = l.Run.Name, l.Run.Dir, nil
	out.State, out.Planned, out.Epochs = l.State, p.Experiment.Fit.Epochs, len(l.Epochs)
	out.Source = p.Experiment.Data.Source
	out.Monitor, _ = p.Experiment.Fit.Monitor(train.Setup{Metrics: p.Metrics, Validation: p.Validation != nil})
	if l.Err != nil {
		out.Reason = l.Err.Error()
	}
	if l.Last != nil {
		out.Steps, out.Seconds = l.Last.Step, l.Last.Seconds
	}
	out.Last, out.Best = nil, nil
	for i := range l.Epochs {
		e := &l.Epochs[i]
		out.Last, out.Seconds = e.Logs, max(out.Seconds, e.Total)
		if v, ok := e.Log(out.Monitor); ok && e.Best {
			out.Best = &sessions.Best{Epoch: e.Epoch, Monitor: out.Monitor, Value: v}
		}
	}
	return out
}

// isLive says that the session is the training of this sitting, whose curves are at hand.
func (s *Screen) isLive(name string) bool {
	return s.live != nil && s.live.Name == name && s.app.Live != nil && s.app.Live.Run.Name == name
}

// training says that the session is being trained, here or by another program.
func training(i *sessions.Info) bool {
	return i.Err == nil && (i.State == train.Running || i.State == train.Paused || i.State == train.Idle)
}

// session is a stored session that was read.
type session struct {
	*sessions.Session
	run  *curves.Run
	left []*curves.Run // the branches that it left
	err  error
}

// cache keeps the sessions that were read last.
type cache struct{ all []*session }

// maxOpened is how many sessions are kept in memory.
const maxOpened = 32

func (c *cache) find(name string) *session {
	for _, o := range c.all {
		if o.Name == name {
			return o
		}
	}
	return nil
}

func (c *cache) add(o *session) {
	c.drop(func(x *session) bool { return x.Name == o.Name })
	c.all = append(c.all, o)
	if len(c.all) > maxOpened {
		c.all = c.all[1:]
	}
}

func (c *cache) drop(which func(o *session) bool) { c.all = slices.DeleteFunc(c.all, which) }

// open reads a session, unless it is at hand.
func (s *Screen) open(name string) tea.Cmd {
	if name == "" || s.isLive(name) || s.opened.find(name) != nil {
		return nil
	}
	store := s.app.Store
	return func() tea.Msg {
		o, err := store.Open(name)
		return opened{name, o, err}
	}
}

func (s *Screen) tookSession(m opened) tea.Cmd {
	o := &session{Session: m.session, err: m.err}
	if m.err != nil {
		o.Session = &sessions.Session{Info: sessions.Info{Name: m.name}}
		if i := s.info(m.name); i != nil {
			o.Updated = i.Updated
		}
	} else {
		o.run, o.left = curves.Of(m.session), curves.OfLeft(m.session.Branches)
	}
	s.opened.add(o)
	return s.show()
}

// run is the curves of a session, nil while they are not at hand.
func (s *Screen) run(name string) *curves.Run {
	if s.isLive(name) {
		return s.live
	}
	if o := s.opened.find(name); o != nil {
		return o.run
	}
	return nil
}

// left is the curves of the branches that a session left.
func (s *Screen) left(name string) []*curves.Run {
	if s.isLive(name) {
		return s.liveLeft
	}
	if o := s.opened.find(name); o != nil {
		return o.left
	}
	return nil
}

// info is what the list says of a session, nil if nothing.
func (s *Screen) info(name string) *sessions.Info {
	for i := range s.infos {
		if s.infos[i].Name == name {
			return &s.infos[i]
		}
	}
	return nil
}

// show says what the charts draw, reads what is missing for that, and tells the other screens of what is pinned.
func (s *Screen) show() tea.Cmd {
	s.version++
	var shown []curves.Shown
	var cmds []tea.Cmd
	for _, name := range slices.Concat(s.over, s.pins) {
		if name != s.name {
			shown = append(shown, curves.Shown{Run: s.run(name)})
			cmds = append(cmds, s.open(name))
		}
	}
	if i := s.info(s.name); i != nil && i.Err == nil {
		cmds = append(cmds, s.open(s.name))
	}
	for _, left := range s.left(s.name) {
		if len(shown) < curves.MaxShown-1 {
			shown = append(shown, curves.Shown{Run: left, Left: true})
		}
	}
	s.board.Show(append(shown, curves.Shown{Run: s.run(s.name), Main: true})...)
	return tea.Batch(append(cmds, s.tell())...)
}

// tell brings the curves of the pinned sessions to the other screens.
func (s *Screen) tell() tea.Cmd {
	var runs []*curves.Run
	for _, name := range s.pins {
		if r := s.run(name); r != nil {
			runs = append(runs, r)
		}
	}
	if slices.Equal(runs, s.told) {
		return nil
	}
	s.told = runs
	return curves.Send(curves.Pinned{Runs: runs})
}

// count looks what a session has on disk, for the question whether to delete it.
func (s *Screen) count() tea.Cmd {
	i := s.pointed()
	name, dir := i.Name, i.Dir
	return func() tea.Msg {
		c := counted{name: name, dir: dir}
		_ = filepath.WalkDir(dir, func(_ string, d os.DirEntry, err error) error {
			if err == nil && !d.IsDir() { // what cannot be read is not counted
				if st, err := d.Info(); err == nil {
					c.files, c.size = c.files+1, c.size+st.Size()
				}
			}
			return nil
		})
		return c
	}
}

// askDelete asks before a session goes.
func (s *Screen) askDelete(m counted) tea.Cmd {
	i := s.info(m.name)
	if i == nil {
		return nil
	}
	what := fmt.Sprintf(textDeleteWhat, m.files, figure.Bytes(m.size))
	if i.Err == nil {
		what = fmt.Sprintf(textDeleteAll, epochs(i.Epochs), m.files, figure.Bytes(m.size))
	}
	store := s.app.Store
	return s.app.Push(form.NewConfirm(s.app.Theme, fmt.Sprintf(textDeleteTitle, m.name), fmt.Sprintf(textDelete, m.dir, what), 1,
		form.Answer{Key: "y", Title: textDeleteYes, Run: func() tea.Cmd {
			return func() tea.Msg { return removed{m.name, store.Remove(m.name)} }
		}},
		form.Answer{Key: "n", Title: textDeleteNo}))
}

func (s *Screen) tookRemoved(m removed) tea.Cmd {
	if m.err != nil {
		return s.app.Fail(m.err)
	}
	cmds := []tea.Cmd{s.app.Say(fmt.Sprintf(textDeleted, m.name)), curves.Send(screen.Stored{})}
	if x := s.app.Session; x != nil && x.Name == m.name {
		cmds = append(cmds, s.app.Follow())
	}
	return tea.Batch(cmds...)
}
