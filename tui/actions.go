package tui

import (
	"fmt"

	tea "charm.land/bubbletea/v2"

	"cnnbench/nn/train"
	"cnnbench/tui/form"
	"cnnbench/tui/keys"
	"cnnbench/tui/screen"
)

// globalKeys are those that work everywhere.
func (m *Model) globalKeys() keys.Context {
	c := keys.Context{Name: "Everywhere"}
	add := func(a keys.Action) { c.Actions = append(c.Actions, a) }
	run := keys.Action{Name: "run", Keys: []string{"space"}, Title: "start", Hint: 5, Now: m.runWord, Blocked: m.whyNotRun,
		Help: "start the training; pause it; go on with it", Run: m.toggle}
	add(run)
	for i, s := range m.screens {
		title := s.Title()
		add(keys.Action{Name: "tab-" + commandName(title), Keys: []string{fmt.Sprint(i + 1)}, Title: title,
			Help: "open the tab " + title, Run: func() tea.Cmd { return m.show(i) }})
	}
	pane := func(d int) func() tea.Cmd {
		return func() tea.Cmd {
			if p := m.panes(); p != nil {
				p.Move(d)
			}
			return nil
		}
	}
	one := func() string {
		if m.panes() == nil {
			return "this tab has one pane"
		}
		return ""
	}
	add(keys.Action{Name: "next-pane", Keys: []string{"tab"}, Title: "pane", Hint: 9, Help: "go to the next pane", Blocked: one, Run: pane(1)})
	add(keys.Action{Name: "previous-pane", Keys: []string{"shift+tab"}, Title: "pane back", Help: "go to the pane before", Blocked: one, Run: pane(-1)})
	add(keys.Action{Name: "full-screen", Keys: []string{"f"}, Title: "full", Help: "give the pane the whole screen, or take it back", Blocked: one,
		Run: func() tea.Cmd { m.panes().Zoom(); return nil }})
	add(keys.Action{Name: "back", Keys: []string{"esc"}, Title: "back", Help: "close what is open: a message, full-screen", Run: m.back})
	add(keys.Action{Name: "open", Keys: []string{"ctrl+o"}, Title: "open", Help: "open an experiment file, a preset's name or a data source",
		Run: m.openFile, Take: m.open, Arg: "FILE"})
	add(keys.Action{Name: "save", Keys: []string{"ctrl+s"}, Title: "save", Help: "save the experiment to its file",
		Run: m.save, Take: m.saveAs, Arg: "FILE"})
	add(keys.Action{Name: "save-as", Title: "save as", Help: "save the experiment to another file", Run: m.saveFile, Take: m.saveAs, Arg: "FILE"})
	add(keys.Action{Name: "import", Keys: []string{"I"}, Title: "import", Help: "make a session of a network or of weights that another program saved",
		Run: m.askImport, Take: m.importFrom, Arg: "FILE"})
	add(keys.Action{Name: "palette", Keys: []string{"ctrl+p"}, Title: "palette", Help: "find anything that can be done by its name", Run: m.palette})
	add(keys.Action{Name: "command", Keys: []string{":"}, Title: "command", Hint: 4, Help: "type what to do", Run: func() tea.Cmd { return m.commandLine("") }})
	add(keys.Action{Name: "mouse", Title: "mouse", Help: "take the mouse, or leave it to the terminal so that text can be copied", Run: m.toggleMouse})
	add(keys.Action{Name: "redraw", Keys: []string{"ctrl+l"}, Title: "redraw", Help: "draw everything anew",
		Run: func() tea.Cmd { m.app.Look++; return tea.ClearScreen }})
	add(keys.Action{Name: "help", Keys: []string{"?"}, Title: "help", Hint: 3, Help: "what the keys do here", Run: m.help})
	add(keys.Action{Name: "suspend", Keys: []string{"ctrl+z"}, Title: "suspend", Help: "go back to the shell; fg comes back", Run: func() tea.Cmd { return tea.Suspend }})
	add(keys.Action{Name: "quit", Keys: []string{"q"}, Title: "quit", Hint: 8, Help: "leave; the draft is kept for the next time", Run: m.quit})
	add(keys.Action{Name: "interrupt", Keys: []string{"ctrl+c"}, Title: "interrupt", Help: "ask, then stop the training and leave", Run: m.interrupt})
	return c
}

// resumer is a tab whose run can be one that was stopped and goes on: there the key for the training is about that run,
// and elsewhere about the draft.
type resumer interface {
	CanResume() bool
	Resume() tea.Cmd
}

// stopped is the shown tab if its run can go on; nil otherwise.
func (m *Model) stopped() resumer {
	if r, ok := m.screen().(resumer); ok && r.CanResume() {
		return r
	}
	return nil
}

// leader is a tab that says why the training that it is about is not led from here; "" if it is.
type leader interface{ WhyNotLed() string }

func (m *Model) whyNotRun() string {
	if l, ok := m.screen().(leader); ok {
		return l.WhyNotLed()
	}
	return ""
}

func (m *Model) toggle() tea.Cmd {
	if r := m.stopped(); r != nil {
		return r.Resume()
	}
	return m.app.Toggle()
}

// runWord says what the key for the training does now.
func (m *Model) runWord() string {
	switch {
	case m.stopped() != nil:
		return "go on"
	case !m.app.Running():
		return "start"
	case m.app.Live.State == train.Paused:
		return "go on"
	}
	return "pause"
}

// commandName is a title as a command's name.
func commandName(title string) string {
	out := []byte(title)
	for i, c := range out {
		if c >= 'A' && c <= 'Z' {
			out[i] = c + 'a' - 'A'
		} else if c == ' ' {
			out[i] = '-'
		}
	}
	return string(out)
}

func (m *Model) back() tea.Cmd {
	if len(m.app.Toasts) > 0 {
		m.app.Toasts = nil
		return nil
	}
	if p := m.panes(); p != nil && p.Zoomed() {
		p.Zoom()
		return nil
	}
	if s, ok := m.screen().(screen.Leaving); ok {
		s.Leave()
	}
	return nil
}

func (m *Model) toggleMouse() tea.Cmd {
	m.mouse = !m.mouse
	if m.mouse {
		return m.app.Say("the mouse is taken: click tabs, panes and hints, turn the wheel")
	}
	return m.app.Say("the mouse is the terminal's: mark text and copy it")
}

// quit leaves, after a question where a training runs.
func (m *Model) quit() tea.Cmd {
	if !m.app.Running() {
		return tea.Quit
	}
	return m.ask()
}

// interrupt asks; the second time, and while the question is open, it leaves.
func (m *Model) interrupt() tea.Cmd {
	if m.app.Leaving {
		return tea.Quit
	}
	if q, ok := m.dialog().(*form.Confirm); ok && q.Title() == quitTitle {
		return m.leave()
	}
	return m.ask()
}

const quitTitle = "Leave cnnbench?"

func (m *Model) ask() tea.Cmd {
	text, answer := "The draft is kept for the next time.", "leave"
	if m.app.Running() {
		text, answer = " is still training. It stops after this batch and is stored as it is then, to go on another time.", "stop and leave"
		if m.app.Live.State == train.Paused {
			text = " is paused. It is stored as it is, to go on another time."
		}
		text = m.app.Live.Run.Name + text
	}
	return m.app.Push(form.NewConfirm(m.app.Theme, quitTitle, text, 1,
		form.Answer{Key: "y", Title: answer, Run: m.leave},
		form.Answer{Key: "n", Title: "stay"}))
}
