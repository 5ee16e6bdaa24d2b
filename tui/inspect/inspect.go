// Package inspect is the tab that shows what a network has learnt: how well it does on data that it was not trained on
// and what it takes for what, the samples that it gets wrong, what it says of a picture of one's own, its filters and
// what its layers make of a sample.
//
// All of it is worked out in the background, on a copy of the weights, and says of which epoch they were.
package inspect

import (
	"strings"

	"charm.land/bubbles/v2/spinner"
	tea "charm.land/bubbletea/v2"

	"cnnbench/sessions"
	"cnnbench/tui/keys"
	"cnnbench/tui/layout"
	"cnnbench/tui/picture"
	"cnnbench/tui/screen"
	"cnnbench/tui/theme"
)

// The panes.
const (
	paneMatrix  = iota // what is taken for what; of values, what was predicted against what is true
	paneFigures        // loss, metrics, the report
	paneSamples        // samples with what the network says of them
	paneSample         // one of them
	paneOwn            // a picture of one's own
	paneFilters
	paneMaps
	panes
)

// view is what the tab shows at a time.
type view int

const (
	viewMatrix view = iota
	viewSamples
	viewOwn
	viewFilters
	viewMaps
	views
)

// panesOf are the panes of a view, the one that gets the focus first.
var panesOf = [views][]int{{paneMatrix, paneFigures}, {paneSamples, paneSample}, {paneOwn}, {paneFilters}, {paneMaps, paneSample}}

// Screen is the tab.
type Screen struct {
	app   *screen.App
	keys  []keys.Context
	panes screen.Panes
	spin  spinner.Model
	kitty picture.Graphics
	turns bool // the spinner
	tab   int  // number of this tab, known once it was shown; -1 before

	view   view
	split  string         // validation, test or train, as asked for
	which  sessions.Which // weights of a stored session
	job    *job           // under way; nil: none
	result *result        // nil: none yet
	err    error          // why the last job failed

	cell     [2]int // true and predicted class with the cursor
	cellFrom [2]int // first ones shown
	percent  bool   // of the true class, not counts
	reportAt int    // first row of the report that is shown

	only   only
	filter [2]int // true and predicted class that are shown, or every
	list   []int  // of the result's predictions, those that are shown, in order
	at     int    // the one with the cursor, in list
	zoom   int    // of the tiles
	window picture.Window
	cap    int // tiles of the last drawing
	cols   int
	tile   func(x, y int) (int, bool) // finds a tile of the last drawing

	own     own
	filters filters
	maps    maps

	strip   []layout.Rect // where the views' names are
	version int           // grows with everything above
	texts   [panes]screen.Cache[paneKey]
}

// paneKey is all that a pane's text depends on.
type paneKey struct {
	w, h          int
	focused       bool
	look, version int
}

// New makes the tab.
func New(app *screen.App) screen.Screen {
	s := &Screen{app: app, panes: screen.Panes{Names: paneNames[:]}, tab: -1, split: "validation", filter: [2]int{every, every},
		filters: filters{channel: every}, spin: spinner.New(spinner.WithSpinner(spinner.Line))}
	s.keys = s.table()
	return s
}

// Title names the tab.
func (s *Screen) Title() string { return wordTitle }

// Contexts are its keys.
func (s *Screen) Contexts() []keys.Context { return s.keys }

// Panes are its panes.
func (s *Screen) Panes() *screen.Panes { return &s.panes }

// Show looks at the newest weights when the tab is opened.
func (s *Screen) Show() tea.Cmd {
	s.tab = s.app.Tab
	return tea.Batch(s.catchUp(false), s.follow(), s.flush())
}

// shown says that the tab is on the screen. Nothing is worked out for one that nobody looks at.
func (s *Screen) shown() bool { return s.tab == s.app.Tab }

// Leave takes the filter off, then goes back to all samples.
func (s *Screen) Leave() {
	switch {
	case s.view == viewSamples && s.panes.Is(paneSample):
		s.panes.Set(paneSamples)
	case s.view == viewSamples && s.filter != [2]int{every, every}:
		s.narrow(every, every)
	}
}

