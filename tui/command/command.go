// Package command is cnnbench without a screen, for scripts and CI: one fact a line on stdout, errors as one sentence
// on stderr, and never a wait for a key. Without a command it opens the workbench.
package command

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"syscall"

	"charm.land/fang/v2"
	"github.com/charmbracelet/x/term"
	"github.com/spf13/cobra"

	"cnnbench/dataset/catalogue"
	"cnnbench/dataset/download"
	"cnnbench/nn/kernel"
	"cnnbench/sessions"
	"cnnbench/sessions/imports"
)

// The exit codes.
const (
	exitDone        = 0
	exitFailed      = 1
	exitUsage       = 2 // the command line or the experiment is wrong
	exitInterrupted = 130
)

// Options is what the workbench is opened with.
type Options struct {
	Store   *sessions.Store
	Open    string // an experiment's file, a preset, a session or a source of data; "": what was left
	Threads int    // 0: as many as GOMAXPROCS
	Symbols string // ascii, block or braille; "": by the locale
	NoMouse bool
}

// Workbench opens the workbench and returns when it is left.
type Workbench func(ctx context.Context, o Options) error

// Program is what the commands work with.
type Program struct {
	Args           []string // without the program's own name
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Workbench      Workbench // nil: there is none, and cnnbench alone trains

	public  []catalogue.Set  // that data get knows; nil: the catalogue's
	client  *download.Client // nil: that for the public network
	home    string
	threads int
	symbols string
	noMouse bool
}

// Main runs the command line and returns the exit code. SIGINT, SIGTERM and SIGHUP end work between two batches; a
// second one ends it at once.
func (p *Program) Main(ctx context.Context) (code int) {
	defer func() {
		if r := recover(); r != nil {
			fmt.Fprintf(p.Stderr, "cnnbench: internal error: %v; what was saved is on disk\n", r)
			code = exitFailed
		}
	}()
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	context.AfterFunc(ctx, stop)
	out := &output{Writer: p.Stdout}
	p.Stdout = out
	root := p.prepared()
	root.SetHelpFunc(func(*cobra.Command, []string) {
		// Fang prints the help. It runs nothing else: it asks the terminal for its colours before it prints an error, and
		// a terminal that does not answer lets it wait for seconds.
		help := p.prepared()
		help.SetOut(out.Writer) // by which fang knows what colours there are
		if err := fang.Execute(ctx, help, fang.WithVersion(sessions.Version()), fang.WithoutManpage()); err != nil {
			fmt.Fprintln(p.Stdout, root.UsageString())
		}
	})
	err := root.ExecuteContext(ctx)
	if err == nil && out.err != nil {
		err = failed(fmt.Errorf("cannot write to stdout: %w", out.err))
	}
	if err != nil && !errors.Is(err, errInterrupted) {
		fmt.Fprintf(p.Stderr, "cnnbench: %v\n", err)
	}
	var f *failure
	switch {
	case err == nil:
		return exitDone
	case errors.Is(err, errInterrupted) || errors.Is(err, context.Canceled):
		return exitInterrupted
	case errors.As(err, &f):
		return exitFailed
	}
	return exitUsage
}

// errInterrupted says that a signal ended the work; everything is saved.
var errInterrupted = errors.New("interrupted")

// failure is an error that is not in the command line or the experiment.
type failure struct{ err error }

func (f *failure) Error() string { return f.err.Error() }
func (f *failure) Unwrap() error { return f.err }

// failed marks an error as a failure, unless it is none or an interruption.
func failed(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, context.Canceled):
		return errInterrupted
	}
	return &failure{err}
}

// prepared is the tree of commands, ready to be executed.
func (p *Program) prepared() *cobra.Command {
	root := p.root()
	root.SetArgs(p.Args)
	root.SetIn(p.Stdin)
	root.SetOut(p.Stdout)
	root.SetErr(p.Stderr)
	root.SilenceErrors, root.SilenceUsage = true, true
	root.Version = sessions.Version()
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return fmt.Errorf("%w; `%s --help` lists the flags", err, cmd.CommandPath())
	})
	return root
}

func (p *Program) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "cnnbench [EXPERIMENT, SOURCE or SESSION]",
		Short: "Build a small convolutional network, train it and understand it, in a terminal",
		Long: "cnnbench opens a workbench in the terminal: build a network layer by layer, train it, watch and step it,\n" +
			"inspect it and export it. The commands do the same without a screen.",
		Example: "cnnbench\ncnnbench lenet5\ncnnbench train lecture-cnn --set fit.epochs=5",
		Args:    wordsOf(0, 1),
		RunE:    p.open,
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			if p.threads < 0 {
				return fmt.Errorf("found --threads %d, needs a number of 1 or more", p.threads)
			}
			return kernel.Use(os.Getenv("CNNBENCH_ISA"))
		},
	}
	flags := root.PersistentFlags()
	flags.StringVar(&p.home, "home", "", "folder that holds the sessions and downloaded data (default CNNBENCH_HOME, or the XDG data folder)")
	flags.IntVar(&p.threads, "threads", 0, "cores to train on (default all that GOMAXPROCS allows)")
	root.Flags().StringVar(&p.symbols, "symbols", "", "what charts are drawn with: ascii, block or braille (default by the locale)")
	root.Flags().BoolVar(&p.noMouse, "no-mouse", false, "leave the mouse to the terminal")
	root.AddCommand(p.train(), p.resume(), p.fork(), p.verify(), p.summary(), p.evaluate(), p.predict(), p.export(), p.importing(), p.sessions(), p.presets(), p.data(), p.bench())
	return root
}

// store is where sessions are.
func (p *Program) store() (*sessions.Store, error) {
	home := p.home
	if home == "" {
		var err error
		if home, err = sessions.DefaultHome(); err != nil {
			return nil, err
		}
	}
	return &sessions.Store{Home: home, Foreign: imports.Files{}}, nil
}

// reading is the store for work that keeps nothing: without a home folder an empty one.
func (p *Program) reading() *sessions.Store {
	store, err := p.store()
	if err != nil {
		return new(sessions.Store)
	}
	return store
}

// output is stdout, and keeps the first error of writing to it: a result that did not arrive is no success.
type output struct {
	io.Writer
	err error
}

func (o *output) Write(text []byte) (int, error) {
	n, err := o.Writer.Write(text)
	var pe *fs.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	o.err = cmp.Or(o.err, err)
	return n, err
}

// isTerminal reports whether a stream is a terminal.
func isTerminal(stream any) bool {
	if o, ok := stream.(*output); ok {
		stream = o.Writer
	}
	f, ok := stream.(interface{ Fd() uintptr })
	return ok && term.IsTerminal(f.Fd())
}
