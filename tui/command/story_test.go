package command

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// desk is a home and a working folder for commands.
type desk struct {
	t    *testing.T
	home string
	dir  string
}

func newDesk(t *testing.T) *desk {
	return &desk{t: t, home: filepath.Join(t.TempDir(), "home"), dir: t.TempDir()}
}

// said is what a command answered.
type said struct {
	code     int
	out, err string
}

// run runs a command line as main does.
func (d *desk) run(args ...string) said {
	return d.runIn(context.Background(), args...)
}

func (d *desk) runIn(ctx context.Context, args ...string) said {
	d.t.Helper()
	var out, err bytes.Buffer
	p := Program{Args: append([]string{"--home", d.home}, args...), Stdin: strings.NewReader(""), Stdout: &out, Stderr: &err}
	code := p.Main(ctx)
	return said{code, out.String(), err.String()}
}

// must is run of a command that has to succeed without a word on stderr.
func (d *desk) must(args ...string) string {
	d.t.Helper()
	s := d.run(args...)
	if s.code != exitDone || s.err != "" {
		d.t.Fatalf("%s: exit code %d, stderr %q, stdout %q", strings.Join(args, " "), s.code, s.err, s.out)
	}
	return s.out
}

// file writes a file into the working folder and returns its path.
func (d *desk) file(name, text string) string {
	d.t.Helper()
	path := filepath.Join(d.dir, name)
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		d.t.Fatal(err)
	}
	return path
}

// untouched fails the test if anything was written to the home.
func (d *desk) untouched() {
	d.t.Helper()
	if _, err := os.Stat(d.home); err == nil {
		d.t.Errorf("something was written to %s", d.home)
	}
}

// lines splits output into its lines.
func lines(s string) []string { return strings.Split(strings.TrimSuffix(s, "\n"), "\n") }

// objects reads output of one JSON object a line.
func objects(t *testing.T, s string) []map[string]any {
	t.Helper()
	var out []map[string]any
	for _, l := range lines(s) {
		var o map[string]any
		if err := json.Unmarshal([]byte(l), &o); err != nil {
			t.Fatalf("%q is no JSON object: %v", l, err)
		}
		out = append(out, o)
	}
	return out
}
