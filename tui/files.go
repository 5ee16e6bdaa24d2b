package tui

import (
	"path/filepath"

	tea "charm.land/bubbletea/v2"

	"cnnbench/sessions"
	"cnnbench/tui/form"
)

// found is the answer to a word that was looked up in the background.
type found struct {
	*sessions.Found
	err error
}

// stands says that what was found stands somewhere as it is: an experiment made for a bare source does not.
func stands(f *sessions.Found) bool {
	return f.File != "" || f.Session != "" || sessions.IsPreset(f.Experiment.Name)
}

// openFile asks for a file to open.
func (m *Model) openFile() tea.Cmd {
	dir := m.app.Draft.Dir
	if dir == "" {
		dir = "."
	}
	return m.app.Push(form.NewFiles(m.app.Theme, form.Paths{Title: "Open", Doc: "an experiment (.yaml, .json), or data: an .npz or a folder",
		Path: dir + string(filepath.Separator), Folders: true, Endings: []string{".yaml", ".yml", ".json", ".npz"}, Done: m.open}))
}

// open makes what a word names the draft.
func (m *Model) open(word string) tea.Cmd {
	store := m.app.Store
	return func() tea.Msg {
		f, err := store.Find(form.Expand(word))
		return found{f, err}
	}
}

func (m *Model) opened(f found) tea.Cmd {
	if f.err != nil {
		return m.app.Fail(f.err)
	}
	cmd := m.app.Load(f.Experiment, f.File, f.Dir, stands(f.Found))
	if f.Session != "" {
		cmd = tea.Batch(cmd, m.app.Open(f.Session))
	}
	return tea.Batch(cmd, m.app.Say("opened "+f.Experiment.Name))
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
	of, experiment *sessions.Experiment // the draft's, and how it stands in the file
	path           string
	err            error
}

// saveAs writes the draft to a file. In another folder its paths begin elsewhere and go to the same places.
func (m *Model) saveAs(path string) tea.Cmd {
	path = form.Expand(path)
	if filepath.Ext(path) == "" {
		path += ".yaml"
	}
	of, dir := m.app.Draft.Experiment(), m.app.Draft.Dir
	return func() tea.Msg {
		e := of.Moved(dir, filepath.Dir(path))
		return written{of, e, path, e.Save(path)}
	}
}

func (m *Model) written(w written) tea.Cmd {
	if w.err != nil {
		return m.app.Fail(w.err)
	}
	cmd := m.app.Saved(w.of, w.experiment, w.path)
	text := "saved to " + w.path
	if from := w.experiment.Data.Source; from != w.of.Data.Source {
		text += "; from there its data are in " + from
	}
	return tea.Batch(cmd, m.app.Say(text))
}

// leave stops the training, if one runs, and ends the program.
func (m *Model) leave() tea.Cmd {
	if !m.app.Running() {
		return tea.Quit
	}
	m.app.Leaving = true
	return m.app.Stop()
}
