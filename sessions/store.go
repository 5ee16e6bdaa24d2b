package sessions

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"cnnbench/nn/train"
	"cnnbench/sessions/disk"
)

// Store is the sessions under a home folder: HOME/sessions/NAME/, each with experiment.yaml, journal.jsonl and the
// folder checkpoints. The folders are made when the first session starts. Beside them are the public data sets that were
// downloaded: HOME/data/NAME/.
type Store struct {
	Home string
	// Foreign reads the files of other programs that model.weights names; nil: only safetensors files are read.
	Foreign Foreign

	disk disk.FS // nil: the operating system's
}

func (s *Store) fs() disk.FS {
	if s.disk == nil {
		return disk.OS{}
	}
	return s.disk
}

// Files of a session's folder, beside its journal and its lock.
const (
	experimentFile = "experiment.yaml"
	lockFile       = "lock" // held by the program that trains the session
)

// filePerm is the mode of the files of a session, less the umask.
const filePerm = 0o644

// DefaultHome is CNNBENCH_HOME, or cnnbench in the XDG data folder (on Windows and macOS, in the folder for
// applications' data).
func DefaultHome() (string, error) {
	if home := os.Getenv("CNNBENCH_HOME"); home != "" {
		return home, nil
	}
	if data := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(data) { // a relative one is to be ignored, says the standard
		return filepath.Join(data, "cnnbench"), nil
	}
	switch runtime.GOOS {
	case "windows", "darwin":
		if dir, err := os.UserConfigDir(); err == nil {
			return filepath.Join(dir, "cnnbench"), nil
		}
	default:
		if home, err := os.UserHomeDir(); err == nil {
			return filepath.Join(home, ".local", "share", "cnnbench"), nil
		}
	}
	return "", errors.New("there is no home folder to keep sessions in; set CNNBENCH_HOME or --home")
}

// Downloads is the folder of the downloaded public data sets, which may not be there; the zero Store has none.
func (s *Store) Downloads() string {
	if s.Home == "" {
		return ""
	}
	return filepath.Join(s.Home, "data")
}

func (s *Store) folder() string         { return filepath.Join(s.Home, "sessions") }
func (s *Store) dir(name string) string { return filepath.Join(s.folder(), name) }

// Info is what lists say of a session.
type Info struct {
	Name string
	Dir  string
	Err  error // why the session cannot be read; then only Name, Dir and Updated count

	Header
	State    train.State // Running while a living program trains it; Stopped when that was killed
	Holder   string      // the process number of that program; "": there is none, or it has not said so yet
	Reason   string      // of a failure, or of an end that was no end
	Updated  time.Time
	Epochs   int // finished
	Steps    int64
	Seconds  float64       // of training
	Last     []train.Value // the logs of the last epoch
	Best     *Best         // nil before the first epoch
	Branches []Branch      // that were left for the one that all this tells of, in their order
}

// Best is the best epoch by the monitored figure.
type Best struct {
	Epoch   int
	Monitor string
	Value   float64
}

// List lists the sessions, the one that was written last first. A folder that cannot be read is listed with its Err.
func (s *Store) List() ([]Info, error) {
	entries, err := s.fs().ReadDir(s.folder())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list the sessions: %w", err)
	}
	var out []Info
	for _, e := range entries {
		if CheckName(e.Name()) != nil || !e.IsDir() {
			continue
		}
		info, _, _ := s.info(e.Name())
		out = append(out, info)
	}
	slices.SortStableFunc(out, func(a, b Info) int {
		return cmp.Or(b.Updated.Compare(a.Updated), cmp.Compare(a.Name, b.Name))
	})
	return out, nil
}

// info reads a session's journal: what lists say, all that it tells, and how far it is sound.
func (s *Store) info(name string) (Info, *chronicle, reader) {
	lines, at, err := readJournal(s.fs(), filepath.Join(s.dir(name), journalFile))
	if errors.Is(err, fs.ErrNotExist) {
		err = errors.New("the session has no journal; it never began")
	}
	var c *chronicle
	if err == nil {
		c, err = newChronicle(lines)
	}
	i := s.infoOf(name, c)
	i.Err = err
	if err != nil {
		return i, nil, reader{}
	}
	return i, c, at
}

