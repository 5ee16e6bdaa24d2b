package command

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"cnnbench/dataset/catalogue"
	"cnnbench/dataset/download"
)

// small is a set like MNIST with few digits, and the files of it by their names.
func small(t *testing.T, url string) (catalogue.Set, map[string][]byte) {
	t.Helper()
	set, ok := catalogue.Lookup("mnist")
	if !ok {
		t.Fatal("there is no mnist")
	}
	set.Files = slices.Clone(set.Files)
	files := map[string][]byte{}
	for i := range set.Files {
		f := &set.Files[i]
		n := 20
		if strings.HasPrefix(f.Name(), "train") {
			n = 80
		}
		idx := []byte{0, 0, 8, 1}
		sizes := []uint32{uint32(n)}
		if strings.Contains(f.Name(), "images") {
			idx[3], sizes = 3, append(sizes, 8, 8)
		}
		each := 1
		for _, s := range sizes {
			idx = binary.BigEndian.AppendUint32(idx, s)
		}
		for _, s := range sizes[1:] {
			each *= int(s)
		}
		for j := range n * each {
			if each == 1 {
				idx = append(idx, byte(j%7)) // no digit above 6
			} else {
				idx = append(idx, byte(j/each%7*40))
			}
		}
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		if _, err := z.Write(idx); err != nil {
			t.Fatal(err)
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(b.Bytes())
		files["/"+f.Name()] = b.Bytes()
		f.URL, f.Size, f.SHA256 = url+"/"+f.Name(), int64(b.Len()), hex.EncodeToString(sum[:])
	}
	return set, files
}

// fetch runs a command line that may download this set, without pauses.
func (d *desk) fetch(ctx context.Context, set catalogue.Set, args ...string) said {
	var out, err bytes.Buffer
	client := download.New()
	client.Pause = 0
	p := Program{Args: append([]string{"--home", d.home}, args...), Stdin: strings.NewReader(""), Stdout: &out, Stderr: &err, public: []catalogue.Set{set}, client: client}
	code := p.Main(ctx)
	return said{code, out.String(), err.String()}
}

// A set that is not there is an error with the command that brings it; then it is a source as any other.
func TestDataGet(t *testing.T) {
	d := newDesk(t)
	var files map[string][]byte
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(files[r.URL.Path]))
	}))
	defer server.Close()
	set, files := small(t, server.URL)
	path := d.file("digits.yaml", `name: digits
data: {source: mnist, rescale: 1/255}
model: {layers: [flatten, dense: {units: 10, activation: softmax}]}
fit: {epochs: 1}
`)
	missing := "the public data set mnist is not here yet; `cnnbench data get mnist` downloads it"
	for _, args := range [][]string{{"data", "mnist"}, {"train", path}, {"mnist"}, {"data", path}} {
		if s := d.run(args...); s.code != exitUsage || !strings.Contains(s.err, missing) {
			t.Errorf("%v: exit code %d, %q", args, s.code, s.err)
		}
	}
	if s := d.fetch(t.Context(), set, "data", "get"); !strings.HasPrefix(s.out, "mnist             0.0 MB  -     handwritten digits") {
		t.Errorf("data get lists %q, %q", s.out, s.err)
	}
	d.untouched()

	folder := filepath.Join(d.home, "data", "mnist")
	for range 2 {
		s := d.fetch(t.Context(), set, "data", "get", "mnist")
		if s.code != exitDone || s.err != "" {
			t.Fatalf("exit code %d, %q", s.code, s.err)
		}
		want := "source: mnist\npath: " + folder + "\nfile: t10k-images-idx3-ubyte.gz, "
		if !strings.HasPrefix(s.out, want) || !strings.HasSuffix(s.out, " bytes\ntrain: 80 samples\ntest: 20 samples\n") || len(lines(s.out)) != 8 {
			t.Errorf("prints\n%s", s.out)
		}
	}
	if s := d.fetch(t.Context(), set, "data", "get"); !strings.Contains(s.out, " MB  here  ") {
		t.Errorf("data get lists %q", s.out)
	}
	if out := d.must("data"); !strings.Contains(out, "\nmnist           handwritten digits") || strings.Contains(out, "kmnist") {
		t.Errorf("data lists\n%s", out)
	}
	out := d.must("data", "mnist")
	for _, want := range []string{"source: mnist\n", "about: handwritten digits", "shape: 8x8x1\n", "classes: 10: 0, 1, 2, 3, 4, 5, 6, 7, 8, 9\n", "train: 80 samples\n", "test: 20 samples\n"} {
		if !strings.Contains(out, want) {
			t.Errorf("data mnist lacks %q:\n%s", want, out)
		}
	}
	// The session keeps the name, and finds the data again wherever it is asked.
	d.must("train", path)
	if show := d.must("sessions", "show", "digits-1"); !strings.Contains(show, "source: mnist") {
		t.Errorf("the session has\n%s", show)
	}
	for _, args := range [][]string{{"evaluate", "digits-1"}, {"evaluate", "digits-1", "--data", "mnist"}} {
		if out := d.must(args...); !strings.Contains(out, "test samples: 20\n") {
			t.Errorf("%v prints\n%s", args, out)
		}
	}
	if s := d.run("mnist"); s.code != exitDone || !strings.Contains(s.out, "session: mnist-1\n") {
		t.Errorf("exit code %d, %q, %q", s.code, s.err, s.out)
	}
}

