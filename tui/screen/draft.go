package screen

import (
	"path/filepath"
	"time"

	"cnnbench/sessions"
)

// Draft is the experiment that is being edited, and the way back. An experiment in it is never changed in place: each
// edit makes a new one, so one that was handed on stays as it was.
type Draft struct {
	Path    string    // the file it came from or was saved to; "": none
	Dir     string    // where relative paths in it start
	Saved   time.Time // when it was saved last; zero: not in this sitting
	Version int       // grows with every change

	exp        *sessions.Experiment
	saved      *sessions.Experiment // as it stands in the file, preset or session; nil: nowhere
	undo, redo []change
}

// change is one step back or forth: all of the draft but its version.
type change struct {
	what       string
	path, dir  string
	exp, saved *sessions.Experiment
	at         time.Time
}

// maxUndo is as many steps back as anyone takes.
const maxUndo = 500

// Set makes another experiment the draft. Saved says that it stands somewhere as it is. The one before can be had back.
func (d *Draft) Set(e *sessions.Experiment, path, dir string, saved bool) {
	if d.exp != nil {
		d.remember("open " + e.Name)
	}
	d.exp, d.Path, d.Dir, d.Saved, d.saved = e, path, dir, time.Time{}, nil
	if saved {
		d.saved = e
	}
	d.Version++
}

// Experiment is the draft as it stands. It must not be changed.
func (d *Draft) Experiment() *sessions.Experiment { return d.exp }

// Edit changes a copy of the experiment and makes it the draft; what names the change ("delete dense").
func (d *Draft) Edit(what string, edit func(e *sessions.Experiment)) {
	next := d.exp.Clone()
	edit(next)
	d.remember(what)
	d.exp = next
	d.Version++
}

func (d *Draft) remember(what string) {
	d.undo = append(d.undo, d.now(what))
	if len(d.undo) > maxUndo {
		d.undo = d.undo[1:]
	}
	d.redo = nil
}

func (d *Draft) now(what string) change { return change{what, d.Path, d.Dir, d.exp, d.saved, d.Saved} }

// Undo goes one step back; what names it.
func (d *Draft) Undo() (what string, ok bool) { return d.step(&d.undo, &d.redo) }

// Redo goes one step forth again.
func (d *Draft) Redo() (what string, ok bool) { return d.step(&d.redo, &d.undo) }

func (d *Draft) step(from, to *[]change) (string, bool) {
	n := len(*from)
	if n == 0 {
		return "", false
	}
	c := (*from)[n-1]
	*from = (*from)[:n-1]
	*to = append(*to, d.now(c.what))
	if c.path != "" && c.path == d.Path { // what stands in the file now is what was saved last
		c.saved, c.at = d.saved, d.Saved
	}
	d.exp, d.saved, d.Path, d.Dir, d.Saved = c.exp, c.saved, c.path, c.dir, c.at
	d.Version++
	return c.what, true
}

// Steps counts the steps that can be undone and redone.
func (d *Draft) Steps() (undo, redo int) { return len(d.undo), len(d.redo) }

// Edited says that the draft stands nowhere as it is.
func (d *Draft) Edited() bool { return d.exp != d.saved }

// MarkSaved says that the experiment of now stands in the file, as e: its paths begin in the file's folder. So do the
// draft's from now on.
func (d *Draft) MarkSaved(of, e *sessions.Experiment, path string, at time.Time) {
	now, dir := e, filepath.Dir(path)
	if d.exp != of { // edited meanwhile
		now = d.exp.Moved(d.Dir, dir)
	}
	if now != d.exp {
		d.exp = now
		d.Version++
	}
	d.saved, d.Path, d.Dir, d.Saved = e, path, dir, at
}
