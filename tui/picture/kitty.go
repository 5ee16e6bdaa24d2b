package picture

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"image"
	"image/color"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/ansi/kitty"

	"cnnbench/tui/theme"
)

// Graphics draws pictures by the terminal's own graphics, for those that have Kitty's with Unicode placeholders: kitty
// from 0.28 on and Ghostty. A picture is sent once under a number made from what it shows; the cells that stand for it
// are text like any other, so that panes and dialogs may cover them. Nothing is asked of or sent to a terminal whose
// environment does not name one of the two. The zero value draws nothing.
//
// A Graphics belongs to the goroutine of the screen.
type Graphics struct {
	On      bool // the person wants it
	Version int  // grows when what was drawn must be drawn again

	able  bool
	under bool // a message of Flush is under way
	sent  map[uint32]bool
	queue []shipment
}

// shipment is a picture to be sent.
type shipment struct {
	id   uint32
	m    Image
	look Look
	w, h int // cells
}

// maxCells is the longest side that placeholders can count.
const maxCells = 250

const wordMissing = "this terminal has no graphics that can stand among text; kitty from 0.28 on and Ghostty have"

// placeholders is the first version of kitty that has them.
var placeholders = [2]int{0, 28}

var kittyVersion = regexp.MustCompile(`^kitty\((\d+)\.(\d+)`)

// Update takes the messages that tell what the terminal is. The command asks it, where it may be one that is able.
func (g *Graphics) Update(msg tea.Msg) tea.Cmd {
	switch m := msg.(type) {
	case tea.EnvMsg:
		term := m.Getenv("TERM")
		if term == "xterm-kitty" || term == "xterm-ghostty" || m.Getenv("KITTY_WINDOW_ID") != "" || m.Getenv("GHOSTTY_RESOURCES_DIR") != "" {
			return tea.RequestTerminalVersion
		}
	case tea.TerminalVersionMsg:
		if v := kittyVersion.FindStringSubmatch(m.Name); v != nil {
			major, _ := strconv.Atoi(v[1])
			minor, _ := strconv.Atoi(v[2])
			g.able = major > placeholders[0] || major == placeholders[0] && minor >= placeholders[1]
		}
		g.able = g.able || strings.HasPrefix(strings.ToLower(m.Name), "ghostty")
	}
	return nil
}

// Missing says why there are no such graphics, "" where the terminal has them.
func (g *Graphics) Missing() string {
	if g.able {
		return ""
	}
	return wordMissing
}

// Toggle draws pictures by the terminal's graphics, or by characters again: those that it has are taken from it.
func (g *Graphics) Toggle() tea.Cmd {
	g.On = !g.On
	if !g.On {
		return g.Clear()
	}
	g.Version++
	return nil
}

// Style draws as a theme does, and by the terminal's graphics where they are wanted.
func (g *Graphics) Style(t *theme.Theme) Style {
	style := StyleOf(t)
	style.Graphics = g
	return style
}

// draws says that pictures are to be drawn so.
func (g *Graphics) draws(w, h int) bool {
	return g != nil && g.able && g.On && w <= maxCells && h <= maxCells
}

// lines are the cells that stand for an image; it is sent by the next Flush, if it was not before.
func (g *Graphics) lines(m Image, look Look, w, h int) []string {
	s := shipment{m: m, look: look, w: w, h: h}
	s.id = s.number()
	if !g.sent[s.id] {
		if g.sent == nil {
			g.sent = map[uint32]bool{}
		}
		g.sent[s.id] = true
		g.queue = append(g.queue, s)
	}
	out := make([]string, h)
	var b strings.Builder
	for y := range out {
		b.Reset()
		fmt.Fprintf(&b, "\x1b[38;2;%d;%d;%dm", s.id>>16&255, s.id>>8&255, s.id&255)
		for x := range w {
			b.WriteRune(kitty.Placeholder)
			b.WriteRune(kitty.Diacritic(y))
			b.WriteRune(kitty.Diacritic(x))
		}
		b.WriteString("\x1b[m")
		out[y] = b.String()
	}
	return out
}

