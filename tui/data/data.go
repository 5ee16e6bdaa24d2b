// Package data is the tab that shows what is learnt from: the source and what becomes of it, the classes and how the
// samples are divided, and the samples themselves, as pictures, curves or bars and as the numbers that they are.
package data

import (
	"context"
	"strings"
	"sync/atomic"

	"charm.land/bubbles/v2/spinner"
	tea "charm.land/bubbletea/v2"

	"cnnbench/dataset"
	"cnnbench/spec"
	"cnnbench/tui/keys"
	"cnnbench/tui/layout"
	"cnnbench/tui/picture"
	"cnnbench/tui/screen"
	"cnnbench/tui/theme"
)

// The panes.
const (
	paneSource = iota
	paneClasses
	paneSamples
	paneSample
)

// all stands for every class.
const all = -1

// Screen is the tab.
type Screen struct {
	app   *screen.App
	keys  []keys.Context
	panes screen.Panes
	spin  spinner.Model
	kitty picture.Graphics
	turns bool // the spinner
	tab   int  // number of this tab, known once it was shown; -1 before

	about string        // the data section and seed that data is of
	data  *dataset.Data // the draft's data, or what it was when it could be read last; nil: never yet
	err   error         // why the draft's data cannot be read

	sourceGen int // of the last other source that was chosen

	facts  *dataset.Facts     // of the samples as the network receives them; nil: being counted
	bad    error              // why they could not be counted
	spare  atomic.Int64       // processors that the counting may use; it looks while it counts
	giveUp context.CancelFunc // ends the counting under way, of data that is no longer the draft's; nil: never counted

	received, raw rangeOf // of values as the network receives them and as they are stored

	part    string // train, validation, test
	class   int    // that is shown, or all
	list    []int  // positions in the part of the samples that are shown
	at      int    // the one with the cursor, in list
	want    shown  // of the values; see as
	pass    int    // over the training data, of augmented samples
	numbers bool   // the sample as numbers
	channel int    // of the numbers
	top     [2]int // first row and column of the numbers
	zoom    int    // of the tiles: each step doubles them

	window   picture.Window
	variants variants
	cap      int // tiles of the last drawing
	cols     int
	tile     func(x, y int) (int, bool) // finds a tile of the last drawing
	read     int                        // first line of the source pane
	classAt  int                        // row with the cursor: 0 is all classes
	rows     int                        // first row of the classes pane
	above    int                        // lines above it in the last drawing
	version  int                        // grows with everything above

	sourceText, classesText, samplesText, sampleText screen.Cache[paneKey]
}

// rangeOf is the smallest and the largest value.
type rangeOf struct{ lo, hi float32 }

// paneKey is all that a pane's text depends on.
type paneKey struct {
	w, h          int
	focused       bool
	look, version int
}

// New makes the tab.
func New(app *screen.App) screen.Screen {
	s := &Screen{app: app, panes: screen.Panes{Names: []string{wordSource, wordClasses, wordSamples, wordSample}}, tab: -1,
		part: "train", class: all, spin: spinner.New(spinner.WithSpinner(spinner.Line))}
	s.panes.Set(paneSamples)
	s.keys = s.table()
	return s
}

// Title names the tab.
func (s *Screen) Title() string { return wordTitle }

// Contexts are its keys.
func (s *Screen) Contexts() []keys.Context { return s.keys }

// Panes are its panes.
func (s *Screen) Panes() *screen.Panes { return &s.panes }

// Show begins to count and to read when the tab is opened.
func (s *Screen) Show() tea.Cmd {
	s.spare.Store(int64(s.app.Spare()))
	s.tab = s.app.Tab
	return tea.Batch(s.adopt(), s.need(), s.turn(), s.flush())
}

// shown says that the tab is on the screen. Nothing is read for one that nobody looks at.
func (s *Screen) shown() bool { return s.tab == s.app.Tab }

// Note says in a line what is wrong with the data.
func (s *Screen) Note(w int) string {
	if s.err != nil {
		return s.app.Theme.Bad.Render(layout.Cut(theme.Bad+" "+s.err.Error(), w))
	}
	if leaks := s.leaks(); leaks != "" {
		return s.app.Theme.Warn.Render(layout.Cut(theme.Warn+" "+leaks, w))
	}
	return ""
}

// Update takes messages and the mouse.
func (s *Screen) Update(msg tea.Msg) tea.Cmd {
	s.spare.Store(int64(s.app.Spare()))
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
	case screen.Changed:
		s.version++
		return s.turn()
	case screen.Ready:
		if s.shown() {
			return tea.Batch(s.adopt(), s.need(), s.turn())
		}
	case counted:
		s.counted(m)
	case varied:
		s.takeVariants(m)
	case taken:
		return s.take(m)
	case spinner.TickMsg:
		var cmd tea.Cmd
		s.spin, cmd = s.spin.Update(m)
		if s.turns = cmd != nil && s.working() && s.shown(); s.turns {
			s.version++
			return cmd
		}
	case tea.MouseWheelMsg:
		return s.wheel(m)
	case tea.MouseClickMsg:
		return s.click(m.X, m.Y)
	}
	return nil
}

// section is what the data follows from.
func (s *Screen) section() string {
	e := s.app.Draft.Experiment()
	return s.app.Draft.Dir + "\n" + spec.Text(struct {
		Seed uint64         `yaml:"seed"`
		Data dataset.Config `yaml:"data"`
	}{e.Seed, e.Data})
}

// working says that something is being read or counted.
func (s *Screen) working() bool {
	return s.reading() || s.data != nil && s.facts == nil && s.bad == nil
}

