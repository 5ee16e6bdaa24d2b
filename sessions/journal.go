package sessions

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"strconv"
	"time"

	"cnnbench/dataset"
	"cnnbench/nn/train"
)

// journalFile lies in a session's folder: one JSON object a line, appended and never changed.
const journalFile = "journal.jsonl"

// journalVersion is raised when a line changes its meaning; new keys and new kinds of lines do not raise it.
const journalVersion = 1

// Header is the journal's first line: what was trained, on what, and with what.
type Header struct {
	Version   int       `json:"version"`
	Program   string    `json:"program"` // cnnbench and its version
	Go        string    `json:"go"`
	GOOS      string    `json:"goos"`
	GOARCH    string    `json:"goarch"`
	ISA       string    `json:"isa"` // the kernel set
	Threads   int       `json:"threads"`
	Created   time.Time `json:"created"`
	Source    string    `json:"source"`
	Network   string    `json:"network"` // the layers in one line, for lists
	Params    int       `json:"params"`
	Trainable int       `json:"trainable"`
	Input     []int     `json:"input"`             // shape of one sample
	Classes   []string  `json:"classes,omitempty"` // in the order of the network's outputs
	Samples   [3]int    `json:"samples"`           // of training, validation and test
	Planned   int       `json:"epochs"`            // asked for
	Monitor   string    `json:"monitor"`           // the figure that says which epoch is best

	// Features are the statistics that featurewise settings use.
	Features *dataset.Features `json:"features,omitempty"`
}

// line is one line of a journal; one of its fields is set. A line of a kind that is not known here is passed over.
type line struct {
	Start *Header    `json:"start,omitempty"`
	Epoch *epochLine `json:"epoch,omitempty"`
	Mark  *markLine  `json:"mark,omitempty"`
	Curve []curveDot `json:"curve,omitempty"` // of the steps since the last such line
	End   *endLine   `json:"end,omitempty"`
}

// epochLine is a train.Epoch.
type epochLine struct {
	Epoch        int          `json:"epoch"`
	Step         int64        `json:"step"`
	Steps        int          `json:"steps"`
	Samples      int          `json:"samples"`
	Seconds      float64      `json:"seconds"`
	TrainSeconds float64      `json:"train_seconds"`
	Total        float64      `json:"total"`
	Logs         []namedValue `json:"logs"`
	LearningRate number       `json:"learning_rate"`
	ShowRate     bool         `json:"show_rate,omitempty"`
	Best         bool         `json:"best,omitempty"`
	Notes        []string     `json:"notes,omitempty"`
	EndNotes     []string     `json:"end_notes,omitempty"`
}

// namedValue is a train.Value.
type namedValue struct {
	Name  string `json:"name"`
	Value number `json:"value"`
}

// markLine is a train.Mark.
type markLine struct {
	Step    int64   `json:"step"`
	Epoch   float64 `json:"epoch"`
	Seconds float64 `json:"seconds"`
	Text    string  `json:"text"`
}

// curveDot is a train.Point: step, epoch, seconds, loss, lowest, highest, learning rate, to the digits of a float32.
type curveDot [7]rounded

// endLine says how the training ended. Without one the program was killed.
type endLine struct {
	State string    `json:"state"`
	Error string    `json:"error,omitempty"`
	Step  int64     `json:"step"`
	Ended time.Time `json:"ended"`
}

// number is a float64 that keeps every bit of its value in JSON; what is not finite is a word there.
type number float64

// MarshalJSON writes the shortest decimal that reads back as the value.
func (n number) MarshalJSON() ([]byte, error) {
	switch f := float64(n); {
	case math.IsNaN(f):
		return []byte(`"nan"`), nil
	case math.IsInf(f, 1):
		return []byte(`"inf"`), nil
	case math.IsInf(f, -1):
		return []byte(`"-inf"`), nil
	}
	return json.Marshal(float64(n))
}

// rounded is a number of nine digits, which is all that a curve needs.
type rounded float64

// MarshalJSON rounds.
func (r rounded) MarshalJSON() ([]byte, error) {
	if f := float64(r); !math.IsNaN(f) && !math.IsInf(f, 0) {
		return strconv.AppendFloat(nil, f, 'g', 9, 64), nil
	}
	return number(r).MarshalJSON()
}

// UnmarshalJSON reads what MarshalJSON writes.
func (r *rounded) UnmarshalJSON(b []byte) error { return (*number)(r).UnmarshalJSON(b) }

