package command

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"cnnbench/nn/train"
	"cnnbench/sessions"
	"cnnbench/tui/layout"
)

func (p *Program) sessions() *cobra.Command {
	list := func(*cobra.Command, []string) error {
		store, err := p.store()
		if err != nil {
			return err
		}
		all, err := store.List()
		if err != nil {
			return failed(err)
		}
		printSessions(p.Stdout, all)
		return nil
	}
	cmd := &cobra.Command{
		Use:     "sessions",
		Short:   "What is stored",
		Example: "cnnbench sessions\ncnnbench sessions show lecture-cnn-1\ncnnbench sessions compare lecture-cnn-1 lecture-cnn-2",
		Args:    wordsOf(0, 0),
		RunE:    list,
	}
	cmd.AddCommand(&cobra.Command{
		Use:   "list",
		Short: "All sessions, as without a command",
		Args:  wordsOf(0, 0),
		RunE:  list,
	}, &cobra.Command{
		Use:   "show SESSION",
		Short: "All about one session: its experiment, its epochs, and which weights it keeps",
		Args:  wordsOf(1, 1),
		RunE: func(_ *cobra.Command, args []string) error {
			s, err := p.stored(args[0])
			if err != nil {
				return err
			}
			printSession(p.Stdout, s)
			return nil
		},
	}, &cobra.Command{
		Use:   "rm SESSION...",
		Short: "Delete sessions for good",
		Args:  wordsOf(1, many),
		RunE: func(_ *cobra.Command, args []string) error {
			store, err := p.store()
			if err != nil {
				return err
			}
			for _, name := range args {
				if err := store.Remove(name); err != nil {
					return err
				}
				fmt.Fprintf(p.Stdout, "removed: %s\n", name)
			}
			return nil
		},
	}, &cobra.Command{
		Use:   "compare SESSION SESSION",
		Short: "In what two sessions' experiments differ, and what came of it",
		Args:  wordsOf(2, 2),
		RunE: func(_ *cobra.Command, args []string) error {
			a, err := p.stored(args[0])
			if err != nil {
				return err
			}
			b, err := p.stored(args[1])
			if err != nil {
				return err
			}
			printComparison(p.Stdout, a, b)
			return nil
		},
	})
	return cmd
}

func (p *Program) stored(name string) (*sessions.Session, error) {
	store, err := p.store()
	if err != nil {
		return nil, err
	}
	return store.Open(name)
}

func printSessions(w io.Writer, list []sessions.Info) {
	name := len("session")
	for _, i := range list {
		name = max(name, layout.Width(i.Name))
	}
	if len(list) > 0 {
		fmt.Fprintf(w, "%s  %-8s  %-7s  %-24s  %-16s  %s\n", layout.Fit("session", name), "state", "epochs", "best", "written", "source")
	}
	for _, i := range list {
		at := i.Updated.Local().Format("2006-01-02 15:04")
		if i.Err != nil {
			fmt.Fprintf(w, "%s  %-8s  %-7s  %-24s  %-16s  %v\n", layout.Fit(i.Name, name), "BROKEN", "", "", at, i.Err)
			continue
		}
		best := ""
		if i.Best != nil {
			best = fmt.Sprintf("%s %s @ %d", i.Best.Monitor, train.FormatValue(i.Best.Value), i.Best.Epoch)
		}
		fmt.Fprintf(w, "%s  %-8s  %-7s  %-24s  %-16s  %s\n", layout.Fit(i.Name, name), i.State, fmt.Sprintf("%d/%d", i.Epochs, i.Planned), best, at, i.Source)
	}
}

