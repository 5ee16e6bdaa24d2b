package form

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"

	"cnnbench/spec"
	"cnnbench/tui/chart"
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

// Whatever is edited where, a field takes it: the text field below has its own traps.
func TestFieldTakesAnyKey(t *testing.T) {
	edits := []tea.KeyPressMsg{
		{Code: tea.KeyLeft}, {Code: tea.KeyRight}, {Code: tea.KeyHome}, {Code: tea.KeyEnd}, {Code: tea.KeyBackspace}, {Code: tea.KeyDelete},
		{Code: tea.KeyDelete, Mod: tea.ModAlt}, {Code: tea.KeyBackspace, Mod: tea.ModAlt}, {Code: 'd', Mod: tea.ModAlt}, {Code: 'w', Mod: tea.ModCtrl},
		{Code: 'f', Mod: tea.ModAlt}, {Code: 'b', Mod: tea.ModAlt}, {Code: 'k', Mod: tea.ModCtrl}, {Code: 'u', Mod: tea.ModCtrl}, {Code: 't', Mod: tea.ModCtrl},
		{Code: ' ', Text: " "}, {Code: 'a', Text: "a"}, {Code: 'ß', Text: "ß"}, {Code: '한', Text: "한"}, {Code: 'e', Text: "e\u0301"},
	}
	draw := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		f := field{in: look.Input()}
		f.set("a b")
		for range 100 {
			f.update(edits[draw.IntN(len(edits))])
			if w := ansi.StringWidth(f.view(10, look.Selected.Render)); w != 10 {
				t.Fatalf("%q is drawn %d wide", f.in.Value(), w)
			}
		}
	}
}
