// Package metric holds the figures that judge a network, with Keras 3's names and rules, one file a metric, and the
// confusion matrix with its per-class report as scikit-learn makes it.
package metric

import (
	"errors"
	"fmt"
	"strings"

	"cnnbench/spec"

	"go.yaml.in/yaml/v3"
)

// Metric is one figure a row; the metric is its mean over all rows. Keras does not weigh metrics by class_weight.
type Metric interface {
	// Fit says why targets of so many columns cannot be compared with predictions of that width.
	Fit(columns, width int) error

	// Rows writes each row's figure to out [rows]. yPred [rows, width] are the network's outputs, yTrue [rows,
	// columns] the targets, with columns = len(yTrue)/len(out).
	Rows(yTrue, yPred []float32, width int, out []float64)

	// Best says in which direction the metric gets better.
	Best() Direction
}

// Family holds the kinds of metrics.
var Family = spec.NewFamily[Metric]("metric")

// Direction says which of two figures is better.
type Direction int

// The directions.
const (
	Min Direction = iota // the smaller, as of a loss
	Max                  // the larger, as of an accuracy
)

func (d Direction) String() string { return [...]string{"min", "max"}[d] }

// Better reports whether a is better than b. NaN is never better, and nothing is better than it.
func (d Direction) Better(a, b float64) bool {
	if d == Max {
		return a > b
	}
	return a < b
}

// Named is a metric under the name that the person wrote, which is its name in logs and histories: acc stays acc.
type Named struct {
	Name   string
	Metric Metric
}

// Default is what an experiment measures if it does not say: accuracy for classes, mae for values.
func Default(classes bool) []Named {
	if classes {
		return []Named{{"accuracy", &Accuracy{}}}
	}
	return []Named{{"mae", &MeanAbsoluteError{}}}
}

// DecodeSpec reads a metric and keeps the name it has there.
func (m *Named) DecodeSpec(d *spec.Decoder, n *yaml.Node, path string) error {
	var read Metric
	if err := d.Decode(n, path, &read); err != nil {
		return err
	}
	if read == nil {
		return d.Errorf(n, path, "found null, needs a metric: %s", strings.Join(Family.Names(), ", "))
	}
	m.Metric, m.Name = read, n.Value
	if n.Kind == yaml.MappingNode {
		m.Name = n.Content[0].Value
	}
	return nil
}

// EncodeSpec writes the metric under its own name.
func (m Named) EncodeSpec() any {
	body := spec.Node(m.Metric, Family.Must(m.Metric).New())
	if len(body.Content) == 0 {
		return m.Name
	}
	return map[string]*yaml.Node{m.Name: body}
}

// Check says what is wrong with a list of metrics for targets of so many columns and predictions of that width.
func Check(metrics []Named, columns, width int) error {
	seen := map[string]bool{"loss": true}
	for _, m := range metrics {
		if seen[m.Name] {
			return fmt.Errorf("metric %s stands there twice; keep one", m.Name)
		}
		seen[m.Name] = true
		if err := m.Metric.Fit(columns, width); err != nil {
			return err
		}
	}
	return nil
}

// Auto is Keras's automatic mode of a callback: the direction of a monitored figure such as val_loss or accuracy.
func Auto(monitor string, metrics []Named) (Direction, error) {
	name := strings.TrimPrefix(monitor, "val_")
	if name == "loss" {
		return Min, nil
	}
	known := []string{"loss", "val_loss"}
	for _, m := range metrics {
		if m.Name == name {
			return m.Metric.Best(), nil
		}
		known = append(known, m.Name, "val_"+m.Name)
	}
	return Min, fmt.Errorf("nothing is measured under the name %q; known: %s", monitor, strings.Join(known, ", "))
}

// fitValues is the rule of the metrics that compare number with number.
func fitValues(name string, columns, width int) error {
	if columns == width {
		return nil
	}
	return errors.New(name + " compares value with value, but the targets are class numbers; take accuracy")
}
