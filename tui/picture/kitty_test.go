package picture

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"image/color"
	"image/png"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	uv "github.com/charmbracelet/ultraviolet"
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/ansi/kitty"

	"cnnbench/tui/chart"
	"cnnbench/tui/layout"
	"cnnbench/tui/theme"
)

func TestGraphicsAble(t *testing.T) {
	for _, c := range []struct {
		env     []string
		version string
		asks    bool
		able    bool
	}{
		{[]string{"TERM=xterm-kitty"}, "kitty(0.35.2)", true, true},
		{[]string{"TERM=xterm-kitty"}, "kitty(0.26.5)", true, false},
		{[]string{"TERM=xterm-kitty"}, "kitty(1.0.0)", true, true},
		{[]string{"TERM=xterm-ghostty"}, "ghostty 1.1.3", true, true},
		{[]string{"TERM=tmux-256color", "KITTY_WINDOW_ID=1"}, "tmux 3.5", true, false},
		{[]string{"TERM=xterm-256color", "TERM_PROGRAM=WezTerm"}, "WezTerm 20240203", false, false},
		{[]string{"TERM=linux"}, "", false, false},
	} {
		var g Graphics
		if asks := g.Update(tea.EnvMsg(c.env)) != nil; asks != c.asks {
			t.Errorf("%v: asks %v", c.env, asks)
		}
		g.Update(tea.TerminalVersionMsg{Name: c.version})
		if (g.Missing() == "") != c.able {
			t.Errorf("%v %s: %q", c.env, c.version, g.Missing())
		}
	}
}

// sent collects what a command sends to the terminal.
func sent(cmd tea.Cmd) string {
	if cmd == nil {
		return ""
	}
	var out string
	switch m := cmd().(type) {
	case tea.BatchMsg:
		for _, c := range m {
			out += sent(c)
		}
	case tea.RawMsg:
		out = fmt.Sprint(m.Msg)
	}
	return out
}

func noTick(time.Duration, func(time.Time) tea.Msg) tea.Cmd { return nil }

var apc = regexp.MustCompile("\x1b_G([^;\x1b]*);?([^\x1b]*)\x1b\\\\")

