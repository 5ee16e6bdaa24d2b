package sessions

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"cnnbench/dataset"
)

// largestSide is the most pixels that a side of a picture keeps in an experiment made for a source: enough to learn
// from in a lecture's time.
const largestSide = 64

// FromSource makes an experiment for a source of data, a name or a path: a small network of the kind that suits the
// samples, ready to be trained and edited. Its path is then absolute.
func (s *Store) FromSource(source string) (*Experiment, error) {
	cfg := dataset.NewConfig()
	cfg.Source = source
	o := dataset.Options{Downloads: s.Downloads()}
	data, err := dataset.Load(cfg, o)
	var mixed *dataset.MixedSizes
	if errors.As(err, &mixed) { // a folder of photos: all are brought to one size
		cfg.Image.Size, cfg.Image.Interpolation = &mixed.Suggested, "bilinear"
		data, err = dataset.Load(cfg, o)
	}
	if err != nil {
		return nil, New().dataError(err)
	}
	if !dataset.Named(source) {
		source = absolute(source, ".")
	}
	base := filepath.Base(source)
	var b strings.Builder
	fmt.Fprintf(&b, "name: %q\ndata:\n  source: %q\n", plainName(strings.TrimSuffix(base, filepath.Ext(base))), source)
	if mixed != nil || len(data.Shape) == 3 && max(data.Shape[0], data.Shape[1]) > largestSide {
		fmt.Fprintf(&b, "  image: {size: [%d, %d], interpolation: bilinear}\n", min(data.Shape[0], largestSide), min(data.Shape[1], largestSide))
	}
	if _, bytes := data.Source.Train.Samples.(dataset.ByteSamples); bytes {
		b.WriteString("  rescale: 1/255\n")
	}
	b.WriteString("model:\n  layers:\n")
	for _, l := range append(body(data.Shape), head(data)) {
		fmt.Fprintf(&b, "    - %s\n", l)
	}
	b.WriteString("compile: {optimizer: adam}\nfit: {epochs: 10}\n")
	return ParseExperiment("", []byte(b.String()))
}

// body is the layers before the head for samples of the shape.
func body(shape []int) []string {
	switch {
	case len(shape) == 3 && min(shape[0], shape[1]) >= 8:
		return []string{
			"conv2d: {filters: 16, kernel_size: 3, padding: same, activation: relu}", "max_pooling2d",
			"conv2d: {filters: 32, kernel_size: 3, padding: same, activation: relu}", "max_pooling2d",
			"flatten", "dense: {units: 64, activation: relu}"}
	case len(shape) == 2:
		return []string{"lstm: {units: 32}"}
	case len(shape) == 1:
		return []string{"dense: {units: 64, activation: relu}", "dense: {units: 64, activation: relu}"}
	}
	return []string{"flatten", "dense: {units: 64, activation: relu}"}
}

// head is the last layer for the targets.
func head(data *dataset.Data) string {
	if data.Classes == nil {
		return fmt.Sprintf("dense: {units: %d}", data.Width)
	}
	return fmt.Sprintf("dense: {units: %d, activation: softmax}", max(len(data.Classes), 2))
}
