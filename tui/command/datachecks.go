package command

import (
	"fmt"
	"io"
	"strings"

	"cnnbench/dataset"
	"cnnbench/sessions"
)

// printWeights says what the training samples of each class weigh, or would weigh if all classes were to count alike,
// and warns of classes that are far from even.
func printWeights(w io.Writer, p *sessions.Prepared) {
	counts := p.Data.Train.Counts()
	if counts == nil {
		return
	}
	fact := factsTo(w)
	if smallest, largest, uneven := dataset.Uneven(counts); uneven {
		fact("remark", "%s has %.1f times as many training samples as %s", p.Classes[largest], float64(counts[largest])/float64(counts[smallest]), p.Classes[smallest])
	}
	if p.Weights != nil {
		fact("class weights", "%s", weightsOf(p.Classes, p.Weights))
	}
	fact("balanced class weights", "%s", weightsOf(p.Classes, dataset.BalancedWeights(counts)))
}

// weightsOf lists the weights of classes; one without a weight has 1.
func weightsOf(classes []string, of map[int]float64) string {
	parts := make([]string, len(classes))
	for c, name := range classes {
		parts[c] = fmt.Sprintf("%s %.4g", name, dataset.WeightOf(of, c))
	}
	return strings.Join(parts, ", ")
}

// printOverlaps names samples that stand on both sides of a split, which makes the figures better than they are, and
// those that stand in one part more than once, which does not.
func printOverlaps(w io.Writer, d *dataset.Data, f *dataset.Facts) {
	fact := factsTo(w)
	if len(f.Overlaps) == 0 || !f.Overlaps[0].Leak() {
		fact("leaks", "none, no sample stands in two parts")
	}
	for _, o := range f.Overlaps {
		key, where := "leak", "also stand in "+o.In
		if !o.Leak() {
			key, where = "repeated", "stand there before"
		}
		pairs := make([]string, len(o.Twins))
		for k, twin := range o.Twins {
			pairs[k] = d.Pair(&o, twin)
		}
		if more := o.Count - len(pairs); more > 0 {
			pairs = append(pairs, fmt.Sprintf("and %d more", more))
		}
		fact(key, "%d of %d %s samples %s: %s", o.Count, d.Part(o.Part).Len(), o.Part, where, strings.Join(pairs, ", "))
	}
}