// Note says in a line why nothing could be worked out.
func (s *Screen) Note(w int) string {
	if s.err == nil {
		return ""
	}
	return s.app.Theme.Bad.Render(layout.Cut(theme.Bad+" "+s.err.Error(), w))
}

// Update takes messages and the mouse.
func (s *Screen) Update(msg tea.Msg) tea.Cmd {
	if s.kitty.Take(msg) {
		return s.flush()
	}
	if ask := s.kitty.Update(msg); ask != nil {
		return ask
	}
	if s.window.Take(msg) {
		s.version++
		return nil
	}
	switch m := msg.(type) {
	case screen.Started, screen.Opened:
		s.drop()
		return s.catchUp(false)
	case screen.Fed:
		if len(m.Update.Epochs) > 0 {
			s.version++
			return s.catchUp(true)
		}
	case screen.Watched:
		if s.result != nil && s.result.subject.session != m.News.Session {
			s.version++
			return s.catchUp(true)
		}
	case screen.Ended:
		s.version++
		return s.catchUp(true)
	case computed:
		return tea.Batch(s.computed(m), s.follow())
	case ownDone:
		s.ownDone(m)
		return s.follow()
	case mapsDone:
		s.mapsDone(m)
	case spinner.TickMsg:
		var cmd tea.Cmd
		s.spin, cmd = s.spin.Update(m)
		if s.turns = cmd != nil && s.job != nil && s.shown(); s.turns {
			s.version++
			return cmd
		}
	case tea.MouseWheelMsg:
		s.wheel(m)
		return s.follow()
	case tea.MouseClickMsg:
		return tea.Batch(s.click(m.X, m.Y), s.follow())
	}
	return nil
}

// follow asks for what the screen needs after anything was changed: samples around the cursor, maps of the layer.
func (s *Screen) follow() tea.Cmd {
	if s.result == nil || !s.shown() {
		return nil
	}
	return tea.Batch(s.window.Need(s.list, s.at, s.cap), s.needMaps())
}

// turn starts the spinner where there is something to wait for.
func (s *Screen) turn() tea.Cmd {
	if s.turns || s.job == nil || !s.shown() {
		return nil
	}
	s.turns = true
	return s.spin.Tick
}

// open shows a view.
func (s *Screen) open(v view) {
	s.view = v
	s.panes.Set(panesOf[v][0])
	s.version++
}

// View draws the tab.
func (s *Screen) View(w, h int) string {
	s.settle()
	r := s.panes.Arrange(w, h, s.arrange)
	draw := [panes]func(w, h int, focused bool) string{s.drawMatrix, s.drawFigures, s.drawSamples, s.drawSample, s.drawOwn, s.drawFilters, s.drawMaps}
	text := func(pane int) string {
		if r[pane].Empty() {
			return ""
		}
		key := paneKey{r[pane].W, r[pane].H, s.panes.Is(pane), s.app.Look, s.version + s.kitty.Version}
		return s.texts[pane].Get(key, func() string { return draw[pane](key.w, key.h, key.focused) })
	}
	if s.panes.One() {
		s.strip = nil
		return text(s.panes.Focus())
	}
	var body string
	switch {
	case s.together(w, h):
		body = layout.Beside(layout.Above(text(paneMatrix), text(paneSamples)), layout.Above(text(paneFigures), text(paneSample)))
	default:
		var cols []string
		for _, pane := range panesOf[s.view] {
			cols = append(cols, text(pane))
		}
		body = layout.Beside(cols...)
	}
	return s.drawStrip(w) + "\n" + body
}

// settle makes the view the one that has the pane with the focus.
func (s *Screen) settle() {
	has := func(v view) bool {
		for _, p := range panesOf[v] {
			if s.panes.Is(p) {
				return true
			}
		}
		return false
	}
	for v := view(0); !has(s.view) && v < views; v++ {
		if has(v) {
			s.view = v
		}
	}
}

