package download

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"cnnbench/dataset/catalogue"
)

// noise is n bytes that repeat nowhere.
func noise(n int, seed uint64) []byte {
	r, b := rand.New(rand.NewPCG(seed, 1)), make([]byte, n)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

// fileOf is the catalogue's line of a file.
func fileOf(url string, content []byte, members ...catalogue.Member) catalogue.File {
	sum := sha256.Sum256(content)
	return catalogue.File{URL: url, Size: int64(len(content)), SHA256: hex.EncodeToString(sum[:]), Members: members}
}

// host is a server, and what it was asked for.
type host struct {
	*httptest.Server
	mu    sync.Mutex
	asked []string // Range of each request, "" for all
}

func (h *host) requests() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.asked)
}

// serve answers request n, counted from 0, by a handler.
func serve(t *testing.T, handle func(n int, w http.ResponseWriter, r *http.Request)) *host {
	h := &host{}
	h.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.mu.Lock()
		n := len(h.asked)
		h.asked = append(h.asked, r.Header.Get("Range"))
		h.mu.Unlock()
		handle(n, w, r)
	}))
	t.Cleanup(h.Close)
	return h
}

// whole serves the content, ranges too.
func whole(w http.ResponseWriter, r *http.Request, content []byte) {
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
}

// cut promises the content and breaks the connection after n bytes.
func cut(w http.ResponseWriter, content []byte, n int) {
	w.Header().Set("Content-Length", fmt.Sprint(len(content)))
	w.Write(content[:n])
	panic(http.ErrAbortHandler)
}

// desk is where a test downloads to.
type desk struct {
	*testing.T
	client    *Client
	downloads string
	progress  []Progress
}

func newDesk(t *testing.T) *desk {
	return &desk{T: t, client: &Client{HTTP: &http.Client{}, Tries: 3, Stall: time.Hour}, downloads: t.TempDir()}
}

func (d *desk) get(ctx context.Context, s catalogue.Set) error {
	d.progress = nil
	return d.client.Get(ctx, s, d.downloads, func(p Progress) { d.progress = append(d.progress, p) })
}

// holds checks that the set's folder has these files and no others.
func (d *desk) holds(s catalogue.Set, want map[string][]byte) {
	d.Helper()
	entries, err := os.ReadDir(s.Folder(d.downloads))
	if err != nil {
		d.Fatal(err)
	}
	for _, e := range entries {
		content, ok := want[e.Name()]
		if !ok {
			d.Errorf("there is a file %s", e.Name())
		} else if got, err := os.ReadFile(filepath.Join(s.Folder(d.downloads), e.Name())); err != nil || !bytes.Equal(got, content) {
			d.Errorf("%s has %d bytes, %v; want other %d", e.Name(), len(got), err, len(content))
		}
	}
	if len(entries) != len(want) {
		d.Errorf("there are %d files, want %d", len(entries), len(want))
	}
}

// put writes what an earlier try left.
func (d *desk) put(s catalogue.Set, name string, content []byte) {
	d.Helper()
	if err := os.MkdirAll(s.Folder(d.downloads), 0o755); err != nil {
		d.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(s.Folder(d.downloads), name), content, 0o644); err != nil {
		d.Fatal(err)
	}
}

