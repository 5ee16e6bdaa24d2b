package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// layers says what each part of the tree may import of the tree; a part is named by its folder, and what lies below
// belongs to it unless it is named itself. Tests may import what they like.
var layers = map[string][]string{
	"":                     {"tui", "tui/command", "sessions"},
	"spec":                 {},
	"portable":             {},
	"rng":                  {"portable"},
	"assets":               {"assets"},
	"nn/kernel":            {"rng", "portable"},
	"nn/loss":              {"spec", "portable"},
	"nn/metric":            {"spec", "nn/loss"},
	"nn/optim":             {"spec", "nn/kernel"},
	"nn":                   {"spec", "rng", "nn/kernel", "nn/loss", "nn/optim"},
	"nn/golden":            {"sessions/safetensors"}, // for tests, as nntest
	"nn/nntest":            {"spec", "rng", "nn", "nn/golden"},
	"nn/train":             {"spec", "rng", "nn", "nn/loss", "nn/optim", "nn/metric"},
	"dataset":              {"spec", "rng", "assets", "dataset"},
	"dataset/download":     {"dataset"}, // and dataset may not import it: opening a source never goes to the network
	"sessions/safetensors": {},
	"sessions/atomicfile":  {},
	"sessions/disk":        {"rng", "sessions/atomicfile"}, // the generator for its test disks
	"sessions/hdf5":        {},
	"sessions/onnx":        {},
	"sessions/tfevents":    {},
	"sessions/filters":     {},
	"sessions/surgery":     {"rng", "nn", "nn/train"},
	"sessions/tensorboard": {"nn/train", "sessions/tfevents", "sessions/filters"},
	"sessions":             {"spec", "rng", "assets", "nn", "nn/kernel", "nn/loss", "nn/optim", "nn/metric", "nn/train", "dataset", "sessions", "sessions/safetensors", "sessions/atomicfile", "sessions/disk", "sessions/onnx", "sessions/hdf5", "sessions/filters", "sessions/surgery", "sessions/tensorboard"},
	"tui":                  {"spec", "rng", "assets", "nn", "nn/kernel", "nn/loss", "nn/optim", "nn/metric", "nn/train", "dataset", "sessions", "sessions/atomicfile", "sessions/surgery", "tui"},
	"tui/command":          {"spec", "rng", "assets", "nn", "nn/kernel", "nn/loss", "nn/optim", "nn/metric", "nn/train", "dataset", "dataset/download", "sessions", "sessions/atomicfile", "sessions/surgery", "tui"},
}

// part finds the named part that a folder belongs to.
func part(dir string) string {
	for dir != "." && dir != "" {
		if _, ok := layers[dir]; ok {
			return dir
		}
		dir = path.Dir(dir)
	}
	return ""
}

// TestImportsPointOneWay holds the tree to its layout: engine below trainer below sessions below screens.
func TestImportsPointOneWay(t *testing.T) {
	err := filepath.WalkDir(".", func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		file = filepath.ToSlash(file)
		if d.IsDir() && (d.Name() == "testdata" || d.Name() == "tools" || strings.HasPrefix(d.Name(), ".") && file != ".") {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") {
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		from := part(path.Dir(file))
		for _, spec := range f.Imports {
			name, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			to, ours := strings.CutPrefix(name, "cnnbench/")
			if !ours || part(to) == from {
				continue
			}
			allowed := false
			for _, a := range layers[from] {
				allowed = allowed || part(to) == a
			}
			if !allowed {
				t.Errorf("%s imports %s: %q may not import %q", file, name, from, part(to))
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
