package form

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"

	"cnnbench/spec"
	"cnnbench/tui/chart"
	"cnnbench/tui/layout"
	"cnnbench/tui/theme"
)

// The settings that the tests edit: one of every sort.
type (
	paint interface{ paint() }
	red   struct {
		Shade float64 `yaml:"shade" min:"0" max:"1" doc:"how dark"`
	}
	green struct{}
	edge  struct {
		Width int `yaml:"width" min:"0" doc:"of the edge"`
	}
	inner struct {
		Note string `yaml:"note" doc:"anything"`
	}
	sample struct {
		inner `yaml:",inline"`
		Units int       `yaml:"units" required:"true" min:"1" max:"99" doc:"how many"`
		Size  spec.Pair `yaml:"size" doc:"rows and columns" unit:"pixels"`
		Mode  string    `yaml:"mode" oneof:"valid same" doc:"which"`
		Bias  bool      `yaml:"bias" doc:"with or without"`
		Paint paint     `yaml:"paint" doc:"colour"`
		Edge  *edge     `yaml:"edge" doc:"around it"`
		Limit *int      `yaml:"limit" min:"1" doc:"at most"`
		Rates []float64 `yaml:"rates" doc:"some numbers"`
		Odd   int       `yaml:"odd" doc:"fits even only if even is 0"`
		Even  int       `yaml:"even" doc:"fits odd only if odd is 0"`
	}
)

func (*red) paint()   {}
func (*green) paint() {}

func (s *sample) Validate() error {
	if s.Odd != 0 && s.Even != 0 {
		return &spec.FieldError{Key: "even", Err: errors.New("odd and even are both set; set one to 0")}
	}
	return nil
}

var paints = spec.NewFamily[paint]("paint")

func init() {
	paints.Register(spec.Kind{Name: "red", Class: "Red", New: func() any { return &red{Shade: .5} }})
	paints.Register(spec.Kind{Name: "green", Class: "Green", New: func() any { return &green{} }})
}

var look = theme.New(true, colorprofile.TrueColor, chart.Braille)

func newSample() *sample { return &sample{Size: spec.Square(1), Mode: "valid", Bias: true} }

var special = map[string]rune{"enter": tea.KeyEnter, "esc": tea.KeyEscape, "tab": tea.KeyTab, "backspace": tea.KeyBackspace, "up": tea.KeyUp, "down": tea.KeyDown, "left": tea.KeyLeft, "right": tea.KeyRight, "pgdown": tea.KeyPgDown, "pgup": tea.KeyPgUp}

// press sends keys by name; what is no name is typed.
func press(d interface{ Update(tea.Msg) tea.Cmd }, keys ...string) (last tea.Cmd) {
	for _, k := range keys {
		if code, ok := special[k]; ok {
			last = d.Update(tea.KeyPressMsg{Code: code})
			continue
		}
		if rest, ok := strings.CutPrefix(k, "ctrl+"); ok {
			last = d.Update(tea.KeyPressMsg{Code: rune(rest[0]), Mod: tea.ModCtrl})
			continue
		}
		for _, r := range k {
			last = d.Update(tea.KeyPressMsg{Code: r, Text: string(r)})
		}
	}
	return last
}

// open makes a form that writes what is accepted to the returned pointer.
func open(v any, s Settings) (*Form, *any) {
	var got any
	s.Value = v
	s.Done = func(v any) tea.Cmd { got = v; return nil }
	return New(look, s), &got
}

// goTo moves the cursor to a setting.
func goTo(t *testing.T, f *Form, key string) {
	t.Helper()
	for range 40 {
		if f.at.Key == key {
			return
		}
		press(f, "tab")
	}
	t.Fatalf("there is no setting %s", key)
}

