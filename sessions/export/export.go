// Package export writes what a session holds in forms that other programs read, one file a format.
package export

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	"cnnbench/nn/train"
	"cnnbench/sessions"
	"cnnbench/sessions/atomicfile"
)

// Input is what can be written.
type Input struct {
	Session    string // its name
	Experiment *sessions.Experiment
	Weights    *sessions.Weights // needed by formats that say so
	Classes    []string          // in the order of the network's outputs; nil: values
	History    []train.Epoch
}

// Format is one form of export.
type Format struct {
	Name      string // safetensors
	Extension string // of files, with its dot
	Doc       string // one line
	Weights   bool   // it writes weights, else only the history

	write func(w io.Writer, in *Input) error
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

// Write writes the input to path, in one step: a file that was there is replaced whole or not at all. It returns the
// file's size.
func Write(format, path string, in *Input) (int64, error) {
	f, err := Lookup(format)
	if err != nil {
		return 0, err
	}
	if f.Weights && in.Weights == nil {
		return 0, errors.New("the export needs weights")
	}
	if st, err := os.Stat(path); err == nil && st.IsDir() {
		return 0, fmt.Errorf("%s is a folder; name a file in it", path)
	}
	var b bytes.Buffer
	if err := f.write(&b, in); err != nil {
		return 0, fmt.Errorf("export as %s: %w", format, err)
	}
	if err := atomicfile.WriteFile(path, b.Bytes(), 0o644); err != nil {
		var pe *fs.PathError
		if errors.As(err, &pe) {
			err = pe.Err
		}
		return 0, fmt.Errorf("write %s: %w", path, err)
	}
	return int64(b.Len()), nil
}