// A set that another program downloads is refused, with that program's number, until it is done.
func TestDataGetTwice(t *testing.T) {
	d := newDesk(t)
	var set catalogue.Set
	var files map[string][]byte
	var once sync.Once
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		once.Do(func() {
			s := d.fetch(t.Context(), set, "data", "get", "mnist")
			want := fmt.Sprintf("cnnbench: get mnist: process %d is downloading it; wait until it is done, or stop that first\n", os.Getpid())
			if s != (said{exitFailed, "", want}) {
				t.Errorf("beside another: %+v, want %q", s, want)
			}
		})
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(files[r.URL.Path]))
	}))
	defer server.Close()
	set, files = small(t, server.URL)
	for range 2 {
		if s := d.fetch(t.Context(), set, "data", "get", "mnist"); s.code != exitDone || s.err != "" {
			t.Errorf("exit code %d, %q", s.code, s.err)
		}
	}
}

// What goes wrong on the way is a sentence, and says whether it helps to try again.
func TestDataGetFails(t *testing.T) {
	d := newDesk(t)
	ctx, cancel := context.WithCancel(t.Context())
	answers := map[string]http.HandlerFunc{
		"gone":    http.NotFound,
		"busy":    func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) },
		"changed": func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("another file")) },
		"slow": func(w http.ResponseWriter, r *http.Request) {
			w.(http.Flusher).Flush()
			cancel()
			<-r.Context().Done()
		},
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answers[strings.Split(r.URL.Path, "/")[1]](w, r)
	}))
	defer server.Close()
	for _, c := range []struct {
		answer string
		code   int
		again  bool
		want   string
	}{
		{"gone", exitFailed, false, "cnnbench: get mnist: t10k-images-idx3-ubyte.gz: "},
		{"busy", exitFailed, true, "trying again\n"},
		{"changed", exitFailed, false, "a file of 12 bytes"},
		{"slow", exitInterrupted, true, "cnnbench: interrupted; "},
	} {
		set, _ := small(t, server.URL+"/"+c.answer)
		s := d.fetch(ctx, set, "data", "get", "mnist")
		if s.code != c.code || s.out != "" || !strings.Contains(s.err, c.want) {
			t.Errorf("%s: exit code %d, stdout %q, stderr %q, want %q", c.answer, s.code, s.out, s.err, c.want)
		}
		if again := strings.HasSuffix(s.err, "`cnnbench data get mnist` goes on where it stopped\n"); again != c.again {
			t.Errorf("%s: %q; want the way to go on: %t", c.answer, s.err, c.again)
		}
	}
	if s := d.run("data", "get", "emnist"); s.code != exitUsage || !strings.Contains(s.err, `"emnist"`) || !strings.Contains(s.err, "kmnist, cifar10") {
		t.Errorf("exit code %d, %q", s.code, s.err)
	}
	blocked := d.file("home", "no folder")
	d.home = blocked
	set, _ := small(t, server.URL+"/gone")
	if s := d.fetch(t.Context(), set, "data", "get", "mnist"); s.code != exitFailed || !strings.Contains(s.err, "make the folder of the data sets: ") {
		t.Errorf("exit code %d, %q", s.code, s.err)
	}
}

// The folder of a public name in the working folder is told apart by how it is written.
func TestPublicNameAndFolder(t *testing.T) {
	d := newDesk(t)
	t.Chdir(d.dir)
	if err := os.Mkdir("mnist", 0o755); err != nil {
		t.Fatal(err)
	}
	if s := d.run("data", "mnist"); s.code != exitUsage || !strings.Contains(s.err, "./mnist is the file or folder of that name") {
		t.Errorf("exit code %d, %q", s.code, s.err)
	}
	if s := d.run("data", "./mnist"); s.code != exitUsage || strings.Contains(s.err, "data get") {
		t.Errorf("exit code %d, %q", s.code, s.err)
	}
}
