package form

import (
	"fmt"
	"slices"

	tea "charm.land/bubbletea/v2"

	"cnnbench/spec"
	"cnnbench/tui/keys"
	"cnnbench/tui/theme"
)

// Settings says what a form edits.
type Settings struct {
	Title string
	Doc   string   // one sentence about the whole
	Value any      // a pointer to a struct with spec tags; it is not changed
	Blank bool     // settings that must be given and are zero start empty
	Skip  []string // keys that are not shown
	Last  []string // keys that come last
	Needs []string // keys that cannot be none here, though their type allows it
	Focus string   // key that has the cursor at first
	Open  []string // keys whose own settings are shown at first
	// Check looks at a value whose settings are all readable: what it comes to, or why it is impossible. An
	// impossible value may still be accepted; the error is shown.
	Check func(v any) (note string, err error)
	// Follow says what other settings become, by their keys, when one was changed; text is what stands in a setting.
	Follow func(changed string, text func(key string) string) map[string]string
	// Word explains a choice in one line, "" where there is nothing to say.
	Word func(key, option string) string
	// Done takes the edited copy.
	Done func(v any) tea.Cmd
}

// Form edits the settings of a struct: a copy of it, which is handed on when all is readable and accepted.
type Form struct {
	dialog
	theme *theme.Theme
	s     Settings
	value any // the copy, with all that could be read
	rows  []*node
	at    *node
	from  int // first line shown
	input field
	tried bool // accepting was tried: what is missing is shown

	note    string
	noteErr error
	lines   []*node // of the last drawing: the node on each line, nil for none
}

// New makes a form.
func New(t *theme.Theme, s Settings) *Form {
	f := &Form{dialog: dialog{title: s.Title}, theme: t, s: s}
	f.input.in = t.Input()
	f.rows = nodesOf(s.Value, nil, 0, s.Blank, s.Skip, s.Last)
	for _, n := range f.rows {
		if slices.Contains(s.Needs, n.Key) {
			n.Options = slices.DeleteFunc(n.Options, func(o string) bool { return o == none })
		}
	}
	f.apply()
	if len(f.rows) > 0 {
		first := f.rows[0]
		for _, n := range f.rows {
			n.open = slices.Contains(s.Open, n.Key)
			if n.Key == s.Focus {
				first = n
			}
			for _, k := range n.kids {
				if n.open && k.Key == s.Focus {
					first = k
				}
			}
		}
		f.enter(first)
	}
	return f
}

// Context lists the form's keys.
func (f *Form) Context() keys.Context {
	return keys.Context{Name: "Form", Actions: []keys.Action{
		doc("form-accept", "accept", "take the settings over", 1, "", "enter", "ctrl+s"),
		doc("form-cancel", "cancel", "leave everything as it was", 2, "", "esc"),
		doc("form-move", "next, previous", "go to the next or previous setting", 3, "tab/⇧tab field", "tab", "shift+tab", "down", "up"),
		doc("form-choose", "choose", "take the next or previous choice; typing jumps to the choice that begins so", 4, "←/→ choose", "left", "right"),
		doc("form-open", "settings", "show or hide the settings of what is chosen", 5, "", "space"),
		doc("form-reset", "reset", "put the setting back to what it was", 0, "", "ctrl+r"),
	}}
}

// Update takes a message.
func (f *Form) Update(msg tea.Msg) tea.Cmd {
	switch m := msg.(type) {
	case tea.KeyPressMsg:
		return f.press(m)
	case tea.PasteMsg:
		if f.at != nil && !f.at.isChoice() {
			return f.typed(m)
		}
	case tea.MouseWheelMsg:
		if m.Button == tea.MouseWheelUp {
			f.move(-1)
		} else if m.Button == tea.MouseWheelDown {
			f.move(1)
		}
	case tea.MouseClickMsg:
		if m.Y >= 0 && m.Y < len(f.lines) && f.lines[m.Y] != nil {
			n := f.lines[m.Y]
			if again := n == f.at; !again {
				f.enter(n)
			} else if n.isChoice() {
				f.change(func() { n.choose(1) })
			}
		}
	}
	return nil
}

func (f *Form) press(m tea.KeyPressMsg) tea.Cmd {
	n := f.at
	switch key := m.String(); key {
	case "esc":
		f.closed = true
		return nil
	case "enter", "ctrl+s":
		return f.accept()
	case "tab", "down":
		f.move(1)
		return nil
	case "shift+tab", "up":
		f.move(-1)
		return nil
	case "pgdown":
		f.move(8)
		return nil
	case "pgup":
		f.move(-8)
		return nil
	case "ctrl+r":
		if n != nil {
			f.change(func() { n.text = n.initial })
			f.enter(n)
		}
		return nil
	default:
		switch {
		case n == nil:
		case !n.isChoice():
			return f.typed(m)
		case key == "left":
			f.change(func() { n.choose(-1) })
		case key == "right":
			f.change(func() { n.choose(1) })
		case key == "space":
			if len(n.kids) > 0 {
				n.open = !n.open
			} else {
				f.change(func() { n.choose(1) })
			}
		case m.Text != "":
			f.change(func() { n.jump(m.Text) })
		}
	}
	return nil
}

