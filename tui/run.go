package tui

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
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
	Store      *sessions.Store
	Threads    int                  // of trainings; 0: all cores
	Experiment *sessions.Experiment // what to begin with; nil: Session's, or what was left the last time
	File       string               // the experiment's file; "": none
	Dir        string               // where the experiment's relative paths start
	Session    string               // a stored session to show; "": none
	Symbols    string               // braille, block or ascii; "": by the locale
	NoMouse    bool
}

// first is the preset that stands ready when there was no last time.
const first = "lecture-cnn"

// Run opens the workbench and blocks until the person leaves. What runs then is stopped and stored.
func Run(ctx context.Context, o Options) error {
	// A closed terminal ends the training as leaving does, with everything on disk; Go would answer SIGQUIT with a trace.
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGHUP, syscall.SIGQUIT)
	defer stop()
	background, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()

	symbols, err := symbolsOf(o.Symbols, os.Getenv)
	if err != nil {
		return err
	}
	t := theme.New(true, colorprofile.TrueColor, symbols)
	app := screen.NewApp(background, o.Store, o.Threads, t)
	begin, err := load(app, o)
	if err != nil {
		return err
	}
	m := newModel(app, !o.NoMouse)
	m.begin = begin
	m.keep = keepState(o.Store.Home)
	g := &guard{model: m, home: o.Store.Home}
	p := tea.NewProgram(g, tea.WithContext(ctx), tea.WithFilter(calmMouse()))
	g.end = p.Quit
	_, err = p.Run()

	stored := finish(app, cancel)
	kept := stateOf(app).write(o.Store.Home)
	switch {
	case g.crash != nil:
		return g.crash.report(g.home, "cnnbench crashed; the draft is kept and the training is stored")
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
	switch {
	case o.Experiment != nil:
		app.Draft.Set(o.Experiment, o.File, o.Dir, o.File != "" || sessions.IsPreset(o.Experiment.Name))
		return nil, nil
	case o.Session != "":
		s, err := o.Store.Open(o.Session)
		if err != nil {
			return nil, err
		}
		app.Draft.Set(s.Experiment, "", ".", true)
		open := app.Open(s.Name)
		if s.Holder != "" {
			return tea.Batch(open, app.Show(trainTab)), nil
		}
		return open, nil
	}
	s, ok, err := readState(o.Store.Home)
	if ok {
		e, readErr := s.experiment()
		if readErr == nil {
			app.Draft.Set(e, near(s.Path), near(s.Dir), s.Saved)
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

// symbolsOf reads the name of a symbol set; without one the locale decides, of which an unset one means UTF-8.
func symbolsOf(name string, env func(string) string) (chart.Symbols, error) {
	if name != "" {
		return chart.ParseSymbols(name)
	}
	for _, key := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		locale := env(key)
		if locale == "" {
			continue
		}
		_, charset, named := strings.Cut(locale, ".")
		charset, _, _ = strings.Cut(charset, "@")
		if named && !strings.EqualFold(charset, "UTF-8") && !strings.EqualFold(charset, "UTF8") {
			return chart.ASCII, nil
		}
		break
	}
	return chart.Braille, nil
}