// reading says that the data section was changed and is being read anew.
func (s *Screen) reading() bool { return s.app.Data.Busy && s.about != s.section() }

// turn starts the spinner where there is something to wait for.
func (s *Screen) turn() tea.Cmd {
	if s.turns || !s.working() || !s.shown() {
		return nil
	}
	s.turns = true
	return s.spin.Tick
}

// adopt takes the draft's data over. Edits of the network leave it as it is.
func (s *Screen) adopt() tea.Cmd {
	if !s.app.Data.Known(&s.app.Draft) {
		return nil
	}
	about := s.section()
	if s.about == about && (s.data != nil || s.err != nil) {
		return nil
	}
	s.about, s.err = about, s.app.Data.Source.Err
	s.version++
	if s.err != nil || s.app.Data.Source.Data == nil {
		return nil
	}
	was := ""
	if s.data != nil && s.class >= 0 {
		was = s.data.Classes[s.class]
	}
	s.data, s.facts, s.bad = s.app.Data.Source.Data, nil, nil
	if s.data.Part(s.part) == nil {
		s.part = "train"
	}
	s.class = all
	for i, name := range s.data.Classes {
		if was != "" && name == was {
			s.class = i
		}
	}
	s.classAt = min(s.classAt, len(s.data.Source.Classes))
	s.channel, s.top, s.read = 0, middle, 0
	s.choose()
	return s.count()
}

// choose lists the samples of the part and the class that are shown.
func (s *Screen) choose() {
	p := s.data.Part(s.part)
	s.list = s.list[:0]
	for i := range p.Len() {
		if s.class == all || p.Label(i) == s.class {
			s.list = append(s.list, i)
		}
	}
	s.at = min(s.at, max(len(s.list)-1, 0))
	s.forget()
}

// forget drops the samples in memory: they are of another part, or of another kind.
func (s *Screen) forget() {
	p := s.data.Part(s.part)
	s.window.Reset(s.shape(p), s.reader(p))
	s.window.Steps(p.Length)
	s.version++
}

// View draws the tab.
func (s *Screen) View(w, h int) string {
	r := s.panes.Arrange(w, h, s.arrange)
	left := layout.Above(
		s.pane(&s.sourceText, paneSource, r[paneSource], s.drawSource),
		s.pane(&s.classesText, paneClasses, r[paneClasses], s.drawClasses))
	return layout.Beside(left,
		s.pane(&s.samplesText, paneSamples, r[paneSamples], s.drawSamples),
		s.pane(&s.sampleText, paneSample, r[paneSample], s.drawSample))
}

func (s *Screen) pane(c *screen.Cache[paneKey], pane int, r layout.Rect, draw func(w, h int, focused bool) string) string {
	if r.Empty() {
		return ""
	}
	key := paneKey{r.W, r.H, s.panes.Is(pane), s.app.Look, s.version + s.kitty.Version}
	return c.Get(key, func() string { return draw(r.W, r.H, key.focused) })
}

// arrange places the panes: source and classes at the left, then the samples and, where the window is wide, one sample
// large. In a narrower window that one takes the place of the others while it has the focus, and with its variants, which
// need room, that of all.
func (s *Screen) arrange(body layout.Rect) []layout.Rect {
	side := min(max(body.W*22/100, 36), 56)
	cols := layout.Columns(body, layout.Fixed(side), layout.Flex(40, 5))
	lines := len(s.aboutSource(side - 4))
	most := max(body.H*2/5, 8)
	if s.data != nil && s.data.Classes != nil { // what the classes leave
		most = max(most, body.H-len(s.data.Source.Classes)-classesFrame)
	}
	rows := layout.Rows(cols[0], layout.Flex(min(most, lines+2), 0), layout.Flex(6, 1))
	out := []layout.Rect{rows[0], rows[1], cols[1], {}}
	switch {
	case s.varies() && s.panes.Is(paneSample): // many pictures
		out = make([]layout.Rect, len(out))
		out[paneSample] = body
		if body.W >= 130 {
			out = []layout.Rect{rows[0], rows[1], {}, cols[1]}
		}
	case body.W >= 130:
		large := 40
		if s.data != nil && picture.KindOf(s.data.Shape) == picture.Picture { // twice as large as it is, where that leaves room
			large = min(max(2*s.data.Shape[1]+4, large), cols[1].W-50)
		}
		pair := layout.Columns(cols[1], layout.Flex(44, 1), layout.Fixed(large))
		out[paneSamples], out[paneSample] = pair[0], pair[1]
	case s.panes.Is(paneSample):
		out[paneSamples], out[paneSample] = layout.Rect{}, cols[1]
	}
	return out
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

// nothing draws a pane in which there is nothing to show, and says why.
func (s *Screen) nothing(p theme.Pane, w, h int) string {
	t := s.app.Theme
	var lines []string
	switch {
	case s.err != nil:
		for _, l := range layout.Wrap(theme.Bad+" "+s.err.Error(), max(w-4, 8)) {
			lines = append(lines, " "+t.Bad.Render(l))
		}
		lines = append(lines, "", " "+t.Dim.Render(wordCure))
	case s.working() || !s.app.Data.Known(&s.app.Draft):
		lines = append(lines, " "+t.Accent.Render(s.spin.View())+" "+t.Dim.Render(wordReading))
	default:
		lines = append(lines, " "+t.Dim.Render(wordNoSamples))
	}
	p.Body = strings.Join(lines, "\n")
	return t.Draw(p, w, h)
}
