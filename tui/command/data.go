package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"cnnbench/dataset"
	"cnnbench/sessions"
	"cnnbench/spec"
)

func (p *Program) data() *cobra.Command {
	var part, out string
	var epoch int
	cmd := &cobra.Command{
		Use:   "data SOURCE or EXPERIMENT",
		Short: "What a source of data holds: shapes, classes, counts, range",
		Long: "Says what a source holds, a name or a path; without one it lists the names. Of an experiment it says what is made\n" +
			"of it: the parts as the network receives them, how even the classes are and which weights would even them out\n" +
			"(fit.class_weight: balanced), and what stands in two parts or twice in one. With --part and --out it writes such a\n" +
			"part: x (float32), y (class numbers or values), index (the row in the source) and, of sequences that end early,\n" +
			"lengths. With --epoch it writes what the training part shows in that epoch, in its order, and of augmented pictures\n" +
			"what was drawn: theta tx ty shear zx zy flip_h flip_v (degrees, rows, columns, degrees, factors, 0 or 1), and what\n" +
			"else is on.",
		Example: "cnnbench data fashion-mini\ncnnbench data lecture-cnn --part test --out test.npz\ncnnbench data lecture-cnn --part train --epoch 3 --out epoch3.npz",
		Args:    wordsOf(0, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				for _, i := range append(dataset.Names(), dataset.Downloaded(p.reading().Downloads())...) {
					fmt.Fprintf(p.Stdout, "%-14s  %s\n", i.Name, i.Doc)
				}
				return nil
			}
			if (part == "") != (out == "") {
				return fmt.Errorf("--part and --out belong together: which part of the data, and the .npz to write it to")
			}
			if cmd.Flags().Changed("epoch") {
				switch {
				case part != "train":
					return fmt.Errorf("--epoch belongs to --part train: the other parts are the same in every epoch")
				case epoch < 1:
					return fmt.Errorf("--epoch: found %d, needs 1 for the first epoch, or more", epoch)
				}
			}
			if part != "" {
				return p.writePart(cmd.Context(), args[0], part, epoch, out)
			}
			if sessions.IsExperiment(args[0]) {
				return p.experimentFacts(cmd, args[0])
			}
			return p.sourceFacts(cmd, args[0])
		},
	}
	cmd.AddCommand(p.dataGet())
	cmd.Flags().StringVar(&part, "part", "", "part to write: train, validation or test")
	cmd.Flags().StringVar(&out, "out", "", "the .npz to write it to")
	cmd.Flags().IntVar(&epoch, "epoch", 0, "the training part as this epoch shows it, from 1; without it as it is before augmentation")
	return cmd
}

// experimentFacts says what an experiment makes of its source, and what is to be minded about it.
func (p *Program) experimentFacts(cmd *cobra.Command, word string) error {
	found, err := sessions.FindExperiment(word)
	if err != nil {
		return err
	}
	prepared, err := p.prepare(cmd.Context(), found)
	if err != nil {
		return err
	}
	show := newProgress(p.Stderr)
	facts, err := prepared.Data.Describe(cmd.Context(), dataset.Pass{Told: show.share("reading the samples")})
	show.clear()
	if err := failed(err); err != nil {
		return err
	}
	printFacts(p.Stdout, facts)
	printWeights(p.Stdout, prepared)
	printOverlaps(p.Stdout, prepared.Data, facts)
	return interrupted(cmd)
}

// sourceFacts says what a source holds.
func (p *Program) sourceFacts(cmd *cobra.Command, word string) error {
	cfg := dataset.NewConfig()
	cfg.Source = word
	show := newProgress(p.Stderr)
	o := dataset.Options{Downloads: p.reading().Downloads(), Pass: dataset.Pass{Told: show.share("looking at the pictures")}}
	source, err := dataset.OpenContext(cmd.Context(), cfg, o)
	var sizes *dataset.MixedSizes
	if errors.As(err, &sizes) {
		cfg.Image.Size, cfg.Image.Interpolation = &sizes.Suggested, "bilinear"
		o.Pass.Told = show.share("looking at the pictures")
		source, err = dataset.OpenContext(cmd.Context(), cfg, o)
	}
	show.clear()
	switch {
	case errors.Is(err, context.Canceled):
		return errInterrupted
	case err != nil:
		return sourceError(err)
	}
	facts, err := source.Describe(cmd.Context(), dataset.Pass{Told: show.share("reading the samples")})
	show.clear()
	if err != nil {
		return failed(err)
	}
	if sizes != nil {
		facts.Description += fmt.Sprintf(", of several sizes such as %s and %s; here as image: {size: [%d, %d], interpolation: bilinear} brings them to one",
			sizes.Examples[0], sizes.Examples[1], sizes.Suggested[0], sizes.Suggested[1])
	}
	printFacts(p.Stdout, facts)
	return interrupted(cmd)
}

// sourceError leaves out the setting that the command line does not have.
func sourceError(err error) error {
	if field, ok := err.(*spec.FieldError); ok {
		return field.Err
	}
	return err
}

// factsTo writes one fact a line.
func factsTo(w io.Writer) func(key, format string, args ...any) {
	return func(key, format string, args ...any) { fmt.Fprintf(w, "%s: %s\n", key, fmt.Sprintf(format, args...)) }
}

func printFacts(w io.Writer, f *dataset.Facts) {
	fact := factsTo(w)
	fact("source", "%s", f.Name)
	if f.Description != "" {
		fact("about", "%s", f.Description)
	}
	fact("shape", "%s", strings.Trim(strings.ReplaceAll(fmt.Sprint(f.Shape), " ", "x"), "[]"))
	if f.Classes != nil {
		fact("classes", "%d: %s", len(f.Classes), strings.Join(f.Classes, ", "))
	} else {
		fact("targets", "values, %d a sample", f.Width)
	}
	for _, part := range f.Parts {
		fact(part.Name, "%d samples", part.Len)
		if part.Counts != nil {
			var counts, shares []string
			for c, n := range part.Counts {
				counts = append(counts, fmt.Sprintf("%s %d", f.Classes[c], n))
				shares = append(shares, fmt.Sprintf("%s %.1f%%", f.Classes[c], 100*float64(n)/float64(part.Len)))
			}
			fact(part.Name+" counts", "%s", strings.Join(counts, ", "))
			fact(part.Name+" shares", "%s", strings.Join(shares, ", "))
		} else {
			fact(part.Name+" targets", "%.4g to %.4g", part.TargetMin, part.TargetMax)
		}
		if part.Lengths[1] > 0 {
			fact(part.Name+" lengths", "%d to %d steps", part.Lengths[0], part.Lengths[1])
		}
		fact(part.Name+" range", "%.4g to %.4g", part.Min, part.Max)
		if len(part.Mean) <= 16 {
			fact(part.Name+" mean", "%s", values(part.Mean))
			fact(part.Name+" std", "%s", values(part.Std))
		}
	}
	if len(f.Skipped) > 0 {
		fact("left out", "%d", len(f.Skipped))
	}
	for _, skip := range f.Skipped {
		fact("left out", "%s: %s", skip.Name, skip.Reason)
	}
}

func values(list []float64) string {
	parts := make([]string, len(list))
	for i, v := range list {
		parts[i] = fmt.Sprintf("%.4g", v)
	}
	return strings.Join(parts, " ")
}