// infoOf is what lists say of a session whose journal tells this; nil: it cannot be read.
func (s *Store) infoOf(name string, c *chronicle) Info {
	i := Info{Name: name, Dir: s.dir(name)}
	for _, path := range []string{filepath.Join(i.Dir, journalFile), i.Dir} {
		if st, err := s.fs().Stat(path); err == nil {
			i.Updated = st.ModTime()
			break
		}
	}
	if c == nil {
		return i
	}
	i.Header = c.header
	i.Best, i.Branches = c.best(), c.branches()
	if n := len(c.history); n > 0 {
		e := &c.history[n-1]
		i.Epochs, i.Steps, i.Seconds, i.Last = e.Epoch, e.Step, e.Total, e.Logs
	}
	if n := len(c.saves); n > 0 {
		i.Steps = max(i.Steps, c.saves[n-1].Step)
	}
	if c.end != nil {
		i.State, i.Reason, i.Steps = c.end.state(), c.end.Error, c.end.Step
		return i
	}
	holder, held := s.fs().Holder(filepath.Join(i.Dir, lockFile))
	if i.State, i.Holder = train.Running, holder; !held {
		i.State, i.Reason = train.Stopped, "the program ended before the training did"
	}
	return i
}

// Exists reports whether there is a folder of that name, readable or not.
func (s *Store) Exists(name string) bool {
	if CheckName(name) != nil {
		return false
	}
	_, err := s.fs().Stat(s.dir(name))
	return err == nil
}

// lock takes the lock of a session: from then on this program alone writes it.
func (s *Store) lock(name string) (io.Closer, error) {
	l, err := s.fs().Lock(filepath.Join(s.dir(name), lockFile))
	var held *disk.HeldError
	switch {
	case errors.As(err, &held):
		return nil, &BusyError{Session: name, Holder: held.Holder}
	case err != nil:
		return nil, fmt.Errorf("lock the session: %w", err)
	}
	return l, nil
}

// BusyError says that another program, or this one, trains a session, which can be read meanwhile and not written.
type BusyError struct{ Session, Holder string }

func (e *BusyError) Error() string {
	return fmt.Sprintf("session %s is being trained by process %s; stop that first, or watch it: `cnnbench %[1]s` in a terminal", e.Session, e.Holder)
}

// removedPrefix begins the names of folders that are on their way out.
const removedPrefix = ".removed-"

// Remove deletes a session, but not one that is being trained.
func (s *Store) Remove(name string) error {
	if err := s.check(name); err != nil {
		return err
	}
	doomed, err := s.doom(name)
	if err != nil {
		return err
	}
	if err := errors.Join(s.fs().SyncDir(s.folder()), disk.RemoveAll(s.fs(), doomed)); err != nil {
		return fmt.Errorf("remove session %s: %w", name, err)
	}
	return nil
}

// doom takes a session out of the list in one step, so that what a crash leaves behind is no half session. Windows does
// not rename a folder with an open file, so the lock is let go before; nobody takes it then, behind the door.
func (s *Store) doom(name string) (string, error) {
	door, err := s.door()
	if err != nil {
		return "", fmt.Errorf("remove session %s: %w", name, err)
	}
	defer door.Close()
	l, err := s.lock(name)
	if err != nil {
		return "", err
	}
	doomed := filepath.Join(s.folder(), fmt.Sprintf("%s%d-%s", removedPrefix, os.Getpid(), name))
	if err := errors.Join(l.Close(), s.fs().Rename(s.dir(name), doomed)); err != nil {
		return "", fmt.Errorf("remove session %s: %w", name, err)
	}
	return doomed, nil
}

// hold locks a session that is there.
func (s *Store) hold(name string) (io.Closer, error) {
	door, err := s.door()
	if err != nil {
		return nil, fmt.Errorf("lock session %s: %w", name, err)
	}
	defer door.Close()
	if err := s.check(name); err != nil {
		return nil, err
	}
	return s.lock(name)
}

// check says in one sentence that there is no session of that name.
func (s *Store) check(name string) error {
	if err := CheckName(name); err != nil {
		return err
	}
	st, err := s.fs().Stat(s.dir(name))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("there is no session %q under %s; `cnnbench sessions` lists them", name, s.Home)
	case err != nil:
		return fmt.Errorf("open session %s: %w", name, err)
	case !st.IsDir():
		return fmt.Errorf("%s is not a folder, so no session", s.dir(name))
	}
	return nil
}

// claim makes the folder of a new session: of that name, or where it is empty, of stem with the first free number.
// Two programs never get the same.
func (s *Store) claim(name, stem string) (string, error) {
	for n := 1; ; n++ {
		made := name
		if name == "" {
			made = fmt.Sprintf("%s-%d", stem, n)
		}
		err := s.fs().Mkdir(s.dir(made))
		switch {
		case err == nil:
			return made, nil
		case !errors.Is(err, fs.ErrExist):
			return "", fmt.Errorf("make the session's folder: %w", err)
		case name != "":
			return "", &ExistsError{Name: name}
		}
	}
}

// ExistsError says that a session's name is taken.
type ExistsError struct{ Name string }

func (e *ExistsError) Error() string {
	return fmt.Sprintf("there is a session %q already; `cnnbench resume %s` goes on with it, and another --name, or none, starts a new one", e.Name, e.Name)
}