// Two sets come each to its folder, and stay as they are when they are asked for again.
func TestWhole(t *testing.T) {
	d := newDesk(t)
	content := map[string][]byte{"/a/x.gz": noise(200_000, 1), "/a/y.gz": noise(10, 2), "/b/x.gz": noise(70_000, 3)}
	h := serve(t, func(_ int, w http.ResponseWriter, r *http.Request) {
		if e := r.Header.Get("Accept-Encoding"); e != "identity" {
			t.Errorf("accepts %q, and so may get what is not the file", e)
		}
		whole(w, r, content[r.URL.Path])
	})
	file := func(path string) catalogue.File { return fileOf(h.URL+path, content[path]) }
	a := catalogue.Set{Name: "a", Files: []catalogue.File{file("/a/x.gz"), file("/a/y.gz")}}
	b := catalogue.Set{Name: "b", Files: []catalogue.File{file("/b/x.gz")}}
	for range 2 {
		for _, s := range []catalogue.Set{a, b} {
			if err := d.get(t.Context(), s); err != nil {
				t.Fatal(err)
			}
			last := d.progress[len(d.progress)-1]
			if last.Done != s.Size() || last.Total != s.Size() {
				t.Errorf("%s ends at %d of %d, want %d", s.Name, last.Done, last.Total, s.Size())
			}
			if !slices.IsSortedFunc(d.progress, func(a, b Progress) int { return int(a.Done - b.Done) }) {
				t.Errorf("%s goes back: %v", s.Name, d.progress)
			}
		}
	}
	d.holds(a, map[string][]byte{"x.gz": content["/a/x.gz"], "y.gz": content["/a/y.gz"]})
	d.holds(b, map[string][]byte{"x.gz": content["/b/x.gz"]})
	if len(h.requests()) != 3 {
		t.Errorf("%d requests, want one a file", len(h.requests()))
	}

	// A file that has gone bad since, or gone, is fetched again, and that one only.
	d.put(a, "x.gz", noise(200_000, 9))
	if err := d.get(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	d.holds(a, map[string][]byte{"x.gz": content["/a/x.gz"], "y.gz": content["/a/y.gz"]})
	if len(h.requests()) != 4 {
		t.Errorf("%d requests, want one more", len(h.requests()))
	}
}

// Whatever an earlier try left and however the server takes a request for the rest: the file is what was published.
func TestResume(t *testing.T) {
	content := noise(300_000, 1)
	half := content[:150_000]
	ranged := func(header string, body []byte) func(int, http.ResponseWriter, *http.Request) {
		return func(n int, w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Range") == "" {
				whole(w, r, content)
				return
			}
			w.Header().Set("Content-Range", header)
			w.WriteHeader(http.StatusPartialContent)
			w.Write(body)
		}
	}
	all := func(_ int, w http.ResponseWriter, r *http.Request) { whole(w, r, content) }
	deaf := func(_ int, w http.ResponseWriter, r *http.Request) { w.Write(content) }
	for _, c := range []struct {
		name   string
		part   []byte // what is there; nil: nothing
		handle func(int, http.ResponseWriter, *http.Request)
		asked  string // Range of each request
	}{
		{"half", half, all, "bytes=150000-"},
		{"empty", []byte{}, all, ""},
		{"whole, unchecked", content, all, "none"},
		{"more than whole", append(slices.Clone(content), 1, 2), all, ""},
		{"no ranges", half, deaf, "bytes=150000-"},
		{"of unknown length", half, ranged("bytes 150000-299999/*", content[150_000:]), "bytes=150000-"},
		{"another range", half, ranged("bytes 140000-299999/300000", content[140_000:]), "bytes=150000-|"},
		{"a shorter range", half, ranged("bytes 150000-150009/300000", content[150_000:150_010]), "bytes=150000-|"},
		{"of another file", half, ranged("bytes 150000-299999/400000", content[150_000:]), "bytes=150000-|"},
		{"no sense", half, ranged("pages 3", content[150_000:]), "bytes=150000-|"},
		{"refused", half, func(_ int, w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Range") != "" {
				w.WriteHeader(http.StatusRequestedRangeNotSatisfiable)
				return
			}
			whole(w, r, content)
		}, "bytes=150000-|"},
		{"cut in the middle", nil, func(n int, w http.ResponseWriter, r *http.Request) {
			if n == 0 {
				cut(w, content, 100_000)
			}
			whole(w, r, content)
		}, "|bytes=100000-"},
		{"cut, without ranges", nil, func(n int, w http.ResponseWriter, r *http.Request) {
			if n < 2 {
				cut(w, content, 100_000)
			}
			w.Write(content)
		}, "|bytes=100000-|bytes=100000-"},
		{"ends early without a word", nil, func(n int, w http.ResponseWriter, r *http.Request) {
			if n == 0 {
				w.Write(content[:100_000])
				w.(http.Flusher).Flush() // no length is said
				return
			}
			whole(w, r, content)
		}, "|bytes=100000-"},
		{"busy", half, func(n int, w http.ResponseWriter, r *http.Request) {
			if n == 0 {
				w.WriteHeader(http.StatusServiceUnavailable)
				return
			}
			whole(w, r, content)
		}, "bytes=150000-|bytes=150000-"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, h := newDesk(t), serve(t, c.handle)
			s := catalogue.Set{Name: "s", Files: []catalogue.File{fileOf(h.URL+"/x.gz", content)}}
			if c.part != nil {
				d.put(s, "x.gz.part", c.part)
			}
			if err := d.get(t.Context(), s); err != nil {
				t.Fatal(err)
			}
			d.holds(s, map[string][]byte{"x.gz": content})
			asked := strings.Join(h.requests(), "|")
			if h.requests() == nil {
				asked = "none"
			}
			// How much of what was sent before a cut has arrived is the system's choice.
			if strings.HasPrefix(c.asked, "|") {
				asked, c.asked = fmt.Sprint(strings.Count(asked, "|")), fmt.Sprint(strings.Count(c.asked, "|"))
			}
			if asked != c.asked {
				t.Errorf("asked for %q, want %q", asked, c.asked)
			}
		})
	}
}

