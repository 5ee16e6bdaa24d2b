package tui

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"cnnbench/tui/keys"
	"cnnbench/tui/layout"
)

// point takes a mouse message: a dialog gets it first, then tabs and hints, then the pane that it hits.
func (m *Model) point(msg tea.MouseMsg) tea.Cmd {
	at := msg.Mouse()
	_, click := msg.(tea.MouseClickMsg)
	if d := m.dialog(); d != nil {
		if click && at.Y == m.hits.frame.hints.Y {
			return m.clickHint(at.X)
		}
		return d.Update(moved(msg, m.hits.dialog))
	}
	f := m.hits.frame
	switch {
	case click && f.tabs.Contains(at.X, at.Y):
		for i, r := range m.hits.tabs {
			if r.Contains(at.X, at.Y) {
				return m.show(i)
			}
		}
	case click && f.hints.Contains(at.X, at.Y):
		return m.clickHint(at.X)
	case f.body.Contains(at.X, at.Y):
		if p := m.panes(); p != nil && click {
			if pane, ok := p.At(at.X-f.body.X, at.Y-f.body.Y); ok {
				p.Set(pane)
			}
		}
		return m.screen().Update(moved(msg, f.body))
	}
	return nil
}

// clickHint does what the hint at the column says.
func (m *Model) clickHint(x int) tea.Cmd {
	for _, h := range m.hits.hints {
		if x >= h.X && x < h.X+h.W {
			if h.Action.Documented() {
				return m.press(pressOf(h.Action))
			}
			return m.do(h.Action)
		}
	}
	return nil
}

// pressOf is the key press that stands for an action whose keys are handled elsewhere.
func pressOf(a *keys.Action) tea.KeyPressMsg {
	switch key := a.Keys[0]; key {
	case "enter":
		return tea.KeyPressMsg{Code: tea.KeyEnter}
	case "esc":
		return tea.KeyPressMsg{Code: tea.KeyEscape}
	case "tab":
		return tea.KeyPressMsg{Code: tea.KeyTab}
	case "space":
		return tea.KeyPressMsg{Code: tea.KeySpace, Text: " "}
	case "up":
		return tea.KeyPressMsg{Code: tea.KeyUp}
	case "left":
		return tea.KeyPressMsg{Code: tea.KeyLeft}
	default:
		r := []rune(key)
		return tea.KeyPressMsg{Code: r[0], Text: key}
	}
}

// moved is the message with its place counted from the rectangle's corner.
func moved(msg tea.MouseMsg, r layout.Rect) tea.Msg {
	switch e := msg.(type) {
	case tea.MouseClickMsg:
		e.X, e.Y = e.X-r.X, e.Y-r.Y
		return e
	case tea.MouseReleaseMsg:
		e.X, e.Y = e.X-r.X, e.Y-r.Y
		return e
	case tea.MouseWheelMsg:
		e.X, e.Y = e.X-r.X, e.Y-r.Y
		return e
	case tea.MouseMotionMsg:
		e.X, e.Y = e.X-r.X, e.Y-r.Y
		return e
	}
	return msg
}

// calmMouse lets one wheel turn or movement through every 16 ms, so that keys never queue behind a flood of them.
func calmMouse() func(tea.Model, tea.Msg) tea.Msg {
	var last time.Time
	return func(_ tea.Model, msg tea.Msg) tea.Msg {
		switch msg.(type) {
		case tea.MouseWheelMsg, tea.MouseMotionMsg:
			if now := time.Now(); now.Sub(last) >= 16*time.Millisecond {
				last = now
				return msg
			}
			return nil
		}
		return msg
	}
}
