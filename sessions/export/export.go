// Package export writes what a session holds in forms that other programs read, one file a format.
package export

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"cnnbench/nn/train"
	"cnnbench/sessions"
)

// Input is what can be written.
type Input struct {
	Session    string // its name
	Experiment *sessions.Experiment
	Weights    *sessions.Weights  // needed by formats that say so
	Model      *sessions.Prepared // the network without its data; needed where the weights are
	Classes    []string           // in the order of the network's outputs; nil: values
	History    []train.Epoch
	Stored     *sessions.Session // what else the session keeps; needed by formats that tell of the training
	Options    Options

	Threads  int                   // of the network, where it is asked; 0: as many as GOMAXPROCS
	Progress func(done, total int) // told how far an evaluation is; nil: nobody
}

// From is the input of a stored session but for its weights, of which there are several.
func From(s *sessions.Session) (*Input, error) {
	m, err := s.Model()
	if err != nil {
		return nil, fmt.Errorf("build the network of session %s: %w", s.Name, err)
	}
	return &Input{Session: s.Name, Experiment: s.Experiment, Model: m, Classes: s.Classes, History: s.History, Stored: s}, nil
}

// Start is the input of a network that was not trained yet, with the weights that it begins with: for the formats that
// write weights.
func Start(p *sessions.Prepared, name string) (*Input, error) {
	n, err := p.Build(sessions.BuildOptions{Threads: 1})
	if err != nil {
		return nil, fmt.Errorf("build the network: %w", err)
	}
	defer n.Close()
	return &Input{Session: name, Experiment: p.Portable(), Weights: sessions.Copy(n), Model: p, Classes: p.Classes}, nil
}

// Options change what a format writes. The zero value is the default of them all.
type Options struct {
	Layout     string // of the pictures that the network takes: nhwc, as here, or nchw; empty: nhwc
	Preprocess bool   // rescaling and normalisation become part of the network
}

// The layouts of pictures: channels last, as everywhere here, or first.
const (
	NHWC = "nhwc"
	NCHW = "nchw"
)

// Format is one form of export. It is one file, or several: a folder, or a main file with others beside it.
type Format struct {
	Name      string // safetensors
	Extension string // of files, with its dot; of a folder, what is added to its name
	Doc       string // one line
	Weights   bool   // it writes weights, else only the history
	Folder    bool   // it writes a folder
	Options   bool   // it takes Options

	write    func(ctx context.Context, w io.Writer, in *Input) error // of one file
	writeSet func(ctx context.Context, set *Set, in *Input) error    // of several
}

var formats []Format

func register(f Format) {
	formats = append(formats, f)
	slices.SortFunc(formats, func(a, b Format) int { return strings.Compare(a.Name, b.Name) })
}

// Formats lists the formats in alphabetical order.
func Formats() []Format { return slices.Clone(formats) }

// Lookup finds a format by its name; the error names those there are.
func Lookup(name string) (Format, error) {
	var names []string
	for _, f := range formats {
		if f.Name == name {
			return f, nil
		}
		names = append(names, f.Name)
	}
	return Format{}, fmt.Errorf("found format %q, needs one of %s", name, strings.Join(names, ", "))
}

// ByPath finds the format whose ending a path has, the longest where several fit.
func ByPath(path string) (Format, bool) {
	var found Format
	for _, f := range formats {
		if strings.HasSuffix(strings.ToLower(path), f.Extension) && len(f.Extension) > len(found.Extension) {
			found = f
		}
	}
	return found, found.Name != ""
}

// Write writes the input to path: what was there is replaced whole or not at all. It returns the size of all files. ctx
// ends it as long as nothing stands there.
func Write(ctx context.Context, format, path string, in *Input) (int64, error) {
	f, err := Lookup(format)
	if err != nil {
		return 0, err
	}
	if f.Weights && in.Weights == nil {
		return 0, errors.New("the export needs weights")
	}
	if err := f.Check(in.Options); err != nil {
		return 0, err
	}
	if st, err := os.Stat(path); err == nil && st.IsDir() && !f.Folder {
		return 0, fmt.Errorf("%s is a folder; name a file in it", path)
	}
	set := &Set{Base: filepath.Base(path)}
	if f.writeSet != nil {
		err = f.writeSet(ctx, set, in)
	} else {
		var b bytes.Buffer
		err = f.write(ctx, &b, in)
		set.Add(set.Base, b.Bytes())
	}
	if err := cmp.Or(err, ctx.Err()); err != nil {
		return 0, fmt.Errorf("export as %s: %w", format, err)
	}
	place := set.writeBeside
	if f.Folder {
		place = set.writeFolder
	}
	if err := place(filepath.Clean(path)); err != nil {
		return 0, fmt.Errorf("write %s: %w", path, err)
	}
	return set.size(), nil
}

// Check refuses options that the format does not have.
func (f *Format) Check(o Options) error {
	switch {
	case o == Options{}:
		return nil
	case !f.Options:
		var names []string
		for _, g := range formats {
			if g.Options {
				names = append(names, g.Name)
			}
		}
		return fmt.Errorf("the format %s has neither a layout nor preprocessing to choose; %s has", f.Name, strings.Join(names, ", "))
	case o.Layout != "" && o.Layout != NHWC && o.Layout != NCHW:
		return fmt.Errorf("found layout %q, needs %s or %s", o.Layout, NHWC, NCHW)
	}
	return nil
}
