package runs

import (
	"fmt"
	"strings"
	"testing"

	"cnnbench/sessions"
)

// TestTree: what went on from a session, and what it left, stands below it; what is not there, or refers to itself, harms
// nobody.
func TestTree(t *testing.T) {
	from := func(name, parent string, branches ...int) sessions.Info {
		i := sessions.Info{Name: name}
		if parent != "" {
			i.Parent = &sessions.Parent{Session: parent, Epoch: 2}
		}
		for _, n := range branches {
			i.Branches = append(i.Branches, sessions.Branch{Number: n})
		}
		return i
	}
	infos := []sessions.Info{from("d", "b"), from("c", ""), from("b", "a", 0), from("a", "", 0, 2), from("e", "gone"), from("x", "y"), from("y", "x"), from("z", "z")}
	for _, c := range []struct {
		sorted []int
		want   string
	}{
		{[]int{0, 1, 2, 3, 4, 5, 6, 7}, "c a .0 .2 .b ..0 ..d e x .y z"},
		{[]int{3, 2, 1, 0}, "a .0 .2 .b ..0 ..d c"},
		{[]int{0, 3}, "d a .0 .2"}, // b is filtered out
		{nil, ""},
	} {
		var got []string
		for _, e := range tree(infos, c.sorted) {
			text := infos[e.info].Name
			if e.branch >= 0 {
				text = fmt.Sprint(infos[e.info].Branches[e.branch].Number)
			}
			got = append(got, strings.Repeat(".", e.depth)+text)
		}
		if text := strings.Join(got, " "); text != c.want {
			t.Errorf("%v: %s, want %s", c.sorted, text, c.want)
		}
	}
}
