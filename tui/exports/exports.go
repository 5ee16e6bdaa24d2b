// Package exports asks what of a training is to be written where, and writes it.
package exports

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	tea "charm.land/bubbletea/v2"

	"cnnbench/nn/train"
	"cnnbench/sessions"
	"cnnbench/sessions/export"
	"cnnbench/tui/figure"
	"cnnbench/tui/form"
	"cnnbench/tui/screen"
)

// Source is a training whose results can be written.
type Source struct {
	Name string
	Live *sessions.Run  // not nil while it trains: the weights are asked of it
	Best *sessions.Best // nil: there is no best epoch
	Last int            // finished epochs
	// History is what a live training has finished, for what is stored lags behind it.
	History []train.Epoch
	// Draft is not nil where nothing was trained yet: the network leaves with the weights that it begins with.
	Draft *sessions.Prepared
}

// formats are those that the source can be written in.
func (s Source) formats() []export.Format {
	all := export.Formats()
	if s.Draft == nil {
		return all
	}
	return slices.DeleteFunc(all, func(f export.Format) bool { return !f.Weights })
}

// Exporter writes for one screen.
type Exporter struct {
	app *screen.App
}

// far is how far an export is that takes its time.
type far struct{ done, total int }

// New makes an exporter; its screen hands it all messages by Update.
func New(app *screen.App) *Exporter { return &Exporter{app} }

// done is what came of an export.
type done struct {
	by   *Exporter
	at   *screen.Awaited
	path string
	size int64
	err  error
}

// Update says what came of an export.
func (x *Exporter) Update(msg tea.Msg) tea.Cmd {
	m, ok := msg.(done)
	if !ok || m.by != x {
		return nil
	}
	m.at.Done()
	switch {
	case errors.Is(m.err, context.Canceled):
		return x.app.Say(fmt.Sprintf(textEnded, m.path))
	case m.err != nil:
		return x.app.Fail(fmt.Errorf(textFailed, m.err))
	}
	return x.app.Say(fmt.Sprintf(textWritten, m.path, figure.Bytes(m.size)))
}

// standard is the format that is offered first.
const standard = "safetensors"

// Ask asks for format, weights and path, and writes.
func (x *Exporter) Ask(s Source) tea.Cmd {
	formats := s.formats()
	items := make([]form.Item, len(formats))
	first := 0
	for i, f := range formats {
		items[i] = form.Item{Title: f.Name, Doc: f.Doc, Also: f.Extension}
		if f.Name == standard {
			first = i
		}
	}
	return x.app.Push(form.NewList(x.app.Theme, fmt.Sprintf(textWhat, s.Name), items, first, func(i int) tea.Cmd {
		f := formats[i]
		if !f.Weights || s.Best == nil || s.Live == nil && s.Best.Epoch == s.Last {
			return x.askPath(s, f, sessions.Last)
		}
		return x.askWeights(s, f)
	}))
}

func (x *Exporter) askWeights(s Source, f export.Format) tea.Cmd {
	last := form.Item{Title: textLast, Doc: textLastDoc}
	if s.Live != nil {
		last.Doc = textNowDoc
	}
	best := form.Item{Title: textBest, Doc: fmt.Sprintf(textBestDoc, s.Best.Epoch, s.Best.Monitor, s.Best.Value)}
	return x.app.Push(form.NewList(x.app.Theme, fmt.Sprintf(textWeights, s.Name), []form.Item{last, best}, 0, func(i int) tea.Cmd {
		return x.askPath(s, f, [...]sessions.Which{sessions.Last, sessions.BestWeights}[i])
	}))
}

func (x *Exporter) askPath(s Source, f export.Format, w sessions.Which) tea.Cmd {
	name := s.Name
	if w == sessions.BestWeights {
		name += "-best"
	}
	doc := textPath
	if f.Folder {
		doc = textFolder
	}
	return x.app.Push(form.NewFiles(x.app.Theme, form.Paths{
		Title: fmt.Sprintf(textWhere, f.Name), Doc: doc, Path: "." + string(filepath.Separator) + name + f.Extension, Save: true, Folders: f.Folder,
		Done: func(path string) tea.Cmd { return x.write(s, f.Name, w, path) },
	}))
}

// To writes to a path at once; its ending says the format.
func (x *Exporter) To(s Source, path string) tea.Cmd {
	path = form.Expand(path)
	if f, ok := export.ByPath(path); ok && (f.Weights || s.Draft == nil) {
		if _, err := os.Lstat(path); err == nil && !f.Folder { // of a folder, what is not an export is never replaced
			return x.app.Fail(fmt.Errorf(textThere, path))
		}
		return x.write(s, f.Name, sessions.Last, path)
	}
	var endings []string
	for _, f := range s.formats() {
		endings = append(endings, f.Extension)
	}
	return x.app.Fail(fmt.Errorf(textEnding, path, strings.Join(endings, ", ")))
}

// snapshotTime is how long a training may take to come to the end of a batch.
const snapshotTime = 2 * time.Minute

// write writes in the background.
func (x *Exporter) write(s Source, format string, w sessions.Which, path string) tea.Cmd {
	ctx, end := context.WithCancel(x.app.Context())
	store, threads := x.app.Store, x.app.Threads
	var told atomic.Pointer[far] // nil in it: nothing was told yet
	at, watch := x.app.Await(fmt.Sprintf(textBusy, format), func(since time.Duration) form.Progress {
		out := form.Progress{Text: fmt.Sprintf(textWriting, path, format), Share: -1}
		if f := told.Load(); f != nil && f.total > 0 {
			out.Text += fmt.Sprintf(textFar, figure.Thousands(f.done), figure.Thousands(f.total))
			out.Share = float64(f.done) / float64(f.total)
		} else {
			out.Text += fmt.Sprintf(textSince, figure.Clock(since))
		}
		return out
	}, end)
	return tea.Batch(watch, func() tea.Msg {
		defer end()
		size, err := write(ctx, store, s, threads, func(done, total int) { told.Store(&far{done, total}) }, format, w, path)
		whole := path
		if abs, err := filepath.Abs(path); err == nil {
			whole = abs
		}
		return done{x, at, whole, size, err}
	})
}

func write(ctx context.Context, store *sessions.Store, s Source, threads int, progress func(done, total int), format string, w sessions.Which, path string) (int64, error) {
	if s.Draft != nil {
		in, err := export.Start(s.Draft, s.Name)
		if err != nil {
			return 0, err
		}
		return export.Write(ctx, format, path, in)
	}
	stored, err := store.Open(s.Name)
	if err != nil {
		return 0, err
	}
	in, err := export.From(stored)
	if err != nil {
		return 0, err
	}
	in.Threads, in.Progress = threads, progress
	if s.Live != nil {
		in.History = s.History
	}
	f, err := export.Lookup(format)
	if err != nil {
		return 0, err
	}
	if f.Weights {
		if in.Weights, err = weights(ctx, store, threads, stored, s, w); err != nil {
			return 0, err
		}
	}
	return export.Write(ctx, format, path, in)
}

// weights are those of the training as it is now while it lives, and else what is stored.
func weights(ctx context.Context, store *sessions.Store, threads int, stored *sessions.Session, s Source, w sessions.Which) (*sessions.Weights, error) {
	if s.Live != nil && w == sessions.Last {
		ctx, cancel := context.WithTimeout(ctx, snapshotTime)
		defer cancel()
		now, err := s.Live.Snapshot(ctx)
		if !errors.Is(err, sessions.ErrEnded) {
			return now, err
		}
	}
	return store.WeightsOf(ctx, stored, w, threads)
}