// typed hands a key to the text field and reads what stands there.
func (f *Form) typed(msg tea.Msg) tea.Cmd {
	cmd := f.input.update(msg)
	if v := f.input.in.Value(); v != f.at.text {
		f.change(func() { f.at.text = v })
	}
	return cmd
}

func (f *Form) change(set func()) {
	set()
	f.follow()
	f.apply()
	if f.at.isChoice() && f.at.kind != asChoice && len(f.at.kids) > 0 {
		f.at.open = true
	}
}

// follow changes the settings that follow the one with the cursor.
func (f *Form) follow() {
	if f.s.Follow == nil || f.at.parent != nil {
		return
	}
	text := func(key string) string {
		for _, n := range f.rows {
			if n.Key == key {
				return n.text
			}
		}
		return ""
	}
	changed := f.s.Follow(f.at.Key, text)
	for _, n := range f.rows {
		if to, ok := changed[n.Key]; ok {
			n.text = to
		}
	}
}

// visible lists the rows that are shown, from the top.
func (f *Form) visible() []*node {
	var out []*node
	var walk func([]*node)
	walk = func(ns []*node) {
		for _, n := range ns {
			out = append(out, n)
			if n.open {
				walk(n.kids)
			}
		}
	}
	walk(f.rows)
	return out
}

// move goes d rows down.
func (f *Form) move(d int) {
	rows := f.visible()
	if len(rows) == 0 {
		return
	}
	i := slices.Index(rows, f.at) + d
	switch {
	case d == 1 && i >= len(rows):
		i = 0
	case d == -1 && i < 0:
		i = len(rows) - 1
	}
	f.enter(rows[min(max(i, 0), len(rows)-1)])
}

// enter puts the cursor on a row.
func (f *Form) enter(n *node) {
	f.at = n
	if !n.isChoice() {
		f.input.set(n.text)
	}
}

// apply writes all that was changed into a fresh copy. Settings that must fit together are tried again after the
// others, so that the order in which they were typed does not matter.
func (f *Form) apply() {
	f.value = spec.Clone(f.s.Value)
	var walk func(ns []*node) []*node
	walk = func(ns []*node) []*node {
		var todo []*node
		for _, n := range ns {
			n.err = nil
			if n.text != n.initial || n.Required && (n.text == "" || n.text == none) {
				todo = append(todo, n)
			}
		}
		for progress := true; progress && len(todo) > 0; {
			progress = false
			var failed []*node
			for _, n := range todo {
				if n.err = n.set(f.value); n.err != nil {
					failed = append(failed, n)
				} else {
					progress = true
				}
			}
			todo = failed
		}
		for _, n := range ns {
			if n.kind == asKind || n.kind == asGroup {
				f.adopt(n)
				todo = append(todo, walk(n.kids)...)
			}
		}
		return todo
	}
	failed := walk(f.rows)
	f.note, f.noteErr = "", nil
	if len(failed) == 0 && f.s.Check != nil {
		f.note, f.noteErr = f.s.Check(f.value)
	}
}

// adopt gives a row the settings of the kind that it has now as children.
func (f *Form) adopt(n *node) {
	target := n.target(f.value)
	if target == nil {
		n.kids = nil
		return
	}
	v := settingOf(target, n.Key)
	if n.err != nil || v.IsNil() {
		n.kids = nil
		return
	}
	if owner := fmt.Sprintf("%T", v.Interface()); len(n.kids) == 0 || n.kids[0].owner != owner {
		n.kids = nodesOf(v.Interface(), n, n.depth+1, false, nil, nil)
		for _, k := range n.kids {
			k.owner = owner
		}
	}
}

// accept hands the copy on, or goes to the first row that is wrong.
func (f *Form) accept() tea.Cmd {
	f.tried = true
	var wrong *node
	var walk func([]*node)
	walk = func(ns []*node) {
		for _, n := range ns {
			if n.err != nil && wrong == nil {
				wrong = n
			}
			walk(n.kids)
		}
	}
	walk(f.rows)
	if wrong != nil {
		for p := wrong.parent; p != nil; p = p.parent {
			p.open = true
		}
		f.enter(wrong)
		return nil
	}
	f.closed = true
	return do(f.s.Done, f.value)
}
