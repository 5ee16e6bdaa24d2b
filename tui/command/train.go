package command

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"cnnbench/nn/train"
	"cnnbench/sessions"
)

// runFlags are those of all commands that train.
type runFlags struct {
	every string
	json  bool
}

func (f *runFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.every, "save-every", "", "save a checkpoint also between epochs: a number of steps (50) or a time (default 30s)")
	cmd.Flags().BoolVar(&f.json, "json", false, "print one JSON object an epoch")
}

type trainFlags struct {
	runFlags
	name string
	set  []string
}

func (f *trainFlags) add(cmd *cobra.Command) {
	f.runFlags.add(cmd)
	cmd.Flags().StringVar(&f.name, "name", "", "name of the session (default the experiment's with the first free number)")
	cmd.Flags().StringArrayVar(&f.set, "set", nil, "change settings: PATH=VALUE ..., such as fit.epochs=5")
}

// args takes one word, and behind --set more settings: --set a=1 b=2 sets both.
func (f *trainFlags) args(cmd *cobra.Command, args []string) error {
	if len(f.set) > 0 && len(args) > 1 {
		more := slices.IndexFunc(args[1:], func(a string) bool { return !strings.Contains(a, "=") })
		if more < 0 {
			return nil
		}
	}
	return wordsOf(1, 1)(cmd, args)
}

func (p *Program) train() *cobra.Command {
	var f trainFlags
	cmd := &cobra.Command{
		Use:   "train EXPERIMENT",
		Short: "Train an experiment; one line an epoch, as Keras prints it",
		Long: "Trains an experiment, a YAML or JSON file or a preset, and keeps it as a session.\n" +
			"Ctrl+C stops between two batches and saves.",
		Example: "cnnbench train lecture-cnn\ncnnbench train my.yaml --name wide --set fit.epochs=5 --set compile.optimizer.adam.learning_rate=0.01",
		Args:    f.args,
		RunE: func(cmd *cobra.Command, args []string) error {
			found, err := sessions.FindExperiment(args[0], append(f.set, args[1:]...)...)
			if err != nil {
				return err
			}
			return p.fit(cmd, found, f)
		},
	}
	f.add(cmd)
	return cmd
}

// fit trains an experiment to its end and prints its epochs.
func (p *Program) fit(cmd *cobra.Command, found *sessions.Found, f trainFlags) error {
	w, err := p.watcher(f)
	if err != nil {
		return err
	}
	prepared, err := p.prepare(cmd.Context(), found)
	if err != nil {
		return err
	}
	for i, skip := range prepared.Data.Source.Skipped {
		const most = 3
		if i == most {
			fmt.Fprintf(p.Stderr, "cnnbench: %d more were left out; `cnnbench data` names them\n", len(prepared.Data.Source.Skipped)-most)
			break
		}
		fmt.Fprintf(p.Stderr, "cnnbench: %s was left out: %s\n", skip.Name, skip.Reason)
	}
	run, err := w.store.Start(cmd.Context(), prepared, w.options)
	if err != nil {
		return startError(err)
	}
	if r := prepared.Started; r != nil && !r.Plain() {
		w.show.progress.say("cnnbench: %s has no %s; these start afresh", found.Experiment.Model.Weights, some(r.Fresh()))
	}
	return w.wait(cmd, run)
}

// watcher waits for a training and prints its epochs.
type watcher struct {
	p       *Program
	store   *sessions.Store
	options sessions.RunOptions
	show    *printer
}

func (p *Program) watcher(f trainFlags) (*watcher, error) {
	o := sessions.RunOptions{Name: f.name, Threads: p.threads}
	if f.name != "" {
		if err := sessions.CheckName(f.name); err != nil {
			return nil, fmt.Errorf("--name: %w", err)
		}
	}
	if f.every != "" {
		var err error
		if o.SaveEvery, err = sessions.ParseInterval(f.every); err != nil {
			return nil, fmt.Errorf("--save-every: %w", err)
		}
	}
	store, err := p.store()
	if err != nil {
		return nil, err
	}
	show := &printer{stepLine{progress: newProgress(p.Stderr)}, p, f.json}
	o.StartPaused = true // until wait knows of how many epochs it is
	o.Observers = []train.Observer{show}
	o.Warn = func(err error) { show.progress.say("cnnbench: %v; the training goes on", err) }
	return &watcher{p, store, o, show}, nil
}

// wait prints the epochs of a training until it has ended, and then its name.
func (w *watcher) wait(cmd *cobra.Command, run *sessions.Run) error {
	w.show.epochs = run.Prepared.Experiment.Fit.Epochs
	run.Send(train.Resume{})
	<-run.Done()
	w.show.progress.clear()
	w.name(run.Name)
	if err := run.Err(); err != nil {
		return failed(err)
	}
	return interrupted(cmd)
}

// name prints the last line.
func (w *watcher) name(session string) {
	if w.show.json {
		w.p.printJSON(object{{"session", session}})
	} else {
		fmt.Fprintf(w.p.Stdout, "session: %s\n", session)
	}
}

// startError tells a mistake from a disk that does not let itself be written.
func startError(err error) error {
	if isMistake(err) {
		return err
	}
	return failed(err)
}

// stepLine shows on the progress line how far a training is.
type stepLine struct {
	progress *progress
	epochs   int
}

// OnState does nothing: the end is told by the run.
func (*stepLine) OnState(train.State, error) {}

// OnStep moves the line.
func (s *stepLine) OnStep(st *train.Step) {
	if !s.progress.due() {
		return
	}
	done := float64(st.Epoch-1) + float64(st.Batch)/float64(st.Batches)
	text := fmt.Sprintf("epoch %d/%d  batch %d/%d", st.Epoch, s.epochs, st.Batch, st.Batches)
	for _, v := range st.Means {
		text += fmt.Sprintf("  %s %s", v.Name, train.FormatValue(v.Value))
	}
	s.progress.show(text, done, float64(s.epochs), st.Seconds)
}

// OnEpoch does nothing.
func (*stepLine) OnEpoch(*train.Epoch) {}

// OnMark does nothing: what callbacks say is among the epoch's notes.
func (*stepLine) OnMark(train.Mark) {}

// printer prints the epochs as they end.
type printer struct {
	stepLine
	p    *Program
	json bool
}

// OnEpoch prints the epoch.
func (s *printer) OnEpoch(e *train.Epoch) {
	s.progress.clear()
	if !s.json {
		fmt.Fprintln(s.p.Stdout, train.FormatEpoch(e, s.epochs))
		return
	}
	o := object{{"epoch", e.Epoch}}
	for _, v := range e.Logs {
		o.add(v.Name, figure(v.Value))
	}
	o.add("learning_rate", figure(e.LearningRate))
	o.add("seconds", figure(e.Seconds))
	o.add("images_per_s", figure(float64(e.Samples)/e.TrainSeconds))
	s.p.printJSON(o)
}

// printJSON prints a value as one line.
func (p *Program) printJSON(v any) {
	text, err := json.Marshal(v)
	if err != nil {
		panic("command: a result cannot be encoded")
	}
	fmt.Fprintf(p.Stdout, "%s\n", text)
}
