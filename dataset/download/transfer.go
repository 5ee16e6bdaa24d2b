package download

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"cnnbench/dataset/catalogue"
)

// transfer is one file on its way.
type transfer struct {
	*Client
	file   catalogue.File
	part   string // where it grows
	report func(Progress)
}

// BrokenError says that the connection broke, so that another try may go better.
type BrokenError struct {
	Host       string
	Done, Size int64 // bytes that are there, of all
	Err        error
}

func (e *BrokenError) Error() string {
	if e.Done == 0 {
		return fmt.Sprintf("nothing comes from %s: %v", e.Host, e.Err)
	}
	return fmt.Sprintf("the connection to %s broke after %d of %d bytes: %v", e.Host, e.Done, e.Size, e.Err)
}

func (e *BrokenError) Unwrap() error { return e.Err }

// run fetches until the part is whole, and checks it. A part that is not what was published is removed.
func (t *transfer) run(ctx context.Context) error {
	pause := t.Pause
	for try := 1; ; try++ {
		err := t.try(ctx)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err == nil {
			break
		}
		var broken *BrokenError
		if !errors.As(err, &broken) || try >= t.Tries {
			return err
		}
		t.report(Progress{Done: broken.Done, Broken: err})
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
		pause *= 2
	}
	sum, err := digest(t.part)
	if err == nil && sum != t.file.SHA256 {
		err = fmt.Errorf("what came has the SHA-256 %s, published is %s; it was removed, and the next time all of it comes anew: if that does not help, the server has another file", sum, t.file.SHA256)
		err = errors.Join(err, os.Remove(t.part))
	}
	return err
}

// errStalled is why a request ends whose server has fallen silent.
var errStalled = errors.New("the server sends nothing any more")

// try appends to the part what is missing.
func (t *transfer) try(ctx context.Context) (err error) {
	f, err := os.OpenFile(t.part, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	have, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	if have == t.file.Size { // but the program ended before it was checked
		return f.Sync()
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	alive := time.AfterFunc(t.Stall, func() { cancel(errStalled) })
	defer alive.Stop()

	resp, err := t.ask(ctx, &have)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if n := resp.ContentLength; n >= 0 && n != t.file.Size-have {
		return fmt.Errorf("the server has a file of %d bytes there, published is one of %d; it was not taken", have+n, t.file.Size)
	}
	if err := f.Truncate(have); err != nil { // where all comes anew
		return err
	}
	if _, err := f.Seek(have, io.SeekStart); err != nil {
		return err
	}
	t.report(Progress{Done: have})
	body := &reading{r: io.LimitReader(resp.Body, t.file.Size-have+1)}
	body.read = func(n int) {
		alive.Reset(t.Stall)
		have += int64(n)
		t.report(Progress{Done: min(have, t.file.Size)})
	}
	_, err = io.Copy(f, body)
	switch {
	case body.err != nil:
		return t.broken(ctx, have, body.err)
	case err != nil:
		return err
	case have > t.file.Size:
		err = fmt.Errorf("the server sends more than the %d bytes that were published; it was not kept", t.file.Size)
		return errors.Join(err, f.Truncate(0))
	case have < t.file.Size:
		return t.broken(ctx, have, io.ErrUnexpectedEOF)
	}
	return f.Sync()
}

// reading tells of every read, and keeps the error that ended it: writing may fail too.
type reading struct {
	r    io.Reader
	read func(n int)
	err  error // but for io.EOF
}

func (r *reading) Read(p []byte) (int, error) {
	n, err := r.r.Read(p)
	r.read(n)
	if err != nil && err != io.EOF {
		r.err = err
	}
	return n, err
}

// ask requests the file from the byte have on; a server that cannot do that makes have 0.
func (t *transfer) ask(ctx context.Context, have *int64) (*http.Response, error) {
	if *have > t.file.Size {
		*have = 0
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, t.file.URL, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept-Encoding", "identity") // the file as it is, which may be a gzipped one
	if *have > 0 {
		req.Header.Set("Range", fmt.Sprintf("bytes=%d-", *have))
	}
	resp, err := t.HTTP.Do(req)
	if err != nil {
		var ue *url.Error
		if errors.As(err, &ue) { // whose operation and address are said already
			err = ue.Err
		}
		return nil, t.broken(ctx, *have, err)
	}
	switch s := resp.StatusCode; {
	case s == http.StatusOK:
		*have = 0
		return resp, nil
	case s == http.StatusPartialContent && *have > 0 && startsAt(resp.Header.Get("Content-Range"), *have, t.file.Size):
		return resp, nil
	case (s == http.StatusPartialContent || s == http.StatusRequestedRangeNotSatisfiable) && *have > 0:
		resp.Body.Close()
		*have = 0
		return t.ask(ctx, have)
	}
	resp.Body.Close()
	err = fmt.Errorf("%s answers %s", t.file.URL, resp.Status)
	switch s := resp.StatusCode; {
	case s >= 500, s == http.StatusTooManyRequests, s == http.StatusRequestTimeout:
		return nil, t.broken(ctx, *have, err)
	}
	return nil, err
}

// broken is the error of a connection that broke, with the reason why the context was ended, if it was.
func (t *transfer) broken(ctx context.Context, have int64, err error) error {
	if cause := context.Cause(ctx); cause != nil {
		err = cause
	}
	host := t.file.URL
	if u, parseErr := url.Parse(host); parseErr == nil {
		host = u.Host
	}
	return &BrokenError{Host: host, Done: have, Size: t.file.Size, Err: err}
}

// startsAt reports whether a Content-Range is from a byte to the end of a file of the size: bytes 100-199/200.
func startsAt(header string, from, size int64) bool {
	span, total, ok := strings.Cut(strings.TrimPrefix(header, "bytes "), "/")
	first, last, isSpan := strings.Cut(span, "-")
	return strings.HasPrefix(header, "bytes ") && ok && isSpan &&
		first == strconv.FormatInt(from, 10) && last == strconv.FormatInt(size-1, 10) &&
		(total == "*" || total == strconv.FormatInt(size, 10))
}

// digest is the SHA-256 of a file in hexadecimal digits.
func digest(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
