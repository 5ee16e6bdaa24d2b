package tui

import (
	"fmt"
	"path/filepath"
	"runtime/debug"

	tea "charm.land/bubbletea/v2"

	"cnnbench/tui/screen"
)

// guard stands between Bubble Tea and the model. Where the model panics, the program ends in order: the terminal is
// given back, the training is stored, the draft is kept, and where it went wrong stands in a file. Where a command
// panics, which touches no state, that is said and the program goes on.
type guard struct {
	model tea.Model
	home  string // where crashes are described
	crash *crash // of the model
	end   func() // ends the program from outside of Update; nil in tests
}

// crash is a panic and where it happened.
type crash struct {
	what  any
	stack []byte
}

// crashFile is where a crash is described, below the home folder.
const crashFile = "crash.txt"

func (g *guard) Init() tea.Cmd { return g.protect(g.model.Init()) }

func (g *guard) Update(msg tea.Msg) (same tea.Model, cmd tea.Cmd) {
	if g.crash != nil {
		return g, tea.Quit
	}
	defer func() {
		if r := recover(); r != nil {
			g.crash = &crash{r, debug.Stack()}
			same, cmd = g, tea.Quit // Bubble Tea still draws once
		}
	}()
	next, cmd := g.model.Update(msg)
	g.model = next
	return g, g.protect(cmd)
}

func (g *guard) View() (v tea.View) {
	defer func() {
		if r := recover(); r != nil && g.crash == nil {
			g.crash = &crash{r, debug.Stack()}
			if g.end != nil {
				go g.end()
			}
		}
	}()
	if g.crash != nil {
		return tea.NewView("")
	}
	return g.model.View()
}

// protect makes a command's panic a message. What a batch holds is protected as well.
func (g *guard) protect(cmd tea.Cmd) tea.Cmd {
	if cmd == nil {
		return nil
	}
	return func() (msg tea.Msg) {
		defer func() {
			if r := recover(); r != nil {
				c := crash{r, debug.Stack()}
				msg = screen.Crashed{Err: c.report(g.home, "this failed and should not")}
			}
		}()
		msg = cmd()
		if batch, ok := msg.(tea.BatchMsg); ok {
			for i, c := range batch {
				batch[i] = g.protect(c)
			}
		}
		return msg
	}
}

// report writes the crash down and says it in one sentence.
func (c *crash) report(home, what string) error {
	text := fmt.Sprintf("%v\n\n%s", c.what, c.stack)
	if err := write(home, crashFile, []byte(text)); err != nil {
		return fmt.Errorf("%s (%v)", what, c.what)
	}
	return fmt.Errorf("%s (%v); please report it with %s", what, c.what, filepath.Join(home, crashFile))
}
