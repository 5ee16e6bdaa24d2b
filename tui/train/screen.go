package train

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"cnnbench/nn/train"
	"cnnbench/sessions"
	"cnnbench/tui/curves"
	"cnnbench/tui/exports"
	"cnnbench/tui/keys"
	"cnnbench/tui/layout"
	"cnnbench/tui/screen"
	"cnnbench/tui/scroll"
)

// Screen is the tab.
type Screen struct {
	app    *screen.App
	panes  screen.Panes
	keys   []keys.Context
	board  *curves.Board
	export *exports.Exporter

	live   *curves.Run // of app.Live
	stored *curves.Run // of app.Session

	liveLeft, storedLeft []*curves.Run // the branches that they left

	pinned []*curves.Run
	infos  []sessions.Info // what is stored
	speed  meter
	seen   meter   // of the training that is watched
	wanted float64 // learning rate that was asked for and not used yet; 0: none
	asked  int     // commands to set it that are not obeyed yet
	setAt  int64   // step at which the last one was obeyed

	version int // of all that is drawn beside the curves
	text    [panes]screen.Cache[paneKey]
	epochs  scroll.Rows
	log     scroll.Rows
	runs    scroll.Rows
	at      int // of the pointer in the list of runs
}

// The panes.
const (
	paneLoss = iota
	paneRun
	paneMetric
	paneEpochs
	paneLog
	paneRate
	paneRuns
	panes
)

// paneKey is what the text of a pane depends on.
type paneKey struct {
	w, h, look, version, board, data int
	focused, starting                bool
}

// New makes the tab.
func New(app *screen.App) screen.Screen { return newScreen(app) }

func newScreen(app *screen.App) *Screen {
	s := &Screen{app: app, export: exports.New(app)}
	s.panes.Names = textPanes[:]
	s.board = curves.NewBoard(app, panesOfSlots, s.slot, s.chartRect)
	s.epochs.Follow, s.log.Follow = true, true
	s.keys = s.table()
	return s
}

// slotPanes are the panes of the board's slots.
var slotPanes = [...]int{curves.SlotLoss: paneLoss, curves.SlotMetric: paneMetric, curves.SlotRate: paneRate}

const panesOfSlots = len(slotPanes)

// slot is the chart that keys are about: that of the pane with the focus, or the loss.
func (s *Screen) slot() int {
	for slot, pane := range slotPanes {
		if s.panes.Is(pane) {
			return slot
		}
	}
	return curves.SlotLoss
}

// chartRect is where a slot's chart lies.
func (s *Screen) chartRect(slot int) layout.Rect {
	r := s.panes.Rect(slotPanes[slot])
	if r.W < 3 || r.H < 3 {
		return r
	}
	r = r.Inner()
	if slot == curves.SlotLoss {
		n := min(len(s.notice(r.W)), max(r.H-3, 0))
		r.Y, r.H = r.Y+n, r.H-n
	}
	return r
}

// Title is the tab's.
func (s *Screen) Title() string { return textTitle }

// Contexts are the tab's keys.
func (s *Screen) Contexts() []keys.Context { return s.keys }

// Panes are the focus ring.
func (s *Screen) Panes() *screen.Panes { return &s.panes }

// Update takes what the keys' table does not.
func (s *Screen) Update(msg tea.Msg) tea.Cmd {
	switch m := msg.(type) {
	case screen.Started:
		return s.begin()
	case screen.Fed:
		s.fed(&m.Update)
	case screen.Ended:
		s.version++
		s.wanted = 0
	case screen.Opened:
		s.stored, s.seen = nil, meter{}
		if s.app.Session != nil {
			s.stored, s.storedLeft = curves.Of(s.app.Session), curves.OfLeft(s.app.Session.Branches)
		}
		s.show()
	case screen.Watched:
		s.watched(m.News)
	case curves.Pinned:
		s.pinned = m.Runs
		s.show()
	case curves.Listed:
		s.infos = m.Infos
		s.version++
	case screen.Changed, screen.Ready, screen.Themed:
		s.version++
	case tea.MouseMsg:
		return s.mouse(m)
	default:
		return s.export.Update(msg)
	}
	return nil
}

