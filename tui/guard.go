package tui

import (
	"fmt"
	"path/filepath"
	"runtime/debug"

	tea "charm.land/bubbletea/v2"
)

// guard stands between Bubble Tea and the model. Where the model panics, the program ends in order: the terminal is
// given back, the training is stored, the draft is kept, and where it went wrong stands in a file.
type guard struct {
	model tea.Model
	crash *crash
	end   func() // ends the program from outside of Update; nil in tests
}

// crash is a panic and where it happened.
type crash struct {
	what  any
	stack []byte
}

// crashed is a panic of a command.
type crashed struct{ crash }

// crashFile is where a crash is described, below the home folder.
const crashFile = "crash.txt"

func (g *guard) Init() tea.Cmd { return protect(g.model.Init()) }

func (g *guard) Update(msg tea.Msg) (_ tea.Model, cmd tea.Cmd) {
	if c, ok := msg.(crashed); ok && g.crash == nil {
		g.crash = &c.crash
	}
	if g.crash != nil {
		return g, tea.Quit
	}
	defer func() {
		if r := recover(); r != nil {
			g.crash = &crash{r, debug.Stack()}
			cmd = tea.Quit
		}
	}()
	if batch, ok := msg.(tea.BatchMsg); ok {
		return g, tea.Batch(batch...)
	}
	next, cmd := g.model.Update(msg)
	g.model = next
	return g, protect(cmd)
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
func protect(cmd tea.Cmd) tea.Cmd {
	if cmd == nil {
		return nil
	}
	return func() (msg tea.Msg) {
		defer func() {
			if r := recover(); r != nil {
				msg = crashed{crash{r, debug.Stack()}}
			}
		}()
		msg = cmd()
		if batch, ok := msg.(tea.BatchMsg); ok {
			for i, c := range batch {
				batch[i] = protect(c)
			}
		}
		return msg
	}
}

// report writes the crash down and says it in one sentence.
func (g *guard) report(home string) error {
	text := fmt.Sprintf("%v\n\n%s", g.crash.what, g.crash.stack)
	if err := write(home, crashFile, []byte(text)); err != nil {
		return fmt.Errorf("cnnbench crashed (%v); the draft is kept and the training is stored", g.crash.what)
	}
	return fmt.Errorf("cnnbench crashed (%v); the draft is kept and the training is stored; please report it with %s", g.crash.what, filepath.Join(home, crashFile))
}
