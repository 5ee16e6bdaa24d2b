package sessions

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"cnnbench/nn/train"
	"cnnbench/sessions/disk"
	"cnnbench/sessions/disk/disktest"
)

// newJournal makes a journal with nothing but its first line.
func newJournal(t *testing.T, path string) *journal {
	t.Helper()
	text := encodeLines([]line{{Start: &Header{Version: journalVersion}}})
	if err := os.WriteFile(path, text, 0o644); err != nil {
		t.Fatal(err)
	}
	j, err := openJournal(disk.OS{}, path, int64(len(text)))
	if err != nil {
		t.Fatal(err)
	}
	return j
}

// A journal that was cut anywhere is read up to the cut.
func TestTornJournal(t *testing.T) {
	s := &Store{Home: t.TempDir()}
	r := trained(t, s, prepared(t, "fit.epochs=4"), RunOptions{})
	path := filepath.Join(r.Dir, journalFile)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	header := bytes.IndexByte(whole, '\n') + 1
	for cut := header; cut < len(whole); cut += 7 {
		if err := os.WriteFile(path, whole[:cut], 0o644); err != nil {
			t.Fatal(err)
		}
		got, err := s.Open(r.Name)
		if err != nil {
			t.Fatalf("cut at %d: %v", cut, err)
		}
		want := 0
		for _, l := range bytes.SplitAfter(whole[:cut], []byte("\n")) {
			if bytes.Contains(l, []byte(`{"epoch":{`)) && bytes.HasSuffix(l, []byte("\n")) {
				want++
			}
		}
		if len(got.History) != want {
			t.Fatalf("cut at %d: %d epochs, want %d", cut, len(got.History), want)
		}
		if got.State != train.Stopped || got.Reason == "" {
			t.Fatalf("cut at %d: %v, %q", cut, got.State, got.Reason)
		}
	}
	if err := os.WriteFile(path, append(slices.Clone(whole[:header]), append([]byte("{torn\n"), whole[header:]...)...), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Open(r.Name); err == nil || !strings.Contains(err.Error(), "line 2") {
		t.Errorf("damage in the middle gives %v", err)
	}
}

func TestJournalKeepsEveryBit(t *testing.T) {
	path := filepath.Join(t.TempDir(), journalFile)
	j := newJournal(t, path)
	values := []float64{0.1, math.Pi, 5e-324, math.MaxFloat64, math.Copysign(0, -1), math.NaN(), math.Inf(1), math.Inf(-1), 1.0 / 3}
	e := &train.Epoch{Epoch: 1, Notes: []string{"a \"note\"\n"}}
	for i, v := range values {
		e.Logs = append(e.Logs, train.Value{Name: fmt.Sprint(i), Value: v})
	}
	if err := j.append(line{Epoch: newEpochLine(e)}); err != nil {
		t.Fatal(err)
	}
	lines, _, err := readJournal(disk.OS{}, path)
	if err != nil || len(lines) != 2 {
		t.Fatal(lines, err)
	}
	got := lines[1].Epoch.epoch()
	for i, v := range values {
		if g := got.Logs[i].Value; math.Float64bits(g) != math.Float64bits(v) && !(math.IsNaN(g) && math.IsNaN(v)) {
			t.Errorf("%v is read back as %v", v, g)
		}
	}
	if got.Notes[0] != e.Notes[0] {
		t.Errorf("the note is %q", got.Notes[0])
	}
}

// What could not be written is written with the next line, without a gap.
func TestJournalCatchesUp(t *testing.T) {
	path := filepath.Join(t.TempDir(), journalFile)
	j := newJournal(t, path)
	good := j.file
	shut, err := os.Open(path) // only for reading: every write fails
	if err != nil {
		t.Fatal(err)
	}
	defer shut.Close()
	j.file = shut
	for i := range 3 {
		if j.append(line{Mark: &markLine{Step: int64(i)}}) == nil {
			t.Fatal("no error")
		}
	}
	j.file = good
	if err := j.append(line{Mark: &markLine{Step: 3}}); err != nil {
		t.Fatal(err)
	}
	if err := j.close(); err != nil {
		t.Fatal(err)
	}
	lines, _, err := readJournal(disk.OS{}, path)
	if err != nil || len(lines) != 5 {
		t.Fatalf("%d lines, %v", len(lines), err)
	}
	for i, l := range lines[1:] {
		if l.Mark.Step != int64(i) {
			t.Errorf("line %d is of step %d", i+1, l.Mark.Step)
		}
	}
}

func TestCurveStaysSmallAndKeepsExtremes(t *testing.T) {
	c := newCurve(10)
	const steps = 100_003
	for i := 1; i <= steps; i++ {
		loss := 1.0
		switch i {
		case 777:
			loss = 9
		case 50_000:
			loss = -3
		case 60_000:
			loss = math.NaN()
		}
		c.add(&train.Step{Step: int64(i), Epoch: 1, Batch: i, Batches: steps, Loss: loss})
	}
	dots := c.take()
	if len(dots) > 2*epochDots || len(dots) < epochDots {
		t.Errorf("%d dots", len(dots))
	}
	lo, hi, at := math.Inf(1), math.Inf(-1), int64(0)
	for _, d := range dots {
		p := d.point()
		lo, hi = min(lo, p.Min), max(hi, p.Max)
		if p.Step <= at {
			t.Fatal("the dots are out of order")
		}
		at = p.Step
	}
	if lo != -3 || hi != 9 || at != steps {
		t.Errorf("lowest %v, highest %v, last step %d", lo, hi, at)
	}
	if c := newCurve(100_000); c.limit != 2 {
		t.Errorf("of many epochs each has %d dots", c.limit)
	}
	if len(c.take()) != 0 {
		t.Error("dots were taken twice")
	}
}

// A power cut leaves parts of a long line, the training goes on with a shorter one, and the power goes off again: whatever
// is left of both, what was synced is read.
func TestJournalCutTwice(t *testing.T) {
	start := line{Start: &Header{Version: journalVersion}}
	long := line{Mark: &markLine{Text: strings.Repeat("long ", 500)}}
	short := line{Mark: &markLine{Text: strings.Repeat("short ", 150)}}
	sound := encodeLines([]line{start})
	for seed := range 3000 {
		mem := disktest.NewMem()
		f, err := mem.Create("/journal", filePerm)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write(sound); err != nil || f.Sync() != nil || mem.SyncDir("/") != nil {
			t.Fatal(err)
		}
		j, err := openJournal(mem, "/journal", int64(len(sound)))
		if err != nil {
			t.Fatal(err)
		}
		mem.CutAt(1+seed%2, uint64(seed))
		_ = j.append(long)
		mem = mem.Image()
		text, err := mem.ReadFile("/journal", maxJournal)
		if err != nil {
			t.Fatal(err)
		}
		_, at, err := parseJournal(text)
		if err != nil {
			t.Fatal(err)
		}
		mem.CutAt(1+seed/2%6, uint64(seed))
		synced := at.lines
		if j, err := openJournal(mem, "/journal", at.size); err == nil && j.append(short) == nil {
			synced++
		}
		mem = mem.Image()
		if text, err = mem.ReadFile("/journal", maxJournal); err != nil {
			t.Fatal(err)
		}
		if _, after, err := parseJournal(text); err != nil || after.lines < synced {
			t.Fatalf("seed %d: %d of %d lines, %v, in %q", seed, after.lines, synced, err, text)
		}
	}
}
