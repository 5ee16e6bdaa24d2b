// Package split divides samples into parts exactly as scikit-learn does: the same rows in the same order from the
// same random_state. It knows row numbers and classes only, never the samples.
package split

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// Size is how many samples a part gets: a share of all samples above 0 and below 1, or a count. The zero value means
// that the size is not given.
type Size struct {
	Share float64
	Count int
}

func (s Size) given() bool { return s != Size{} }

func (s Size) String() string {
	if s.Count != 0 {
		return fmt.Sprint(s.Count)
	}
	return fmt.Sprint(s.Share)
}

// Options are those of train_test_split. The zero value is scikit-learn's default (a quarter for testing, shuffled)
// with random_state 0.
type Options struct {
	Test, Train Size
	Ordered     bool    // shuffle=False: the first rows train, the next ones test
	Stratify    []int32 // the class of each of the n rows: keep the classes' shares in both parts; nil: do not
	RandomState uint32
	Part        string // what errors call the test part; "" is test
}

// TrainTestSplit divides the rows 0..n-1 as train_test_split does. The test part has ceil(share*n) rows, the
// training part floor(share*n); the one that is not given gets the rest.
func TrainTestSplit(n int, o Options) (train, test []int, err error) {
	if o.Part == "" {
		o.Part = "test"
	}
	nTrain, nTest, err := sizes(n, o)
	if err != nil {
		return nil, nil, err
	}
	switch {
	case o.Ordered && o.Stratify != nil:
		return nil, nil, errors.New("a stratified split needs shuffling; turn shuffle on or stratify off")
	case o.Ordered:
		return sequence(0, nTrain), sequence(nTrain, nTrain+nTest), nil
	case o.Stratify != nil:
		return stratified(nTrain, nTest, o)
	}
	p := newMT(o.RandomState).permutation(n)
	return p[nTest : nTest+nTrain], p[:nTest:nTest], nil
}

// sizes works out the two parts' lengths by the rules of scikit-learn's _validate_shuffle_split.
func sizes(n int, o Options) (nTrain, nTest int, err error) {
	test, train := o.Test, o.Train
	if n < 2 {
		return 0, 0, fmt.Errorf("%s cannot be divided; two parts need at least 2", samples(n))
	}
	if n > math.MaxInt32 {
		return 0, 0, fmt.Errorf("%d samples are more than a split takes; the most is %d", n, math.MaxInt32)
	}
	if !test.given() && !train.given() {
		test.Share = .25
	}
	for _, p := range []struct {
		name string
		size Size
	}{{o.Part, test}, {"training", train}} {
		if !p.size.given() {
			continue
		}
		if s := p.size; s.Count < 0 || s.Count >= n || s.Count != 0 && s.Share != 0 || s.Count == 0 && !(s.Share > 0 && s.Share < 1) {
			return 0, 0, fmt.Errorf("the %s part cannot be %v of %d samples; needs a share above 0 and below 1, or a count from 1 to %d",
				p.name, s, n, n-1)
		}
	}
	if sum := test.Share + train.Share; sum > 1 {
		return 0, 0, fmt.Errorf("the shares %v for the %s part and %v for training are more than the whole; their sum may be 1 at most", test.Share, o.Part, train.Share)
	}
	nTest, nTrain = test.Count, train.Count
	if test.Share > 0 {
		nTest = int(math.Ceil(test.Share * float64(n)))
	}
	if train.Share > 0 {
		nTrain = int(math.Floor(train.Share * float64(n)))
	}
	if !test.given() {
		nTest = n - nTrain
	}
	if !train.given() {
		nTrain = n - nTest
	}
	if nTrain+nTest > n {
		return 0, 0, fmt.Errorf("%d samples for the %s part and %d for training are more than the %d there are", nTest, o.Part, nTrain, n)
	}
	if nTrain <= 0 {
		return 0, 0, fmt.Errorf("a %s part of %v takes all %d samples and leaves none for training; make it smaller", o.Part, test, n)
	}
	return nTrain, nTest, nil
}

// stratified is one draw of scikit-learn's StratifiedShuffleSplit.
func stratified(nTrain, nTest int, o Options) (train, test []int, err error) {
	labels, members := byClass(o.Stratify)
	counts := make([]int, len(members))
	for i, m := range members {
		counts[i] = len(m)
		if len(m) < 2 {
			return nil, nil, fmt.Errorf("class %d has %s; a stratified split needs at least 2 of each class: leave the class out, add samples or turn stratify off",
				labels[i], samples(len(m)))
		}
	}
	for _, p := range []struct {
		name string
		n    int
	}{{"training", nTrain}, {o.Part, nTest}} {
		if p.n < len(labels) {
			return nil, nil, fmt.Errorf("a stratified split into %d training and %d %s samples has fewer than one of each of the %d classes in the %s part; make that part larger or turn stratify off",
				nTrain, nTest, o.Part, len(labels), p.name)
		}
	}
	rng := newMT(o.RandomState)
	perTrain := approximateMode(counts, nTrain, rng)
	rest := make([]int, len(counts))
	for i := range rest {
		rest[i] = counts[i] - perTrain[i]
	}
	perTest := approximateMode(rest, nTest, rng)
	for c, m := range members {
		p := rng.permutation(len(m))
		for _, at := range p[:perTrain[c]] {
			train = append(train, m[at])
		}
		for _, at := range p[perTrain[c] : perTrain[c]+perTest[c]] {
			test = append(test, m[at])
		}
	}
	rng.shuffle(train)
	rng.shuffle(test)
	return train, test, nil
}

// approximateMode hands out draws over classes in proportion to their counts: the floor to each, then one more by
// falling remainder, ties by lot (scikit-learn's _approximate_mode).
func approximateMode(counts []int, draws int, rng *mt19937) []int {
	sum := 0
	for _, c := range counts {
		sum += c
	}
	out := make([]int, len(counts))
	remainders := make([]float64, len(counts))
	missing := draws
	for i, c := range counts {
		exact := float64(c) / float64(sum) * float64(draws)
		out[i] = int(math.Floor(exact))
		remainders[i] = exact - math.Floor(exact)
		missing -= out[i]
	}
	order := slices.Clone(remainders)
	slices.Sort(order)
	order = slices.Compact(order)
	for at := len(order) - 1; missing > 0; at-- {
		var tied []int
		for i, r := range remainders {
			if r == order[at] {
				tied = append(tied, i)
			}
		}
		// RandomState.choice without replacement takes the start of a permutation, also when it takes all.
		lot := rng.permutation(len(tied))
		for _, i := range lot[:min(len(tied), missing)] {
			out[tied[i]]++
			missing--
		}
	}
	return out
}

// byClass lists the labels in rising order, and for each the rows that have it in rising order.
func byClass(y []int32) (labels []int32, members [][]int) {
	labels = slices.Clone(y)
	slices.Sort(labels)
	labels = slices.Compact(labels)
	members = make([][]int, len(labels))
	for row, label := range y {
		i, _ := slices.BinarySearch(labels, label)
		members[i] = append(members[i], row)
	}
	return labels, members
}

// samples is the count with its noun.
func samples(n int) string {
	if n == 1 {
		return "1 sample"
	}
	return fmt.Sprintf("%d samples", n)
}
