package sessions

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

func TestNamesAndNumbers(t *testing.T) {
	s := &Store{Home: t.TempDir()}
	p := prepared(t, "fit.epochs=1")
	var mu sync.Mutex
	names := map[string]bool{}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			r, err := s.Start(context.Background(), p, RunOptions{Threads: 1})
			if err != nil {
				t.Error(err)
				return
			}
			<-r.Done()
			mu.Lock()
			defer mu.Unlock()
			names[r.Name] = true
		})
	}
	wg.Wait()
	if len(names) != 4 {
		t.Errorf("four trainings got the names %v", names)
	}
	if r := trained(t, s, p, RunOptions{Name: "mein.Netz_2"}); r.Name != "mein.Netz_2" {
		t.Errorf("named %s", r.Name)
	}
	var exists *ExistsError
	if _, err := s.Start(context.Background(), p, RunOptions{Name: "mein.Netz_2"}); !errors.As(err, &exists) {
		t.Errorf("a taken name gives %v", err)
	}
	for _, bad := range []string{"..", ".", ".x", "a/b", `a\b`, "a b", "-x", "con", "lpt1.x", "a.", strings.Repeat("x", 101), "a\x00b", "a:b"} {
		if CheckName(bad) == nil {
			t.Errorf("the name %q is taken", bad)
		}
		if _, err := s.Start(context.Background(), p, RunOptions{Name: bad}); bad != "" && err == nil {
			t.Errorf("a session is called %q", bad)
		}
		if _, err := s.Open(bad); err == nil {
			t.Errorf("%q was opened", bad)
		}
		if s.Remove(bad) == nil {
			t.Errorf("%q was removed", bad)
		}
	}
	for from, want := range map[string]string{"my net": "my-net", "..": "session", "": "session", "ü/ö": "ü-ö", "aux": "aux", strings.Repeat("x", 200): strings.Repeat("x", 92)} {
		if got := plainName(from); got != want || CheckName(got+"-1") != nil {
			t.Errorf("plainName(%q) = %q, want %q", from, got, want)
		}
	}
	list, err := s.List()
	if err != nil || len(list) != 5 {
		t.Errorf("%d sessions listed, %v", len(list), err)
	}
}

func TestBrokenFolders(t *testing.T) {
	s := &Store{Home: t.TempDir()}
	if list, err := s.List(); err != nil || list != nil {
		t.Errorf("without a folder: %v, %v", list, err)
	}
	good := trained(t, s, prepared(t), RunOptions{})
	write := func(name, file, text string) {
		t.Helper()
		if err := os.MkdirAll(s.dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(s.dir(name), file), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("empty", "notes.txt", "")
	write("noise", journalFile, "\x00\x01\n\x02\n")
	write("newer", journalFile, `{"start":{"version":99}}`+"\n")
	write("cut", journalFile, `{"start":{"version":1,"epochs":3}`)
	if err := os.WriteFile(filepath.Join(s.folder(), "file"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	list, err := s.List()
	if err != nil || len(list) != 5 {
		t.Fatalf("%d listed, %v", len(list), err)
	}
	for _, i := range list {
		if (i.Err == nil) != (i.Name == good.Name) {
			t.Errorf("%s: %v", i.Name, i.Err)
		}
		if i.Err != nil {
			if _, err := s.Open(i.Name); err == nil {
				t.Errorf("%s was opened", i.Name)
			}
		}
	}
	if err := s.Remove("noise"); err != nil {
		t.Error(err)
	}
}

func TestLeftoversOfACrashDoNoHarm(t *testing.T) {
	s := &Store{Home: t.TempDir()}
	r := trained(t, s, prepared(t), RunOptions{})
	dir := filepath.Join(r.Dir, weightsFolder)
	leftover := filepath.Join(dir, ".epoch-00007.safetensors.tmp-1-1")
	if err := os.WriteFile(leftover, []byte("half"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "epoch-7.safetensors"), []byte("half"), 0o644); err != nil {
		t.Fatal(err)
	}
	got := open(t, s, r.Name)
	if kept := got.Kept(); !slices.Equal(kept, []int{0, 1, 2}) {
		t.Errorf("kept are %v", kept)
	}
	if err := os.WriteFile(filepath.Join(dir, lastWeights), []byte("half"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := got.Weights(Last); err == nil {
		t.Error("half a file was read as weights")
	}
}

func TestThinning(t *testing.T) {
	dir := t.TempDir()
	for n := range 41 {
		if err := os.WriteFile(filepath.Join(dir, epochWeights(n)), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := thin(dir, keptBytes/10); err != nil {
		t.Fatal(err)
	}
	if kept := keptEpochs(dir); !slices.Equal(kept, []int{0, 8, 16, 24, 32, 40}) {
		t.Errorf("kept are %v", kept)
	}
	if err := thin(dir, 10*keptBytes); err != nil {
		t.Fatal(err)
	}
	if kept := keptEpochs(dir); !slices.Equal(kept, []int{0, 40}) {
		t.Errorf("of huge ones kept are %v", kept)
	}
	if got := ranges([]int{0, 1, 2, 3, 8, 10, 11}); got != "epochs 0 to 3, 8, 10 and 11" {
		t.Errorf("ranges says %q", got)
	}
}

// TestBestWeightsThatWereNotSaved: the epoch's own stand in for the best that a full disk did not take, and where they
// are gone too, it is said.
func TestBestWeightsThatWereNotSaved(t *testing.T) {
	s := &Store{Home: t.TempDir()}
	trained(t, s, prepared(t, "fit.epochs=3"), RunOptions{Name: "a"})
	session := open(t, s, "a")
	want := session.Best.Epoch
	folder := filepath.Join(session.Dir, weightsFolder)
	start, err := os.ReadFile(filepath.Join(folder, epochWeights(0)))
	if err != nil {
		t.Fatal(err)
	}
	// Those of an earlier epoch stayed, or none.
	if err := os.WriteFile(filepath.Join(folder, bestWeights), start, 0o644); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if w, err := session.Weights(BestWeights); err != nil || w.Epoch != want {
			t.Errorf("found the weights %v, %v, want those of epoch %d", w, err, want)
		}
		_ = os.Remove(filepath.Join(folder, bestWeights))
	}
	if err := os.Remove(filepath.Join(folder, epochWeights(want))); err != nil {
		t.Fatal(err)
	}
	if _, err := session.Weights(BestWeights); err == nil || !strings.Contains(err.Error(), "were never saved") {
		t.Errorf("found %v", err)
	}
}
