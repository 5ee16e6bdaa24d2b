package tui

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"cnnbench/sessions"
	"cnnbench/tui/chart"
	"cnnbench/tui/screen"
	"cnnbench/tui/theme"
)

// Options is how the workbench is opened.
type Options struct {
	Store    *sessions.Store
	Open     string // an experiment file, a preset, a session or a source of data; "": what was left the last time
	Threads  int    // of trainings; 0: all cores
	Symbols  chart.Symbols
	NoMouse  bool
	NoMotion bool

	tea []tea.ProgramOption // of tests
}

// first is the preset that stands ready when there was no last time.
const first = "lecture-cnn"

// Run opens the workbench and blocks until the person leaves. What runs then is stopped and stored.
func Run(ctx context.Context, o Options) error {
	// A closed terminal ends the training as leaving does: with everything on disk.
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGHUP)
	defer stop()
	background, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()

	t := theme.New(true, colorprofile.TrueColor, o.Symbols)
	app := screen.NewApp(background, o.Store, o.Threads, t)
	app.Motion = !o.NoMotion
	begin, err := load(app, o)
	if err != nil {
		return err
	}
	m := newModel(app, !o.NoMouse)
	m.begin = begin
	m.keep = keepState(o.Store.Home)
	g := &guard{model: m}
	options := append([]tea.ProgramOption{tea.WithContext(ctx), tea.WithFilter(calmMouse())}, o.tea...)
	_, err = tea.NewProgram(g, options...).Run()

	stored := finish(app, cancel)
	kept := stateOf(app).write(o.Store.Home)
	switch {
	case g.crash != nil:
		return g.report(o.Store.Home)
	case err != nil && ctx.Err() == nil && !errors.Is(err, tea.ErrInterrupted):
		return fmt.Errorf("the terminal: %w", err)
	case errors.Is(err, tea.ErrInterrupted):
		return context.Canceled
	}
	return errors.Join(stored, kept)
}

// finish ends the training that runs, if any, and waits until it is stored.
func finish(app *screen.App, cancel context.CancelFunc) error {
	if !app.Running() {
		return nil
	}
	cancel()
	select {
	case <-app.Live.Run.Done():
		return nil
	case <-time.After(30 * time.Second):
		return fmt.Errorf("%s did not stop in half a minute; what it stored last is on disk", app.Live.Run.Name)
	}
}

// load finds what to begin with. The command, if any, is the first thing that the workbench does.
func load(app *screen.App, o Options) (tea.Cmd, error) {
	if o.Open != "" {
		f, err := find(o.Store, o.Open)
		if err != nil {
			return nil, err
		}
		app.Draft.Set(f.experiment, f.path, f.dir, f.saved)
		if f.session != "" {
			return app.Open(f.session), nil
		}
		return nil, nil
	}
	s, ok, err := readState(o.Store.Home)
	if ok {
		e, readErr := s.experiment()
		if readErr == nil {
			app.Draft.Set(e, s.Path, s.Dir, s.Saved)
			app.Tab = s.Tab
			if s.Session != "" && o.Store.Exists(s.Session) {
				return app.Open(s.Session), nil
			}
			return nil, nil
		}
		err = fmt.Errorf("cannot read the draft of the last time: %w", readErr)
	}
	e, presetErr := sessions.Preset(first)
	if presetErr != nil {
		return nil, presetErr
	}
	app.Draft.Set(e, "", "", true)
	if err != nil {
		return app.Fail(err), nil
	}
	return nil, nil
}

// writeFile replaces a file by a new one in one step.
func writeFile(path string, text []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
	return err
}