// What cannot come is an error that says so, and what is left is of use the next time or gone.
func TestMistakes(t *testing.T) {
	content := noise(100_000, 1)
	wrong := noise(100_000, 2)
	sum := func(b []byte) string { return fileOf("", b).SHA256 }
	for _, c := range []struct {
		name   string
		part   []byte
		handle func(int, http.ResponseWriter, *http.Request)
		want   []string
		asked  int
		left   []byte // in the .part; nil: none
		broken bool
	}{
		{"another digest", nil, func(_ int, w http.ResponseWriter, r *http.Request) { whole(w, r, wrong) },
			[]string{"x.gz: ", sum(wrong), sum(content), "removed"}, 1, nil, false},
		{"the rest of another file", wrong[:50_000], func(_ int, w http.ResponseWriter, r *http.Request) { whole(w, r, content) },
			[]string{sum(append(wrong[:50_000:50_000], content[50_000:]...)), sum(content)}, 1, nil, false},
		{"too long", nil, func(_ int, w http.ResponseWriter, r *http.Request) { whole(w, r, append(slices.Clone(content), 1)) },
			[]string{"100001 bytes", "100000"}, 1, []byte{}, false},
		{"too long without a word", nil, func(_ int, w http.ResponseWriter, r *http.Request) {
			w.(http.Flusher).Flush()
			for range 1000 { // it is not read to its end
				if _, err := w.Write(content); err != nil {
					return
				}
			}
		}, []string{"more than the 100000 bytes"}, 1, []byte{}, false},
		{"too short", content[:60_000], func(_ int, w http.ResponseWriter, r *http.Request) { whole(w, r, content[:90_000]) },
			[]string{"90000 bytes", "100000"}, 2, content[:60_000], false},
		{"a page instead", content[:60_000], func(_ int, w http.ResponseWriter, r *http.Request) { io.WriteString(w, "<html>Log in") },
			[]string{"12 bytes", "100000"}, 1, content[:60_000], false},
		{"not there", content[:60_000], func(_ int, w http.ResponseWriter, r *http.Request) { http.NotFound(w, r) },
			[]string{"/x.gz answers 404 Not Found"}, 1, content[:60_000], false},
		{"always busy", content[:60_000], func(_ int, w http.ResponseWriter, r *http.Request) { w.WriteHeader(503) },
			[]string{"broke after 60000 of 100000", "503 Service Unavailable"}, 3, content[:60_000], true},
		{"a range unasked for", nil, func(_ int, w http.ResponseWriter, r *http.Request) { w.WriteHeader(206) },
			[]string{"answers 206"}, 1, []byte{}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, h := newDesk(t), serve(t, c.handle)
			s := catalogue.Set{Name: "s", Files: []catalogue.File{fileOf(h.URL+"/x.gz", content)}}
			if c.part != nil {
				d.put(s, "x.gz.part", c.part)
			}
			err := d.get(t.Context(), s)
			for _, w := range c.want {
				if err == nil || !strings.Contains(err.Error(), w) {
					t.Errorf("error %v, want %q", err, w)
				}
			}
			var broken *BrokenError
			if errors.As(err, &broken) != c.broken {
				t.Errorf("%v: a broken connection: want %t", err, c.broken)
			}
			if len(h.requests()) != c.asked {
				t.Errorf("asked %q, want %d requests", h.requests(), c.asked)
			}
			left := map[string][]byte{}
			if c.left != nil {
				left["x.gz.part"] = c.left
			}
			d.holds(s, left)
		})
	}
}

