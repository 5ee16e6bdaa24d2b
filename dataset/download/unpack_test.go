package download

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"cnnbench/dataset/catalogue"
)

// entry is a member of an archive as a test writes it.
type entry struct {
	name string
	body []byte
	kind byte // 0: a file
	link string
}

func archive(t testing.TB, entries []entry) []byte { return zipped(t, tarball(t, entries)) }

func tarball(t testing.TB, entries []entry) []byte {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, e := range entries {
		if err := w.WriteHeader(&tar.Header{Name: e.name, Size: int64(len(e.body)), Typeflag: e.kind, Linkname: e.link, Mode: 0o777}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(e.body); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func zipped(t testing.TB, content []byte) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Of an archive only what is expected is written, all or nothing, wherever its names point.
func TestUnpack(t *testing.T) {
	data, names := noise(5000, 1), []byte("cat\ndog\n")
	members := []catalogue.Member{{Path: "set/data.bin", Size: 5000}, {Path: "set/names.txt"}}
	good := []entry{{"set/", nil, tar.TypeDir, ""}, {"set/data.bin", data, 0, ""}, {"set/readme.html", noise(100, 2), 0, ""}, {"set/names.txt", names, 0, ""}}
	with := func(more ...entry) []byte { return archive(t, append(more, good...)) }
	without := func(i int, e ...entry) []byte {
		return archive(t, append(slices.Delete(slices.Clone(good), i, i+1), e...))
	}
	whole := archive(t, good)
	badSum := slices.Clone(whole)
	badSum[len(badSum)-8] ^= 1 // gzip's checksum
	for _, c := range []struct {
		name    string
		archive []byte
		want    string // in the error; "": none
	}{
		{"good", whole, ""},
		{"names that lead away", with(entry{"../../away.txt", names, 0, ""}, entry{"/etc/away.txt", names, 0, ""}, entry{"set/../names.txt", names, 0, ""}, entry{"names.txt", names, 0, ""}, entry{`..\away.txt`, names, 0, ""}), ""},
		{"other links and devices", with(entry{"set/link", nil, tar.TypeSymlink, "/etc/passwd"}, entry{"set/null", nil, tar.TypeChar, ""}), ""},
		{"a link for a file", without(1, entry{"set/data.bin", nil, tar.TypeSymlink, "/etc/passwd"}), "set/data.bin is a link"},
		{"a hard link for a file", without(1, entry{"set/data.bin", nil, tar.TypeLink, "/etc/passwd"}), "set/data.bin is a link"},
		{"a folder for a file", without(1, entry{"set/data.bin", nil, tar.TypeDir, ""}), "set/data.bin is a link or the like"},
		{"twice", with(entry{"set/data.bin", data, 0, ""}), "set/data.bin is there twice"},
		{"missing", without(3), "set/names.txt is missing"},
		{"shorter", without(1, entry{"set/data.bin", data[:4999], 0, ""}), "set/data.bin has 4999 bytes, needs 5000"},
		{"longer", without(1, entry{"set/data.bin", noise(5001, 1), 0, ""}), "5001 bytes, needs 5000"},
		{"a long text", without(3, entry{"set/names.txt", make([]byte, catalogue.MaxText+1), 0, ""}), "set/names.txt has 65537 bytes"},
		{"a bomb", with(entry{"set/bomb", make([]byte, 8<<20), 0, ""}), "far more than it should"},
		{"torn", whole[:len(whole)/2], "EOF"},
		{"a wrong checksum", badSum, "checksum"},
		{"no archive", names, "unpack: "},
		{"nothing", nil, "unpack: "},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDesk(t)
			h := serve(t, func(_ int, w http.ResponseWriter, r *http.Request) { w.Write(c.archive) })
			s := catalogue.Set{Name: "s", Files: []catalogue.File{fileOf(h.URL+"/s.tar.gz", c.archive, members...)}}
			err := d.get(t.Context(), s)
			if c.want != "" {
				if err == nil || !strings.Contains(err.Error(), c.want) {
					t.Errorf("error %v, want %q", err, c.want)
				}
				d.holds(s, map[string][]byte{"s.tar.gz": c.archive})
				if s.Present(d.downloads) {
					t.Error("counts as present")
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			d.holds(s, map[string][]byte{"data.bin": data, "names.txt": names})
			if err := filepath.WalkDir(d.downloads, func(_ string, e fs.DirEntry, err error) error {
				if err == nil && !e.IsDir() && !e.Type().IsRegular() {
					err = fmt.Errorf("%s is no file", e.Name())
				}
				return err
			}); err != nil {
				t.Error(err)
			}
			if err := d.get(t.Context(), s); err != nil || len(h.requests()) != 1 {
				t.Errorf("asked for again: %v, %d requests", err, len(h.requests()))
			}
		})
	}
}

// What a killed program left half unpacked is no obstacle, a link in its place included.
func TestUnpackOverLeavings(t *testing.T) {
	d, data := newDesk(t), noise(5000, 1)
	packed := archive(t, []entry{{"set/data.bin", data, 0, ""}})
	s := catalogue.Set{Name: "s", Files: []catalogue.File{fileOf("http://nowhere/s.tar.gz", packed, catalogue.Member{Path: "set/data.bin", Size: 5000})}}
	d.put(s, "s.tar.gz", packed) // verified, and not unpacked yet
	outside := filepath.Join(d.downloads, "outside")
	if err := os.Symlink(outside, filepath.Join(s.Folder(d.downloads), "data.bin.part")); err != nil {
		t.Skipf("no symbolic links here: %v", err)
	}
	if err := d.get(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	d.holds(s, map[string][]byte{"data.bin": data})
	if _, err := os.Lstat(outside); err == nil {
		t.Error("wrote through the link")
	}
}

// Whatever an archive holds: the members are there, all and as large as they are to be, or nothing is.
func FuzzUnpack(f *testing.F) {
	f.Add(tarball(f, []entry{{"a/b.bin", noise(10, 1), 0, ""}, {"a/c.txt", []byte("x"), 0, ""}}))
	f.Add(tarball(f, []entry{{"a/b.bin", nil, tar.TypeSymlink, "/etc/passwd"}, {"../c.txt", nil, 0, ""}}))
	members := []catalogue.Member{{Path: "a/b.bin", Size: 10}, {Path: "a/c.txt"}}
	f.Fuzz(func(t *testing.T, content []byte) {
		folder := t.TempDir()
		path := filepath.Join(t.TempDir(), "a.tar.gz")
		if err := os.WriteFile(path, zipped(t, content), 0o600); err != nil {
			t.Fatal(err)
		}
		err := unpack(t.Context(), path, folder, members)
		entries, readErr := os.ReadDir(folder)
		if readErr != nil {
			t.Fatal(readErr)
		}
		if want := len(members); err == nil && len(entries) != want || err != nil && len(entries) != 0 {
			t.Errorf("error %v, and there are %v", err, entries)
		}
		if info, statErr := os.Lstat(filepath.Join(folder, "b.bin")); err == nil && (statErr != nil || !info.Mode().IsRegular() || info.Size() != 10) {
			t.Errorf("b.bin is %v, %v", info, statErr)
		}
	})
}