// together says that the matrix and the samples are shown at once.
func (s *Screen) together(w, h int) bool { return w >= 120 && h >= 36 && s.view <= viewSamples }

// arrange places the panes below the line of views.
func (s *Screen) arrange(body layout.Rect) []layout.Rect {
	out := make([]layout.Rect, panes)
	r := layout.Rect{X: body.X, Y: body.Y + 1, W: body.W, H: body.H - 1}
	if s.together(body.W, body.H) {
		cols := layout.Columns(r, layout.Flex(60, 1), layout.Fixed(min(max(r.W*2/5, 56), 76)))
		top := min(max(s.matrixHeight(), 12), r.H/2)
		left := layout.Rows(cols[0], layout.Fixed(top), layout.Flex(8, 1))
		right := layout.Rows(cols[1], layout.Fixed(top), layout.Flex(8, 1))
		out[paneMatrix], out[paneSamples], out[paneFigures], out[paneSample] = left[0], left[1], right[0], right[1]
		return out
	}
	switch s.view {
	case viewMatrix:
		cols := layout.Columns(r, layout.Flex(min(max(s.matrixWidth(), 40), r.W-28), 1), layout.Flex(min(s.figuresWidth(), 44), 1))
		out[paneMatrix], out[paneFigures] = cols[0], cols[1]
	case viewSamples:
		cols := layout.Columns(r, layout.Flex(46, 3), layout.Flex(34, 2))
		out[paneSamples], out[paneSample] = cols[0], cols[1]
	case viewMaps:
		cols := layout.Columns(r, layout.Flex(46, 1), layout.Fixed(min(max(r.W*3/10, 30), 62)))
		out[paneMaps], out[paneSample] = cols[0], cols[1]
	default:
		out[panesOf[s.view][0]] = r
	}
	return out
}

// drawStrip draws the line of views, and what the tab is about.
func (s *Screen) drawStrip(w int) string {
	t := s.app.Theme
	var b strings.Builder
	x := 0
	s.strip = s.strip[:0]
	for v := range views {
		text := s.viewWord(v)
		if v == s.view {
			text = "[" + text + "]"
			b.WriteString(t.Focused.Render(text))
		} else {
			text = " " + text + " "
			b.WriteString(t.Dim.Render(text))
		}
		s.strip = append(s.strip, layout.Rect{X: x, W: layout.Width(text), H: 1})
		x += layout.Width(text)
	}
	return layout.Ends(b.String(), s.about(max(w-x-2, 0))+" ", w)
}

// pane starts a pane's frame; in a small window, where there is no line of views, it says what it is about.
func (s *Screen) pane(title string, focused bool) theme.Pane {
	p := theme.Pane{Title: title, Focused: focused}
	if s.panes.One() {
		p.Right = s.about(34)
	}
	return p
}

// style is how pictures are drawn here.
func (s *Screen) style() picture.Style { return s.kitty.Style(s.app.Theme) }

// flush sends pictures that are drawn by the terminal's graphics.
func (s *Screen) flush() tea.Cmd {
	if !s.shown() {
		return nil
	}
	return s.kitty.Flush(s.app.Tick)
}

// nothing draws a pane in which there is nothing to show yet, and says why.
func (s *Screen) nothing(p theme.Pane, w, h int) string {
	t := s.app.Theme
	var lines []string
	say := func(style func(...string) string, text string) {
		for _, l := range layout.Wrap(text, max(w-4, 8)) {
			lines = append(lines, " "+style(l))
		}
	}
	switch _, known := s.subject(); {
	case s.job != nil:
		lines = append(lines, " "+s.progress(max(w-4, 8)))
	case s.err != nil:
		say(t.Bad.Render, theme.Bad+" "+s.err.Error())
		lines = append(lines, "")
		say(t.Dim.Render, wordAgain)
	case !known:
		say(t.Dim.Render, wordNothing)
	default:
		say(t.Dim.Render, wordAsk)
	}
	p.Body = strings.Join(lines, "\n")
	return t.Draw(p, w, h)
}
