package sessions

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"

	"cnnbench/sessions/safetensors"
)

// Sessions of an earlier cnnbench, whose journals have version 1, kept weights without the rest of a checkpoint: files
// last, best and epoch-00003 in a folder weights. They can predict, be evaluated and exported, but not go on.
const (
	weightsFolder = "weights"
	lastWeights   = "last.safetensors"
	bestWeights   = "best.safetensors"
)

func epochWeights(epoch int) string { return fmt.Sprintf("epoch-%05d.safetensors", epoch) }

// oldWeights reads weights that such a session keeps; the error says which there are.
func (s *Session) oldWeights(w Which) (*Weights, error) {
	name := lastWeights
	switch w.kind {
	case best:
		name = bestWeights
	case atEpoch:
		name = epochWeights(w.epoch)
	}
	out, err := s.readWeights(filepath.Join(s.Dir, weightsFolder, name))
	switch {
	case w.kind == best && s.Best != nil && (errors.Is(err, fs.ErrNotExist) || err == nil && out.Epoch < s.Best.Epoch): // the disk was full
		if slices.Contains(s.Kept(), s.Best.Epoch) {
			return s.oldWeights(AtEpoch(s.Best.Epoch))
		}
		return nil, fmt.Errorf("the best weights of session %s, of epoch %d, were never saved; those of %s are there", s.Name, s.Best.Epoch, ranges(s.Kept()))
	case err == nil:
		return out, nil
	case !errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("read the weights of session %s (%v): %w", s.Name, w, err)
	case w.kind == best:
		return nil, s.noBest()
	case w.kind == last && len(s.Kept()) > 0: // not saved, or killed before it was
		return s.oldWeights(AtEpoch(slices.Max(s.Kept())))
	}
	return nil, fmt.Errorf("session %s keeps no weights of epoch %d; those of %s are there", s.Name, w.epoch, ranges(s.Kept()))
}

func (s *Session) readWeights(path string) (*Weights, error) {
	text, err := s.disk.ReadFile(path, safetensors.MaxFile)
	if err != nil {
		return nil, err
	}
	f, err := safetensors.Decode(text)
	if err != nil {
		return nil, err
	}
	epoch, errEpoch := strconv.Atoi(f.Metadata[metaEpoch])
	step, errStep := strconv.ParseInt(f.Metadata[metaStep], 10, 64)
	if errEpoch != nil || errStep != nil {
		return nil, errors.New("the file does not say which epoch its weights are of")
	}
	return &Weights{Epoch: epoch, Step: step, Tensors: f.Tensors}, nil
}

// oldKept lists the epochs whose weights such a session keeps.
func (s *Session) oldKept() []int {
	entries, err := s.disk.ReadDir(filepath.Join(s.Dir, weightsFolder))
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
