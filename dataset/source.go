package dataset

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"cnnbench/dataset/catalogue"
	"cnnbench/spec"
)

// Source is what was found: samples and targets as they are stored.
type Source struct {
	Name        string // the built-in name or the path, as given
	Description string
	Shape       []int    // of a sample as stored; pictures are [rows, columns, channels]
	Classes     []string // the names of the class numbers; nil: the targets are values
	Unnamed     bool     // the classes are numbers up to the highest one seen; there may be more
	Width       int      // columns of a value target; 0 where the targets are class numbers

	Train, Validation, Test *Set // nil: the source has no such part; Train is never nil

	Skipped []Skip // what lies there but could not be taken
}

// Skip is something that was left out of a source. Both texts may be shown as they are.
type Skip struct {
	Name   string // the path within the folder, or the line of the table
	Reason string
}

// Set is one part of a source. Either Labels or Values is set.
type Set struct {
	Samples Samples
	Names   []string  // the file of each sample; nil: the samples are no files
	Labels  []int32   // the class number of each sample
	Values  []float32 // [sample, column]
	Lengths []int     // steps of each sequence that count; what follows them is 0. nil: all do
}

// add makes a part of samples, which must have the shape of the parts before; the targets are still to come.
func (s *Source) add(part **Set, name string, samples Samples) error {
	if s.Shape == nil {
		s.Shape = samples.Shape()
	}
	if !slices.Equal(s.Shape, samples.Shape()) {
		return fmt.Errorf("the samples of %s have shape %v, the others %v; needs one shape", name, samples.Shape(), s.Shape)
	}
	*part = &Set{Samples: samples}
	return nil
}

// maxBytes is the most that one source may take in memory.
const maxBytes = 4 << 30

// request is what a source is opened with.
type request struct {
	ctx     context.Context // ends what takes long
	pass    Pass
	path    string // of a file or folder, ready to open
	seed    uint64
	limit   int // training samples wanted of a generated source; 0: its default
	classes int // how many of the classes will be kept; 0: all
	targets Targets
	label   string // the column of a table to predict; "": the usual one
	image   ImageConfig
	memory  int64 // bytes that pictures may take
}

// builtin is a source that comes with the program.
type builtin struct {
	name string
	doc  string // one line
	open func(request) (*Source, error)
}

// format is a kind of file or folder that can be read. A path is the first one's that matches it, in the order of the
// names of the Go files that register them: folders of pictures stand behind those with files of certain names.
type format struct {
	doc   string // what it is, for the error that lists what can be read; "": match finds a usual mistake, open explains it
	table bool   // it has columns, and so the setting label
	match func(path string, info fs.FileInfo) bool
	open  func(request) (*Source, error)
}

var (
	builtins = map[string]builtin{}
	formats  []format
)

func registerBuiltin(b builtin) {
	if _, taken := builtins[b.name]; taken {
		panic("dataset: source registered twice")
	}
	builtins[b.name] = b
}

func registerFormat(f format) { formats = append(formats, f) }

// Info describes a built-in source in one line.
type Info struct{ Name, Doc string }

// Names lists the built-in sources in alphabetical order.
func Names() []Info {
	var out []Info
	for _, b := range builtins {
		out = append(out, Info{b.name, b.doc})
	}
	slices.SortFunc(out, func(a, b Info) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// Open finds and reads the source that the data section names: a built-in name or that of a downloaded public data set,
// else a path.
func Open(cfg Config, opt Options) (*Source, error) {
	return OpenContext(context.Background(), cfg, opt)
}

// OpenContext is Open until ctx ends, which a folder of many pictures is worth.
func OpenContext(ctx context.Context, cfg Config, opt Options) (*Source, error) {
	req := request{ctx: ctx, pass: opt.Pass, seed: opt.Seed, classes: len(cfg.Classes), targets: opt.Targets, label: cfg.Label, image: cfg.Image, memory: cfg.memory()}
	if cfg.Limit != nil {
		req.limit = *cfg.Limit
	}
	if b, ok := builtins[cfg.Source]; ok {
		if req.label != "" {
			return nil, noColumns(cfg.Source)
		}
		src, err := b.open(req)
		if err != nil {
			return nil, err
		}
		src.Name, src.Description = b.name, b.doc
		return src, nil
	}
	src, err := openNamed(req, cfg.Source, opt)
	if fe := (*spec.FieldError)(nil); errors.As(err, &fe) {
		return nil, field(fe.Key, shownError{fe.Err})
	}
	if err != nil {
		return nil, field("source", shownError{err})
	}
	src.Name = cfg.Source
	return src, nil
}

// openNamed reads what is on the disk: the files of a public data set, or those at a path.
func openNamed(req request, source string, opt Options) (*Source, error) {
	if set, ok := catalogue.Lookup(source); ok {
		return openPublic(set, req, opt)
	}
	req.path = source
	if !filepath.IsAbs(req.path) {
		req.path = filepath.Join(opt.Dir, req.path)
	}
	return openPath(req)
}

func openPath(req request) (*Source, error) {
	info, err := os.Stat(req.path)
	if err != nil {
		var names []string
		for _, n := range Names() {
			names = append(names, n.Name)
		}
		reason := "there is no file or folder there"
		if !os.IsNotExist(err) {
			reason = "it cannot be opened: " + plainError(err)
		}
		return nil, fmt.Errorf("%q is not a built-in source (%s), and as the path %s %s", req.path, strings.Join(names, ", "), req.path, reason)
	}
	for _, f := range formats {
		if f.match(req.path, info) {
			if req.label != "" && !f.table && f.doc != "" {
				return nil, noColumns(req.path)
			}
			return f.open(req)
		}
	}
	var known []string
	for _, f := range formats {
		if f.doc != "" {
			known = append(known, f.doc)
		}
	}
	slices.Sort(known)
	what := "file"
	if info.IsDir() {
		what = "folder"
	}
	return nil, fmt.Errorf("%s is not a %s that can be read here; readable are %s", req.path, what, strings.Join(known, ", "))
}

// noColumns refuses the setting label.
func noColumns(source string) error {
	return field("label", fmt.Errorf("%s has no columns to choose from; leave label out", source))
}

// plainError is the system's reason without the operation and path that the message already names.
func plainError(err error) string {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err.Error()
	}
	return err.Error()
}
