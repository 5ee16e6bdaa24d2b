// Package tui is the workbench: one Bubble Tea model that owns the frame, the tabs, the dialogs, the keys and the
// clock. What stands on a tab is a screen.Screen in a package of its own; package screen says how one is written.
package tui

import (
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"cnnbench/nn/train"
	"cnnbench/tui/chart"
	"cnnbench/tui/keys"
	"cnnbench/tui/layout"
	"cnnbench/tui/screen"
	"cnnbench/tui/theme"
)

// Model is the whole workbench.
type Model struct {
	app     *screen.App
	screens []screen.Screen
	global  keys.Context

	w, h    int
	blurred bool // another window has the terminal's focus
	mouse   bool
	dark    bool
	profile colorprofile.Profile
	symbols chart.Symbols

	ticking bool // a tick is under way
	woken   time.Time

	hits  hits                 // what the mouse can hit, of the last drawing
	begin tea.Cmd              // what the launch begins with; may be nil
	keep  func(*Model) tea.Cmd // keeps the draft for the next launch; nil in tests
}

// newModel makes the workbench around the shared state.
func newModel(app *screen.App, mouse bool) *Model {
	m := &Model{app: app, mouse: mouse, dark: true, profile: colorprofile.TrueColor, symbols: app.Theme.Symbols}
	for _, make := range tabs {
		m.screens = append(m.screens, make(app))
	}
	m.global = m.globalKeys()
	return m
}

// Init asks for the terminal's background.
func (m *Model) Init() tea.Cmd {
	return tea.Batch(tea.RequestBackgroundColor, m.app.Begin(), m.begin)
}

// tick drains the training's feed.
type tick struct{}

// How often the screen looks at the training: seen, or in a window without the focus; and how long it looks at a still
// one after a command was sent.
const (
	tickTime  = 100 * time.Millisecond
	blurTime  = 500 * time.Millisecond
	wokenTime = 3 * time.Second
)

// clock keeps ticks coming while there is something to see, one at a time.
func (m *Model) clock() tea.Cmd {
	if m.ticking || !m.app.Running() || m.app.Live.State == train.Paused && time.Since(m.woken) > wokenTime {
		return nil
	}
	m.ticking = true
	d := tickTime
	if m.blurred {
		d = blurTime
	}
	return m.app.Tick(d, func(time.Time) tea.Msg { return tick{} })
}

// Update takes every message: of the terminal, of the clock, and of what ran in the background.
func (m *Model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	cmd := m.update(msg)
	m.dropClosed()
	return m, tea.Batch(cmd, m.clock())
}

func (m *Model) update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.w, m.h = msg.Width, msg.Height
		return nil
	case tea.ColorProfileMsg:
		m.profile = msg.Profile
		return m.retheme()
	case tea.BackgroundColorMsg:
		m.dark = msg.IsDark()
		return m.retheme()
	case tea.FocusMsg:
		m.blurred = false
		return nil
	case tea.BlurMsg:
		m.blurred = true
		return nil
	case tea.KeyPressMsg:
		return m.press(msg)
	case tea.MouseMsg:
		return m.point(msg)
	case tea.PasteMsg:
		if d := m.dialog(); d != nil {
			return d.Update(msg)
		}
		return m.screen().Update(msg)
	case tick:
		m.ticking = false
		return m.app.Drain()
	case importable:
		return m.confirmImport(msg)
	case imported:
		return m.tookImport(msg)
	case found:
		return m.opened(msg)
	case written:
		return m.written(msg)
	case kept:
		if msg.err != nil {
			return m.app.Fail(msg.err)
		}
		return nil
	case screen.Two:
		return tea.Batch(m.update(msg.First), m.update(msg.Then))
	case screen.Tab:
		return m.showTitled(msg.Title)
	case screen.Woken:
		m.woken = time.Now()
		return nil
	}
	if cmd, mine := m.app.Update(msg); mine {
		return cmd
	}
	return m.broadcast(msg)
}

