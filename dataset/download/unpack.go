package download

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"cnnbench/dataset/catalogue"
)

// slack is how much an archive may hold beside what is taken out of it.
const slack = 1 << 20

// unpack takes the members out of a .tar.gz into a folder, all or none: they get their names when the archive was read
// to its end. Whatever the archive says, nothing else is written, and not more than is expected.
func unpack(ctx context.Context, archive, folder string, members []catalogue.Member) error {
	f, err := os.Open(archive)
	if err != nil {
		return err
	}
	defer f.Close()
	unzipped, err := gzip.NewReader(f)
	if err != nil {
		return err
	}
	content := &bounded{ctx: ctx, r: unzipped, left: slack}
	for i := range members {
		content.left += most(&members[i])
	}
	var done []string // names of members that are there, as PART files
	defer func() {
		for _, name := range done {
			os.Remove(partOf(folder, name))
		}
	}()
	for r := tar.NewReader(content); ; {
		h, err := r.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		i := slices.IndexFunc(members, func(m catalogue.Member) bool { return m.Path == h.Name })
		if i < 0 {
			continue
		}
		m := &members[i]
		switch {
		case h.Typeflag != tar.TypeReg:
			return fmt.Errorf("%s is a link or the like in there, needs a file", m.Path)
		case slices.Contains(done, m.Name()):
			return fmt.Errorf("%s is there twice", m.Path)
		case m.Size > 0 && h.Size != m.Size, h.Size > most(m):
			return fmt.Errorf("%s has %d bytes, needs %d", m.Path, h.Size, most(m))
		}
		done = append(done, m.Name())
		if err := write(partOf(folder, m.Name()), r); err != nil {
			return fmt.Errorf("%s: %w", m.Path, err)
		}
	}
	if _, err := io.Copy(io.Discard, content); err != nil { // to gzip's checksum at the very end
		return err
	}
	for i := range members {
		if !slices.Contains(done, members[i].Name()) {
			return fmt.Errorf("%s is missing", members[i].Path)
		}
	}
	for _, name := range done {
		if err := os.Rename(partOf(folder, name), filepath.Join(folder, name)); err != nil {
			return err
		}
	}
	return nil
}

// partOf is where a member grows.
func partOf(folder, name string) string { return filepath.Join(folder, name+".part") }

// most is the largest that a member may be.
func most(m *catalogue.Member) int64 {
	if m.Size == 0 {
		return catalogue.MaxText
	}
	return m.Size
}

// write makes a new file of what there is to read.
func write(path string, r io.Reader) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) { // of a program that was killed
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, r)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// bounded ends with an error where more comes than was allowed, and when the context ends.
type bounded struct {
	ctx  context.Context
	r    io.Reader
	left int64
}

func (b *bounded) Read(p []byte) (int, error) {
	if err := b.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := b.r.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return 0, errors.New("it unpacks to far more than it should")
	}
	return n, err
}