func TestFormEditsACopy(t *testing.T) {
	v := newSample()
	f, got := open(v, Settings{Title: "sample", Blank: true, Last: []string{"note"}})
	if f.at.Key != "units" {
		t.Fatalf("the cursor is at %s", f.at.Key)
	}
	press(f, "32", "tab", "[3, 5]", "tab", "right", "tab", "left")
	goTo(t, f, "limit")
	press(f, "7")
	goTo(t, f, "rates")
	press(f, "[0.1, 2]")
	goTo(t, f, "note")
	press(f, "a: b #c")
	press(f, "enter")
	if !f.Closed() {
		t.Fatalf("the form did not close: %s", ansi.Strip(f.View(70, 40)))
	}
	w := (*got).(*sample)
	if w.Units != 32 || w.Size != (spec.Pair{3, 5}) || w.Mode != "same" || w.Bias || w.Limit == nil || *w.Limit != 7 || !slices.Equal(w.Rates, []float64{.1, 2}) || w.Note != "a: b #c" {
		t.Errorf("got %+v", w)
	}
	if v.Units != 0 || v.Mode != "valid" {
		t.Errorf("the original was changed: %+v", v)
	}
}

// A value that is selected as a whole is replaced by what is typed; one that was moved into is edited.
func TestTypingReplacesAFreshValue(t *testing.T) {
	for _, c := range []struct {
		keys []string
		want int
	}{{[]string{"7"}, 7}, {[]string{"right", "7"}, 127}, {[]string{"right", "backspace", "5"}, 15}, {[]string{"backspace", "9"}, 9}} {
		v := newSample()
		v.Units = 12
		f, got := open(v, Settings{Focus: "units"})
		press(f, c.keys...)
		if c.want > 99 {
			if f.at.err == nil {
				t.Errorf("%v: %q is let through", c.keys, f.at.text)
			}
			continue
		}
		press(f, "enter")
		if w := (*got).(*sample); w.Units != c.want {
			t.Errorf("%v: got %d, want %d", c.keys, w.Units, c.want)
		}
	}
}

func TestFormSaysWhatIsWrong(t *testing.T) {
	f, got := open(newSample(), Settings{Blank: true})
	if strings.Contains(ansi.Strip(f.View(70, 40)), theme.Bad) {
		t.Error("an untouched form complains")
	}
	press(f, "enter")
	text := ansi.Strip(f.View(70, 40))
	if f.Closed() || *got != nil || !strings.Contains(text, "is missing; needs a whole number from 1 to 99") {
		t.Errorf("units are missing, but\n%s", text)
	}
	goTo(t, f, "units")
	press(f, "500")
	if text := ansi.Strip(f.View(70, 40)); !strings.Contains(text, `found "500", needs a whole number from 1 to 99`) {
		t.Errorf("500 is too much, but\n%s", text)
	}
	goTo(t, f, "size")
	press(f, "enter")
	if f.Closed() || f.at.Key != "units" {
		t.Errorf("accepting with a mistake leaves the cursor at %s", f.at.Key)
	}
	press(f, "5", "enter")
	if w, ok := (*got).(*sample); !ok || w.Units != 5 {
		t.Errorf("got %+v", *got)
	}
}

// Settings that must fit together can be typed in any order.
func TestFormTakesAnyOrder(t *testing.T) {
	v := newSample()
	v.Units, v.Odd = 1, 3
	f, got := open(v, Settings{Focus: "even"})
	press(f, "4")
	if f.at.err == nil {
		t.Fatal("both are set and nothing is said")
	}
	goTo(t, f, "odd")
	press(f, "0", "enter")
	if w := (*got).(*sample); w.Odd != 0 || w.Even != 4 {
		t.Errorf("got %+v", w)
	}
}