// pictures decodes what was sent: the picture of each number.
func pictures(t *testing.T, text string) map[int]func(x, y int) color.Color {
	t.Helper()
	out := map[int]func(x, y int) color.Color{}
	id, data := 0, ""
	for _, m := range apc.FindAllStringSubmatch(text, -1) {
		for _, o := range strings.Split(m[1], ",") {
			if n, ok := strings.CutPrefix(o, "i="); ok {
				id, _ = strconv.Atoi(n)
			}
		}
		if len(m[2]) > 4096 {
			t.Errorf("a chunk of %d bytes", len(m[2]))
		}
		data += m[2]
		if strings.Contains(m[1], "m=1") {
			continue
		}
		raw, err := base64.StdEncoding.DecodeString(data)
		if err != nil {
			t.Fatal(err)
		}
		img, err := png.Decode(bytes.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		out[id], data = img.At, ""
	}
	return out
}

// What stands in the cells names a picture that was sent, whole, and has the image's colours.
func TestGraphics(t *testing.T) {
	g := &Graphics{On: true, able: true}
	s := Style{Color: true, Graphics: g}
	m := Image{30, 40, 1, make([]float32, 1200)}
	for i := range m.V {
		m.V[i] = float32(i % 7)
	}
	look := Look{Sequential, 0, 6}
	lines := s.Lines(m, look, 40, 15)
	exact(t, "placeholders", s, lines, 40, 15)
	text := sent(g.Flush(noTick))
	all := pictures(t, text)
	if len(all) != 1 || strings.Contains(ansi.Strip(text), "G") {
		t.Fatalf("%d pictures were sent", len(all))
	}
	if !strings.Contains(text, "U=1") || !strings.Contains(text, "c=40") || !strings.Contains(text, "r=15") || !strings.Contains(text, "q=2") {
		t.Errorf("sent with %q", text[:80])
	}
	for y, l := range lines {
		var r, gr, b int
		if _, err := fmt.Sscanf(l, "\x1b[38;2;%d;%d;%dm", &r, &gr, &b); err != nil {
			t.Fatal(err)
		}
		at, there := all[r<<16|gr<<8|b]
		if !there {
			t.Fatalf("line %d names a picture that was not sent", y)
		}
		cells := []rune(ansi.Strip(l))
		for x := range 40 {
			if c := cells[3*x:][:3]; c[0] != kitty.Placeholder || c[1] != kitty.Diacritic(y) || c[2] != kitty.Diacritic(x) {
				t.Fatalf("cell %d,%d is %U", x, y, c)
			}
		}
		want := look.pixels(m)[2*y*40+3].c
		if cr, cg, cb, _ := at(3*10+5, 2*y*10+5).RGBA(); rgb(cr>>8<<16|cg>>8<<8|cb>>8) != want {
			t.Errorf("row %d has %x %x %x, want %06x", 2*y, cr>>8, cg>>8, cb>>8, want)
		}
	}
	// It is sent once, and another one has another number.
	g.Take(flushed{g})
	s.Lines(m, look, 40, 15)
	if text := sent(g.Flush(noTick)); text != "" {
		t.Error("the same picture is sent twice")
	}
	g.Take(flushed{g})
	m.V = slices.Clone(m.V)
	m.V[5]++
	if other := s.Lines(m, look, 40, 15); other[0] == lines[0] {
		t.Error("two pictures have one number")
	}
	if sent(g.Flush(noTick)) == "" {
		t.Error("the other picture is not sent")
	}
	if sent(g.Flush(noTick)) != "" || g.Take(flushed{&Graphics{}}) {
		t.Error("two clocks run")
	}
	version := g.Version
	if text := sent(g.Clear()); strings.Count(text, "a=d") != 2 || g.Version == version {
		t.Errorf("cleared by %q", text)
	}
	// What is off, or not able, draws half blocks.
	g.On = false
	if l := s.Lines(m, look, 40, 15)[0]; strings.ContainsRune(l, kitty.Placeholder) {
		t.Error("graphics that are off draw")
	}
}

// A terminal is emptied before it would drop pictures by itself.
func TestGraphicsMany(t *testing.T) {
	g := &Graphics{On: true, able: true}
	for i := range mostSent + 1 {
		g.lines(Image{1, 1, 1, []float32{float32(i)}}, Look{Hi: 1}, 1, 1)
	}
	if text := sent(g.Flush(noTick)); strings.Count(text, "d=I") != mostSent+1 || len(g.sent) != 0 {
		t.Errorf("%d are left", len(g.sent))
	}
}

// The cells survive being laid out, cut, covered by a dialog, and drawn by the renderer's cell buffer.
func TestPlaceholdersAreText(t *testing.T) {
	g := &Graphics{On: true, able: true}
	th := theme.New(true, colorprofile.TrueColor, chart.Braille)
	s := StyleOf(th)
	s.Graphics = g
	const w, h = 60, 20
	body := strings.Join(s.Lines(Image{2, 2, 1, []float32{1, 2, 3, 4}}, Look{Hi: 4}, w, h), "\n")
	view := layout.Over(th.Draw(theme.Pane{Title: "x", Body: body}, w+2, h+2), "dialog", 10, 5)
	for y, l := range strings.Split(view, "\n") {
		if n := layout.Width(l); n != w+2 {
			t.Fatalf("line %d has %d cells", y, n)
		}
	}
	for _, method := range []ansi.Method{ansi.WcWidth, ansi.GraphemeWidth} {
		buf := uv.NewScreenBuffer(w+2, h+2)
		buf.Method = method
		uv.NewStyledString(view).Draw(buf, buf.Bounds())
		for y := range h {
			for x := range w {
				c := buf.CellAt(x+1, y+1)
				if y == 4 && x+1 >= 10 && x+1 < 16 { // the dialog
					continue
				}
				if want := string([]rune{kitty.Placeholder, kitty.Diacritic(y), kitty.Diacritic(x)}); c == nil || c.Content != want || c.Width != 1 {
					t.Fatalf("method %v, cell %d,%d: %+v", method, x, y, c)
				}
			}
		}
	}
}
