package tui

import (
	"path/filepath"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"cnnbench/nn/train"
	"cnnbench/sessions"
	"cnnbench/tui/form"
	"cnnbench/tui/screen"
)

// opening is what an argument of the command line, or a person's word, turned out to be.
type opening struct {
	experiment *sessions.Experiment
	path, dir  string // of its file; "": none
	saved      bool
	session    string // of a stored session: to be opened too
}

// find reads what the word names: an experiment file, a preset, a session or a source of data.
func find(store *sessions.Store, word string) (opening, error) {
	switch strings.ToLower(filepath.Ext(word)) {
	case ".yaml", ".yml", ".json":
		e, err := sessions.ReadExperiment(word)
		if err != nil {
			return opening{}, err
		}
		return opening{experiment: e, path: word, dir: filepath.Dir(word), saved: true}, nil
	}
	isPreset := func(p sessions.PresetInfo) bool { return p.Name == word }
	switch {
	case slices.ContainsFunc(sessions.Presets(), isPreset):
		e, err := sessions.Preset(word)
		return opening{experiment: e, saved: true}, err
	case store.Exists(word):
		s, err := store.Open(word)
		if err != nil {
			return opening{}, err
		}
		return opening{experiment: s.Experiment, dir: s.Dir, saved: true, session: word}, nil
	}
	e, err := sessions.FromSource(word)
	return opening{experiment: e}, err
}

// found is the answer to a word that was looked up in the background.
type found struct {
	opening
	err error
}

// openFile asks for a file to open.
func (m *Model) openFile() tea.Cmd {
	dir := m.app.Draft.Dir
	if dir == "" {
		dir = "."
	}
	return m.app.Push(form.NewFiles(m.app.Theme, form.Paths{Title: "Open", Doc: "an experiment (.yaml, .json), or data: .npz or a folder; the draft can be had back by undo",
		Path: dir + string(filepath.Separator), Folders: true, Endings: []string{".yaml", ".yml", ".json", ".npz"}, Done: m.open}))
}

// open makes what a word names the draft.
func (m *Model) open(word string) tea.Cmd {
	store := m.app.Store
	return func() tea.Msg {
		o, err := find(store, form.Expand(word))
		return found{o, err}
	}
}

func (m *Model) opened(f found) tea.Cmd {
	if f.err != nil {
		return m.app.Fail(f.err)
	}
	cmd := m.app.Load(f.experiment, f.path, f.dir, f.saved)
	if f.session != "" {
		cmd = tea.Batch(cmd, m.app.Open(f.session))
	}
	return tea.Batch(cmd, m.app.Say("opened "+f.experiment.Name))
}

// save writes the draft to its file, or asks for one.
func (m *Model) save() tea.Cmd {
	if m.app.Draft.Path == "" {
		return m.saveFile()
	}
	return m.saveAs(m.app.Draft.Path)
}

// saveFile asks for a file to save to.
func (m *Model) saveFile() tea.Cmd {
	path := m.app.Draft.Path
	if path == "" {
		path = m.app.Draft.Experiment().Name + ".yaml"
	}
	return m.app.Push(form.NewFiles(m.app.Theme, form.Paths{Title: "Save the experiment", Path: path, Save: true,
		Endings: []string{".yaml", ".yml", ".json"}, Done: m.saveAs}))
}

// written is the answer to a save.
type written struct {
	experiment *sessions.Experiment
	path       string
	err        error
}

func (m *Model) saveAs(path string) tea.Cmd {
	path = form.Expand(path)
	if filepath.Ext(path) == "" {
		path += ".yaml"
	}
	e := m.app.Draft.Experiment()
	return func() tea.Msg { return written{e, path, e.Save(path)} }
}

func (m *Model) written(w written) tea.Cmd {
	if w.err != nil {
		return m.app.Fail(w.err)
	}
	m.app.Draft.MarkSaved(w.experiment, w.path, filepath.Dir(w.path), time.Now())
	return tea.Batch(m.app.Say("saved to "+w.path), send(screen.Changed{}))
}

func send(msg tea.Msg) tea.Cmd { return func() tea.Msg { return msg } }

// leave stops the training, if one runs, and ends the program.
func (m *Model) leave() tea.Cmd {
	if !m.app.Running() {
		return tea.Quit
	}
	m.leaving = true
	return m.app.Send(train.Stop{})
}
