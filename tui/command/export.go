package command

import (
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"cnnbench/sessions/export"
)

func (p *Program) export() *cobra.Command {
	var weights weightsFlags
	var options export.Options
	var format, out string
	var names, docs []string
	for _, f := range export.Formats() {
		names = append(names, f.Name)
		docs = append(docs, fmt.Sprintf("  %-18s %s", f.Name, f.Doc))
	}
	cmd := &cobra.Command{
		Use:     "export SESSION --format FORMAT -o PATH",
		Short:   "Write the weights or the history for other programs",
		Long:    "Writes what a session holds for other programs. Formats:\n" + strings.Join(docs, "\n"),
		Example: "cnnbench export lecture-cnn-1 --format safetensors -o model.safetensors",
		Args:    wordsOf(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if format == "" {
				return fmt.Errorf("found no --format, needs one of %s", strings.Join(names, ", "))
			}
			f, err := export.Lookup(format)
			if err != nil {
				return err
			}
			if err := f.Check(options); err != nil {
				return err
			}
			s, err := p.stored(args[0])
			if err != nil {
				return err
			}
			in, err := export.From(s)
			if err != nil {
				return err
			}
			in.Options = options
			if f.Weights || weights.given(cmd) { // a report is on the last ones unless others are named
				if in.Weights, _, err = p.weights(cmd, s, &weights); err != nil {
					return err
				}
			}
			path := out
			if path == "" {
				path = s.Name + f.Extension
				if _, err := os.Lstat(path); err == nil {
					return fmt.Errorf("there is a %s already; name another %s with -o, or the same to replace it", path, kind(f))
				}
			}
			line := newProgress(p.Stderr)
			in.Threads, in.Progress = p.threads, line.counted("evaluating")
			size, err := export.Write(cmd.Context(), format, path, in)
			line.clear()
			if err != nil {
				return failed(err)
			}
			fmt.Fprintf(p.Stdout, "%s: %s\n", path, fileSize(size))
			return nil
		},
	}
	weights.add(cmd)
	cmd.Flags().StringVarP(&format, "format", "f", "", "one of "+strings.Join(names, ", "))
	cmd.Flags().StringVar(&options.Layout, "layout", "", "layout of the pictures that an onnx network takes, nhwc or nchw (default nhwc)")
	cmd.Flags().BoolVar(&options.Preprocess, "with-preprocess", false, "let rescaling and normalisation be part of an onnx network, which then takes pixels as files have them")
	cmd.Flags().StringVarP(&out, "output", "o", "", "file or folder to write (default the session's name with the format's ending)")
	return cmd
}

// kind is what a format writes.
func kind(f export.Format) string {
	if f.Folder {
		return "folder"
	}
	return "file"
}

// fileSize writes a number of bytes for people.
func fileSize(n int64) string { return thousands(n) + " bytes" }
