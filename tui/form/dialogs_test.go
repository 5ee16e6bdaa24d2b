package form

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"cnnbench/tui/layout"
)

// No dialog draws beyond what it is given, at any size.
func TestDialogsFit(t *testing.T) {
	v := newSample()
	v.Units = 3
	f, _ := open(v, Settings{Title: "sample", Doc: "a sentence about the whole that is long enough to be broken", Check: func(any) (string, error) { return "", errors.New("a long reason why nothing of this can work at all") }})
	press(f, "500")
	items := make([]Item, 30)
	for i := range items {
		items[i] = Item{Title: fmt.Sprint("thing ", i), Doc: "what it is good for in many words 가나다", Detail: "ctrl+x"}
	}
	files := NewFiles(look, Paths{Title: "Open", Doc: "a doc", Path: "/tmp/"})
	prompt := NewPrompt(look, "Line", "say something", "text", func(string) error { return errors.New("wrong in a way that takes a while to tell") }, nil)
	press(prompt, "x")
	offers := NewPrompt(look, "Line", "", "", nil, nil).Suggest(func(string) []Suggestion { return []Suggestion{{"one", "the first"}, {"two", "the second"}} })
	pager := NewPager(look, "Page", func(w int) []string { return layout.Wrap(strings.Repeat("many words ", 50), w) })
	confirm := NewConfirm(look, "Sure?", "There is something that would be lost for good.", 1, Answer{Key: "y", Title: "yes, do it"}, Answer{Key: "n", Title: "no"})
	busy := NewBusy(look, "Busy", func() Progress {
		return Progress{Text: "doing a thing that has a long name and takes its time, for 3 s", Share: .4}
	}, nil)
	for name, d := range map[string]interface{ View(w, h int) string }{"busy": busy, "form": f, "list": NewList(look, "Things", items, 3, nil), "files": files, "prompt": prompt, "suggestions": offers, "pager": pager, "question": confirm} {
		for w := 1; w < 100; w += 3 {
			for h := 1; h < 40; h++ {
				text := d.View(w, h)
				lines := strings.Split(text, "\n")
				if len(lines) > h {
					t.Fatalf("%s: %d lines in %dx%d", name, len(lines), w, h)
				}
				for _, l := range lines {
					if layout.Width(l) > w {
						t.Fatalf("%s: %d cells in %dx%d: %q", name, layout.Width(l), w, h, ansi.Strip(l))
					}
				}
			}
		}
	}
}

func TestListNarrowsAndChooses(t *testing.T) {
	chosen := -1
	items := []Item{{Title: "dense"}, {Title: "conv2d"}, {Title: "dropout", Off: "not here"}, {Title: "lstm", Also: "recurrent"}}
	l := NewList(look, "Layers", items, 0, func(i int) tea.Cmd { chosen = i; return nil })
	press(l, "down", "down", "enter")
	if l.Closed() || chosen >= 0 {
		t.Fatal("what cannot be chosen was")
	}
	press(l, "recur", "enter")
	if !l.Closed() || chosen != 3 {
		t.Errorf("got %d", chosen)
	}
	chosen = -1
	l = NewList(look, "Layers", items, 0, func(i int) tea.Cmd { chosen = i; return nil })
	press(l, "/", "recur", "enter") // as a search begins elsewhere
	if chosen != 3 {
		t.Errorf("after a slash: got %d", chosen)
	}
	l = NewList(look, "Layers", items, 0, func(i int) tea.Cmd { chosen = i; return nil })
	press(l, "zzz", "enter")
	if l.Closed() || !strings.Contains(ansi.Strip(l.View(60, 20)), "nothing is called so") {
		t.Error("a search without a hit")
	}
	press(l, "esc")
	if !l.Closed() {
		t.Error("esc does not close")
	}
	l = NewList(look, "Layers", items, 1, func(i int) tea.Cmd { chosen = i; return nil })
	l.View(60, 20)
	l.Update(tea.MouseClickMsg{X: 2, Y: 2})
	l.Update(tea.MouseClickMsg{X: 2, Y: 2})
	if chosen != 0 {
		t.Errorf("two clicks chose %d", chosen)
	}
}

func TestConfirm(t *testing.T) {
	ask := func(keys ...string) string {
		got := ""
		say := func(s string) func() tea.Cmd { return func() tea.Cmd { got += s; return nil } }
		c := NewConfirm(look, "Sure?", "really", 2, Answer{"d", "delete", say("d")}, Answer{"k", "keep", say("k")}, Answer{"n", "no", nil})
		press(c, keys...)
		if !c.Closed() {
			t.Errorf("%v: still open", keys)
		}
		return got
	}
	for _, c := range []struct {
		keys []string
		want string
	}{{[]string{"enter"}, ""}, {[]string{"esc"}, ""}, {[]string{"d"}, "d"}, {[]string{"D"}, "d"}, {[]string{"left", "enter"}, "k"}, {[]string{"right", "enter"}, "d"}, {[]string{"n"}, ""}} {
		if got := ask(c.keys...); got != c.want {
			t.Errorf("%v: got %q, want %q", c.keys, got, c.want)
		}
	}
}

