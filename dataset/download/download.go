// Package download fetches public data sets: it goes on where an earlier try ended, and lets nothing stand under its name
// that is not, to the last bit, what was published.
package download

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"cnnbench/dataset/catalogue"
)

// Client is how files are fetched.
type Client struct {
	HTTP  *http.Client
	Tries int           // of a file whose connection breaks
	Pause time.Duration // before the second try; twice as long before each further one
	Stall time.Duration // how long a server may send nothing
}

// New is a client for the public network.
func New() *Client {
	return &Client{HTTP: http.DefaultClient, Tries: 4, Pause: time.Second, Stall: 30 * time.Second}
}

// Progress is how far a set is.
type Progress struct {
	File        string // the one in work
	Unpacking   bool   // it is there, and is unpacked
	Broken      error  // why the last try of it ended; the next one is about to come
	Done, Total int64  // bytes of all downloads of the set, with those that were there before
}

// Get brings a set to its folder below that of the downloads, and reports how far it is. Files that are there are
// checked; what is missing, or not what was published, is fetched. What is torn stays for the next time as NAME.part:
// when the context ends, and when the connection breaks once too often, which is a *BrokenError. Two
// programs that fetch one set at a time disturb each other, but neither keeps what is wrong.
func (c *Client) Get(ctx context.Context, set catalogue.Set, downloads string, report func(Progress)) error {
	folder := set.Folder(downloads)
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return fmt.Errorf("make the folder of the data set: %w", err)
	}
	before, total := int64(0), set.Size()
	for _, f := range set.Files {
		err := c.file(ctx, f, folder, func(p Progress) {
			p.File, p.Done, p.Total = f.Name(), before+p.Done, total
			report(p)
		})
		if err != nil {
			return fmt.Errorf("%s: %w", f.Name(), err)
		}
		before += f.Size
		report(Progress{File: f.Name(), Done: before, Total: total})
	}
	return nil
}

// file brings one file, and takes out of it what is wanted if it is an archive. Its progress counts the file's bytes.
func (c *Client) file(ctx context.Context, f catalogue.File, folder string, report func(Progress)) error {
	if f.Members != nil && f.Present(folder) { // of what was taken out there is no digest
		return nil
	}
	path := filepath.Join(folder, f.Name())
	if sum, err := digest(path); err != nil || sum != f.SHA256 {
		t := &transfer{Client: c, file: f, part: path + ".part", report: report}
		if err := t.run(ctx); err != nil {
			return err
		}
		if err := os.Rename(t.part, path); err != nil {
			return err
		}
	}
	if f.Members == nil {
		return nil
	}
	report(Progress{Done: f.Size, Unpacking: true})
	if err := unpack(ctx, path, folder, f.Members); err != nil {
		return fmt.Errorf("unpack: %w", err)
	}
	return os.Remove(path)
}
