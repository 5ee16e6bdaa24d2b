package dataset

import (
	"fmt"
	"slices"
	"strings"

	"cnnbench/dataset/split"
)

// chosenClasses gives each class of the source its place in the list of names, -1 to those that are not in it.
func chosenClasses(src *Source, names []string) ([]int32, error) {
	if src.Classes == nil {
		return nil, fmt.Errorf("%s has values for targets and no classes; leave classes out", src.Name)
	}
	renumber := make([]int32, len(src.Classes))
	for i := range renumber {
		renumber[i] = -1
	}
	for i, name := range names {
		at := slices.Index(src.Classes, name)
		if at < 0 {
			return nil, fmt.Errorf("%s has no class %q; its classes are %s", src.Name, name, listing(src.Classes))
		}
		renumber[at] = int32(i)
	}
	return renumber, nil
}

// listing is the first names of a list in words.
func listing(names []string) string {
	const most = 30
	if len(names) > most {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
	}
	return strings.Join(names, ", ")
}

// spread chooses limit of n positions, in their order: as many of each class, the first ones, as far as a class has
// so many; without classes simply the first.
func spread(labels []int32, n, classes, limit int) []int {
	var chosen []int
	if labels == nil {
		for i := range min(n, limit) {
			chosen = append(chosen, i)
		}
		return chosen
	}
	have := make([]int, classes)
	for _, label := range labels {
		have[label]++
	}
	quota := evenly(have, limit)
	for i, label := range labels {
		if quota[label] > 0 {
			quota[label]--
			chosen = append(chosen, i)
		}
	}
	return chosen
}

// evenly hands out so many places over classes that have so many samples: the same to each, what a small class leaves
// to the others, what does not divide to the first.
func evenly(have []int, places int) []int {
	quota := make([]int, len(have))
	for {
		var open []int
		for c := range have {
			if quota[c] < have[c] {
				open = append(open, c)
			}
		}
		if len(open) == 0 || places == 0 {
			return quota
		}
		each := max(places/len(open), 1)
		for _, c := range open {
			take := min(each, have[c]-quota[c], places)
			quota[c] += take
			places -= take
		}
	}
}

// split takes the test and then the validation part out of the training part, by two calls of train_test_split with
// the same random_state, the validation's share being one of the whole.
func (d *Data) split(cfg SplitConfig, seed uint64) error {
	whole := d.Train.Len()
	take := func(name, key string, amount Amount) (*Part, error) {
		count := amount.of(whole)
		if count == 0 {
			return nil, nil
		}
		n := d.Train.Len()
		if count >= n {
			return nil, field(key, fmt.Errorf("%d of %d samples leave none for training; take fewer for the %s part, or 0 for no such part", count, n, name))
		}
		o := split.Options{Test: split.Size{Count: count}, Part: name, Ordered: !cfg.Shuffle, RandomState: cfg.randomState(seed)}
		if cfg.Stratify {
			if d.Train.labels == nil {
				return nil, field("split.stratify", fmt.Errorf("%s has values for targets and no classes to keep in proportion; turn stratify off", d.Source.Name))
			}
			o.Stratify = d.Train.labels
		}
		train, taken, err := split.TrainTestSplit(n, o)
		if err != nil {
			return nil, field(key, err)
		}
		part := d.Train.Subset(taken)
		d.Train = d.Train.Subset(train)
		return part, nil
	}
	var err error
	if cfg.Test != nil {
		if d.Test, err = take("test", "split.test", *cfg.Test); err != nil {
			return err
		}
	}
	switch {
	case cfg.Validation != nil:
		d.Validation, err = take("validation", "split.validation", *cfg.Validation)
	case d.Validation == nil:
		d.Validation, err = take("validation", "split.validation", .2)
	}
	return err
}
