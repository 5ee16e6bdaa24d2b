package keys

import (
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"

	"cnnbench/tui/chart"
	"cnnbench/tui/layout"
	"cnnbench/tui/theme"
)

func run() tea.Cmd { return nil }

func action(name string, hint int, keys ...string) Action {
	return Action{Name: name, Keys: keys, Title: name, Help: "does " + name, Hint: hint, Run: run}
}

func TestCheckRefusesContradictions(t *testing.T) {
	off := func() bool { return false }
	for _, c := range []struct {
		name     string
		contexts []Context
		want     string // in the error; "": none
	}{
		{"fine", []Context{{Name: "A", Actions: []Action{action("x", 0, "a"), action("y", 0, "b")}}}, ""},
		{"twice in one context", []Context{{Name: "A", Actions: []Action{action("x", 0, "a"), action("y", 0, "a")}}}, `"a" is both x and y`},
		{"twice in one action", []Context{{Name: "A", Actions: []Action{action("x", 0, "a", "a")}}}, "both"},
		{"in two panes", []Context{{Name: "A", Active: off, Actions: []Action{action("x", 0, "a")}}, {Name: "B", Active: off, Actions: []Action{action("y", 0, "a")}}}, ""},
		{"in a pane and always", []Context{{Name: "B", Actions: []Action{action("y", 0, "a")}}, {Name: "A", Active: off, Actions: []Action{action("x", 0, "a")}}}, "always on"},
		{"always and before that in a pane", []Context{{Name: "A", Active: off, Actions: []Action{action("x", 0, "a")}}, {Name: "B", Actions: []Action{action("y", 0, "a")}}}, "always on"},
		{"a name twice", []Context{{Name: "A", Actions: []Action{action("x", 0, "a"), action("x", 0, "b")}}}, "taken"},
		{"no help", []Context{{Name: "A", Actions: []Action{{Name: "x", Title: "x", Keys: []string{"a"}, Run: run}}}}, "help"},
		{"out of reach", []Context{{Name: "A", Actions: []Action{{Name: "x", Title: "x", Help: "x"}}}}, "reached"},
		{"takes nothing", []Context{{Name: "A", Actions: []Action{{Name: "x", Title: "x", Help: "x", Arg: "FILE", Run: run}}}}, "Arg"},
	} {
		err := Check(c.contexts)
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%s: %v", c.name, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s: got %v, want %q", c.name, err, c.want)
		}
	}
}

func TestFindTakesTheFirstActiveContext(t *testing.T) {
	on := true
	contexts := []Context{{Name: "pane", Active: func() bool { return on }, Actions: []Action{action("special", 0, "a")}}, {Name: "all", Actions: []Action{action("general", 0, "a", "b")}}}
	name := func(key string) string {
		if a := Find(contexts, key); a != nil {
			return a.Name
		}
		return ""
	}
	if got := name("a"); got != "special" {
		t.Errorf("got %q", got)
	}
	on = false
	if got := name("a"); got != "general" {
		t.Errorf("with the pane left: got %q", got)
	}
	if got := name("z"); got != "" {
		t.Errorf("an unknown key: got %q", got)
	}
	if Named(contexts, "special") != nil || Named(contexts, "general") == nil {
		t.Error("names are looked up in active contexts only")
	}
}

// The row of hints fits, keeps the order of the table, and drops the lowest ranks first.
func TestHints(t *testing.T) {
	look := theme.New(true, colorprofile.TrueColor, chart.Braille)
	blocked := action("blocked", 1, "x")
	blocked.Blocked = func() string { return "not now" }
	contexts := []Context{{Name: "A", Actions: []Action{action("third", 3, "c"), action("first", 1, "a"), blocked, action("never", 0, "n")}},
		{Name: "B", Actions: []Action{{Name: "second", Keys: []string{"up"}, Title: "second", Help: "x", Hint: 2, Label: "↑/↓ second", Run: run}}}}
	text, hints := Hints(look, contexts, 100)
	if got, want := ansi.Strip(text), "c third  a first  ↑/↓ second"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if len(hints) != 3 || hints[1].X != 9 || hints[1].W != 7 || hints[1].Action.Name != "first" {
		t.Errorf("got %v", hints)
	}
	for w := range 40 {
		text, hints := Hints(look, contexts, w)
		if layout.Width(text) > w {
			t.Errorf("%d cells: %q", w, ansi.Strip(text))
		}
		if len(hints) > 0 && !strings.Contains(ansi.Strip(text), "first") {
			t.Errorf("%d cells: the first rank is not there: %q", w, ansi.Strip(text))
		}
		for _, h := range hints {
			if got := ansi.Strip(ansi.Cut(text, h.X, h.X+h.W)); !strings.HasSuffix(got, h.Action.Title) {
				t.Errorf("%d cells: at %d stands %q, not %s", w, h.X, got, h.Action.Name)
			}
		}
	}
}

func TestMatch(t *testing.T) {
	if Match("xyz", "delete layer") != 0 {
		t.Error("letters that are not there match")
	}
	if Match("", "anything") == 0 {
		t.Error("an empty query matches nothing")
	}
	better := func(q, a, b string) {
		t.Helper()
		if Match(q, a) <= Match(q, b) {
			t.Errorf("%q fits %q (%d) no better than %q (%d)", q, a, Match(q, a), b, Match(q, b))
		}
	}
	better("del", "delete-layer", "model-layers")
	better("ml", "move layer", "example list")
	better("save", "save", "save-as")
	better("conv", "conv2d", "convert everything")
	better("pool", "max_pooling2d", "p o o l")
}

func TestMarkdown(t *testing.T) {
	got := Markdown([]Context{{Name: "Build", Actions: []Action{{Name: "open", Keys: []string{"ctrl+o", "up"}, Title: "open", Help: "open a file", Run: run, Take: func(string) tea.Cmd { return nil }, Arg: "FILE"}, {Name: "doc", Keys: []string{"|"}, Title: "doc", Help: "pipes"}}}})
	want := "**Build**\n\n| keys | `:` | what it does |\n| --- | --- | --- |\n| `ctrl+o` `↑` | `open FILE` | open a file |\n| `\\|` |  | pipes |\n"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