func printSession(w io.Writer, s *sessions.Session) {
	fact := func(key, format string, args ...any) { fmt.Fprintf(w, "%s: %s\n", key, fmt.Sprintf(format, args...)) }
	fact("session", "%s", s.Name)
	fact("folder", "%s", s.Dir)
	fact("state", "%s", s.State)
	if s.Holder != "" {
		fact("process", "%s", s.Holder)
	}
	if s.Reason != "" {
		fact("reason", "%s", s.Reason)
	}
	fact("created", "%s", s.Created.Local().Format(time.DateTime))
	fact("program", "%s, %s/%s, %s kernels, %d threads", s.Program, s.GOOS, s.GOARCH, s.ISA, s.Threads)
	fact("network", "%s (%s parameters)", s.Network, thousands(int64(s.Params)))
	fact("samples", "%d train, %d validation, %d test", s.Samples[0], s.Samples[1], s.Samples[2])
	if s.Classes != nil {
		fact("classes", "%s", strings.Join(s.Classes, ", "))
	}
	fact("epochs", "%d of %d, %d steps, %.1f s", s.Epochs, s.Planned, s.Steps, s.Seconds)
	if s.Best != nil {
		fact("best", "epoch %d, %s %s", s.Best.Epoch, s.Best.Monitor, train.FormatValue(s.Best.Value))
	}
	fact("weights", "%s", s.KeptText())
	if s.Parent != nil {
		fact("parent", "%s, epoch %d", s.Parent.Session, s.Parent.Epoch)
	}
	if s.Surgery != nil {
		for _, l := range surgeryLines(s.Surgery) {
			fact("surgery", "%s", l)
		}
	}
	for _, m := range s.Marked() {
		fact("mark", "step %d, in epoch %d: %s", m.Step, m.Epoch+1, m.Text)
	}
	for _, b := range s.Branches {
		fact("branch", "%d, %s", b.Number, branchText(b))
	}
	fmt.Fprintf(w, "\n%s", s.Experiment.Encode())
	if len(s.History) > 0 {
		fmt.Fprintln(w)
	}
	for i := range s.History {
		fmt.Fprintf(w, "epoch %d: %s\n", s.History[i].Epoch, train.FormatLine(&s.History[i]))
	}
	for _, m := range s.Marks {
		fmt.Fprintf(w, "step %d: %s\n", m.Step, m.Text)
	}
}

// branchText says in words what a branch holds that was left.
func branchText(b sessions.Branch) string {
	n := len(b.History)
	if n == 0 {
		return fmt.Sprintf("left at epoch %d, within the next", b.Epoch)
	}
	text := fmt.Sprintf("epochs %d to %d, left at epoch %d;", b.Epoch+1, b.History[n-1].Epoch, b.Epoch)
	for _, v := range b.History[n-1].Logs {
		text += " " + v.Name + " " + train.FormatValue(v.Value)
	}
	return text
}

// printComparison prints the settings that differ and the last and best figures side by side.
func printComparison(w io.Writer, a, b *sessions.Session) {
	rows := [][3]string{{"", a.Name, b.Name}}
	for _, d := range sessions.Differences(a.Experiment, b.Experiment) {
		rows = append(rows, [3]string{d.Path, d.A, d.B})
	}
	if len(rows) == 1 {
		rows = append(rows, [3]string{"experiment", "the same", "the same"})
	}
	rows = append(rows, [3]string{"epochs", fmt.Sprint(a.Epochs), fmt.Sprint(b.Epochs)}, [3]string{"parameters", thousands(int64(a.Params)), thousands(int64(b.Params))})
	figures := map[string][2]string{}
	var order []string
	for side, s := range []*sessions.Session{a, b} {
		for _, v := range s.Last {
			f, seen := figures[v.Name]
			if !seen {
				order = append(order, v.Name)
				f = [2]string{"-", "-"}
			}
			f[side] = train.FormatValue(v.Value)
			figures[v.Name] = f
		}
	}
	for _, name := range order {
		rows = append(rows, [3]string{name, figures[name][0], figures[name][1]})
	}
	best := func(s *sessions.Session) string {
		if s.Best == nil {
			return "-"
		}
		return fmt.Sprintf("%s %s @ %d", s.Best.Monitor, train.FormatValue(s.Best.Value), s.Best.Epoch)
	}
	rows = append(rows, [3]string{"best", best(a), best(b)})
	var width [2]int
	for _, r := range rows {
		width[0], width[1] = max(width[0], layout.Width(r[0])), max(width[1], layout.Width(r[1]))
	}
	for _, r := range rows {
		fmt.Fprintln(w, strings.TrimRight(layout.Fit(r[0], width[0])+"  "+layout.Fit(r[1], width[1])+"  "+r[2], " "))
	}
}
