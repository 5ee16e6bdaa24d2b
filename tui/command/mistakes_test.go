package command

import (
	"bytes"
	"io/fs"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// Every mistake is one sentence on stderr and exit code 2, and writes nothing.
func TestMistakes(t *testing.T) {
	d := newDesk(t)
	path := d.file("quick.yaml", quick)
	spoilt := func(name, from, to string) string {
		if !strings.Contains(quick, from) {
			t.Fatalf("%q changes nothing", from)
		}
		return d.file(name+".yaml", strings.Replace(quick, from, to, 1))
	}
	for _, c := range []struct {
		args []string
		want []string
	}{
		{[]string{"train"}, []string{"cnnbench train EXPERIMENT"}},
		{[]string{"train", path, path}, []string{"found 2 words", "cnnbench train EXPERIMENT"}},
		{[]string{"train", "lenet55"}, []string{`"lenet55"`, "lenet5", "preset"}},
		{[]string{"train", filepath.Join(d.dir, "gone.yaml")}, []string{"gone.yaml", "cannot read"}},
		{[]string{"train", d.dir}, []string{"is a directory"}},
		{[]string{"train", path, "--epochs", "3"}, []string{"unknown flag: --epochs", "cnnbench train --help"}},
		{[]string{"train", path, "--set", "fit.epochs"}, []string{"fit.epochs=5"}},
		{[]string{"train", path, "--set", "fit.epochs=0"}, []string{"fit.epochs", `"0"`, "1 or more"}},
		{[]string{"train", path, "--set", "fit.steps=5"}, []string{`"steps"`, "steps_per_epoch"}},
		{[]string{"train", path, "--name", "../x"}, []string{"--name", "../x", "letter"}},
		{[]string{"train", path, "--save-every", "never"}, []string{"--save-every", "never", "30s"}},
		{[]string{"train", path, "--threads", "-1"}, []string{"--threads -1"}},
		{[]string{"train", spoilt("key", "fit:", "fits:")}, []string{"key.yaml:8:1: ", "did you mean fit?"}},
		{[]string{"train", spoilt("type", "epochs: 2", "epochs: two")}, []string{"type.yaml:8:15: fit.epochs: ", `"two"`, "whole number"}},
		{[]string{"train", spoilt("kernel", "dense: {units: 8, activation: relu}", "conv2d: {filters: 2, kernel_size: 3}")}, []string{"kernel.yaml:5:15: model.layers[0].conv2d"}},
		{[]string{"train", spoilt("head", "units: 10", "units: 3")}, []string{"head.yaml:6:14: model.layers[1].dense: ", "set units: 10"}},
		{[]string{"train", spoilt("source", "source: blobs", "source: nowhere.npz")}, []string{"source.yaml:2:16: data.source: ", "nowhere.npz"}},
		{[]string{"summary", spoilt("wide", "units: 10", "units: 10000000000")}, []string{"wide.yaml:6:22: "}},
		{[]string{"summary", "nothing"}, []string{`"nothing"`, "preset", "session", "source"}},
		{[]string{"evaluate", "nobody"}, []string{`"nobody"`, "cnnbench sessions"}},
		{[]string{"predict", "nobody", path}, []string{`"nobody"`}},
		{[]string{"export", "nobody", "--format", "safetensors"}, []string{`"nobody"`}},
		{[]string{"export", "nobody"}, []string{"--format", "needs one of csv, "}},
		{[]string{"export", "nobody", "--format", "onnx", "--layout", "hwc"}, []string{`"hwc"`, "nhwc", "nchw"}},
		{[]string{"export", "nobody", "--format", "npz", "--with-preprocess"}, []string{"npz", "onnx has"}},
		{[]string{"export", "nobody", "--format", "docx"}, []string{`"docx"`, "safetensors", "npz", "csv"}},
		{[]string{"sessions", "show", "nobody"}, []string{`"nobody"`}},
		{[]string{"sessions", "rm", "nobody"}, []string{`"nobody"`}},
		{[]string{"sessions", "frobnicate"}, []string{`"frobnicate"`, "cnnbench sessions --help"}},
		{[]string{"presets", "show", "none"}, []string{`"none"`, "lecture-cnn"}},
		{[]string{"data", "nowhere"}, []string{"nowhere", "fashion-mini"}},
		{[]string{"data", "lecture-cnn", "--part", "test"}, []string{"--out"}},
		{[]string{"data", "lecture-cnn", "--part", "tset", "--out", filepath.Join(d.dir, "x.npz")}, []string{`"tset"`, "test"}},
		{[]string{"data", "lecture-linear", "--part", "train", "--epoch", "9223372036854775807", "--out", "x.npz"}, []string{"--epoch", "smaller"}},
		{[]string{"data", spoilt("endless", "epochs: 2", "steps_per_epoch: 9223372036854775807"), "--part", "train", "--epoch", "1", "--out", "x.npz"}, []string{"at most 4 GiB", "fit.steps_per_epoch"}},
		{[]string{"bench", "alexnet"}, []string{`"alexnet"`, "lenet5"}},
		{[]string{"bench", "--batch", "0"}, []string{"--batch 0"}},
		{[]string{"frobnicate", path}, []string{`"frobnicate"`, "cnnbench --help"}},
		{[]string{"what is this"}, []string{"what is this", "preset"}},
		{[]string{"--symbols", "runes"}, []string{"runes", "braille"}},
	} {
		s := d.run(c.args...)
		if s.code != exitUsage || s.out != "" {
			t.Errorf("%q: exit code %d, stdout %q", c.args, s.code, s.out)
		}
		if !strings.HasPrefix(s.err, "cnnbench: ") || strings.Count(s.err, "\n") != 1 || strings.Contains(s.err, "goroutine") {
			t.Errorf("%q: stderr is not one sentence: %q", c.args, s.err)
		}
		for _, w := range c.want {
			if !strings.Contains(s.err, w) {
				t.Errorf("%q: %q lacks %q", c.args, s.err, w)
			}
		}
	}
	d.untouched()
}

func TestHelp(t *testing.T) {
	d := newDesk(t)
	for _, args := range [][]string{{"--help"}, {"help"}, {"train", "-h"}, {"help", "train"}} {
		if out := d.must(args...); !strings.Contains(out, "USAGE") || !strings.Contains(out, "--threads") {
			t.Errorf("%q prints\n%s", args, out)
		}
	}
	if out := d.must("--version"); !strings.HasPrefix(out, "cnnbench version ") {
		t.Errorf("--version prints %q", out)
	}
}

func TestAnUnknownISA(t *testing.T) {
	t.Setenv("CNNBENCH_ISA", "mmx")
	if s := newDesk(t).run("presets"); s.code != exitUsage || !strings.Contains(s.err, `"mmx"`) {
		t.Errorf("exit code %d, %q", s.code, s.err)
	}
}

// A result that nobody got is a failure.
func TestStdoutThatTakesNothing(t *testing.T) {
	d := newDesk(t)
	path := d.file("quick.yaml", quick)
	for _, args := range [][]string{{"summary", path}, {"presets"}, {"train", path, "--json"}} {
		var errs bytes.Buffer
		p := Program{Args: append([]string{"--home", d.home}, args...), Stdin: strings.NewReader(""), Stdout: full{}, Stderr: &errs}
		if code := p.Main(t.Context()); code != exitFailed || errs.String() != "cnnbench: cannot write to stdout: no space left on device\n" {
			t.Errorf("%q: exit code %d, stderr %q", args, code, errs.String())
		}
	}
}

// full is a file on a disk without room.
type full struct{}

func (full) Write([]byte) (int, error) {
	return 0, &fs.PathError{Op: "write", Path: "/dev/stdout", Err: syscall.ENOSPC}
}

// What is wrong with another source of data is said of the source, and of the weights' flags by their names.
func TestEvaluateMistakes(t *testing.T) {
	d := newDesk(t)
	d.must("train", d.file("quick.yaml", quick), "--name", "q")
	csv := "a,b,c,d,e,f,g,h,i,j,k,l,label\n" + strings.Repeat("1,2,3,4,5,6,7,8,9,10,11,12,cat\n0,0,3,4,5,6,7,8,9,10,11,12,dog\n", 9)
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"--data", "line"}, "cnnbench: data.source: the samples of line are [1], but session q was trained on [12]\n"},
		{[]string{"--data", d.file("two.csv", csv)}, "has the classes cat, dog, but session q was trained on "},
		{[]string{"--best", "--epoch", "1"}, "cnnbench: found --best and --epoch, needs one of them\n"},
	} {
		if s := d.run(append([]string{"evaluate", "q"}, c.args...)...); s.code != exitUsage || !strings.Contains(s.err, c.want) {
			t.Errorf("%q: exit code %d, stderr %q, want %q", c.args, s.code, s.err, c.want)
		}
	}
}
