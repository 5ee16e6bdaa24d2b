package sessions

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"cnnbench/dataset"
)

// Found is what a word on the command line, or one that a person types, turned out to name.
type Found struct {
	Experiment *Experiment
	File       string // the experiment's file; "": it has none
	Dir        string // where its relative paths start
	Session    string // the stored session whose experiment it is; "": none
}

// Find reads what the word names: an experiment's file, a preset, a session, or a source of data, in this order. Each
// of set, "path=value", is put in its place first; a session's experiment is then one of its own.
func (s *Store) Find(word string, set ...string) (*Found, error) {
	if IsExperiment(word) {
		return FindExperiment(word, set...)
	}
	if s.Exists(word) {
		stored, err := s.Open(word)
		if err != nil {
			return nil, err
		}
		if len(set) == 0 {
			return &Found{Experiment: stored.Experiment, Dir: ".", Session: word}, nil // whose own paths are whole
		}
		e, err := s.experiment(word, set...)
		return &Found{Experiment: e, Dir: "."}, err
	}
	if _, err := os.Stat(word); err != nil && !dataset.Named(word) {
		return nil, fmt.Errorf("%q is no experiment file, preset (%s), session or source of data (%s)", word, strings.Join(presets, ", "), s.sourceNames())
	}
	if len(set) > 0 {
		return nil, fmt.Errorf("%q is a source of data, and --set changes experiments; name an experiment and --set data.source=%s", word, word)
	}
	e, err := s.FromSource(word)
	if err != nil {
		return nil, err
	}
	return &Found{Experiment: e, Dir: "."}, nil
}

// FindExperiment reads an experiment's file or a preset.
func FindExperiment(word string, set ...string) (*Found, error) {
	if IsPreset(word) {
		e, err := Preset(word, set...)
		return &Found{Experiment: e, Dir: "."}, err
	}
	if _, err := os.Stat(word); errors.Is(err, fs.ErrNotExist) && !isExperimentFile(word) {
		return nil, fmt.Errorf("%q is neither a file nor a preset; presets are %s", word, strings.Join(presets, ", "))
	}
	e, err := ReadExperiment(word, set...)
	return &Found{Experiment: e, File: word, Dir: filepath.Dir(word)}, err
}

func isExperimentFile(path string) bool {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".yaml", ".yml", ".json":
		return true
	}
	return false
}

func (s *Store) sourceNames() string {
	var names []string
	for _, i := range append(dataset.Names(), dataset.Downloaded(s.Downloads())...) {
		names = append(names, i.Name)
	}
	return strings.Join(names, ", ")
}

// IsExperiment reports whether the word names an experiment by its form: a preset's name, or a file's with the ending of
// one.
func IsExperiment(word string) bool { return isExperimentFile(word) || IsPreset(word) }
