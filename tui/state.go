package tui

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	tea "charm.land/bubbletea/v2"

	"cnnbench/sessions"
	"cnnbench/sessions/atomicfile"
	"cnnbench/spec"
	"cnnbench/tui/screen"
)

// state is what the next launch begins with.
type state struct {
	Experiment string `json:"experiment"`     // the draft, as YAML
	Path       string `json:"path,omitempty"` // absolute, as the next launch may be elsewhere
	Dir        string `json:"dir,omitempty"`
	Saved      bool   `json:"saved"`
	Session    string `json:"session,omitempty"` // that Train and Inspect were about
	Tab        int    `json:"tab"`
}

// stateFile is the state's file below the home folder.
const stateFile = "workbench.json"

// stateOf is what there is to keep.
func stateOf(a *screen.App) state {
	s := state{Experiment: string(a.Draft.Experiment().Encode()), Path: absolute(a.Draft.Path), Dir: absolute(a.Draft.Dir), Saved: !a.Draft.Edited(), Tab: a.Tab}
	switch {
	case a.Session != nil:
		s.Session = a.Session.Name
	case a.Live != nil:
		s.Session = a.Live.Run.Name
	}
	return s
}

// absolute is a path that holds from anywhere; "" stays what it is.
func absolute(path string) string {
	if abs, err := filepath.Abs(path); path != "" && err == nil {
		return abs
	}
	return path
}

// near is an absolute path as a person would write it here: what lies below the current folder goes from there.
func near(path string) string {
	here, err := os.Getwd()
	if err != nil || path == "" {
		return path
	}
	if rel, err := filepath.Rel(here, path); err == nil && filepath.IsLocal(rel) {
		return rel
	}
	return path
}

// write puts the state on disk, all of it or nothing.
func (s state) write(home string) error {
	text, err := json.MarshalIndent(s, "", "\t")
	if err != nil {
		panic("tui: the state cannot be encoded")
	}
	if err := write(home, stateFile, append(text, '\n')); err != nil {
		return fmt.Errorf("cannot keep the draft for the next time: %w", err)
	}
	return nil
}

// write puts a file below the home folder, which is made if there is none.
func write(home, name string, text []byte) error {
	if err := os.MkdirAll(home, 0o755); err != nil {
		return err
	}
	return atomicfile.WriteFile(filepath.Join(home, name), text, 0o644)
}

// readState reads what the last launch left; ok is false where there is nothing.
func readState(home string) (s state, ok bool, err error) {
	text, err := os.ReadFile(filepath.Join(home, stateFile))
	if errors.Is(err, fs.ErrNotExist) {
		return s, false, nil
	}
	if err == nil {
		err = json.Unmarshal(text, &s)
	}
	if err != nil {
		return s, false, fmt.Errorf("cannot read what was left the last time: %w", err)
	}
	return s, true, nil
}

// experiment reads the draft. It may be impossible, for drafts are kept as they stand, so that only what cannot be
// read at all is refused.
func (s state) experiment() (*sessions.Experiment, error) {
	d := &spec.Decoder{File: "draft"}
	root, err := d.Parse([]byte(s.Experiment))
	if err != nil {
		return nil, err
	}
	e := sessions.New()
	if err := d.Decode(root, "", e); err != nil {
		return nil, err
	}
	return e, nil
}

// kept is the answer to keeping the state.
type kept struct{ err error }

// keepState writes the state in the background, one write after the other.
func keepState(home string) func(*Model) tea.Cmd {
	last := state{}
	turn := make(chan struct{}, 1)
	turn <- struct{}{}
	return func(m *Model) tea.Cmd {
		s := stateOf(m.app)
		if s == last {
			return nil
		}
		last = s
		return func() tea.Msg {
			<-turn
			defer func() { turn <- struct{}{} }()
			return kept{s.write(home)}
		}
	}
}
