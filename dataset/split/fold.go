package split

import (
	"fmt"
	"slices"
)

// FoldOptions are those of KFold and StratifiedKFold. The zero value cuts the rows in their order.
type FoldOptions struct {
	Shuffle     bool
	RandomState uint32 // counts only with Shuffle
}

// Fold is one division of cross-validation: each row is in Test of exactly one fold. Both lists rise.
type Fold struct{ Train, Test []int }

// KFold cuts the rows 0..n-1 into k folds as scikit-learn's KFold does: neighbouring rows unless shuffled, the first
// n mod k folds one row larger.
func KFold(n, k int, o FoldOptions) ([]Fold, error) {
	if err := checkFolds(n, k); err != nil {
		return nil, err
	}
	rows := sequence(0, n)
	if o.Shuffle {
		newMT(o.RandomState).shuffle(rows)
	}
	foldOf := make([]int, n)
	start := 0
	for f := range k {
		size := n / k
		if f < n%k {
			size++
		}
		for _, row := range rows[start : start+size] {
			foldOf[row] = f
		}
		start += size
	}
	return folds(foldOf, k), nil
}

// StratifiedKFold cuts the rows into k folds in which every class has about its share of the whole, as
// scikit-learn's StratifiedKFold does; y is the class of each row. A class with fewer than k rows is missing in some
// folds; that all classes have fewer is an error.
func StratifiedKFold(y []int32, k int, o FoldOptions) ([]Fold, error) {
	if err := checkFolds(len(y), k); err != nil {
		return nil, err
	}
	_, members := byClass(y)
	largest := 0
	for _, m := range members {
		largest = max(largest, len(m))
	}
	if largest < k {
		return nil, fmt.Errorf("%d stratified folds are more than the %s of the largest class; the most is %d", k, samples(largest), largest)
	}
	// Classes count in the order in which they appear.
	slices.SortFunc(members, func(a, b []int) int { return a[0] - b[0] })

	// Dealing the rows, sorted by class, round robin says how many of each class a fold gets.
	allocation := make([][]int, len(members)) // [class, fold]
	dealt := 0
	for c, m := range members {
		allocation[c] = make([]int, k)
		for range m {
			allocation[c][dealt%k]++
			dealt++
		}
	}
	rng := newMT(o.RandomState)
	foldOf := make([]int, len(y))
	for c, m := range members {
		var fold []int
		for f, n := range allocation[c] {
			for range n {
				fold = append(fold, f)
			}
		}
		if o.Shuffle {
			rng.shuffle(fold)
		}
		for i, row := range m {
			foldOf[row] = fold[i]
		}
	}
	return folds(foldOf, k), nil
}

func checkFolds(n, k int) error {
	switch {
	case n < 2:
		return fmt.Errorf("%s cannot be cut into folds; at least 2 are needed", samples(n))
	case k < 2:
		return fmt.Errorf("cross-validation cannot have %d folds; needs 2 to %d for %d samples", k, n, n)
	case k > n:
		return fmt.Errorf("%d folds are more than the %d samples; the most is %d", k, n, n)
	}
	return nil
}

func folds(foldOf []int, k int) []Fold {
	out := make([]Fold, k)
	for row, f := range foldOf {
		for i := range out {
			if i == f {
				out[i].Test = append(out[i].Test, row)
			} else {
				out[i].Train = append(out[i].Train, row)
			}
		}
	}
	return out
}
