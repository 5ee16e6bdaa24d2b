package sessions

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"cnnbench/nn/train"
	"cnnbench/sessions/disk"
)

// Session is a stored training.
type Session struct {
	Info
	Experiment *Experiment
	History    []train.Epoch
	Marks      []train.Mark
	Points     []train.Point // of the loss at every step, thinned out to a few dozen an epoch

	disk      disk.FS
	chronicle *chronicle
	journal   reader // at the end of what is sound of the journal
	downloads string // where its data may lie
}

// Open reads a session.
func (s *Store) Open(name string) (*Session, error) {
	if err := s.check(name); err != nil {
		return nil, err
	}
	info, c, at := s.info(name)
	if info.Err != nil {
		return nil, fmt.Errorf("open session %s: %w", name, info.Err)
	}
	e, err := s.experiment(name)
	if err != nil {
		return nil, fmt.Errorf("open session %s: %w", name, err)
	}
	points, err := c.points()
	if err != nil {
		return nil, fmt.Errorf("open session %s: %w", name, err)
	}
	return &Session{Info: info, Experiment: e, History: c.history, Marks: c.marks, Points: points, disk: s.fs(), chronicle: c, journal: at,
		downloads: s.Downloads()}, nil
}

// experiment reads a session's experiment; each of set, "path=value", is put into it first.
func (s *Store) experiment(name string, set ...string) (*Experiment, error) {
	path := filepath.Join(s.dir(name), experimentFile)
	text, err := s.fs().ReadFile(path, maxExperiment)
	if err != nil {
		return nil, fileError(path, err)
	}
	return ParseExperiment(path, text, set...)
}

// Which names one of the weights that a session keeps. The zero value is Last.
type Which struct {
	kind  whichKind
	epoch int
}

type whichKind int

const (
	last whichKind = iota
	best
	atEpoch
)

// The weights a session keeps, beside those of AtEpoch.
var (
	Last = Which{kind: last} // at the end of training, after restore_best_weights
	// BestWeights are those of the best epoch by the monitored figure.
	BestWeights = Which{kind: best}
)

// AtEpoch names the weights after so many finished epochs; 0 is the start.
func AtEpoch(epoch int) Which { return Which{kind: atEpoch, epoch: epoch} }

func (w Which) String() string {
	switch w.kind {
	case best:
		return "best"
	case atEpoch:
		return "epoch " + strconv.Itoa(w.epoch)
	}
	return "last"
}

// Weights reads weights that the session keeps; the error says which there are. A damaged checkpoint is passed over, and
// named in what is returned, where another may stand for it.
func (s *Session) Weights(w Which) (*Weights, error) {
	if s.Version == unsummed {
		return s.oldWeights(w)
	}
	switch w.kind {
	case last:
		c, passed, err := s.newest()
		if err != nil {
			return nil, err
		}
		out := weightsOf(c.Checkpoint)
		out.Passed = passed
		return out, nil
	case best:
		if s.Best == nil {
			return nil, s.noBest()
		}
		w.epoch = s.Best.Epoch
	}
	c, err := s.atEpoch(w.epoch)
	if err != nil {
		return nil, err
	}
	return weightsOf(c.Checkpoint), nil
}

func (s *Session) noBest() error {
	return fmt.Errorf("session %s has no best weights: no epoch with a %s was finished", s.Name, s.Monitor)
}

// GoneError says that a session does not keep the checkpoint of an epoch. It can be computed again; see
// Store.Recompute.
type GoneError struct {
	Session string
	Epoch   int
	Kept    []int // epochs
	Err     error // what is wrong with it; nil: it is not there
}

func (e *GoneError) Error() string {
	text := fmt.Sprintf("session %s keeps no weights of epoch %d; those of %s are there", e.Session, e.Epoch, ranges(e.Kept))
	if e.Err != nil {
		text += fmt.Sprintf(" (%v)", e.Err)
	}
	return text
}

func (e *GoneError) Unwrap() error { return e.Err }

