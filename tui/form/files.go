package form

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"cnnbench/tui/keys"
	"cnnbench/tui/layout"
	"cnnbench/tui/theme"
)

// Paths says what a file chooser is to find.
type Paths struct {
	Title   string
	Doc     string
	Path    string   // what the line starts as: a folder (ending in a slash) or a file
	Save    bool     // a name for a new file is asked for; one that exists is asked about
	Folders bool     // a folder may be chosen too
	Endings []string // of the files that are offered (".yaml"); none: all
	Done    func(path string) tea.Cmd
}

// Files finds a file or a folder, or a name for a new file: a line with the path, and what there is below it.
type Files struct {
	dialog
	theme *theme.Theme
	p     Paths
	input field

	dir     string // whose entries are listed
	reading bool   // they are not there yet
	waits   bool   // enter was pressed meanwhile
	entries []fs.DirEntry
	err     error
	shown   []fs.DirEntry
	at      int // in shown; -1 is the line itself
	from    int
	first   int
	asked   string // the path that exists and was asked about
	touched bool   // something was typed
}

// fewFiles is how many lines a list has at least, so that the box does not shrink to nothing in an empty folder.
const fewFiles = 8

// filesMsg is a folder that was read for a chooser.
type filesMsg struct {
	files   *Files
	dir     string
	entries []fs.DirEntry
	err     error
}

// NewFiles makes a file chooser.
func NewFiles(t *theme.Theme, p Paths) *Files {
	f := &Files{dialog: dialog{title: p.Title}, theme: t, p: p, at: -1}
	f.input.in = t.Input()
	f.input.set(p.Path)
	// The name that is suggested for a new file is replaced by what is typed; a folder is gone on from.
	f.input.fresh = p.Path != "" && filepath.Base(p.Path) == p.Path
	return f
}

// Init reads the first folder.
func (f *Files) Init() tea.Cmd { return f.read() }

// Context lists the chooser's keys.
func (f *Files) Context() keys.Context {
	return keys.Context{Name: "Files", Actions: []keys.Action{
		doc("file-accept", "accept", "take the path, or go into the folder", 1, "", "enter"),
		doc("file-cancel", "cancel", "choose nothing", 2, "", "esc"),
		doc("file-complete", "complete", "write the marked name into the line", 3, "", "tab"),
		doc("file-move", "move", "go up or down in the list", 4, "↑/↓ move", "up", "down", "pgup", "pgdown"),
	}}
}

// Expand makes a typed path a path: a leading ~ is the home folder, and where an absolute path was typed behind
// another, the last one counts.
func Expand(path string) string {
	if i := strings.LastIndex(path, "//"); i >= 0 {
		path = path[i+1:]
	}
	if i := strings.LastIndex(path+"/", "/~/"); i >= 0 {
		path = path[i+1:]
	}
	if path == "~" || strings.HasPrefix(path, "~/") {
		if home, err := os.UserHomeDir(); err == nil {
			return home + path[1:]
		}
	}
	return path
}

// split cuts the line into the folder and the beginning of a name.
func (f *Files) split() (dir, name string) {
	dir, name = filepath.Split(Expand(f.input.in.Value()))
	if dir == "" {
		dir = "."
	}
	return dir, name
}

// read lists the line's folder, if it is another one than before.
func (f *Files) read() tea.Cmd {
	dir, _ := f.split()
	f.filter()
	if dir == f.dir {
		return nil
	}
	f.dir, f.entries, f.err, f.reading = dir, nil, nil, true
	f.filter()
	return func() tea.Msg {
		entries, err := os.ReadDir(dir)
		return filesMsg{f, dir, entries, err}
	}
}

func (f *Files) filter() {
	_, name := f.split()
	f.shown = f.shown[:0]
	for _, e := range f.entries {
		hidden := strings.HasPrefix(e.Name(), ".") && !strings.HasPrefix(name, ".")
		ending := e.IsDir() || len(f.p.Endings) == 0 || slices.Contains(f.p.Endings, strings.ToLower(filepath.Ext(e.Name())))
		if !hidden && ending && strings.HasPrefix(strings.ToLower(e.Name()), strings.ToLower(name)) {
			f.shown = append(f.shown, e)
		}
	}
	slices.SortStableFunc(f.shown, func(a, b fs.DirEntry) int {
		if a.IsDir() != b.IsDir() {
			if a.IsDir() {
				return -1
			}
			return 1
		}
		return cmp.Compare(a.Name(), b.Name())
	})
	f.at = min(f.at, len(f.shown)-1)
}

// Update takes a message.
func (f *Files) Update(msg tea.Msg) tea.Cmd {
	switch m := msg.(type) {
	case filesMsg:
		if m.files == f && m.dir == f.dir {
			f.entries, f.err, f.reading = m.entries, m.err, false
			f.filter()
			if f.waits {
				return f.accept()
			}
		}
	case tea.KeyPressMsg:
		f.waits = false
		switch m.String() {
		case "esc":
			f.closed = true
		case "enter":
			return f.accept()
		case "up":
			f.at = max(f.at-1, -1)
		case "down":
			f.at = min(f.at+1, len(f.shown)-1)
		case "pgup":
			f.at = max(f.at-8, -1)
		case "pgdown":
			f.at = min(f.at+8, len(f.shown)-1)
		case "tab":
			if f.at < 0 && len(f.shown) > 0 {
				f.at = 0
			}
			if f.at >= 0 {
				return f.take()
			}
		default:
			return f.typed(m)
		}
	case tea.PasteMsg:
		return f.typed(m)
	case tea.MouseWheelMsg:
		if m.Button == tea.MouseWheelUp {
			f.at = max(f.at-1, -1)
		} else if m.Button == tea.MouseWheelDown {
			f.at = min(f.at+1, len(f.shown)-1)
		}
	case tea.MouseClickMsg:
		if i := m.Y - f.first + f.from; m.Y >= f.first && i < len(f.shown) {
			if i == f.at {
				return f.accept()
			}
			f.at = i
		}
	}
	return nil
}