// number is the picture's own: of 24 bits, for it is said by a colour, and not 0.
func (s *shipment) number() uint32 {
	h := fnv.New32a()
	var b [4]byte
	put := func(v uint32) {
		binary.LittleEndian.PutUint32(b[:], v)
		h.Write(b[:])
	}
	for _, v := range []int{s.w, s.h, s.m.H, s.m.W, s.m.C, int(s.look.Palette)} {
		put(uint32(v))
	}
	put(math.Float32bits(s.look.Lo))
	put(math.Float32bits(s.look.Hi))
	for _, v := range s.m.V {
		put(math.Float32bits(v))
	}
	id := h.Sum32()
	return max((id>>24^id)&0xffffff, 1)
}

// flushed asks for what was drawn since the last one to be sent.
type flushed struct{ g *Graphics }

// flushTime is how soon after it was drawn a picture is sent.
const flushTime = 50 * time.Millisecond

// mostSent is as many pictures as are left with the terminal; then it is emptied, before it drops some by itself.
const mostSent = 1500

// Flush sends the pictures that were drawn and are not there yet, and comes back as a message for Take as long as
// graphics are on: what is drawn later has no message of its own. tick is the clock.
func (g *Graphics) Flush(tick func(time.Duration, func(time.Time) tea.Msg) tea.Cmd) tea.Cmd {
	if !g.able || !g.On || g.under {
		return nil
	}
	g.under = true
	again := tick(flushTime, func(time.Time) tea.Msg { return flushed{g} })
	switch {
	case len(g.sent) > mostSent:
		return tea.Batch(again, g.Clear())
	case len(g.queue) == 0:
		return again
	}
	queue := g.queue
	g.queue = nil
	return tea.Batch(again, func() tea.Msg {
		var b bytes.Buffer
		for _, s := range queue {
			s.encode(&b)
		}
		return tea.RawMsg{Msg: b.String()}
	})
}

// Take says that the message is the one by which Flush comes back.
func (g *Graphics) Take(msg tea.Msg) bool {
	m, ok := msg.(flushed)
	if !ok || m.g != g {
		return false
	}
	g.under = false
	return true
}

// Clear takes all pictures that were sent off the terminal again.
func (g *Graphics) Clear() tea.Cmd {
	g.Version++
	if len(g.sent) == 0 {
		return nil
	}
	var b strings.Builder
	for id := range g.sent {
		b.WriteString(ansi.KittyGraphics(nil, "a=d", "d=I", fmt.Sprint("i=", id), "q=2"))
	}
	g.sent, g.queue = nil, nil
	return tea.Raw(b.String())
}

// pixelsACell is about as many pixels as a terminal's cell is wide.
const pixelsACell = 10

// encode writes the picture as the terminal takes it, each of its pixels as a square so large that nothing is smoothed.
func (s *shipment) encode(b *bytes.Buffer) {
	k := max(s.w*pixelsACell/s.m.W, 1)
	p := s.look.pixels(s.m)
	img := image.NewRGBA(image.Rect(0, 0, s.m.W*k, s.m.H*k))
	for y := range s.m.H * k {
		for x := range s.m.W * k {
			c := p[y/k*s.m.W+x/k].c
			img.SetRGBA(x, y, color.RGBA{uint8(c >> 16), uint8(c >> 8), uint8(c), 255})
		}
	}
	o := &kitty.Options{Action: kitty.TransmitAndPut, Transmission: kitty.Direct, Format: kitty.PNG, ID: int(s.id), Columns: s.w, Rows: s.h,
		VirtualPlacement: true, Quiet: 2, Chunk: true}
	if err := kitty.EncodeGraphics(b, img, o); err != nil {
		panic("picture: an image in memory cannot be encoded")
	}
}
