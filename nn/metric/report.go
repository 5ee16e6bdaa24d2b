package metric

// Confusion counts how often each class was taken for each.
type Confusion struct {
	Classes int
	Counts  []int64 // [true class, predicted class]
}

// NewConfusion makes an empty matrix of so many classes.
func NewConfusion(classes int) *Confusion {
	return &Confusion{classes, make([]int64, classes*classes)}
}

// Add counts one sample. Both classes must be below Classes.
func (c *Confusion) Add(trueClass, predicted int) {
	if uint(trueClass) >= uint(c.Classes) || uint(predicted) >= uint(c.Classes) {
		panic("metric: a class is outside the confusion matrix")
	}
	c.Counts[trueClass*c.Classes+predicted]++
}

// At is how many samples of trueClass were taken for predicted.
func (c *Confusion) At(trueClass, predicted int) int64 {
	return c.Counts[trueClass*c.Classes+predicted]
}

// Support is how many samples of trueClass there are.
func (c *Confusion) Support(trueClass int) int64 {
	n := int64(0)
	for p := range c.Classes {
		n += c.At(trueClass, p)
	}
	return n
}

// Predicted is how many samples were taken for class.
func (c *Confusion) Predicted(class int) int64 {
	n := int64(0)
	for t := range c.Classes {
		n += c.At(t, class)
	}
	return n
}

// Share is At as a share of the samples of trueClass, 0 where there are none.
func (c *Confusion) Share(trueClass, predicted int) float64 {
	return ratio(c.At(trueClass, predicted), c.Support(trueClass))
}

// Score is what scikit-learn's classification_report says of one class, or of their average.
type Score struct {
	Precision float64 `json:"precision"` // right ones among those taken for the class; 0 if none were
	Recall    float64 `json:"recall"`    // right ones among those of the class; 0 if there are none
	F1        float64 `json:"f1"`        // harmonic mean of both
	Support   int64   `json:"support"`   // samples of the class
}

// Report is scikit-learn's classification_report.
type Report struct {
	Classes  []Score // by class number
	Present  []bool  // false: the class occurs neither in the targets nor in the predictions, and no average counts it
	Accuracy float64
	Macro    Score // plain mean over the classes that occur
	Weighted Score // mean weighted by support
}

// Report works out the scores of every class and their averages.
func (c *Confusion) Report() Report {
	r := Report{Classes: make([]Score, c.Classes), Present: make([]bool, c.Classes)}
	var right, total, present int64
	for k := range c.Classes {
		hit, support, predicted := c.At(k, k), c.Support(k), c.Predicted(k)
		s := Score{ratio(hit, predicted), ratio(hit, support), ratio(2*hit, predicted+support), support}
		r.Classes[k] = s
		right += hit
		total += support
		if support+predicted == 0 {
			continue
		}
		r.Present[k] = true
		present++
		r.Macro.add(s, 1)
		r.Weighted.add(s, float64(support))
	}
	r.Accuracy = ratio(right, total)
	r.Macro.finish(present, total)
	r.Weighted.finish(total, total)
	return r
}

func (s *Score) add(x Score, weight float64) {
	s.Precision += float64(x.Precision * weight)
	s.Recall += float64(x.Recall * weight)
	s.F1 += float64(x.F1 * weight)
}

// finish turns the sums into means and sets the support.
func (s *Score) finish(weights, support int64) {
	if weights > 0 {
		w := float64(weights)
		s.Precision, s.Recall, s.F1 = s.Precision/w, s.Recall/w, s.F1/w
	}
	s.Support = support
}

// ratio is a/b, and 0 where b is 0, as scikit-learn has it.
func ratio(a, b int64) float64 {
	if b == 0 {
		return 0
	}
	return float64(a) / float64(b)
}
