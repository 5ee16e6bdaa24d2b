package tui

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"cnnbench/nn"
	"cnnbench/sessions"
	"cnnbench/sessions/imports"
	"cnnbench/tui/figure"
	"cnnbench/tui/form"
	"cnnbench/tui/screen"
)

// Answers from the background.
type (
	// importable is a file that was read; nothing is made of it yet.
	importable struct {
		at      *screen.Awaited
		left    *bool // nobody wants it any more
		path    string
		network *imports.Network
		draft   bool // it was joined with the draft, because it does not say enough itself
		err     error
	}
	// imported is the session that was made of one.
	imported struct {
		name string
		err  error
	}
)

// importEndings are those of the files that are offered.
var importEndings = []string{".keras", ".h5", ".hdf5", ".json", ".safetensors", ".npz"}

// askImport asks for a file to import.
func (m *Model) askImport() tea.Cmd {
	return m.app.Push(form.NewFiles(m.app.Theme, form.Paths{Title: textImport, Doc: textImportDoc, Path: "." + string(filepath.Separator),
		Endings: importEndings, Done: m.importFrom}))
}

func (m *Model) importFrom(path string) tea.Cmd { return m.readImport(form.Expand(path), 0) }

// readImport reads a file in the background. What says too little is taken together with the draft.
func (m *Model) readImport(path string, length int) tea.Cmd {
	store, ctx := m.app.Store, m.app.Context()
	draft := &sessions.Found{Experiment: m.app.Draft.Experiment(), Dir: m.app.Draft.Dir}
	left := new(bool)
	at, watch := m.app.Await(textImport, func(since time.Duration) form.Progress {
		return form.Progress{Text: fmt.Sprintf(textReading, path, figure.Clock(since)), Share: -1}
	}, func() { *left = true })
	read := func() tea.Msg {
		o := imports.Options{Store: store, Length: length}
		n, err := imports.Read(path, o)
		joined := false
		if need := new(imports.NeedError); errors.As(err, &need) && !need.Length && ctx.Err() == nil {
			joined, o.Experiment = true, draft
			n, err = imports.Read(path, o)
		}
		return importable{at, left, path, n, joined, err}
	}
	return tea.Batch(watch, read)
}

// confirmImport shows what was read, and asks what is to become of it.
func (m *Model) confirmImport(r importable) tea.Cmd {
	r.at.Done()
	if *r.left {
		return nil
	}
	need := new(imports.NeedError)
	switch {
	case errors.As(r.err, &need) && need.Length:
		return m.app.Push(form.NewPrompt(m.app.Theme, textLength, "", "", wholeNumber, func(text string) tea.Cmd {
			n, _ := strconv.Atoi(text)
			return m.readImport(r.path, n)
		}))
	case r.err != nil:
		return m.app.Fail(r.err)
	}
	p := r.network.Prepared
	lines := []string{fmt.Sprintf(textImportNetwork, len(p.Summary.Rows), figure.Thousands(p.Summary.Total), figure.Shape(p.In), figure.Shape(p.Summary.Out()))}
	switch {
	case r.network.Weights == nil:
	case r.draft:
		lines = append(lines, fmt.Sprintf(textImportDraft, p.Experiment.Name))
	default:
		lines = append(lines, textImportWhole)
	}
	for _, note := range append(slices.Clone(r.network.Notes), r.network.Advice()) {
		if note != "" {
			lines = append(lines, textNote+note)
		}
	}
	answers := []form.Answer{{Key: "y", Title: textMakeSession, Run: func() tea.Cmd { return m.makeImport(r.network) }}}
	if !r.draft {
		answers = append(answers, form.Answer{Key: "t", Title: textTakeLayers, Run: func() tea.Cmd { return m.takeLayers(r) }})
	}
	answers = append(answers, form.Answer{Key: "n", Title: textLeaveImport})
	return m.app.Push(form.NewConfirm(m.app.Theme, fmt.Sprintf(textImportTitle, filepath.Base(r.path)), strings.Join(lines, "\n"), 0, answers...))
}

// wholeNumber refuses what is no length.
func wholeNumber(text string) error {
	if n, err := strconv.Atoi(text); err != nil || n < 1 {
		return errors.New(textNoLength)
	}
	return nil
}

// makeImport makes a session of it, in the background.
func (m *Model) makeImport(n *imports.Network) tea.Cmd {
	store, ctx := m.app.Store, m.app.Context()
	return func() tea.Msg {
		name, err := store.Import(ctx, "", n.Prepared, n.Weights)
		return imported{name, err}
	}
}

func (m *Model) tookImport(i imported) tea.Cmd {
	if i.err != nil {
		return m.app.Fail(fmt.Errorf(textNotImported, i.err))
	}
	dir := filepath.Join(m.app.Store.Home, "sessions", i.name)
	stored := func() tea.Msg { return screen.Stored{} }
	return tea.Batch(stored, m.app.Open(i.name), m.app.Show(trainTab), m.app.Say(fmt.Sprintf(textImported, i.name, dir)))
}

// takeLayers makes the network the draft's, with its data and training as they are.
func (m *Model) takeLayers(r importable) tea.Cmd {
	model := r.network.Prepared.Experiment.Clone().Model
	return tea.Batch(m.app.Show(buildTab), m.app.Edit(textImportEdit, func(e *sessions.Experiment) {
		e.Model = nn.Model{Layers: model.Layers}
	}))
}
