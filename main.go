// Cnnbench builds small convolutional networks layer by layer, trains them and lets a person understand them, all in a
// terminal.
package main

import (
	"context"
	"os"

	"cnnbench/tui"
	"cnnbench/tui/command"
)

func main() {
	p := command.Program{Args: os.Args[1:], Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Workbench: workbench}
	os.Exit(p.Main(context.Background()))
}

// workbench opens the screens on what the command line names.
func workbench(ctx context.Context, o command.Options) error {
	w := tui.Options{Store: o.Store, Threads: o.Threads, Symbols: o.Symbols, NoMouse: o.NoMouse}
	if o.Open != "" {
		found, err := o.Store.Find(o.Open)
		if err != nil {
			return err
		}
		if found.Session != "" {
			w.Session = found.Session
		} else {
			w.Experiment, w.File, w.Dir = found.Experiment, found.File, found.Dir
		}
	}
	return tui.Run(ctx, w)
}