func TestFormOpensTheSettingsOfAKind(t *testing.T) {
	v := newSample()
	v.Units = 1
	f, got := open(v, Settings{Focus: "paint"})
	if f.at.text != none {
		t.Fatalf("no paint reads %q", f.at.text)
	}
	press(f, "red"[:1]) // letters jump
	if f.at.text != "red" || !f.at.open {
		t.Fatalf("after r: %q, open %v", f.at.text, f.at.open)
	}
	press(f, "tab")
	if f.at.Key != "shade" {
		t.Fatalf("the cursor is at %s", f.at.Key)
	}
	press(f, "2")
	if f.at.err == nil {
		t.Error("a shade of 2 is let through")
	}
	press(f, "backspace", "0.25")
	goTo(t, f, "edge")
	press(f, "right", "tab", "3", "enter")
	w := (*got).(*sample)
	if p, ok := w.Paint.(*red); !ok || p.Shade != .25 || w.Edge == nil || w.Edge.Width != 3 {
		t.Fatalf("got %+v, paint %+v, edge %+v", w, w.Paint, w.Edge)
	}

	// Another kind has other settings, none none; the ones of before do not come back as a ghost.
	f, got = open(w, Settings{Focus: "paint"})
	press(f, "g", "enter")
	if _, ok := (*got).(*sample).Paint.(*green); !ok {
		t.Errorf("got %+v", (*got).(*sample).Paint)
	}
	f, got = open(w, Settings{Focus: "edge"})
	press(f, "left", "enter")
	if (*got).(*sample).Edge != nil {
		t.Error("the edge is still there")
	}
	f, got = open(w, Settings{Focus: "limit"})
	press(f, "9", "backspace", "enter")
	if (*got).(*sample).Limit != nil {
		t.Error("an empty limit is not null")
	}
}

func TestFormOffersNoNoneWhereOneIsNeeded(t *testing.T) {
	v := newSample()
	v.Units, v.Paint = 1, &green{}
	f, _ := open(v, Settings{Focus: "paint", Needs: []string{"paint"}})
	seen := map[string]bool{}
	for range 6 {
		press(f, "right")
		seen[f.at.text] = true
	}
	if seen[none] || !seen["red"] || !seen["green"] {
		t.Errorf("offered are %v", seen)
	}
}

func TestFormChecksTheWhole(t *testing.T) {
	v := newSample()
	v.Units = 3
	f, _ := open(v, Settings{Focus: "units", Check: func(v any) (string, error) {
		if n := v.(*sample).Units; n > 10 {
			return "", fmt.Errorf("%d do not fit in; take 10 or fewer", n)
		}
		return "it fits", nil
	}})
	if text := ansi.Strip(f.View(70, 40)); !strings.Contains(text, "it fits") {
		t.Errorf("got\n%s", text)
	}
	press(f, "11")
	if text := ansi.Strip(f.View(70, 40)); !strings.Contains(text, "11 do not fit in") {
		t.Errorf("got\n%s", text)
	}
	if press(f, "enter"); !f.Closed() {
		t.Error("an impossible whole cannot be accepted, though each setting is fine")
	}
}

func TestFormCancels(t *testing.T) {
	v := newSample()
	v.Units = 3
	f, got := open(v, Settings{})
	press(f, "9", "esc")
	if !f.Closed() || *got != nil || v.Units != 3 {
		t.Error("esc does not leave all as it was")
	}
}

func TestFormByMouse(t *testing.T) {
	v := newSample()
	v.Units = 3
	f, _ := open(v, Settings{})
	lines := strings.Split(ansi.Strip(f.View(70, 40)), "\n")
	at := slices.IndexFunc(lines, func(l string) bool { return strings.Contains(l, "mode") })
	f.Update(tea.MouseClickMsg{X: 3, Y: at, Button: tea.MouseLeft})
	if f.at.Key != "mode" {
		t.Fatalf("the click went to %s", f.at.Key)
	}
	f.View(70, 40)
	f.Update(tea.MouseClickMsg{X: 3, Y: at, Button: tea.MouseLeft})
	if f.at.text != "same" {
		t.Errorf("a second click chose %q", f.at.text)
	}
}

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
	for name, d := range map[string]interface{ View(w, h int) string }{"form": f, "list": NewList(look, "Things", items, 3, nil), "files": files, "prompt": prompt, "suggestions": offers, "pager": pager, "question": confirm} {
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
	f = start(Paths{Path: filepath.Join(dir, "none") + sep})
	if text := ansi.Strip(f.View(120, 20)); !strings.Contains(text, "no such file") {
		t.Errorf("a folder that is not there: got\n%s", text)
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