// begin makes room for the training that has begun.
func (s *Screen) begin() tea.Cmd {
	s.live, s.stored = curves.Before(s.app.Live.Run.Name, s.app.Live.Run.Past), nil
	s.liveLeft = curves.OfLeft(s.app.Live.Run.Past.Branches)
	s.speed, s.wanted, s.asked, s.setAt = meter{}, 0, 0, 0
	s.epochs, s.log = scroll.Rows{Follow: true}, scroll.Rows{Follow: true}
	s.show()
	return curves.Send(curves.Live{Run: s.live, Left: s.liveLeft})
}

// fed takes in what the training has done.
func (s *Screen) fed(u *train.Update) {
	s.version++
	if s.live == nil {
		return
	}
	s.live.Add(u)
	s.speed.add(u)
	for _, m := range u.Marks {
		if strings.HasPrefix(m.Text, "learning rate") {
			s.asked, s.setAt = s.asked-1, m.Step
		}
	}
	if u.Last != nil && s.asked <= 0 && u.Last.Step > s.setAt {
		s.wanted, s.asked = 0, 0
	}
}

// watched takes in what another program's training has done.
func (s *Screen) watched(n *sessions.News) {
	s.version++
	if s.stored == nil || s.stored.Name != n.Session.Name {
		return
	}
	if n.Again {
		s.stored, s.storedLeft, s.seen = curves.Of(n.Session), curves.OfLeft(n.Session.Branches), meter{}
		s.show()
	}
	s.stored.Watch(&n.Update, n.Tail)
	if l := n.Update.Last; l != nil && s.seen.step == 0 { // the speed is that from now on
		s.seen.step, s.seen.seconds = l.Step, l.Seconds
		return
	}
	s.seen.add(&n.Update)
}

// show says what the charts draw: the training that the tab is about over the branches that it left and the pinned ones.
func (s *Screen) show() {
	s.version++
	main, left := s.live, s.liveLeft
	if s.app.Session != nil {
		main, left = s.stored, s.storedLeft
	}
	var shown []curves.Shown
	for _, r := range left {
		shown = append(shown, curves.Shown{Run: r, Left: true})
	}
	for _, r := range s.pinned {
		if (main == nil || r.Name != main.Name) && len(shown) < curves.MaxShown-1 {
			shown = append(shown, curves.Shown{Run: r})
		}
	}
	s.board.Show(append(shown, curves.Shown{Run: main, Main: true})...)
}

// mouse does what the mouse does on charts and lists.
func (s *Screen) mouse(m tea.MouseMsg) tea.Cmd {
	at := m.Mouse()
	pane, ok := s.panes.At(at.X, at.Y)
	if !ok {
		return nil
	}
	if s.board.Mouse(m) {
		return nil
	}
	switch m := m.(type) {
	case tea.MouseWheelMsg:
		d := 0
		switch m.Button {
		case tea.MouseWheelUp:
			d = -wheelRows
		case tea.MouseWheelDown:
			d = wheelRows
		}
		if l := s.scrolled(pane); l != nil {
			l.By(d)
			s.version++
		}
	case tea.MouseClickMsg:
		if i := at.Y - s.panes.Rect(pane).Y - 1 + s.runs.From; pane == paneRuns && at.Y > s.panes.Rect(pane).Y && i < len(s.rows()) {
			s.at = i
			s.version++
		}
	}
	return nil
}

// wheelRows is by how many rows one notch of the wheel scrolls.
const wheelRows = 3

// scrolled is the list of a pane, nil where there is none.
func (s *Screen) scrolled(pane int) *scroll.Rows {
	switch pane {
	case paneEpochs:
		return &s.epochs
	case paneLog:
		return &s.log
	}
	return nil
}

// View draws the tab.
func (s *Screen) View(w, h int) string {
	if w < minW || h < minH {
		return layout.Block(s.line(w), w, h)
	}
	rects := s.panes.Arrange(w, h, place)
	return layout.Tile(rects, func(pane int, r layout.Rect) string {
		k := paneKey{w: r.W, h: r.H, look: s.app.Look, version: s.version, focused: s.panes.Is(pane), starting: s.app.Starting()}
		switch pane {
		case paneLoss, paneMetric, paneRate:
			k.board, k.data = s.board.Version, s.board.Data()
		case paneRuns:
			k.board = s.board.Version
		}
		return s.text[pane].Get(k, func() string { return s.draw(pane, r) })
	})
}