// settle carries out what a chooser asks of the disk.
func settle(f *Files, cmd tea.Cmd) {
	for cmd != nil {
		msg := cmd()
		if batch, ok := msg.(tea.BatchMsg); ok {
			for _, c := range batch {
				settle(f, c)
			}
			return
		}
		cmd = f.Update(msg)
	}
}

func TestFilesFindAFile(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"a.yaml", "b.txt", "sub/c.yaml", ".hidden.yaml"} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("x"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	sep := string(filepath.Separator)
	var got string
	done := func(path string) tea.Cmd { got = path; return nil }
	start := func(p Paths) *Files {
		got = ""
		p.Done, p.Endings = done, []string{".yaml"}
		if p.Path == "" {
			p.Path = dir + sep
		}
		f := NewFiles(look, p)
		settle(f, f.Init())
		return f
	}
	do := func(f *Files, keys ...string) {
		for _, k := range keys {
			if _, ok := special[k]; ok {
				settle(f, press(f, k))
				continue
			}
			for _, r := range k {
				settle(f, press(f, string(r)))
			}
		}
	}

	f := start(Paths{})
	if text := ansi.Strip(f.View(60, 20)); !strings.Contains(text, "a.yaml") || !strings.Contains(text, "sub"+sep) || strings.Contains(text, "b.txt") || strings.Contains(text, ".hidden") {
		t.Errorf("got\n%s", text)
	}
	do(f, "sub", "tab", "enter")
	if f.Closed() {
		t.Fatal("a folder was taken for a file")
	}
	do(f, "down", "enter")
	if got != filepath.Join(dir, "sub", "c.yaml") || !f.Closed() {
		t.Errorf("got %q", got)
	}

	f = start(Paths{})
	do(f, "nothing.yaml", "enter")
	if f.Closed() || !strings.Contains(ansi.Strip(f.View(70, 20)), "there is no nothing.yaml") {
		t.Error("a file that is not there was taken")
	}
	f = start(Paths{})
	do(f, "a.yaml", "enter")
	if got != filepath.Join(dir, "a.yaml") {
		t.Errorf("typed whole: got %q", got)
	}
	f = start(Paths{Folders: true})
	do(f, "enter")
	if filepath.Clean(got) != dir {
		t.Errorf("the folder itself: got %q", got)
	}

	// Another absolute path may be typed behind the one that stands there.
	f = start(Paths{Path: "/nowhere/"})
	do(f, dir+sep+"a.yaml", "enter")
	if got != filepath.Join(dir, "a.yaml") {
		t.Errorf("a second path: got %q", got)
	}

	// Saving: a new name at once, an old one after a question.
	f = start(Paths{Save: true})
	do(f, "new.yaml", "enter")
	if got != filepath.Join(dir, "new.yaml") {
		t.Errorf("save: got %q", got)
	}
	f = start(Paths{Save: true, Path: "suggested.yaml"})
	do(f, dir+sep+"other.yaml", "enter")
	if got != filepath.Join(dir, "other.yaml") {
		t.Errorf("typed over a suggested name: got %q", got)
	}
	f = start(Paths{Save: true})
	do(f, "a.yaml", "enter")
	if f.Closed() || !strings.Contains(ansi.Strip(f.View(60, 20)), "it exists") {
		t.Error("an old file would be replaced without a question")
	}
	do(f, "enter")
	if got != filepath.Join(dir, "a.yaml") {
		t.Errorf("after the question: got %q", got)
	}
	f = start(Paths{Save: true})
	do(f, "sub", "enter")
	if f.Closed() {
		t.Error("a folder would be written over")
	}
	f = start(Paths{Save: true, Folders: true})
	do(f, "sub", "enter")
	if f.Closed() || !strings.Contains(ansi.Strip(f.View(60, 20)), "it exists") {
		t.Error("an old folder would be replaced without a question")
	}
	do(f, "enter")
	if got != filepath.Join(dir, "sub") {
		t.Errorf("a folder after the question: got %q", got)
	}
	f = start(Paths{Path: filepath.Join(dir, "none") + sep})
	if text := ansi.Strip(f.View(120, 20)); !strings.Contains(text, "no such file") {
		t.Errorf("a folder that is not there: got\n%s", text)
	}
}

