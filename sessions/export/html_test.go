package export

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"cnnbench/nn/train"
	"cnnbench/sessions"
)

func TestHTML(t *testing.T) {
	s := trainedSession(t)
	text := exported(t, "html", from(t, s))
	words := wellFormed(t, text, true)
	for _, want := range []string{"run-1", `x <b>&amp;"`, "finished", "Confusion matrix", "On the test data, 6 samples, with the weights of epoch 3", hostile, "plain", "macro average",
		"conv2d", "BatchNormalization", "(None, 6, 6, 3)", "trained", "learning rate", "Kernels", s.ISA, s.Program, "12 samples"} {
		if !strings.Contains(words, want) {
			t.Errorf("the report does not say %q", want)
		}
	}
	// It loads nothing and runs nothing.
	for _, m := range regexp.MustCompile(`(?i)(?:src|href|action)="([^"]*)"`).FindAllSubmatch(text, -1) {
		if !bytes.HasPrefix(m[1], []byte("data:image/png;base64,")) {
			t.Errorf("it takes %.60s", m[1])
		}
	}
	for _, not := range []string{"<script", "http://", "https://", "@import", "url(http", "ZgotmplZ", "NaN"} {
		if bytes.Contains(text, []byte(not)) {
			t.Errorf("the report has %q", not)
		}
	}
	pictures := regexp.MustCompile(`src="data:image/png;base64,([^"]*)"`).FindAllSubmatch(text, -1)
	if len(pictures) == 0 {
		t.Error("there are no pictures")
	}
	for _, m := range pictures {
		file, err := base64.StdEncoding.DecodeString(strings.ReplaceAll(string(m[1]), "&#43;", "+"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := png.Decode(bytes.NewReader(file)); err != nil {
			t.Error(err)
		}
	}
	for _, want := range []string{"prefers-color-scheme: dark", "@media print", `lang="en"`, `role="img"`, `scope="col"`, "<title>"} {
		if !bytes.Contains(text, []byte(want)) {
			t.Errorf("the report lacks %s", want)
		}
	}
}

// The figures are those of an evaluation, whichever weights are named.
func TestHTMLTellsTheResults(t *testing.T) {
	s := trainedSession(t)
	in := from(t, s)
	var err error
	if in.Weights, err = s.Weights(sessions.AtEpoch(1)); err != nil {
		t.Fatal(err)
	}
	p, err := s.Prepare()
	if err != nil {
		t.Fatal(err)
	}
	net, err := p.Load(in.Weights, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer net.Close()
	ev, err := p.Evaluate(t.Context(), net, "test", nil)
	if err != nil {
		t.Fatal(err)
	}
	r := &report{}
	if err := r.judge(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	if got := r.Results.Figures[0].Value; got != train.FormatValue(ev.Loss) || r.Results.Of != "weights of epoch 1" {
		t.Errorf("the loss is %s of the %s, want %s", got, r.Results.Of, train.FormatValue(ev.Loss))
	}
	wrong := 0
	for k, row := range r.Results.Matrix {
		for c, cell := range row.Cells {
			if cell.Count != thousands(ev.Confusion.At(k, c)) || cell.Right != (k == c) {
				t.Errorf("row %d has %+v", k, row.Cells)
			}
			if k != c {
				wrong += int(ev.Confusion.At(k, c))
			}
		}
	}
	if len(r.Results.Mistake) != wrong || len(r.Results.Classes) != 4 {
		t.Errorf("%d pictures of %d mistakes, %d rows of classes", len(r.Results.Mistake), wrong, len(r.Results.Classes))
	}
}

func TestHTMLSaysWhatIsMissing(t *testing.T) {
	s := trainedSession(t)
	in := from(t, s)
	missing := func(want string) {
		t.Helper()
		words := wellFormed(t, exported(t, "html", in), true)
		if !strings.Contains(words, want) || strings.Contains(words, "Confusion matrix") {
			t.Errorf("it does not say %q", want)
		}
	}
	if err := os.RemoveAll(s.Experiment.Data.Source); err != nil {
		t.Fatal(err)
	}
	missing("the data is not at hand")
	for _, file := range weightsFiles(t, s) {
		if err := os.Remove(file); err != nil {
			t.Fatal(err)
		}
	}
	missing("session run-1 ")
}

// A training of values, of an epoch without a number, or of none has its report too.
func TestHTMLOfOddTrainings(t *testing.T) {
	store := &sessions.Store{Home: t.TempDir()}
	e, err := sessions.Preset("lecture-linear", "fit.epochs=1")
	if err != nil {
		t.Fatal(err)
	}
	p, err := sessions.Prepare(e, "")
	if err != nil {
		t.Fatal(err)
	}
	run, err := store.Start(t.Context(), p, sessions.RunOptions{})
	if err != nil {
		t.Fatal(err)
	}
	<-run.Done()
	s, err := store.Open(run.Name)
	if err != nil {
		t.Fatal(err)
	}
	in := from(t, s)
	if words := wellFormed(t, exported(t, "html", in), true); strings.Contains(words, "Confusion matrix") || !strings.Contains(words, "1 epoch of 1") {
		t.Errorf("it says %s", words)
	}
	in.History = []train.Epoch{epochOf(train.Value{Name: "loss", Value: math.NaN()})}
	if words := wellFormed(t, exported(t, "html", in), true); !strings.Contains(words, "nan") {
		t.Error("it does not say that the loss is no number")
	}
	in.History = nil
	if words := wellFormed(t, exported(t, "html", in), true); !strings.Contains(words, "No epoch is finished.") {
		t.Error("it does not say that no epoch is finished")
	}
}

func TestThousands(t *testing.T) {
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", -1000: "-1,000", -100: "-100", 839107: "839,107", 1234567: "1,234,567"} {
		if got := thousands(n); got != want {
			t.Errorf("%d is %s, want %s", n, got, want)
		}
	}
}

// The evaluation in a report tells how far it is and ends when it is cancelled, and then nothing is written.
func TestHTMLIsCancelled(t *testing.T) {
	in := from(t, trainedSession(t))
	var done, total int
	in.Progress = func(d, n int) { done, total = d, n }
	path := filepath.Join(t.TempDir(), "report.html")
	ctx, cancel := context.WithCancel(t.Context())
	if _, err := Write(ctx, "html", path, in); err != nil {
		t.Fatal(err)
	}
	if done != 6 || total != 6 {
		t.Errorf("it was told of %d of %d samples, want 6 of 6", done, total)
	}
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	in.Progress = func(int, int) { cancel() } // in the midst of it
	if _, err := Write(ctx, "html", path, in); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	after, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(before, after) {
		t.Errorf("the page that was there is another one now (%v)", err)
	}
	other := filepath.Join(t.TempDir(), "other.csv")
	if _, err := Write(ctx, "csv", other, in); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled before: %v", err)
	}
	if _, err := os.Stat(other); err == nil {
		t.Error("it was written though cancelled")
	}
}
