package sessions

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"slices"
	"strconv"
	"time"

	"cnnbench/dataset"
	"cnnbench/nn/train"
	"cnnbench/sessions/disk"
	"cnnbench/sessions/surgery"
)

// journalFile lies in a session's folder: one JSON object a line, appended and never changed.
const journalFile = "journal.jsonl"

// journalVersion is raised when a line changes its meaning; new keys and new kinds of lines do not raise it.
const journalVersion = 2

// unsummed is the version whose lines have no checksums, and whose sessions no checkpoints.
const unsummed = 1

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

	// Parent is where the session branched off from another; nil: it began by itself.
	Parent *Parent `json:"parent,omitempty"`

	// Surgery says what became of the weights that it began with, the parent's or those of model.weights; nil: all were
	// taken as they are, or there were none.
	Surgery *surgery.Report `json:"surgery,omitempty"`
}

// Parent is a place in another session.
type Parent struct {
	Session string `json:"session"`
	Epoch   int    `json:"epoch"` // finished epochs
}

// line is one line of a journal; one of its fields is set. A line of a kind that is not known here is passed over.
type line struct {
	Start  *Header         `json:"start,omitempty"`
	Epoch  *epochLine      `json:"epoch,omitempty"`
	Mark   *markLine       `json:"mark,omitempty"`
	Curve  json.RawMessage `json:"curve,omitempty"` // curveDots of the steps since the last such line; few need them
	Save   *saveLine       `json:"save,omitempty"`
	Filed  *filedLine      `json:"filed,omitempty"`
	Keep   *keepLine       `json:"keep,omitempty"`
	Resume *resumeLine     `json:"resume,omitempty"`
	End    *endLine        `json:"end,omitempty"`
	Lines  []line          `json:"lines,omitempty"` // several that were written at once, and nothing else
}

// goesBack reports whether the training went back to a checkpoint.
func (l line) goesBack() bool { return l.Resume != nil }

// saveLine says that a checkpoint was about to be written; the lines before it tell what had happened by then.
type saveLine struct {
	File string `json:"file"` // below the folder of checkpoints
	train.Place
	Between bool   `json:"between,omitempty"` // between two epochs
	Weights string `json:"weights"`           // the digest of the weights, as verify compares them
	SHA256  string `json:"sha256,omitempty"`  // of the file; empty: it was left out, as if it had been thinned out at once
}

// filedLine says that a checkpoint that was left out was about to be written after all.
type filedLine struct {
	File   string `json:"file"`
	SHA256 string `json:"sha256"`
}

// keepLine says that a person marked the place of a checkpoint, which is to be kept.
type keepLine struct {
	File string `json:"file"`
}

// resumeLine says that the training went on from a checkpoint. What the journal tells of what came after that is done
// again, or where the branch is another, stays as the old one.
type resumeLine struct {
	File    string    `json:"file"`
	SHA256  string    `json:"sha256"`           // of the file, which may have been computed again
	Branch  int       `json:"branch,omitempty"` // of what follows
	Mark    bool      `json:"mark,omitempty"`   // to the mark there: with the changes that were made at its place before it
	Program string    `json:"program"`
	GOARCH  string    `json:"goarch"`
	ISA     string    `json:"isa"`
	Threads int       `json:"threads"`
	At      time.Time `json:"at"`
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

	Change *train.Change `json:"change,omitempty"`
	Keep   bool          `json:"keep,omitempty"`
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
//
// What is appended at once becomes one line of the file, so that a power cut in the midst of it damages nothing but the
// last line, and each ends with the checksum of what stands before it.
type journal struct {
	file    disk.File
	size    int64 // of what is known to be on disk
	torn    bool  // there may be more behind that
	pending []line
}

// openJournal opens a journal for writing behind its first size bytes, and takes what is behind them away: the torn end
// that a crash left.
func openJournal(d disk.FS, path string, size int64) (*journal, error) {
	f, err := d.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open the journal: %w", err)
	}
	j := &journal{file: f, size: size}
	if err := j.cut(); err != nil {
		return nil, errors.Join(fmt.Errorf("open the journal: %w", err), f.Close())
	}
	return j, nil
}

// cut takes away what is behind the known end, and waits until that is on disk: else a power cut in the midst of the next
// line could leave parts of both, in more than one line.
func (j *journal) cut() error {
	if err := j.file.Truncate(j.size); err != nil {
		return err
	}
	if err := j.file.Sync(); err != nil {
		return err
	}
	j.torn = false
	return nil
}

