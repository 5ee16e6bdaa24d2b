package train

import (
	"cmp"
	"slices"

	"cnnbench/nn/metric"
)

// mean is a running mean.
type mean struct{ sum, weight float64 }

func (m *mean) add(value, weight float64) {
	m.sum += float64(value * weight)
	m.weight += weight
}

// means are the running means of loss and metrics over the batches of an epoch or of a validation, each batch counting
// by its samples. Sums are float64 and added in the order of samples.
type means struct {
	metrics []metric.Named
	sums    []mean    // loss, metrics
	rows    []float64 // one figure a row of the batch
	values  []Value   // what current returns
}

// newMeans makes the means for batches of at most so many rows; their names get the prefix.
func newMeans(metrics []metric.Named, rows int, prefix string) *means {
	m := &means{metrics: metrics, sums: make([]mean, 1+len(metrics)), rows: make([]float64, rows)}
	m.values = append(m.values, Value{Name: prefix + "loss"})
	for _, n := range metrics {
		m.values = append(m.values, Value{Name: prefix + n.Name})
	}
	return m
}

func (m *means) reset() { clear(m.sums) }

// add takes the batch that the network has just gone through.
func (m *means) add(n network, samples int, loss float64) {
	m.sums[0].add(loss, float64(samples))
	rows := samples * n.RowsPer()
	y, p := n.Targets()[:rows*n.Columns()], n.Output()[:rows*n.Width()] // [rows, columns], [rows, width]
	for i, k := range m.metrics {
		k.Metric.Rows(y, p, n.Width(), m.rows[:rows])
		for r, v := range m.rows[:rows] {
			if n.Counts(r) {
				m.sums[i+1].add(v, 1)
			}
		}
	}
}

// current are the means so far: loss first, then the metrics in their order. The slice is used again.
func (m *means) current() []Value {
	for i, s := range m.sums {
		m.values[i].Value = s.sum / s.weight
	}
	return m.values
}

// sorted joins values in the order in which Keras prints them.
func sorted(lists ...[]Value) []Value {
	out := slices.Concat(lists...)
	slices.SortFunc(out, func(a, b Value) int { return cmp.Compare(a.Name, b.Name) })
	return out
}
