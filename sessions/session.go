package sessions

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"cnnbench/nn/train"
)

// Session is a stored training.
type Session struct {
	Info
	Experiment *Experiment
	History    []train.Epoch
	Marks      []train.Mark
	Points     []train.Point // of the loss at every step, thinned out to a few dozen an epoch

	downloads string // where its data may lie
}

// Open reads a session.
func (s *Store) Open(name string) (*Session, error) {
	if err := s.check(name); err != nil {
		return nil, err
	}
	info, lines := s.info(name, true)
	if info.Err != nil {
		return nil, fmt.Errorf("open session %s: %w", name, info.Err)
	}
	e, err := ReadExperiment(filepath.Join(info.Dir, experimentFile))
	if err != nil {
		return nil, fmt.Errorf("open session %s: %w", name, err)
	}
	out := &Session{Info: info, Experiment: e, downloads: s.Downloads()}
	for _, l := range lines {
		switch {
		case l.Epoch != nil:
			out.History = append(out.History, l.Epoch.epoch())
		case l.Mark != nil:
			out.Marks = append(out.Marks, train.Mark(*l.Mark))
		}
		for _, d := range l.Curve {
			out.Points = append(out.Points, d.point())
		}
	}
	return out, nil
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

// Names of the weights files.
const (
	lastWeights = "last.safetensors"
	bestWeights = "best.safetensors"
)

func epochWeights(epoch int) string { return fmt.Sprintf("epoch-%05d.safetensors", epoch) }

// Weights reads weights that the session keeps; the error says which there are.
func (s *Session) Weights(w Which) (*Weights, error) {
	name := lastWeights
	switch w.kind {
	case best:
		name = bestWeights
	case atEpoch:
		name = epochWeights(w.epoch)
	}
	out, err := readWeights(filepath.Join(s.Dir, weightsFolder, name))
	switch {
	case w.kind == best && s.Best != nil && (errors.Is(err, fs.ErrNotExist) || err == nil && out.Epoch < s.Best.Epoch): // the disk was full
		if slices.Contains(s.Kept(), s.Best.Epoch) {
			return s.Weights(AtEpoch(s.Best.Epoch))
		}
		return nil, fmt.Errorf("the best weights of session %s, of epoch %d, were never saved; those of %s are there", s.Name, s.Best.Epoch, ranges(s.Kept()))
	case err == nil:
		return out, nil
	case !errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("read the weights of session %s (%v): %w", s.Name, w, err)
	case w.kind == best:
		return nil, fmt.Errorf("session %s has no best weights: no epoch with a %s was finished", s.Name, s.Monitor)
	case w.kind == last && len(s.Kept()) > 0: // not saved, or killed before it was
		return s.Weights(AtEpoch(slices.Max(s.Kept())))
	}
	return nil, fmt.Errorf("session %s keeps no weights of epoch %d; those of %s are there", s.Name, w.epoch, ranges(s.Kept()))
}

// Behind reports whether the weights are older than the session's last epoch: those of the end were never saved.
func (s *Session) Behind(w *Weights) bool { return w.Step < s.Steps }

// Kept lists the epochs whose weights the session keeps, in order.
func (s *Session) Kept() []int { return keptEpochs(filepath.Join(s.Dir, weightsFolder)) }

func keptEpochs(dir string) []int {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	var out []int
	for _, e := range entries {
		var n int
		if _, err := fmt.Sscanf(e.Name(), "epoch-%d.safetensors", &n); err == nil && e.Name() == epochWeights(n) {
			out = append(out, n)
		}
	}
	slices.Sort(out)
	return out
}

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
