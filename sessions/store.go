package sessions

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"cnnbench/nn/train"
)

// Store is the sessions under a home folder: HOME/sessions/NAME/, each with experiment.yaml, journal.jsonl and the
// folder weights. The folders are made when the first session starts. Beside them are the public data sets that were
// downloaded: HOME/data/NAME/.
type Store struct{ Home string }

// Files of a session's folder, beside its journal and its lock.
const (
	experimentFile = "experiment.yaml"
	weightsFolder  = "weights"
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
	State   train.State // Running while a living program trains it; Stopped when that was killed
	Reason  string      // of a failure, or of an end that was no end
	Updated time.Time
	Epochs  int // finished
	Steps   int64
	Seconds float64       // of training
	Last    []train.Value // the logs of the last epoch
	Best    *Best         // nil before the first epoch
}

// Best is the best epoch by the monitored figure.
type Best struct {
	Epoch   int
	Monitor string
	Value   float64
}

// List lists the sessions, the one that was written last first. A folder that cannot be read is listed with its Err.
func (s *Store) List() ([]Info, error) {
	entries, err := os.ReadDir(s.folder())
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
		info, _ := s.info(e.Name(), false)
		out = append(out, info)
	}
	slices.SortStableFunc(out, func(a, b Info) int {
		return cmp.Or(b.Updated.Compare(a.Updated), cmp.Compare(a.Name, b.Name))
	})
	return out, nil
}

// info reads a session's journal, with its curves or without.
func (s *Store) info(name string, curves bool) (Info, []line) {
	i := Info{Name: name, Dir: s.dir(name)}
	path := filepath.Join(i.Dir, journalFile)
	if st, err := os.Stat(path); err == nil {
		i.Updated = st.ModTime()
	} else if st, err := os.Stat(i.Dir); err == nil {
		i.Updated = st.ModTime()
	}
	lines, err := readJournal(path, curves)
	if errors.Is(err, fs.ErrNotExist) {
		err = errors.New("the session has no journal; it never began")
	}
	if err != nil {
		i.Err = err
		return i, nil
	}
	i.Header = *lines[0].Start
	ended := false
	for _, l := range lines {
		switch {
		case l.Epoch != nil:
			e := l.Epoch.epoch()
			i.Epochs, i.Steps, i.Seconds, i.Last = e.Epoch, e.Step, e.Total, e.Logs
			if e.Best {
				if v, ok := e.Log(i.Monitor); ok {
					i.Best = &Best{Epoch: e.Epoch, Monitor: i.Monitor, Value: v}
				}
			}
		case l.End != nil:
			ended = true
			i.State, i.Reason, i.Steps = l.End.state(), l.End.Error, l.End.Step
		}
	}
	switch {
	case ended:
	case locked(i.Dir):
		i.State = train.Running
	default:
		i.State, i.Reason = train.Stopped, "the program ended before the training did"
	}
	return i, lines
}

// Exists reports whether there is a folder of that name, readable or not.
func (s *Store) Exists(name string) bool {
	if CheckName(name) != nil {
		return false
	}
	_, err := os.Lstat(s.dir(name))
	return err == nil
}

// Remove deletes a session, but not one that is being trained.
func (s *Store) Remove(name string) error {
	if err := s.check(name); err != nil {
		return err
	}
	l, err := acquire(s.dir(name))
	if err != nil {
		return err
	}
	l.release()
	// Out of the list in one step, so that what a crash leaves behind is no half session.
	doomed := filepath.Join(s.folder(), fmt.Sprintf(".removed-%d-%s", os.Getpid(), name))
	if err := os.Rename(s.dir(name), doomed); err != nil {
		return fmt.Errorf("remove session %s: %w", name, err)
	}
	if err := os.RemoveAll(doomed); err != nil {
		return fmt.Errorf("remove session %s: %w", name, err)
	}
	return nil
}

// check says in one sentence that there is no session of that name.
func (s *Store) check(name string) error {
	if err := CheckName(name); err != nil {
		return err
	}
	st, err := os.Stat(s.dir(name))
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
	if err := os.MkdirAll(s.folder(), 0o755); err != nil {
		return "", fmt.Errorf("cannot make the folder of the sessions, which --home chooses: %w", err)
	}
	if name != "" {
		err := os.Mkdir(s.dir(name), 0o755)
		if errors.Is(err, fs.ErrExist) {
			return "", &ExistsError{Name: name}
		}
		if err != nil {
			return "", fmt.Errorf("make the session's folder: %w", err)
		}
		return name, nil
	}
	for n := 1; ; n++ {
		name := fmt.Sprintf("%s-%d", stem, n)
		err := os.Mkdir(s.dir(name), 0o755)
		if err == nil {
			return name, nil
		}
		if !errors.Is(err, fs.ErrExist) {
			return "", fmt.Errorf("make the session's folder: %w", err)
		}
	}
}

// ExistsError says that a session's name is taken.
type ExistsError struct{ Name string }

func (e *ExistsError) Error() string {
	return fmt.Sprintf("there is a session %q already; take another --name, or leave it out for the first free number", e.Name)
}
