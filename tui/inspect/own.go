package inspect

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"cnnbench/sessions"
	"cnnbench/tui/form"
	"cnnbench/tui/layout"
	"cnnbench/tui/picture"
	"cnnbench/tui/theme"
)

// own is a picture file of one's own.
type own struct {
	path   string // "": none yet
	gen    int    // answers about another are dropped
	answer *sessions.Prediction
	x      []float32 // the picture as the network receives it
	err    error
}

func (o *own) name() string { return filepath.Base(o.path) }

// ownDone brings what the network says of a picture file.
type ownDone struct {
	gen    int
	answer *sessions.Prediction
	x      []float32
	err    error
}

// endings are those of files that can be read as pictures.
var endings = []string{".png", ".jpg", ".jpeg", ".gif"}

// chooseOwn asks for a picture file.
func (s *Screen) chooseOwn() tea.Cmd {
	start := s.own.path
	if start == "" {
		if dir, err := os.Getwd(); err == nil {
			start = dir + string(filepath.Separator)
		}
	}
	return s.app.Push(form.NewFiles(s.app.Theme, form.Paths{Title: wordOwnTitle, Doc: wordOwnDoc, Path: start, Endings: endings, Done: s.openOwn}))
}

// openOwn lets the network look at a picture file.
func (s *Screen) openOwn(path string) tea.Cmd {
	s.own.path = form.Expand(path)
	s.open(viewOwn)
	return s.seeOwn()
}

// seeOwn lets the network look at the picture file again: the weights or the file are other ones.
func (s *Screen) seeOwn() tea.Cmd {
	r := s.result
	if s.own.path == "" || r == nil {
		return nil
	}
	s.own.gen++
	gen, path := s.own.gen, s.own.path
	return func() tea.Msg {
		r.mu.Lock()
		defer r.mu.Unlock()
		if r.net == nil {
			return nil // newer weights are there; they are asked, too
		}
		q, err := r.data.PredictPicture(r.net, path)
		if err != nil {
			return ownDone{gen: gen, err: err}
		}
		return ownDone{gen, q, slices.Clone(r.net.Input()[:r.data.In.Size()]), nil}
	}
}

func (s *Screen) ownDone(m ownDone) {
	if m.gen != s.own.gen {
		return
	}
	s.own.answer, s.own.x, s.own.err = m.answer, m.x, m.err
	s.maps.forget()
	s.version++
}

// drawOwn draws the picture as the network sees it, and what it says.
func (s *Screen) drawOwn(w, h int, focused bool) string {
	t := s.app.Theme
	p := s.pane(wordOwn, focused)
	switch {
	case s.result == nil:
		return s.nothing(p, w, h)
	case s.own.path == "":
		words := wordOwnHow
		if why := s.noPictures(); why != "" {
			words = why
		}
		p.Body = " " + t.Dim.Render(strings.Join(layout.Wrap(words, max(w-4, 8)), "\n "))
	case s.own.err != nil:
		p.Title = s.own.name()
		p.Body = " " + t.Bad.Render(strings.Join(layout.Wrap(theme.Bad+" "+s.own.err.Error(), max(w-4, 8)), "\n "))
	case s.own.answer != nil:
		p.Title = s.own.name()
		p.Foot = wordSees
		p.Body = s.answer(s.own.answer, picture.Item{Shape: s.result.data.In, V: s.own.x}, w-2, h-2)
	}
	return t.Draw(p, w, h)
}

// noPictures says why no picture can be looked at.
func (s *Screen) noPictures() string {
	switch {
	case s.result == nil:
		return s.noResult()
	case len(s.result.data.In) != 3:
		return wordNoPic
	}
	return ""
}
