package command

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"cnnbench/sessions"
	"cnnbench/sessions/surgery"
)

func (p *Program) resume() *cobra.Command {
	var f runFlags
	var epoch, branch int
	var step int64
	cmd := &cobra.Command{
		Use:   "resume SESSION",
		Short: "Go on with a session where it stopped, as if it never had",
		Long: "Goes on with a session that was stopped, killed, or whose machine went off: it ends with the same bits as one\n" +
			"that was not. With --at it goes on from an earlier epoch, and the later ones stay as a branch; so with --mark, from a\n" +
			"place that was marked in the workbench. With --branch it takes up such a branch where it was left.\n" +
			"`cnnbench sessions show` lists marks and branches.",
		Example: "cnnbench resume lecture-cnn-1\ncnnbench resume lecture-cnn-1 --at 3\ncnnbench resume lecture-cnn-1 --branch 0",
		Args:    wordsOf(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			w, err := p.watcher(trainFlags{runFlags: f})
			if err != nil {
				return err
			}
			var at *int
			if cmd.Flags().Changed("at") {
				at = &epoch
			}
			if _, err := p.stored(args[0]); err != nil {
				return err
			}
			var run *sessions.Run
			switch {
			case cmd.Flags().Changed("branch"):
				run, err = w.store.TakeUp(cmd.Context(), args[0], branch, w.options)
			case cmd.Flags().Changed("mark"):
				run, err = w.store.ResumeMark(cmd.Context(), args[0], step, w.options)
			default:
				run, err = w.store.Resume(cmd.Context(), args[0], at, w.options)
			}
			if errors.Is(err, sessions.ErrFinished) {
				if !f.json {
					fmt.Fprintf(p.Stdout, "%s has finished; there is nothing left to train\n", args[0])
				}
				w.name(args[0])
				return nil
			}
			if err != nil {
				return startError(err)
			}
			return w.wait(cmd, run)
		},
	}
	f.add(cmd)
	cmd.Flags().IntVar(&epoch, "at", 0, "go on from the end of this epoch; 0 is the start")
	cmd.Flags().IntVar(&branch, "branch", 0, "take up the branch of this number, which was left")
	cmd.Flags().Int64Var(&step, "mark", 0, "go on from the place that was marked after this many steps")
	cmd.MarkFlagsMutuallyExclusive("at", "branch", "mark")
	return cmd
}

func (p *Program) fork() *cobra.Command {
	var f trainFlags
	var epoch int
	var options sessions.ForkOptions
	cmd := &cobra.Command{
		Use:   "fork SESSION --at EPOCH",
		Short: "Make a new session out of one as it was after an epoch, with other settings",
		Long: "Makes a new session that goes on from another as it was after an epoch, with changed settings. Weights that\n" +
			"still fit by name and shape are kept, and so is the optimizer's state. With --widen, dense layers and convolutions\n" +
			"that get more units keep what they compute (Net2Net): the new units are copies of old ones, and the layer behind\n" +
			"shares its weights out among them. With --deepen, new ones begin as the identity where they can. What became of\n" +
			"each layer of a changed network is printed before the training, and by `sessions show` afterwards.",
		Example: "cnnbench fork lecture-cnn-1 --at 5 --set compile.optimizer.adam.learning_rate=0.0001\ncnnbench fork lecture-cnn-1 --at 10 --set fit.epochs=20\ncnnbench fork lecture-cnn-1 --at 10 --widen --set fit.epochs=20 model.layers[5].dense.units=256",
		Args:    f.args,
		RunE: func(cmd *cobra.Command, args []string) error {
			if !cmd.Flags().Changed("at") {
				return fmt.Errorf("found no --at, needs the epoch to fork %s at; 0 is the start", args[0])
			}
			w, err := p.watcher(f)
			if err != nil {
				return err
			}
			if _, err := p.stored(args[0]); err != nil {
				return err
			}
			options.At, options.Set = &epoch, append(f.set, args[1:]...)
			run, err := w.store.Fork(cmd.Context(), args[0], options, w.options)
			if err != nil {
				return startError(err)
			}
			if !run.Surgery.Plain() {
				for _, l := range surgeryLines(run.Surgery) {
					w.show.progress.say("cnnbench: %s", l)
				}
			}
			return w.wait(cmd, run)
		},
	}
	f.add(cmd)
	cmd.Flags().IntVar(&epoch, "at", 0, "the finished epochs after which to branch off; 0 is the start")
	cmd.Flags().BoolVar(&options.Widen, "widen", false, "layers with more units than before keep what they compute")
	cmd.Flags().BoolVar(&options.Deepen, "deepen", false, "new layers begin as the identity where they can")
	return cmd
}

// surgeryLines tell what became of each layer.
func surgeryLines(r *surgery.Report) []string {
	var out []string
	for _, l := range r.Layers() {
		out = append(out, l.Name+": "+l.Text)
	}
	return append(out, "optimizer: "+r.Optimizer())
}