// broadcast hands a message to all dialogs and all screens.
func (m *Model) broadcast(msg tea.Msg) tea.Cmd {
	var cmds []tea.Cmd
	switch msg.(type) {
	case screen.Ready:
		cmds = append(cmds, m.kept())
	case screen.Started: // who starts a training wants to see it
		cmds = append(cmds, m.kept(), m.showTitled(trainTab))
	case screen.Ended:
		if m.app.Leaving {
			return tea.Quit
		}
	}
	for _, d := range m.app.Dialogs {
		cmds = append(cmds, d.Update(msg))
	}
	for _, s := range m.screens {
		cmds = append(cmds, s.Update(msg))
	}
	return tea.Batch(cmds...)
}

// trainTab is the title of the tab that a training is watched on.
const trainTab = "Train"

// buildTab is the title of the tab that the draft is edited on.
const buildTab = "Build"

// kept keeps the state for the next launch.
func (m *Model) kept() tea.Cmd {
	if m.keep == nil {
		return nil
	}
	return m.keep(m)
}

// retheme makes the theme anew after the terminal has said what it can.
func (m *Model) retheme() tea.Cmd {
	m.app.Theme = theme.New(m.dark, m.profile, m.symbols)
	m.app.Look++
	return m.broadcast(screen.Themed{})
}

func (m *Model) screen() screen.Screen { return m.screens[m.app.Tab] }

func (m *Model) dialog() screen.Dialog {
	if n := len(m.app.Dialogs); n > 0 {
		return m.app.Dialogs[n-1]
	}
	return nil
}

// dropClosed takes the dialogs that are done with off the screen.
func (m *Model) dropClosed() {
	open := m.app.Dialogs[:0]
	for _, d := range m.app.Dialogs {
		if !d.Closed() {
			open = append(open, d)
		}
	}
	clear(m.app.Dialogs[len(open):])
	m.app.Dialogs = open
}

// show opens a tab.
func (m *Model) show(tab int) tea.Cmd {
	if tab < 0 || tab >= len(m.screens) {
		return nil
	}
	m.app.Tab = tab
	if s, ok := m.screen().(screen.Showing); ok {
		return s.Show()
	}
	return nil
}

func (m *Model) showTitled(title string) tea.Cmd {
	return m.show(slices.IndexFunc(m.screens, func(s screen.Screen) bool { return s.Title() == title }))
}

// panes are those of the shown screen, nil if it has only one.
func (m *Model) panes() *screen.Panes {
	if p, ok := m.screen().(screen.Paned); ok {
		return p.Panes()
	}
	return nil
}

// contexts are the keys that count now, from the most special to those of everywhere.
func (m *Model) contexts() []keys.Context {
	return append(append([]keys.Context(nil), m.screen().Contexts()...), m.global)
}

// press dispatches a key: to the dialog that is open, to a text field of the screen, or by the tables.
func (m *Model) press(k tea.KeyPressMsg) tea.Cmd {
	key := k.String()
	switch key {
	case "ctrl+z":
		return tea.Suspend
	case "ctrl+c":
		return m.interrupt()
	}
	if d := m.dialog(); d != nil {
		return d.Update(k)
	}
	if t, ok := m.screen().(screen.Typing); ok && t.Typing() {
		return m.screen().Update(k)
	}
	contexts := m.contexts()
	a := keys.Find(contexts, key)
	if a == nil && k.BaseCode != 0 {
		// A keyboard with another alphabet: the letter that this key has on a Latin one.
		a = keys.Find(contexts, string(k.BaseCode))
	}
	if a == nil {
		return nil
	}
	return m.do(a)
}

// do carries an action out, or says why it cannot be.
func (m *Model) do(a *keys.Action) tea.Cmd {
	if why := a.Why(); why != "" {
		return m.app.Say(why)
	}
	switch {
	case a.Run != nil:
		return a.Run()
	case a.Take != nil:
		return m.commandLine(a.Name + " ")
	}
	return nil
}

// size is how much of the screen there is room for.
func (m *Model) size() layout.Mode { return layout.ModeOf(m.w, m.h) }
