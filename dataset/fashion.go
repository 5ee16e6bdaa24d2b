package dataset

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"strings"

	"cnnbench/assets"
)

func init() {
	registerBuiltin(builtin{
		name: "fashion-mini",
		doc:  "photos of clothing, 28x28 grey pixels, ten classes; 10,000 + 2,000 of Fashion-MNIST",
		open: openFashionMini,
	})
}

func openFashionMini(request) (*Source, error) {
	train, err := embeddedSet("train", 10000)
	if err != nil {
		return nil, err
	}
	test, err := embeddedSet("t10k", 2000)
	if err != nil {
		return nil, err
	}
	names, err := assets.FashionMini.ReadFile("fashion-mini/classes.txt")
	if err != nil {
		return nil, fmt.Errorf("reading the embedded class names: %w", err)
	}
	return &Source{Shape: train.Samples.Shape(), Classes: strings.Split(strings.TrimSpace(string(names)), "\n"), Train: train, Test: test}, nil
}

// embeddedSet reads n pictures and labels; behind the headers of 16 and 8 bytes the files hold nothing else.
func embeddedSet(part string, n int) (*Set, error) {
	unpack := func(name string, header, size int) ([]byte, error) {
		packed, err := assets.FashionMini.ReadFile("fashion-mini/" + name)
		if err != nil {
			return nil, err
		}
		z, err := gzip.NewReader(bytes.NewReader(packed))
		if err != nil {
			return nil, err
		}
		all := make([]byte, header+size)
		if _, err := io.ReadFull(z, all); err != nil {
			return nil, err
		}
		return all[header:], nil
	}
	images, err := unpack(part+"-images-idx3-ubyte.gz", 16, n*28*28)
	if err != nil {
		return nil, fmt.Errorf("reading the embedded pictures: %w", err)
	}
	labels, err := unpack(part+"-labels-idx1-ubyte.gz", 8, n)
	if err != nil {
		return nil, fmt.Errorf("reading the embedded labels: %w", err)
	}
	set := &Set{Samples: bytesInMemory{newMemory([]int{28, 28, 1}, images)}, Labels: make([]int32, n)}
	for i, label := range labels {
		set.Labels[i] = int32(label)
	}
	return set, nil
}