// A connection that breaks every time leaves what came, for the next time.
func TestBroken(t *testing.T) {
	d, content := newDesk(t), noise(100_000, 1)
	closed := serve(t, nil)
	closed.Close()
	s := catalogue.Set{Name: "s", Files: []catalogue.File{fileOf(closed.URL+"/x.gz", content)}}
	var broken *BrokenError
	if err := d.get(t.Context(), s); !errors.As(err, &broken) || broken.Done != 0 || !strings.Contains(err.Error(), "127.0.0.1") {
		t.Errorf("nobody there: %v", err)
	}
	if n := len(d.progress); n != d.client.Tries-1 || d.progress[0].Broken == nil {
		t.Errorf("tells of %d broken tries: %v", n, d.progress)
	}
	h := serve(t, func(n int, w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-99999/100000", 20_000*n))
		if n > 0 {
			w.WriteHeader(206)
		}
		w.Write(content[20_000*n : 20_000*(n+1)])
		w.(http.Flusher).Flush() // ends early, but without an error that would discard what is under way
	})
	s.Files[0].URL = h.URL + "/x.gz"
	if err := d.get(t.Context(), s); !errors.As(err, &broken) || broken.Done != 60_000 {
		t.Error(err)
	}
	d.holds(s, map[string][]byte{"x.gz.part": content[:60_000]})
	if err := d.get(t.Context(), s); err != nil {
		t.Error(err)
	}
	d.holds(s, map[string][]byte{"x.gz": content})
}

// A download that is cancelled goes on where it was.
func TestCancelled(t *testing.T) {
	d, content := newDesk(t), noise(400_000, 1)
	h := serve(t, func(n int, w http.ResponseWriter, r *http.Request) {
		if n > 0 {
			whole(w, r, content)
			return
		}
		w.Header().Set("Content-Length", fmt.Sprint(len(content)))
		w.Write(content[:200_000])
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	})
	s := catalogue.Set{Name: "s", Files: []catalogue.File{fileOf(h.URL+"/x.gz", content)}}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	err := d.client.Get(ctx, s, d.downloads, func(p Progress) {
		if p.Done == 200_000 {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	d.holds(s, map[string][]byte{"x.gz.part": content[:200_000]})
	if err := d.get(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	if want := []string{"", "bytes=200000-"}; !slices.Equal(h.requests(), want) {
		t.Errorf("asked for %q, want %q", h.requests(), want)
	}
	d.holds(s, map[string][]byte{"x.gz": content})
}

// roundTrip is a server without a network.
type roundTrip func(r *http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// body is read by a function and needs no closing.
type body func(p []byte) (int, error)

func (f body) Read(p []byte) (int, error) { return f(p) }
func (body) Close() error                 { return nil }

// A server that falls silent is asked again after a while, and a broken one after pauses that double.
func TestPatience(t *testing.T) {
	content := noise(100, 1)
	synctest.Test(t, func(t *testing.T) {
		d, start := newDesk(t), time.Now()
		var at []time.Duration
		d.client = &Client{Tries: 4, Pause: time.Second, Stall: time.Minute, HTTP: &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			at = append(at, time.Since(start))
			resp := &http.Response{StatusCode: 200, ContentLength: 100, Request: r}
			switch len(at) {
			case 1, 2:
				return nil, errors.New("no route")
			case 3: // a byte now and then, and then nothing
				sent := 0
				resp.Body = body(func(p []byte) (int, error) {
					if sent == 3 {
						<-r.Context().Done()
						return 0, r.Context().Err()
					}
					time.Sleep(50 * time.Second)
					p[0] = content[sent]
					sent++
					return 1, nil
				})
			default:
				if got := r.Header.Get("Range"); got != "bytes=3-" {
					t.Errorf("asked for %q", got)
				}
				resp.Body = io.NopCloser(bytes.NewReader(content))
			}
			return resp, nil
		})}}
		s := catalogue.Set{Name: "s", Files: []catalogue.File{fileOf("http://nowhere/x.gz", content)}}
		if err := d.get(t.Context(), s); err != nil {
			t.Fatal(err)
		}
		third := 3 * time.Second
		if want := []time.Duration{0, time.Second, third, third + 150*time.Second + time.Minute + 4*time.Second}; !slices.Equal(at, want) {
			t.Errorf("asked at %v, want %v", at, want)
		}
		if !slices.ContainsFunc(d.progress, func(p Progress) bool { return errors.Is(p.Broken, errStalled) }) {
			t.Error("does not tell that the server fell silent")
		}
	})
}