// append writes the lines and waits until they are on disk.
func (j *journal) append(lines ...line) error {
	j.pending = append(j.pending, lines...)
	if len(j.pending) == 0 {
		return nil
	}
	text := encodeLines(j.pending)
	if err := j.write(text); err != nil {
		return fmt.Errorf("write the journal: %w", err)
	}
	j.size += int64(len(text))
	j.pending = j.pending[:0]
	return nil
}

// write writes behind the known end, and syncs.
func (j *journal) write(text []byte) error {
	if j.torn {
		if err := j.cut(); err != nil {
			return err
		}
	}
	n, err := j.file.WriteAt(text, j.size)
	if err == nil && n < len(text) {
		err = io.ErrShortWrite
	}
	if err == nil {
		err = j.file.Sync()
	}
	j.torn = err != nil
	return err
}

func (j *journal) close() error { return j.file.Close() }

// The end of a line of the file: the CRC-32C, in hexadecimal digits, of all bytes of the line before it.
const (
	sumBegins = `,"crc32c":"`
	sumEnds   = `"}`
	sumLength = len(sumBegins) + 8 + len(sumEnds)
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// encodeLines makes one line of the file.
func encodeLines(lines []line) []byte {
	one := line{Lines: lines}
	if len(lines) == 1 {
		one = lines[0]
	}
	return sealed(one)
}

// sealed is an object as a line that ends with its checksum.
func sealed(object any) []byte {
	text, err := json.Marshal(object)
	if err != nil {
		panic("sessions: a journal line cannot be encoded")
	}
	text = text[:len(text)-1] // without the brace
	return fmt.Appendf(text, "%s%08x%s\n", sumBegins, crc32.Checksum(text, castagnoli), sumEnds)
}

// sound reports whether a line of the file has the checksum that it says.
func sound(text []byte) bool {
	at := len(text) - sumLength
	if at < 0 || !bytes.HasPrefix(text[at:], []byte(sumBegins)) {
		return false
	}
	return fmt.Sprintf("%08x", crc32.Checksum(text[:at], castagnoli)) == string(text[at+len(sumBegins):len(text)-len(sumEnds)])
}

// maxJournal is the largest journal that is read: a million epochs.
const maxJournal = 1 << 30

// readJournal reads a journal's lines in order, and tells how far it is sound.
func readJournal(d disk.FS, path string) ([]line, reader, error) {
	text, err := d.ReadFile(path, maxJournal)
	if err != nil {
		return nil, reader{}, fmt.Errorf("read the journal: %w", err)
	}
	return parseJournal(text)
}

// parseJournal is readJournal of a text. A last line that was torn by a crash is not counted; any other line that cannot
// be read is an error.
func parseJournal(text []byte) ([]line, reader, error) {
	var r reader
	out, err := r.take(text)
	if err == nil && len(out) == 0 {
		err = errors.New("the journal has no first line; the session never began")
	}
	if err != nil {
		return nil, reader{}, err
	}
	return out, r, nil
}

// reader reads a journal piece by piece. The zero value is at its beginning.
type reader struct {
	lines   int   // of the file, that were read
	size    int64 // bytes of these
	back    int64 // bytes of those to the last with which the training went back; 0: it never did
	version int   // of the journal
}

// take reads the lines of a text that begins behind those that were read. A last one that is torn, or not written to its
// end yet, is left for the next time; any other that cannot be read is an error.
func (r *reader) take(text []byte) ([]line, error) {
	var out []line
	for len(text) > 0 {
		one, rest, whole := bytes.Cut(text, []byte{'\n'})
		var l line
		ok := whole && json.Unmarshal(one, &l) == nil
		if ok && r.lines == 0 {
			switch {
			case l.Start == nil:
				ok = false
			case l.Start.Version > journalVersion:
				return nil, errors.New("the session was written by a newer cnnbench; take that to open it")
			default:
				r.version = l.Start.Version
			}
		}
		if ok && r.version > unsummed {
			ok = sound(one)
		}
		if !ok && len(rest) > 0 {
			return nil, fmt.Errorf("the journal is damaged in line %d", r.lines+1)
		}
		if !ok {
			break
		}
		r.lines++
		r.size += int64(len(one)) + 1
		all := l.Lines
		if all == nil {
			all = []line{l}
		}
		if slices.ContainsFunc(all, line.goesBack) {
			r.back = r.size
		}
		out = append(out, all...)
		text = rest
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
