package command

import (
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/term"
)

// progress is one rewritten line on a terminal, nothing elsewhere.
type progress struct {
	mu    sync.Mutex
	out   io.Writer
	live  bool // out is a terminal
	width int
	last  time.Time
	shown bool
}

func newProgress(out io.Writer) *progress {
	p := &progress{out: out, live: isTerminal(out), width: 80}
	if f, ok := out.(interface{ Fd() uintptr }); ok && p.live {
		if w, _, err := term.GetSize(f.Fd()); err == nil && w > 0 {
			p.width = w
		}
	}
	return p
}

// due reports whether it is time to show something new: at most ten times a second.
func (p *progress) due() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.live && time.Since(p.last) >= 100*time.Millisecond
}

// show rewrites the line; done of total say how long the rest takes, at the pace of the seconds so far.
func (p *progress) show(text string, done, total, seconds float64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.live {
		return
	}
	if done > 0 && total > done {
		left := time.Duration(seconds / done * (total - done) * float64(time.Second)).Round(time.Second)
		text += fmt.Sprintf("  %v left", left)
	}
	p.last, p.shown = time.Now(), true
	fmt.Fprintf(p.out, "\r%s\x1b[K", ansi.Truncate(text, p.width-1, "…"))
}

// clear takes the line away.
func (p *progress) clear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.erase()
}

func (p *progress) erase() {
	if p.shown {
		fmt.Fprint(p.out, "\r\x1b[K")
		p.shown = false
	}
}

// say prints a line that stays.
func (p *progress) say(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.erase()
	fmt.Fprintf(p.out, format+"\n", args...)
}

// share is a progress callback that says in percent how much of a long work is done.
func (p *progress) share(what string) func(done, total int) {
	start := time.Now()
	return func(done, total int) {
		if p.due() {
			p.show(fmt.Sprintf("%s %d%%", what, 100*done/total), float64(done), float64(total), time.Since(start).Seconds())
		}
	}
}

// counted is a progress callback of so many things.
func (p *progress) counted(what string) func(done, total int) {
	start := time.Now()
	return func(done, total int) {
		if p.due() {
			p.show(fmt.Sprintf("%s %d/%d", what, done, total), float64(done), float64(total), time.Since(start).Seconds())
		}
	}
}
