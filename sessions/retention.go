package sessions

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"

	"cnnbench/sessions/disk"
)

// keptBytes is how much the epochs' checkpoints of a branch may take on disk; beyond it they are thinned out.
const keptBytes = 128 << 20

// kept is the checkpoints of a session that are on disk, in their order.
type kept struct {
	disk   disk.FS
	folder string
	files  []keptFile
	best   int // epoch; 0: none
}

type keptFile struct {
	save
	size int64
}

// add takes a checkpoint that has just been written; it may have taken the place of one of that name, and be of an earlier
// place than the newest.
func (k *kept) add(s save, size int64) {
	for i, f := range k.files {
		if f.File == s.File {
			s.marked = s.marked || f.marked
			k.files = append(k.files[:i], k.files[i+1:]...)
			break
		}
	}
	at := len(k.files)
	for at > 0 && k.files[at-1].Step > s.Step {
		at--
	}
	k.files = slices.Insert(k.files, at, keptFile{s, size})
}

// mark keeps the checkpoint of that name for ever.
func (k *kept) mark(file string) {
	for i := range k.files {
		if k.files[i].File == file {
			k.files[i].marked = true
		}
	}
}

// prune removes what is no longer needed. It must be called only after the newest was acknowledged.
func (k *kept) prune() error {
	var rest []keptFile
	var errs []error
	doomed := k.doomed()
	for i, f := range k.files {
		if doomed[i] {
			err := k.disk.Remove(filepath.Join(k.folder, filepath.FromSlash(f.File)))
			if err == nil || errors.Is(err, fs.ErrNotExist) {
				continue
			}
			errs = append(errs, fmt.Errorf("thin out the checkpoints: %w", err)) // tried again after the next one
		}
		rest = append(rest, f)
	}
	k.files = rest
	return errors.Join(errs...)
}

// doomed says which files are to go. The start, the two newest, the ends of the last two
// epochs, the best epoch, those at which a branch begins and those that a person marked stay.
// Of the others, those within an epoch go, and those of epochs until the rest fits keptBytes: first of every other epoch,
// then of every other one left, and so on. An epoch that has gone can be computed again from the one before it.
func (k *kept) doomed() []bool {
	out := make([]bool, len(k.files))
	ends := []int{} // of epochs, the newest first
	for i, f := range slices.Backward(k.files) {
		if f.Between && !f.Over {
			ends = append(ends, i)
		}
	}
	stays := func(i int) bool {
		f := k.files[i]
		return i == 0 || i >= len(k.files)-2 || slices.Contains(ends[:min(2, len(ends))], i) || f.marked || f.Between && f.Epoch == k.best
	}
	total := int64(0)
	for i, f := range k.files {
		if out[i] = !f.Between && !stays(i); !out[i] {
			total += f.size
		}
	}
	for stride := 2; total > keptBytes; stride *= 2 {
		more := false
		for i, f := range k.files {
			if out[i] || stays(i) {
				continue
			}
			if f.Epoch%stride == 0 {
				more = true
				continue
			}
			out[i] = true
			total -= f.size
		}
		if !more {
			break
		}
	}
	return out
}
