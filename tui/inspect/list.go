package inspect

import (
	"cmp"
	"fmt"
	"slices"

	"cnnbench/sessions"
	"cnnbench/tui/theme"
)

// every stands for all classes.
const every = -1

// only is which samples are listed.
type only int

const (
	wrongOnly only = iota
	rightOnly
	rightAndWrong
	onlies
)

// choose lists the predictions that are shown: the wrong ones most certain first, the right ones least certain first;
// of values the largest errors first; all of them as they stand.
func (s *Screen) choose() {
	r := s.result
	pair := s.filter[0] != every && s.filter[1] != every // right or wrong is said by it
	s.list = s.list[:0]
	for i := range r.eval.Predictions {
		q := &r.eval.Predictions[i]
		switch {
		case r.eval.Classes == nil:
		case s.filter[0] != every && q.Label != s.filter[0], s.filter[1] != every && q.Class != s.filter[1]:
			continue
		case pair:
		case s.only == wrongOnly && q.Class == q.Label, s.only == rightOnly && q.Class != q.Label:
			continue
		}
		s.list = append(s.list, i)
	}
	if r.eval.Classes == nil || pair || s.only != rightAndWrong {
		slices.SortStableFunc(s.list, func(a, b int) int {
			x, y := certainty(&r.eval.Predictions[a]), certainty(&r.eval.Predictions[b])
			if s.only == rightOnly && r.eval.Classes != nil && !pair {
				x, y = y, x
			}
			return cmp.Compare(y, x)
		})
	}
	s.at = min(s.at, max(len(s.list)-1, 0))
	s.version++
}

// certainty is how sure the network is, or how far off it is where the targets are values.
func certainty(q *sessions.Prediction) float64 {
	if q.Class >= 0 {
		return q.Probability()
	}
	return off(q)
}

// off is the mean absolute error of a prediction of values.
func off(q *sessions.Prediction) float64 {
	sum := 0.
	for i, v := range q.Values {
		sum += max(float64(v)-float64(q.Target[i]), float64(q.Target[i])-float64(v))
	}
	return sum / float64(len(q.Values))
}

// narrow shows the samples of a true and a predicted class only.
func (s *Screen) narrow(label, class int) {
	s.filter, s.at = [2]int{label, class}, 0
	s.choose()
	s.renew()
}

// renew lets the samples be read again: the list is another one.
func (s *Screen) renew() {
	part := s.result.data.Data.Part(s.split)
	s.window.Reset(part.Shape(), part.Read)
	s.window.Steps(part.Length)
}

// now is the prediction with the cursor, nil where there is none.
func (s *Screen) now() *sessions.Prediction {
	if s.result == nil || s.at >= len(s.list) {
		return nil
	}
	return &s.result.eval.Predictions[s.list[s.at]]
}

// listTitle says which samples are listed.
func (s *Screen) listTitle() string {
	e := s.result.eval
	if e.Classes == nil {
		return "largest errors first"
	}
	words := [onlies]string{"wrong, most certain first", "right, least certain first", "all"}[s.only]
	switch label, class := s.filter[0], s.filter[1]; {
	case label != every && class == label:
		return fmt.Sprintf("%s known as such", e.Classes[label])
	case label != every && class != every:
		return fmt.Sprintf("%s taken for %s", e.Classes[label], e.Classes[class])
	case label != every:
		return e.Classes[label] + " " + theme.Dot + " " + words
	}
	return words
}