// atEpoch reads the checkpoint at the end of an epoch; 0 is the start.
func (s *Session) atEpoch(epoch int) (*loaded, error) {
	at, ok := s.chronicle.ofEpoch(epoch)
	if !ok {
		return nil, &GoneError{s.Name, epoch, s.Kept(), nil}
	}
	c, err := s.read(at)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, &GoneError{s.Name, epoch, s.Kept(), nil}
	case err != nil:
		return nil, &GoneError{s.Name, epoch, s.Kept(), err}
	}
	return c, nil
}

// loaded is a checkpoint that was read.
type loaded struct {
	*train.Checkpoint
	stamp
	at       save
	computed bool // and is on no disk
	mark     bool // it is gone back to for the mark there
}

// newest reads the newest checkpoint that can be used, and lists those that were passed over because they cannot.
func (s *Session) newest() (*loaded, []error, error) { return s.newestOf(s.chronicle.saves) }

// newestOf is newest among these.
func (s *Session) newestOf(saves []save) (*loaded, []error, error) {
	var passed []error
	for _, at := range slices.Backward(saves) {
		c, err := s.read(at)
		switch {
		case err == nil:
			return c, passed, nil
		case !errors.Is(err, fs.ErrNotExist): // else it was thinned out, or the program was killed before it was there
			passed = append(passed, err)
		}
	}
	err := fmt.Errorf("session %s has no checkpoint that can be used", s.Name)
	return nil, passed, errors.Join(append([]error{err}, passed...)...)
}

// read reads the checkpoint of which the journal tells, and refuses another in its place.
func (s *Session) read(at save) (*loaded, error) {
	path := s.path(at)
	if at.SHA256 == "" {
		return nil, &fs.PathError{Op: "read", Path: path, Err: fs.ErrNotExist}
	}
	text, err := s.disk.ReadFile(path, maxCheckpointFile)
	if err != nil {
		return nil, err
	}
	c, stamp, err := decodeCheckpoint(text)
	if err == nil && sumOf(text) != at.SHA256 {
		err = errors.New("it is not the one of which the journal tells")
	}
	if err != nil {
		return nil, &DamagedError{path, err}
	}
	return &loaded{Checkpoint: c, stamp: stamp, at: at}, nil
}

func (s *Session) path(at save) string {
	return filepath.Join(s.Dir, checkpointFolder, filepath.FromSlash(at.File))
}

// Behind reports whether the weights are older than the session's last epoch: those of the end were never saved.
func (s *Session) Behind(w *Weights) bool { return w.Step < s.Steps }

// Kept lists the epochs whose weights the session keeps, in order.
func (s *Session) Kept() []int {
	if s.Version == unsummed {
		return s.oldKept()
	}
	var out []int
	for _, at := range s.chronicle.saves {
		if !at.Between || at.Over || at.SHA256 == "" || slices.Contains(out, at.Epoch) {
			continue
		}
		if _, err := s.disk.Stat(s.path(at)); err == nil {
			out = append(out, at.Epoch)
		}
	}
	return out
}

// Marked lists the places that a person marked, on the branch that was followed last: Store.ResumeMark goes back there.
func (s *Session) Marked() []Mark { return s.chronicle.tags() }

// ranges writes ordered numbers in words: epochs 0 to 4, 6 and 8.
func ranges(n []int) string {
	if len(n) == 0 {
		return "no epoch"
	}
	var parts []string
	for i := 0; i < len(n); {
		j := i
		for j+1 < len(n) && n[j+1] == n[j]+1 {
			j++
		}
		switch {
		case j-i >= 2:
			parts = append(parts, fmt.Sprintf("%d to %d", n[i], n[j]))
			i = j + 1
		default:
			parts = append(parts, strconv.Itoa(n[i]))
			i++
		}
	}
	noun := "epochs "
	if len(n) == 1 {
		noun = "epoch "
	}
	if len(parts) == 1 {
		return noun + parts[0]
	}
	return noun + strings.Join(parts[:len(parts)-1], ", ") + " and " + parts[len(parts)-1]
}

// KeptText says in words which weights the session keeps.
func (s *Session) KeptText() string {
	text := "last"
	if s.Best != nil {
		text += ", best"
	}
	return text + ", " + ranges(s.Kept())
}