// typed takes a key or a paste. What begins at the root or at home stands instead of the path that was suggested.
func (f *Files) typed(msg tea.Msg) tea.Cmd {
	var text string
	switch m := msg.(type) {
	case tea.KeyPressMsg:
		text = m.Text
	case tea.PasteMsg:
		text = m.Content
	}
	if f.p.Save && !f.touched && (strings.HasPrefix(text, "/") || strings.HasPrefix(text, "~")) {
		f.input.in.SetValue("")
	}
	f.touched, f.waits = f.touched || text != "", false
	cmd := f.input.update(msg)
	f.at, f.asked = -1, ""
	return tea.Batch(cmd, f.read())
}

// take writes the marked entry into the line.
func (f *Files) take() tea.Cmd {
	e := f.shown[f.at]
	path := filepath.Join(f.dir, e.Name())
	if e.IsDir() {
		path += string(filepath.Separator)
	}
	f.input.set(path)
	f.input.fresh = false
	f.at = -1
	return f.read()
}

// accept takes the marked entry or the line: it goes into folders and hands files on.
func (f *Files) accept() tea.Cmd {
	if f.at >= 0 {
		e := f.shown[f.at]
		cmd := f.take()
		if e.IsDir() {
			return cmd
		}
	}
	// Whether there is such a file is known only when the folder is read: who is faster waits for it.
	if f.waits = f.reading; f.waits {
		return nil
	}
	path := Expand(strings.TrimSpace(f.input.in.Value()))
	_, name := f.split()
	if name == "" && !(f.p.Folders && path != "") {
		f.err = errors.New("type a name or mark one of the list")
		return nil
	}
	exists, isDir := f.look(filepath.Clean(path))
	switch {
	case f.p.Save && isDir && !f.p.Folders:
		f.err = fmt.Errorf("%s is a folder; type a name for the file", path)
		return nil
	case f.p.Save && exists && f.asked != path:
		f.asked = path
		return nil
	case !f.p.Save && f.err == nil && !exists && filepath.Dir(path) == filepath.Clean(f.dir):
		f.err = fmt.Errorf("there is no %s here; mark one of the list", name)
		return nil
	case isDir && !f.p.Folders:
		f.input.set(strings.TrimRight(path, string(filepath.Separator)) + string(filepath.Separator))
		f.input.fresh = false
		return f.read()
	}
	f.closed = true
	return do(f.p.Done, path)
}

// look says what the listing knows of a path.
func (f *Files) look(path string) (exists, isDir bool) {
	if strings.HasSuffix(f.input.in.Value(), string(filepath.Separator)) {
		return f.err == nil, true
	}
	for _, e := range f.entries {
		if e.Name() == filepath.Base(path) {
			return true, e.IsDir()
		}
	}
	return false, false
}

// View draws the chooser in at most w x h cells.
func (f *Files) View(w, h int) string {
	w = min(w, formWidth)
	if w < 4 || h < 2 {
		return layout.Block("", w, h)
	}
	var lines []string
	if f.p.Doc != "" && h > 10 {
		lines = append(lines, f.theme.Dim.Render(layout.Cut(f.p.Doc, w)))
	}
	lines = append(lines, f.theme.Accent.Render("[")+f.input.view(w-2, f.theme.Selected.Render)+f.theme.Accent.Render("]"))
	if h > 6 {
		lines = append(lines, "")
	}
	f.first = len(lines)
	room := min(h-len(lines)-1, max(len(f.entries), fewFiles))
	f.from = layout.Window(f.from, max(f.at, 0), len(f.shown), room)
	for i := range room {
		j := f.from + i
		if j >= len(f.shown) {
			lines = append(lines, "")
			continue
		}
		name := f.shown[j].Name()
		if f.shown[j].IsDir() {
			name = f.theme.Accent.Render(name + string(filepath.Separator))
		}
		lines = append(lines, f.theme.Row(name, w, j == f.at, true))
	}
	switch {
	case f.asked != "":
		lines = append(lines, f.theme.Warn.Render(layout.Cut(theme.Warn+" it exists: enter replaces it, any other key goes on typing", w)))
	case f.waits:
		lines = append(lines, f.theme.Dim.Render(layout.Cut("reading "+f.dir, w)))
	case f.err != nil:
		lines = append(lines, f.theme.Bad.Render(layout.Cut(theme.Bad+" "+f.err.Error(), w)))
	default:
		lines = append(lines, f.theme.Dim.Render(layout.Cut(f.count(), w)))
	}
	return strings.Join(lines, "\n")
}

// count says how much of what is asked for lies here.
func (f *Files) count() string {
	switch n := len(f.shown); {
	case n == 0 && f.p.Save:
		return "no such name here yet; enter writes it"
	case n == 0:
		return "nothing of that name or kind here"
	case n == 1:
		return "1 of that name or kind here"
	default:
		return fmt.Sprintf("%d of that name or kind here", n)
	}
}
