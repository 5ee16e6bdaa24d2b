package command

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"cnnbench/dataset"
	"cnnbench/dataset/catalogue"
	"cnnbench/dataset/download"
	"cnnbench/sessions"
)

func (p *Program) dataGet() *cobra.Command {
	return &cobra.Command{
		Use:   "get [NAME]",
		Short: "Download a public data set, or list which there are",
		Long: "Downloads a public data set to the home folder, where experiments, `cnnbench data` and the workbench find it by its\n" +
			"name. What comes must be what was published, by its SHA-256; a download that was torn or interrupted goes on where\n" +
			"it stopped. Without a name it lists the sets, their sizes, and which are there.",
		Example: "cnnbench data get\ncnnbench data get mnist\ncnnbench data mnist",
		Args:    wordsOf(0, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			store, err := p.store()
			if err != nil {
				return err
			}
			sets := p.public
			if sets == nil {
				sets = catalogue.Sets()
			}
			if len(args) == 0 {
				p.listSets(sets, store.Downloads())
				return nil
			}
			i := slices.IndexFunc(sets, func(s catalogue.Set) bool { return s.Name == args[0] })
			if i < 0 {
				var names []string
				for _, s := range sets {
					names = append(names, s.Name)
				}
				return fmt.Errorf("found %q, which is no public data set that can be downloaded; there are %s", args[0], strings.Join(names, ", "))
			}
			return p.getSet(cmd.Context(), sets[i], store)
		},
	}
}

// listSets prints a line for each set.
func (p *Program) listSets(sets []catalogue.Set, downloads string) {
	for _, s := range sets {
		there := "-"
		if s.Present(downloads) {
			there = "here"
		}
		fmt.Fprintf(p.Stdout, "%-14s  %8s  %-4s  %s\n", s.Name, megabytes(s.Size()), there, s.Doc)
	}
}

// getSet downloads a set and says what came.
func (p *Program) getSet(ctx context.Context, set catalogue.Set, store *sessions.Store) error {
	lock, err := store.LockDownload(set.Name)
	if err != nil {
		return failed(fmt.Errorf("get %s: %w", set.Name, err))
	}
	defer lock.Close()
	client := p.client
	if client == nil {
		client = download.New()
	}
	show := newProgress(p.Stderr)
	err = client.Get(ctx, set, store.Downloads(), fetching(show))
	show.clear()
	var broken *download.BrokenError
	switch {
	case errors.Is(err, context.Canceled):
		show.say("cnnbench: interrupted; `cnnbench data get %s` goes on where it stopped", set.Name)
		return errInterrupted
	case errors.As(err, &broken):
		return failed(fmt.Errorf("get %s: %w; `cnnbench data get %[1]s` goes on where it stopped", set.Name, err))
	case err != nil:
		return failed(fmt.Errorf("get %s: %w", set.Name, err))
	}
	cfg := dataset.NewConfig()
	cfg.Source = set.Folder(store.Downloads())
	source, err := dataset.Open(cfg, dataset.Options{})
	if err != nil {
		return failed(fmt.Errorf("get %s: %w", set.Name, sourceError(err)))
	}
	return p.printSet(set, cfg.Source, source)
}

// printSet prints where the set is, its files and its parts.
func (p *Program) printSet(set catalogue.Set, folder string, source *dataset.Source) error {
	fmt.Fprintf(p.Stdout, "source: %s\npath: %s\n", set.Name, folder)
	entries, err := os.ReadDir(folder)
	if err != nil {
		return failed(err)
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			return failed(err)
		}
		fmt.Fprintf(p.Stdout, "file: %s, %s\n", e.Name(), fileSize(info.Size()))
	}
	for _, part := range []struct {
		name string
		set  *dataset.Set
	}{{"train", source.Train}, {"validation", source.Validation}, {"test", source.Test}} {
		if part.set != nil {
			fmt.Fprintf(p.Stdout, "%s: %d samples\n", part.name, part.set.Samples.Len())
		}
	}
	return nil
}

// fetching shows how far a download is. What was there before says nothing about how long the rest takes.
func fetching(show *progress) func(download.Progress) {
	start, before := time.Now(), int64(-1)
	return func(p download.Progress) {
		if before < 0 {
			before = p.Done
		}
		switch text := fmt.Sprintf("%s of %s  %s", megabytes(p.Done), megabytes(p.Total), p.File); {
		case p.Broken != nil:
			show.say("cnnbench: %v; trying again", p.Broken)
		case p.Unpacking:
			show.show(text+"  unpacking", 0, 0, 0)
		case show.due():
			show.show(text, float64(p.Done-before), float64(p.Total-before), time.Since(start).Seconds())
		}
	}
}

// megabytes writes the size of a download.
func megabytes(n int64) string { return fmt.Sprintf("%.1f MB", float64(n)/1e6) }
