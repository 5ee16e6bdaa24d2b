package runs

import (
	"time"

	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"

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
	now    func() time.Time

	infos   []sessions.Info // as listed, with the live training as it is now
	listErr error
	listed  bool
	gen     int     // of the newest listing
	rows    []entry // what the filter leaves, in order
	at      int     // of the pointer, in rows
	name    string  // of the session at the pointer
	branch  int     // the number of its branch there, or none
	sort    int     // in sorts
	reverse bool
	filter  string
	input   textinput.Model
	typing  bool

	live     *curves.Run   // of the training of this sitting
	liveLeft []*curves.Run // the branches that it left
	opened   cache
	over     []string      // drawn on this tab beside the one at the pointer
	pins     []string      // drawn on Train too
	told     []*curves.Run // of the pinned ones, as the other screens know them
	marked   string        // to be compared

	version int
	text    [panes]screen.Cache[paneKey]
	table   scroll.Rows
	details scroll.Rows
	heads   []head // of the table as last drawn
}

// The panes.
const (
	paneTable = iota
	paneDetails
	paneLoss
	paneMetric
	panes
)

// paneKey is what the text of a pane depends on.
type paneKey struct {
	w, h, look, version, board, data int
	focused                          bool
}

// New makes the tab.
func New(app *screen.App) screen.Screen { return newScreen(app) }

func newScreen(app *screen.App) *Screen {
	s := &Screen{app: app, export: exports.New(app), now: time.Now, input: app.Theme.Input()}
	s.panes.Names = textPanes[:]
	s.board = curves.NewBoard(app, len(slotPanes), s.slot, s.chartRect)
	s.keys = s.keyTable()
	return s
}

// slotPanes are the panes of the board's slots.
var slotPanes = [...]int{curves.SlotLoss: paneLoss, curves.SlotMetric: paneMetric}

// slot is the chart that keys are about: that of the pane with the focus, or the loss.
func (s *Screen) slot() int {
	if s.panes.Is(paneMetric) {
		return curves.SlotMetric
	}
	return curves.SlotLoss
}

// chartRect is where a slot's chart lies.
func (s *Screen) chartRect(slot int) layout.Rect {
	r := s.panes.Rect(slotPanes[slot])
	if r.W < 3 || r.H < 3 {
		return r
	}
	return r.Inner()
}

// Title is the tab's.
func (s *Screen) Title() string { return textTitle }

// Contexts are the tab's keys, or those of the filter while that takes them.
func (s *Screen) Contexts() []keys.Context {
	if s.typing {
		return filterKeys
	}
	return s.keys
}

// Panes are the focus ring.
func (s *Screen) Panes() *screen.Panes { return &s.panes }

// Typing says that the filter takes the keys.
func (s *Screen) Typing() bool { return s.typing }

// Show looks at the disk again: another program may have trained.
func (s *Screen) Show() tea.Cmd { return s.list() }

// Update takes what the keys' table does not.
func (s *Screen) Update(msg tea.Msg) tea.Cmd {
	switch m := msg.(type) {
	case listed:
		return s.took(m)
	case opened:
		return s.tookSession(m)
	case removed:
		return s.tookRemoved(m)
	case compared:
		return s.showCompared(m)
	case counted:
		return s.askDelete(m)
	case taken:
		return s.takeDraft(m)
	case curves.Live:
		s.live, s.liveLeft, s.name, s.branch = m.Run, m.Left, m.Run.Name, none
		return s.refresh()
	case curves.Pin:
		return s.pin(m.Name)
	case screen.Watched:
		if i := s.info(m.News.Session.Name); i != nil && !i.Updated.Equal(m.News.Session.Updated) {
			*i = m.News.Session.Info
			s.order()
			s.version++
		}
	case screen.Fed, screen.Ended:
		return s.refresh()
	case screen.Stored:
		return s.list()
	case screen.Ready:
		if !s.listed {
			return s.list()
		}
	case screen.Themed:
		s.input = s.app.Theme.Input()
		s.version++
	case tea.KeyPressMsg, tea.PasteMsg:
		return s.typed(msg)
	case tea.MouseMsg:
		return s.mouse(m)
	default:
		return s.export.Update(msg)
	}
	return nil
}

// place divides the body into panes, in the order of their numbers.
func place(body layout.Rect) []layout.Rect {
	switch {
	case body.W >= sideW && body.H >= sideH:
		half := layout.Columns(body, layout.Flex(80, 5), layout.Flex(56, 4))
		left := layout.Rows(half[0], layout.Flex(12, 1), layout.Size{Min: 15, Grow: 1, Max: 22})
		right := layout.Rows(half[1], layout.Flex(12, 1), layout.Flex(12, 1))
		return []layout.Rect{left[0], left[1], right[0], right[1]}
	case body.W >= threeW && body.H >= threeH:
		rows := layout.Rows(body, layout.Flex(10, 1), layout.Flex(14, 1))
		below := layout.Columns(rows[1], layout.Flex(38, 1), layout.Flex(36, 1), layout.Flex(36, 1))
		return []layout.Rect{rows[0], below[0], below[1], below[2]}
	}
	rows := layout.Rows(body, layout.Flex(9, 1), layout.Size{Min: 10, Grow: 1, Max: 20})
	below := layout.Columns(rows[1], layout.Flex(38, 1), layout.Flex(38, 1))
	return []layout.Rect{rows[0], below[0], below[1], {}}
}

// Sizes of the body from which more panes have room.
const (
	sideW, sideH   = 144, 30
	threeW, threeH = 112, 26
)

// View draws the tab.
func (s *Screen) View(w, h int) string {
	rects := s.panes.Arrange(w, h, place)
	return layout.Block(layout.Tile(rects, func(pane int, r layout.Rect) string {
		k := paneKey{w: r.W, h: r.H, look: s.app.Look, version: s.version, focused: s.panes.Is(pane), board: s.board.Version}
		if pane == paneLoss || pane == paneMetric {
			k.data = s.board.Data()
		}
		return s.text[pane].Get(k, func() string { return s.draw(pane, r) })
	}), w, h)
}
