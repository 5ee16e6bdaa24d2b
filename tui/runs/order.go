package runs

import (
	"cmp"
	"slices"
	"strings"

	"cnnbench/nn/metric"
	"cnnbench/sessions"
	"cnnbench/tui/curves"
	"cnnbench/tui/keys"
)

// sorts are the orders that one key goes through, each with the better, the newer or the earlier one first.
var sorts = []struct {
	column int
	less   func(a, b *sessions.Info) int
}{
	{columnWhen, func(a, b *sessions.Info) int { return b.Updated.Compare(a.Updated) }},
	{columnName, func(a, b *sessions.Info) int { return naturally(a.Name, b.Name) }},
	{columnState, func(a, b *sessions.Info) int { return cmp.Compare(a.State, b.State) }},
	{columnEpochs, func(a, b *sessions.Info) int { return cmp.Compare(b.Epochs, a.Epochs) }},
	{columnBest, func(a, b *sessions.Info) int { return better(best(a), best(b)) }},
	{columnMetric, func(a, b *sessions.Info) int { return better(metricOf(a), metricOf(b)) }},
	{columnTime, func(a, b *sessions.Info) int { return cmp.Compare(b.Seconds, a.Seconds) }},
}

// order works out which sessions are shown, and in which order; the pointer stays at its session.
func (s *Screen) order() {
	s.rows = s.rows[:0]
	for i := range s.infos {
		if s.matches(&s.infos[i]) {
			s.rows = append(s.rows, i)
		}
	}
	less := sorts[s.sort].less
	slices.SortStableFunc(s.rows, func(a, b int) int {
		x, y := &s.infos[a], &s.infos[b]
		if (x.Err == nil) != (y.Err == nil) { // what cannot be read stands below, whatever the order
			if x.Err == nil {
				return -1
			}
			return 1
		}
		c := less(x, y)
		if s.reverse {
			c = -c
		}
		return cmp.Or(c, y.Updated.Compare(x.Updated), naturally(x.Name, y.Name))
	})
	at := slices.IndexFunc(s.rows, func(i int) bool { return s.infos[i].Name == s.name })
	if at >= 0 {
		s.at = at
	}
	s.at = min(max(s.at, 0), max(len(s.rows)-1, 0))
	s.name = ""
	if len(s.rows) > 0 {
		s.name = s.infos[s.rows[s.at]].Name
	}
}

// matches says that a session is what the filter asks for: every word of it, in any of what the list shows.
func (s *Screen) matches(i *sessions.Info) bool {
	if s.filter == "" {
		return true
	}
	text := strings.Join(append([]string{i.Name, curves.StatusOfInfo(i).Word, i.Source, i.Network}, i.Classes...), " ")
	for _, word := range strings.Fields(s.filter) {
		if !strings.Contains(strings.ToLower(text), strings.ToLower(word)) && keys.Match(word, i.Name) == 0 {
			return false
		}
	}
	return true
}

// naturally compares names with their numbers as numbers: run-9 comes before run-10.
func naturally(a, b string) int {
	for a != "" && b != "" {
		na, nb := digits(a), digits(b)
		if na > 0 && nb > 0 {
			x, y := strings.TrimLeft(a[:na], "0"), strings.TrimLeft(b[:nb], "0")
			if c := cmp.Or(cmp.Compare(len(x), len(y)), cmp.Compare(x, y)); c != 0 {
				return c
			}
			a, b = a[na:], b[nb:]
			continue
		}
		if a[0] != b[0] {
			return cmp.Compare(a[0], b[0])
		}
		a, b = a[1:], b[1:]
	}
	return cmp.Compare(a, b)
}

// digits counts the digits that a text begins with.
func digits(s string) int {
	n := 0
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	return n
}

// named is a figure of a session; without a name there is none.
type named struct {
	name  string
	value float64
}

// best is the best value of the monitored figure.
func best(i *sessions.Info) named {
	if i.Best == nil {
		return named{}
	}
	return named{i.Best.Monitor, i.Best.Value}
}

// metricOf is the last value of the figure that says most beside the loss: a metric of the validation, or else of the
// training.
func metricOf(i *sessions.Info) named {
	found := named{}
	for _, v := range i.Last {
		_, val := strings.CutPrefix(v.Name, curves.Val(""))
		if strings.HasSuffix(v.Name, curves.Loss) || !val && found.name != "" {
			continue
		}
		if found.name == "" || val {
			found = named{v.Name, v.Value}
		}
		if val {
			break
		}
	}
	return found
}

// direction says which of two values of a figure is better. It goes by the registered metrics; what is none of them is
// a loss.
func direction(name string) metric.Direction {
	m, err := metric.Family.New(strings.TrimPrefix(name, curves.Val("")))
	if err != nil {
		return metric.Min
	}
	return m.(metric.Metric).Best()
}

// better compares figures with the better one first; those of one name stand together, and what has none comes last.
func better(a, b named) int {
	switch {
	case a.name == "" || b.name == "":
		return cmp.Compare(b.name, a.name)
	case a.name != b.name:
		return cmp.Compare(a.name, b.name)
	}
	d := direction(a.name)
	switch {
	case d.Better(a.value, b.value) || a.value == a.value && b.value != b.value:
		return -1
	case d.Better(b.value, a.value) || b.value == b.value && a.value != a.value:
		return 1
	}
	return 0
}