// Who presses enter before the folder is read is answered when it is: a file is found, an old one is asked about, and
// what is typed meanwhile counts for the line.
func TestFilesWaitForTheFolder(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.yaml")
	if err := os.WriteFile(path, []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	paste := func(p Paths) (*Files, tea.Cmd, *string) {
		got := new(string)
		p.Done = func(path string) tea.Cmd { *got = path; return nil }
		f := NewFiles(look, p)
		settle(f, f.Init())
		return f, f.Update(tea.PasteMsg{Content: path}), got
	}
	for _, save := range []bool{false, true} {
		f, read, got := paste(Paths{Save: save})
		settle(f, press(f, "enter"))
		if f.Closed() || !strings.Contains(ansi.Strip(f.View(200, 20)), "reading "+dir) {
			t.Fatalf("save %v: got %q, closed is %v", save, *got, f.Closed())
		}
		settle(f, read)
		if save {
			if f.Closed() || !strings.Contains(ansi.Strip(f.View(60, 20)), "it exists") {
				t.Fatal("an old file would be replaced without a question")
			}
			settle(f, press(f, "enter"))
		}
		if *got != path || !f.Closed() {
			t.Errorf("save %v: got %q, closed is %v", save, *got, f.Closed())
		}
	}
	f, read, got := paste(Paths{})
	settle(f, press(f, "enter"))
	settle(f, press(f, "2"))
	settle(f, read)
	if f.Closed() || *got != "" {
		t.Errorf("got %q", *got)
	}
}

func TestPrompt(t *testing.T) {
	var got string
	p := NewPrompt(look, "Epochs", "how many", "10", func(s string) error {
		if strings.TrimLeft(s, "0123456789") != "" || s == "" {
			return errors.New("needs a whole number")
		}
		return nil
	}, func(s string) tea.Cmd { got = s; return nil })
	press(p, "x", "enter")
	if p.Closed() || !strings.Contains(ansi.Strip(p.View(60, 10)), "needs a whole number") {
		t.Error("x is no number")
	}
	press(p, "backspace", "25", "enter")
	if got != "25" || !p.Closed() {
		t.Errorf("got %q", got)
	}
	words := []string{"save", "save-as", "quit"}
	offer := func(text string) (out []Suggestion) {
		for _, w := range words {
			if strings.HasPrefix(w, text) {
				out = append(out, Suggestion{Text: w})
			}
		}
		return out
	}
	p = NewPrompt(look, "Command", "", "", nil, func(s string) tea.Cmd { got = s; return nil }).Suggest(offer)
	press(p, "q", "tab", "enter")
	if got != "quit" {
		t.Errorf("tab: got %q", got)
	}
	p = NewPrompt(look, "Command", "", "", nil, func(s string) tea.Cmd { got = s; return nil }).Suggest(offer)
	press(p, "s", "down", "down", "enter")
	if got != "save-as" {
		t.Errorf("down: got %q", got)
	}
}

func TestPager(t *testing.T) {
	p := NewPager(look, "Page", func(int) []string {
		var lines []string
		for i := range 40 {
			lines = append(lines, fmt.Sprint("line ", i))
		}
		return lines
	})
	has := func(want string) bool { return strings.Contains(p.View(40, 11)+"\n", want+"\n") }
	if !has("line 0") || has("line 10") {
		t.Error("the page does not begin at its top")
	}
	press(p, "pgdown")
	if has("line 9") || !has("line 10") {
		t.Errorf("a page down: %q", p.View(40, 11))
	}
	press(p, "G")
	if !has("line 39") {
		t.Error("the end is not shown")
	}
	press(p, "g", "j")
	if has("line 0") || !has("line 1") {
		t.Error("a line down")
	}
	press(p, "q")
	if !p.Closed() {
		t.Error("q does not close")
	}
}

// What takes its time can be ended, or left to itself, and says how far it is.
func TestBusy(t *testing.T) {
	share, ended := -1.0, 0
	begin := func() *Busy {
		return NewBusy(look, "Busy", func() Progress { return Progress{"counting", share} }, func() tea.Cmd { ended++; return nil })
	}
	b := begin()
	if text := ansi.Strip(b.View(20, 5)); strings.TrimSpace(text) != "counting" {
		t.Errorf("it draws %q", text)
	}
	share = .5
	if text := ansi.Strip(b.View(20, 5)); !strings.Contains(text, "━━━━━━━━━━──────────") {
		t.Errorf("half way it draws %q", text)
	}
	press(b, "x")
	if b.Closed() {
		t.Error("any key closes it")
	}
	press(b, "enter")
	if !b.Closed() || ended != 0 {
		t.Errorf("left to itself: closed %v, ended %d times", b.Closed(), ended)
	}
	if b = begin(); !b.Closed() {
		press(b, "esc")
	}
	if !b.Closed() || ended != 1 {
		t.Errorf("ended: closed %v, ended %d times", b.Closed(), ended)
	}
}