// UnmarshalJSON reads what MarshalJSON writes.
func (n *number) UnmarshalJSON(b []byte) error {
	switch string(b) {
	case `"nan"`:
		*n = number(math.NaN())
	case `"inf"`:
		*n = number(math.Inf(1))
	case `"-inf"`:
		*n = number(math.Inf(-1))
	default:
		return json.Unmarshal(b, (*float64)(n))
	}
	return nil
}

// journal appends lines to a session's journal. A line that cannot be written now is written before the next one, in
// its place: a disk that was full for a while leaves no gap.
type journal struct {
	file    *os.File
	size    int64  // of what is known to be on disk
	pending []byte // lines that are not
}

// createJournal makes a new journal with its header, which is on disk when it returns.
func createJournal(path string, h *Header) (*journal, error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return nil, fmt.Errorf("start the journal: %w", err)
	}
	j := &journal{file: f}
	if err := j.append(line{Start: h}); err != nil {
		f.Close()
		return nil, err
	}
	return j, nil
}

// append writes the lines and waits until they are on disk.
func (j *journal) append(lines ...line) error {
	for _, l := range lines {
		text, err := json.Marshal(l)
		if err != nil {
			panic("sessions: a journal line cannot be encoded")
		}
		j.pending = append(append(j.pending, text...), '\n')
	}
	// At the known end, so that what half a write left behind is written over.
	if _, err := j.file.WriteAt(j.pending, j.size); err != nil {
		return fmt.Errorf("write the journal: %w", err)
	}
	if err := j.file.Sync(); err != nil {
		return fmt.Errorf("write the journal: %w", err)
	}
	j.size += int64(len(j.pending))
	j.pending = j.pending[:0]
	return nil
}

func (j *journal) close() error { return j.file.Close() }

// readJournal reads a journal's lines in order. A last line that was torn by a crash is not counted; any other line that
// cannot be read is an error. Without curves their lines are left out, which is much quicker.
func readJournal(path string, curves bool) ([]line, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the journal: %w", err)
	}
	var out []line
	for n := 1; len(text) > 0; n++ {
		one, rest, whole := bytes.Cut(text, []byte{'\n'})
		text = rest
		if !whole {
			break
		}
		if !curves && bytes.HasPrefix(one, []byte(`{"curve":`)) {
			continue
		}
		var l line
		if err := json.Unmarshal(one, &l); err != nil {
			if len(text) == 0 {
				break
			}
			return nil, fmt.Errorf("the journal is damaged in line %d", n)
		}
		out = append(out, l)
	}
	switch {
	case len(out) == 0 || out[0].Start == nil:
		return nil, fmt.Errorf("the journal has no first line; the session never began")
	case out[0].Start.Version > journalVersion:
		return nil, fmt.Errorf("the session was written by a newer cnnbench; take that to open it")
	}
	return out, nil
}

func newEpochLine(e *train.Epoch) *epochLine {
	l := &epochLine{Epoch: e.Epoch, Step: e.Step, Steps: e.Steps, Samples: e.Samples, Seconds: e.Seconds, TrainSeconds: e.TrainSeconds,
		Total: e.Total, LearningRate: number(e.LearningRate), ShowRate: e.ShowRate, Best: e.Best, Notes: slices.Clone(e.Notes),
		EndNotes: slices.Clone(e.EndNotes)}
	for _, v := range e.Logs {
		l.Logs = append(l.Logs, namedValue{v.Name, number(v.Value)})
	}
	return l
}

func (l *epochLine) epoch() train.Epoch {
	e := train.Epoch{Epoch: l.Epoch, Step: l.Step, Steps: l.Steps, Samples: l.Samples, Seconds: l.Seconds, TrainSeconds: l.TrainSeconds,
		Total: l.Total, LearningRate: float64(l.LearningRate), ShowRate: l.ShowRate, Best: l.Best, Notes: l.Notes, EndNotes: l.EndNotes}
	for _, v := range l.Logs {
		e.Logs = append(e.Logs, train.Value{Name: v.Name, Value: float64(v.Value)})
	}
	return e
}

// state is the train.State of that name.
func (l *endLine) state() train.State {
	for _, s := range []train.State{train.Finished, train.Stopped} {
		if l.State == s.String() {
			return s
		}
	}
	return train.Failed
}

func newDot(p train.Point) curveDot {
	return curveDot{rounded(p.Step), rounded(p.Epoch), rounded(p.Seconds), rounded(p.Loss), rounded(p.Min), rounded(p.Max), rounded(p.LearningRate)}
}

func (d curveDot) point() train.Point {
	return train.Point{Step: int64(d[0]), Epoch: float64(d[1]), Seconds: float64(d[2]), Loss: float64(d[3]), Min: float64(d[4]),
		Max: float64(d[5]), LearningRate: float64(d[6])}
}
