// Package theme holds how things look: the styles for dark and light backgrounds and for terminals without colour, the
// frame around a pane, and the way down to plain ASCII.
//
// Colour is never the only sign of anything. What is selected has a mark before it, what has the focus a heavy border
// and a bold title, what is wrong a sign and a sentence.
package theme

import (
	"image/color"

	"charm.land/bubbles/v2/textinput"
	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/colorprofile"

	"cnnbench/tui/chart"
)

// Signs that stand before what they mean. In ASCII each has a counterpart of the same width (see ASCII).
const (
	Pointer  = "▸" // the selected row
	Good     = "✓"
	Warn     = "!"
	Bad      = "✗"
	Running  = "●"
	Paused   = "‖"
	Idle     = "○"
	Twig     = "└"
	Edited   = "*"
	Dot      = "·"
	Times    = "×"
	Arrow    = "→"
	Up       = "↑"
	Down     = "↓"
	Required = "*"
)

// Theme is the styles for one kind of terminal. Its fields are to be read only; a change of the terminal makes a new one.
type Theme struct {
	Dark    bool
	Color   bool // false: the terminal shows none, or is asked to by NO_COLOR
	Shades  bool // 256 colours or more: enough for pictures
	Symbols chart.Symbols

	Text     lipgloss.Style // what is read
	Dim      lipgloss.Style // what is read second: units, captions, what is not chosen
	Bold     lipgloss.Style
	Title    lipgloss.Style // of a pane without the focus
	Focused  lipgloss.Style // title of the pane with the focus
	Border   lipgloss.Style
	Accent   lipgloss.Style // borders of the focus, the chosen tab
	Key      lipgloss.Style // keys in hints
	Good     lipgloss.Style
	Warn     lipgloss.Style
	Bad      lipgloss.Style
	Selected lipgloss.Style // the selected row of the pane with the focus
	Marked   lipgloss.Style // the selected row of another pane
	Bar      lipgloss.Style // the done part of a progress bar
	Groove   lipgloss.Style // the part to come

	series []color.Color
	Ink    color.Color // text, nil: the terminal's own
	Faint  color.Color // axes and grids; nil without colour
	Hot    color.Color // accent; nil without colour
}

// palette is a set of colours for one kind of background.
type palette struct {
	dim, border, accent, key, good, warn, bad, selected, marked string
	series                                                      []string
}

// The series follow Okabe and Ito's palette for colour-blind readers, each tone lightened or darkened until it reads
// well on its background.
var (
	dark = palette{dim: "#8d96a5", border: "#4d5666", accent: "#62b6ec", key: "#e3b341", good: "#35c08e", warn: "#e5a93c", bad: "#ff7361",
		selected: "#26405c", marked: "#2a303a",
		series: []string{"#62b6ec", "#f0a13a", "#35c08e", "#dc8fbb", "#efe25a", "#f0703c"}}
	light = palette{dim: "#5d6572", border: "#aab1bc", accent: "#0067a8", key: "#8a5a00", good: "#00735a", warn: "#8a5a00", bad: "#bf2a12",
		selected: "#cfe4f5", marked: "#e8ebef",
		series: []string{"#0067a8", "#a85a00", "#00735a", "#9c3f74", "#6d6400", "#b8410c"}}
	// sixteen is for terminals whose sixteen colours the person has chosen: they know what reads well there.
	sixteen = palette{dim: "8", border: "8", accent: "12", key: "3", good: "2", warn: "3", bad: "1", selected: "", marked: "",
		series: []string{"4", "3", "2", "5", "6", "1"}}
)

// New makes the theme for a terminal's background, colour profile and symbols.
func New(isDark bool, profile colorprofile.Profile, symbols chart.Symbols) *Theme {
	t := &Theme{Dark: isDark, Color: profile >= colorprofile.ANSI, Shades: profile >= colorprofile.ANSI256, Symbols: symbols}
	plain := lipgloss.NewStyle()
	t.Text, t.Bold = plain, plain.Bold(true)
	if !t.Color {
		t.Dim, t.Title, t.Border, t.Groove = plain, plain, plain, plain
		t.Focused, t.Accent, t.Key, t.Bar = t.Bold, plain, t.Bold, plain
		t.Good, t.Warn, t.Bad = plain, t.Bold, t.Bold
		t.Selected, t.Marked = plain.Reverse(true), plain.Underline(true)
		t.series = []color.Color{nil}
		return t
	}
	p := light
	if isDark {
		p = dark
	}
	if profile == colorprofile.ANSI {
		p = sixteen
	}
	fg := func(c string) lipgloss.Style { return plain.Foreground(lipgloss.Color(c)) }
	t.Dim, t.Border, t.Groove = fg(p.dim), fg(p.border), fg(p.border)
	t.Title = t.Dim
	t.Accent, t.Bar = fg(p.accent), fg(p.accent)
	t.Focused = fg(p.accent).Bold(true)
	t.Key = fg(p.key).Bold(true)
	t.Good, t.Warn, t.Bad = fg(p.good), fg(p.warn), fg(p.bad).Bold(true)
	t.Selected, t.Marked = plain.Reverse(true), plain.Underline(true)
	if p.selected != "" {
		t.Selected = plain.Background(lipgloss.Color(p.selected)).Bold(true)
		t.Marked = plain.Background(lipgloss.Color(p.marked))
	}
	for _, c := range p.series {
		t.series = append(t.series, lipgloss.Color(c))
	}
	t.Faint, t.Hot = lipgloss.Color(p.border), lipgloss.Color(p.accent)
	return t
}

// Series is the colour of the i-th line of a chart; nil is the terminal's own. chart.Mark(i) is the mark that goes
// with it, for it is never told apart by colour alone.
func (t *Theme) Series(i int) color.Color { return t.series[i%len(t.series)] }

// Input makes a text field in the theme's styles.
func (t *Theme) Input() textinput.Model {
	m := textinput.New()
	m.Prompt = ""
	m.KeyMap.DeleteWordForward.SetEnabled(false) // it reads behind the end of the text where one character follows
	state := textinput.StyleState{Text: t.Text, Placeholder: t.Dim, Suggestion: t.Dim, Prompt: t.Accent}
	cursor := t.Hot
	if cursor == nil {
		cursor = lipgloss.NoColor{}
	}
	m.SetStyles(textinput.Styles{Focused: state, Blurred: state, Cursor: textinput.CursorStyle{Color: cursor}})
	return m
}
