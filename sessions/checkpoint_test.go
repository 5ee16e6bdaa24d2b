package sessions

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"math"
	"os"
	"strings"
	"testing"

	"cnnbench/dataset/hostile"
	"cnnbench/nn/train"
	"cnnbench/sessions/disk/disktest"
	"cnnbench/sessions/safetensors"
)

// A checkpoint is a safetensors file that others open, with its history and what it is of.
func TestCheckpointFile(t *testing.T) {
	s := &Store{Home: "/home", disk: disktest.NewMem()}
	trained(t, s, wholly(t), RunOptions{Name: "x", Threads: 1})
	session := open(t, s, "x")
	at, _ := session.chronicle.ofEpoch(2)
	text, err := s.fs().ReadFile(session.path(at), math.MaxInt64)
	if err != nil {
		t.Fatal(err)
	}
	f, err := safetensors.Decode(text)
	if err != nil {
		t.Fatal(err)
	}
	for name, shape := range map[string]string{"model/dense.kernel": "12x4", "model/batch_normalization.moving_mean": "4", "optim/momentum/dense.kernel": "12x4", "optim/velocity/dense_1.bias": "10",
		"optim/iterations": "a single value", "progress/cursor": "a single value", "means/training": "2x2", "history/val_loss": "2", "history/epoch": "2",
		"callback/0.early_stopping/val_loss/weights/dense.kernel": "12x4", "callback/1.reduce_lr_on_plateau/val_loss/wait": "a single value"} {
		if got, ok := f.Lookup(name); !ok || shapeText(got.Shape) != shape {
			t.Errorf("%s is %v, want %s", name, got.Shape, shape)
		}
	}
	losses, _ := f.Lookup("history/val_loss")
	if v, err := losses.Float64s(); err != nil || v[0] != session.History[0].Logs[3].Value || v[1] != session.History[1].Logs[3].Value {
		t.Errorf("the history is %v, %v", v, err)
	}
	for key, want := range map[string]string{metaEpoch: "2", metaStep: "6", metaExperiment: string(session.Experiment.Encode())} {
		if f.Metadata[key] != want {
			t.Errorf("%s is %q", key, f.Metadata[key])
		}
	}
	last := f.Tensors[len(f.Tensors)-1]
	if sum := sha256.Sum256(text[:len(text)-sha256.Size]); last.Name != "~sha256" || !bytes.Equal(last.Data, sum[:]) {
		t.Errorf("it ends with %s", last.Name)
	}
}

