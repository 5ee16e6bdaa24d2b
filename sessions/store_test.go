package sessions

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"cnnbench/nn/train"
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

func TestLeftoversOfACrashAreClearedAway(t *testing.T) {
	s := &Store{Home: t.TempDir()}
	r := trained(t, s, prepared(t), RunOptions{})
	write := func(path ...string) string {
		t.Helper()
		p := filepath.Join(append([]string{s.folder()}, path...)...)
		if err := errors.Join(os.MkdirAll(filepath.Dir(p), 0o755), os.WriteFile(p, []byte("half"), 0o644)); err != nil {
			t.Fatal(err)
		}
		return p
	}
	ours := []string{
		write(r.Name, checkpointFolder, ".ckpt-00000007.safetensors.tmp-1-1"),
		write(r.Name, "."+experimentFile+".tmp-99-0"),
		write("never", lockFile), write("never", checkpointFolder, "ckpt-00000000.safetensors"),
		write(removedPrefix+"1-x", journalFile),
	}
	others := []string{
		write(r.Name, checkpointFolder, "ckpt-99.safetensors"), write(r.Name, checkpointFolder, "notes.txt"), write(r.Name, ".swp"),
		write("mine", "notes.txt"), write("half", lockFile), write("half", "notes.txt"), write(".hidden", "x"), write("file"),
	}
	held, err := s.fs().Lock(write("held", lockFile))
	if err != nil {
		t.Fatal(err)
	}
	others = append(others, write("held", "."+experimentFile+".tmp-99-0"))
	trained(t, s, prepared(t), RunOptions{})
	for _, p := range ours {
		if _, err := os.Lstat(p); err == nil {
			t.Errorf("%s is still there", p)
		}
	}
	for _, p := range others {
		if _, err := os.Lstat(p); err != nil {
			t.Errorf("%s is gone", p)
		}
	}
	if err := held.Close(); err != nil {
		t.Fatal(err)
	}
	if kept := open(t, s, r.Name).Kept(); !slices.Equal(kept, []int{0, 1, 2}) {
		t.Errorf("kept are %v", kept)
	}
}

// TestCheckpointsKeepTheirOrder: also one that is written after a later one.
func TestCheckpointsKeepTheirOrder(t *testing.T) {
	var k kept
	for _, step := range []int64{0, 30, 10, 20, 30, 10} {
		k.add(save{saveLine: saveLine{File: checkpointName(train.Place{Step: step}, true), Place: train.Place{Step: step}}}, 1)
	}
	var steps []int64
	for _, f := range k.files {
		steps = append(steps, f.Step)
	}
	if want := []int64{0, 10, 20, 30}; !slices.Equal(steps, want) {
		t.Errorf("they lie as %v, want %v", steps, want)
	}
}

func TestThinning(t *testing.T) {
	s := &Store{Home: t.TempDir()}
	k := kept{disk: s.fs(), folder: t.TempDir(), best: 13}
	for n := range 41 {
		for _, at := range []saveLine{{Between: true, Place: train.Place{Epoch: n, Step: int64(n * 10)}}, {Place: train.Place{Epoch: n, Step: int64(n*10 + 5)}}} {
			at.File = checkpointName(at.Place, at.Between)
			if err := os.WriteFile(filepath.Join(k.folder, at.File), nil, 0o644); err != nil {
				t.Fatal(err)
			}
			k.add(save{saveLine: at, marked: n == 7 && at.Between}, keptBytes/10)
		}
	}
	if err := k.prune(); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range k.files {
		got = append(got, f.File)
	}
	names := func(steps ...int) (out []string) {
		for _, n := range steps {
			out = append(out, checkpointName(train.Place{Step: int64(n)}, n%10 == 0))
		}
		return out
	}
	// The start, a branch's, the best, of the others every 8th, the ends of the last two epochs, and the two newest.
	if want := names(0, 70, 80, 130, 160, 240, 320, 390, 400, 405); !slices.Equal(got, want) {
		t.Errorf("kept are %v, want %v", got, want)
	}
	entries, err := os.ReadDir(k.folder)
	if err != nil || len(entries) != len(got) {
		t.Errorf("%d files, %v", len(entries), err)
	}
	if got := ranges([]int{0, 1, 2, 3, 8, 10, 11}); got != "epochs 0 to 3, 8, 10 and 11" {
		t.Errorf("ranges says %q", got)
	}
}

// TestBestWeightsThatWereNotSaved: where the disk did not take them, it is said, and they can be computed again.
func TestBestWeightsThatWereNotSaved(t *testing.T) {
	s := &Store{Home: t.TempDir()}
	trained(t, s, prepared(t, "fit.epochs=3"), RunOptions{Name: "a"})
	session := open(t, s, "a")
	want, err := session.Weights(BestWeights)
	if err != nil || want.Epoch != session.Best.Epoch {
		t.Fatal(want, err)
	}
	at, ok := session.chronicle.ofEpoch(want.Epoch)
	if !ok {
		t.Fatal("no checkpoint of the best epoch")
	}
	if err := os.Remove(session.path(at)); err != nil {
		t.Fatal(err)
	}
	var gone *GoneError
	if _, err := session.Weights(BestWeights); !errors.As(err, &gone) || gone.Epoch != want.Epoch {
		t.Fatalf("found %v", err)
	}
	got, err := s.Recompute(context.Background(), session, gone.Epoch, 1)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(fileOf(t, got), fileOf(t, want)) {
		t.Error("computed again they are others")
	}
}
