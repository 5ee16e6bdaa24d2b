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

// entry is a row of the table: a session, or a branch that it left.
type entry struct {
	info   int // in infos
	branch int // in its Branches; -1: the session itself
	depth  int // in the tree: 0 stands by itself
}

// order works out what is shown, and in which order: sessions that began by themselves, and below each the branches that
// it left and the sessions that went on from it. The pointer stays where it was.
func (s *Screen) order() {
	var found []int
	for i := range s.infos {
		if s.matches(&s.infos[i]) {
			found = append(found, i)
		}
	}
	less := sorts[s.sort].less
	slices.SortStableFunc(found, func(a, b int) int {
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
	s.rows = tree(s.infos, found)
	at := slices.IndexFunc(s.rows, func(e entry) bool { return s.infos[e.info].Name == s.name && s.number(e) == s.branch })
	if at < 0 {
		at = slices.IndexFunc(s.rows, func(e entry) bool { return s.infos[e.info].Name == s.name })
	}
	if at >= 0 {
		s.at = at
	}
	s.at = min(max(s.at, 0), max(len(s.rows)-1, 0))
	s.name, s.branch = "", none
	if len(s.rows) > 0 {
		s.name, s.branch = s.infos[s.rows[s.at].info].Name, s.number(s.rows[s.at])
	}
}

// none is the number of no branch.
const none = -1

// number is that of a row's branch.
func (s *Screen) number(e entry) int {
	if e.branch < 0 {
		return none
	}
	return s.infos[e.info].Branches[e.branch].Number
}

// tree puts sessions, which are in order, below those that they went on from, as far as these are among them.
func tree(infos []sessions.Info, sorted []int) []entry {
	parent := func(i int) string {
		if p := infos[i].Parent; p != nil {
			return p.Session
		}
		return ""
	}
	there := map[string]bool{}
	for _, i := range sorted {
		there[infos[i].Name] = true
	}
	below := map[string][]int{}
	for _, i := range sorted {
		if p := parent(i); there[p] {
			below[p] = append(below[p], i)
		}
	}
	var out []entry
	done := map[int]bool{}
	var put func(i, depth int)
	put = func(i, depth int) {
		if done[i] {
			return
		}
		done[i] = true
		out = append(out, entry{i, none, depth})
		for b := range infos[i].Branches {
			out = append(out, entry{i, b, depth + 1})
		}
		for _, child := range below[infos[i].Name] {
			put(child, depth+1)
		}
	}
	for _, i := range sorted {
		if !there[parent(i)] {
			put(i, 0)
		}
	}
	for _, i := range sorted { // journals that name each other as parents
		put(i, 0)
	}
	return out
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