// whatever is not a number stays as it is, to the bit.
func TestCheckpointKeepsEveryBit(t *testing.T) {
	c := &train.Checkpoint{Tensors: []train.Tensor{
		{Name: "model/x", Shape: []int{2, 2}, F32: []float32{math.Float32frombits(0x7fc12345), float32(math.Copysign(0, -1)), math.SmallestNonzeroFloat32, float32(math.Inf(1))}},
		{Name: "model/empty", Shape: []int{0}, F32: []float32{}},
		{Name: "means/x", F64: []float64{math.Float64frombits(0x7ff8000000001234), 5e-324}},
		{Name: "progress/notes/0", Text: []byte("a \"note\"\n\xff")}, {Name: "progress/notes/1", Text: []byte{}},
	}}
	for _, n := range []string{"step", "epoch", "checked", "over", "began"} {
		c.Tensors = append(c.Tensors, train.Tensor{Name: "progress/" + n, I64: []int64{math.MaxInt32}})
	}
	text, err := encodeCheckpoint(nil, c, stamp{"an experiment", "a fingerprint"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	got, s, err := decodeCheckpoint(text)
	if err != nil || s != (stamp{"an experiment", "a fingerprint"}) {
		t.Fatal(s, err)
	}
	again, err := encodeCheckpoint(nil, got, s, nil)
	if err != nil || !bytes.Equal(again, text) {
		t.Errorf("written again it is another, %v", err)
	}
	for _, want := range c.Tensors {
		if x, ok := got.Find(want.Name); !ok || len(x.F32)+len(x.F64)+len(x.I64)+len(x.Text) != len(want.F32)+len(want.F64)+len(want.I64)+len(want.Text) {
			t.Errorf("%s is %v", want.Name, x)
		}
	}
}

// spoilable is a session whose newest checkpoint has some 8 KiB.
func spoilable(t testing.TB) (*Store, save, []byte) {
	t.Helper()
	p := wholly(t, "model.layers[0].dense.units=24")
	s := &Store{Home: "/home", disk: disktest.NewMem()}
	r := stopped(t, s, p, 7, RunOptions{Name: "x"})
	session, err := s.Open(r.Name)
	if err != nil {
		t.Fatal(err)
	}
	at := session.chronicle.saves[len(session.chronicle.saves)-1]
	text, err := s.fs().ReadFile(session.path(at), math.MaxInt64)
	if err != nil {
		t.Fatal(err)
	}
	if len(text) < 8<<10 {
		t.Fatalf("the checkpoint has only %d bytes", len(text))
	}
	return s, at, text
}

// Every bit that is flipped and every truncation is refused, and the checkpoint before is used.
func TestEveryBitOfACheckpoint(t *testing.T) {
	s, at, text := spoilable(t)
	session := open(t, s, "x")
	refused := func(what string, i int, text []byte, whole bool) {
		t.Helper()
		if _, _, err := decodeCheckpoint(text); err == nil {
			t.Fatalf("%s %d: it is taken", what, i)
		}
		if !whole {
			return
		}
		mem := s.disk.(*disktest.Mem)
		f, err := mem.Open(session.path(at))
		if err != nil {
			t.Fatal(err)
		}
		if err := f.Truncate(0); err != nil {
			t.Fatal(err)
		}
		if _, err := f.WriteAt(text, 0); err != nil {
			t.Fatal(err)
		}
		c, passed, err := session.newest()
		var damaged *DamagedError
		if err != nil || c.at.Epoch != 2 || c.at.Step != 6 || len(passed) != 1 || !errors.As(passed[0], &damaged) || !strings.Contains(damaged.Error(), at.File) {
			t.Fatalf("%s %d: found %v, passed over %v, %v", what, i, c, passed, err)
		}
	}
	for bit := range 8 * len(text) {
		text[bit/8] ^= 1 << (bit % 8)
		refused("bit", bit, text, bit%997 == 0)
		text[bit/8] ^= 1 << (bit % 8)
	}
	for n := range text {
		refused("length", n, text[:n], n%97 == 0)
	}
	refused("more", 1, append(bytes.Clone(text), 0), true)
}

// A whole checkpoint in the place of another is not taken for it.
func TestCheckpointInAnothersPlace(t *testing.T) {
	s := &Store{Home: t.TempDir()}
	trained(t, s, wholly(t), RunOptions{Name: "x", Threads: 1})
	session := open(t, s, "x")
	one, _ := session.chronicle.ofEpoch(1)
	two, _ := session.chronicle.ofEpoch(2)
	text, err := os.ReadFile(session.path(one))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(session.path(two), text, 0o644); err != nil {
		t.Fatal(err)
	}
	var gone *GoneError
	if _, err := session.Weights(AtEpoch(2)); !errors.As(err, &gone) || !strings.Contains(err.Error(), "not the one of which the journal tells") {
		t.Errorf("found %v", err)
	}
}

// FuzzCheckpoint: no bytes make the reader panic, wait or take more memory than it may, and what it takes is written as it
// was. The checksum is made right, else nothing would come past it.
func FuzzCheckpoint(f *testing.F) {
	_, _, text := spoilable(f)
	f.Add(text[:len(text)-sha256.Size])
	f.Add([]byte{})
	f.Add([]byte("\x02\x00\x00\x00\x00\x00\x00\x00{}"))
	f.Fuzz(func(t *testing.T, body []byte) {
		sum := sha256.Sum256(body)
		text := append(bytes.Clone(body), sum[:]...)
		var c *train.Checkpoint
		var s stamp
		var err error
		hostile.Parse(t, len(text), func() { c, s, err = decodeCheckpoint(text) })
		if err != nil {
			return
		}
		if _, err := encodeCheckpoint(nil, c, s, nil); err != nil {
			t.Errorf("it cannot be written again: %v", err)
		}
		weightsOf(c)
		digest(c)
	})
}

// FuzzJournal: no bytes make the reader panic, wait or take more memory than it may, and what is sound of them reads as the same again.
func FuzzJournal(f *testing.F) {
	s, _, _ := spoilable(f)
	text, err := s.fs().ReadFile(s.dir("x")+"/"+journalFile, maxJournal)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add([]byte(`{"start":{"version":1}}` + "\n" + `{"epoch":{"epoch":1,"logs":[{"name":"loss","value":"nan"}]}}` + "\n"))
	f.Add([]byte(`{"start":{"version":1}}` + "\n" + `{"save":{"file":"a","step":1}}` + "\n" + `{"resume":{"file":"a","branch":2}}` + "\n" + `{"curve":[[1]]}` + "\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		var lines []line
		var at reader
		var err error
		hostile.Parse(t, len(text), func() { lines, at, err = parseJournal(text) })
		size := at.size
		if err != nil {
			return
		}
		if size < 0 || size > int64(len(text)) {
			t.Fatalf("%d of %d bytes are sound", size, len(text))
		}
		again, same, err := parseJournal(text[:size])
		if err != nil || same != at || len(again) != len(lines) {
			t.Fatalf("the sound part gives %d lines, not %d, %v", len(again), len(lines), err)
		}
		hostile.Parse(t, len(text), func() {
			c, err := newChronicle(lines)
			if err != nil {
				return
			}
			c.best()
			c.pending()
			_, _ = c.past()
		})
	})
}

// The journals of earlier versions tell of weights by their SHA-256.
func TestDigestOfBothKinds(t *testing.T) {
	of := func(v ...float32) *train.Checkpoint {
		return &train.Checkpoint{Tensors: []train.Tensor{{Name: train.ModelPrefix + "dense.bias", Shape: []int{2}, F32: v}, {Name: "optimizer/m", Shape: []int{1}, F32: v[:1]}}}
	}
	nan := float32(math.NaN())
	c := of(1, nan)
	sha := sha256.Sum256(append([]byte("model/dense.bias [2]\n"), 0, 0, 0x80, 0x3f, 0, 0, 0xc0, 0x7f))
	for _, digest := range []string{digest(c), hex.EncodeToString(sha[:])} {
		line := saveLine{Weights: digest}
		if !line.has(c) || !line.has(of(1, -nan)) {
			t.Errorf("%s: the weights are not known again", digest)
		}
		if line.has(of(nan, 1)) || line.has(of(1, 2)) {
			t.Errorf("%s: other weights are taken for the same", digest)
		}
	}
}
