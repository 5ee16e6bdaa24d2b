package inspect

import (
	"fmt"
	"math"
	"strings"

	"cnnbench/nn/metric"
	"cnnbench/tui/figure"
	"cnnbench/tui/layout"
	"cnnbench/tui/theme"
)

// matrixHeight is the rows that the matrix would like to have, its frame included.
func (s *Screen) matrixHeight() int {
	if s.result == nil || s.result.eval.Classes == nil {
		return 20
	}
	return len(s.result.eval.Classes) + 6
}

// matrixWidth is the cells that the matrix needs, its frame included.
func (s *Screen) matrixWidth() int {
	if s.result == nil || s.result.eval.Classes == nil {
		return 52
	}
	e := s.result.eval
	n := len(e.Classes)
	g := gridOf(e.Confusion, e.Classes, s.percent, far, far)
	return 2 + 1 + g.name + n*(digitsOf(e.Confusion, s.percent)+1) + 1
}

// digitsOf is as many characters as the numbers of the matrix need, at least two.
func digitsOf(c *metric.Confusion, percent bool) int {
	digits := 2
	for i, count := range c.Counts {
		text := fmt.Sprint(count)
		if percent {
			text = percentText(c.Share(i/c.Classes, i%c.Classes))
		}
		digits = max(digits, len(text))
	}
	return digits
}

// drawMatrix draws what is taken for what: a row for each true class, a column for each predicted one.
func (s *Screen) drawMatrix(w, h int, focused bool) string {
	t := s.app.Theme
	p := s.pane(wordMatrix, focused)
	if s.result == nil {
		return s.nothing(p, w, h)
	}
	e := s.result.eval
	if e.Classes == nil {
		p.Title = wordScatter
		p.Body = strings.Join(s.scatter(w-2, h-2), "\n")
		return t.Draw(p, w, h)
	}
	if p.Right == "" {
		p.Right = "counts"
		if s.percent {
			p.Right = "% of true class"
		}
	}
	inner, room := w-2, h-2
	g := gridOf(e.Confusion, e.Classes, s.percent, inner, room)
	n := len(e.Classes)
	s.cellFrom[0] = layout.Window(s.cellFrom[0], s.cell[0], n, g.rows)
	s.cellFrom[1] = layout.Window(s.cellFrom[1], s.cell[1], n, g.cols)
	lines := []string{s.matrixHead(g, n)}
	for i := s.cellFrom[0]; i < min(s.cellFrom[0]+g.rows, n); i++ {
		lines = append(lines, s.matrixRow(g, i, focused))
	}
	if room > len(lines)+1 {
		lines = append(lines, "")
	}
	if room > len(lines) {
		lines = append(lines, " "+s.cellWords(inner-2))
	}
	if g.rows < n || g.cols < n {
		p.Foot = fmt.Sprintf("%d classes, arrows go on", n)
	}
	p.Body = strings.Join(lines, "\n")
	return t.Draw(p, w, h)
}

// grid is the geometry of the matrix.
type grid struct {
	name, cell int // cells of a class name, and of a number with what stands before it
	rows, cols int // classes shown
	heads      []string
	numbered   bool // the heads are class numbers
}

// gridOf divides w x h cells.
func gridOf(c *metric.Confusion, classes []string, percent bool, w, h int) grid {
	n := len(classes)
	g := grid{cell: digitsOf(c, percent) + 1}
	g.heads, g.numbered = headsOf(classes, g.cell-1)
	longest := 0
	for i, name := range classes {
		longest = max(longest, layout.Width(rowName(i, name, g.numbered)))
	}
	g.name = min(longest, max(w-1-1-n*g.cell, 5)) // a blank before, a bracket after
	g.rows, g.cols = max(min(n, h-2), 1), max(min(n, (w-1-1-g.name)/g.cell), 1)
	// Wider cells where there is room.
	for g.cell < 7 && g.cols == n && 1+g.name+n*(g.cell+1)+1 <= w {
		g.cell++
	}
	if !g.numbered {
		g.heads, _ = headsOf(classes, g.cell-1)
	}
	return g
}

func percentText(share float64) string { return fmt.Sprintf("%.0f", 100*share) }

// headsOf cuts class names to w cells, or takes the class numbers where the names cannot be told apart then.
func headsOf(classes []string, w int) (heads []string, numbered bool) {
	seen := map[string]bool{}
	for _, name := range classes {
		head := name
		if layout.Width(name) > w {
			head = strings.TrimSuffix(layout.Cut(name, w+1), layout.Ellipsis)
			for layout.Width(head) > w {
				r := []rune(head)
				head = string(r[:len(r)-1])
			}
		}
		numbered = numbered || seen[head]
		seen[head] = true
		heads = append(heads, head)
	}
	if numbered {
		for i := range heads {
			heads[i] = fmt.Sprint(i)
		}
	}
	return heads, numbered
}

// rowName is a class as its row calls it: with its number where the columns have numbers.
func rowName(i int, name string, numbered bool) string {
	if numbered && name != fmt.Sprint(i) {
		return fmt.Sprintf("%d %s", i, name)
	}
	return name
}

// matrixHead draws the predicted classes.
func (s *Screen) matrixHead(g grid, n int) string {
	t := s.app.Theme
	var b strings.Builder
	corner := "true" + theme.Down + " as" + theme.Arrow
	if layout.Width(corner) > g.name {
		corner = "true" + theme.Down
	}
	b.WriteString(" " + t.Dim.Render(layout.Fit(corner, g.name)))
	for j := s.cellFrom[1]; j < min(s.cellFrom[1]+g.cols, n); j++ {
		head := layout.FitLeft(g.heads[j], g.cell)
		if j == s.cell[1] {
			head = t.Bold.Render(head)
		} else {
			head = t.Dim.Render(head)
		}
		b.WriteString(head)
	}
	return b.String()
}

// matrixRow draws a true class.
func (s *Screen) matrixRow(g grid, i int, focused bool) string {
	t, e := s.app.Theme, s.result.eval
	var b strings.Builder
	name := layout.Fit(rowName(i, e.Classes[i], g.numbered), g.name)
	if i == s.cell[0] {
		name = t.Bold.Render(name)
	}
	b.WriteString(" " + name)
	n := len(e.Classes)
	for j := s.cellFrom[1]; j < min(s.cellFrom[1]+g.cols, n); j++ {
		b.WriteString(s.matrixCell(g, i, j, focused))
	}
	if i == s.cell[0] && s.cell[1] == min(s.cellFrom[1]+g.cols, n)-1 {
		b.WriteString(s.bracket("]", focused))
	}
	return b.String()
}

// shadeSign stands before a number that has no colour: the larger its share, the more ink.
func shadeSign(share float64) string {
	switch {
	case share < .05:
		return " "
	case share < .25:
		return "░"
	case share < .5:
		return "▒"
	case share < .75:
		return "▓"
	}
	return "█"
}

// matrixCell draws one number on its shade. The one with the cursor stands in brackets.
func (s *Screen) matrixCell(g grid, i, j int, focused bool) string {
	t, c := s.app.Theme, s.result.eval.Confusion
	count, share := c.At(i, j), c.Share(i, j)
	text := fmt.Sprint(count)
	if s.percent {
		text = percentText(share)
	}
	if count == 0 {
		text = theme.Dot
	}
	lead := " "
	switch {
	case i == s.cell[0] && j == s.cell[1]:
		lead = "["
	case i == s.cell[0] && j == s.cell[1]+1 && j > s.cellFrom[1]:
		lead = "]"
	}
	body := layout.FitLeft(text, g.cell-1)
	shaded := lead == " "
	mark := lead
	if !shaded {
		mark = s.bracket(lead, focused)
	}
	switch {
	case count == 0:
		return mark + t.Dim.Render(body)
	case !t.Shades:
		if shaded {
			mark = shadeSign(share)
		}
		if i == j {
			body = t.Bold.Render(body)
		}
		return mark + body
	}
	paint := s.paint(i == j, share)
	if shaded {
		return paint(lead + body)
	}
	return mark + paint(body)
}

// bracket marks the cell with the cursor.
func (s *Screen) bracket(sign string, focused bool) string {
	t := s.app.Theme
	if focused {
		return t.Focused.Render(sign)
	}
	return t.Bold.Render(sign)
}

// paint gives a text the colour of right or wrong answers, the deeper the larger the share.
func (s *Screen) paint(right bool, share float64) func(text string) string {
	t := s.app.Theme
	hue := t.Series(1)
	if right {
		hue = t.Series(2)
	}
	base := [3]uint32{32, 36, 44}
	if !t.Dark {
		base = [3]uint32{244, 245, 247}
	}
	part := .04 + .96*math.Pow(min(max(share, 0), 1), .6) // few percent are seen, too
	r, g, b, _ := hue.RGBA()
	var c [3]uint32
	for k, v := range [3]uint32{r >> 8, g >> 8, b >> 8} {
		c[k] = uint32(float64(base[k])*(1-part) + float64(v)*part)
	}
	ink := "\x1b[38;2;255;255;255m"
	if (299*c[0]+587*c[1]+114*c[2])/1000 > 120 {
		ink = "\x1b[38;2;0;0;0m"
	}
	return func(text string) string {
		return fmt.Sprintf("\x1b[48;2;%d;%d;%dm%s%s\x1b[m", c[0], c[1], c[2], ink, text)
	}
}

// cellWords says what the cell with the cursor means, in w cells.
func (s *Screen) cellWords(w int) string {
	t, e := s.app.Theme, s.result.eval
	i, j := s.cell[0], s.cell[1]
	count, of := e.Confusion.At(i, j), e.Confusion.Support(i)
	verb := "taken for"
	other := e.Classes[j]
	if i == j {
		verb, other = "known", "as such"
	}
	tail := fmt.Sprintf("%s of %s, %s", figure.Thousands(count), figure.Thousands(of), figure.Percent(e.Confusion.Share(i, j)))
	return layout.Cut(t.Bold.Render(e.Classes[i])+" "+t.Dim.Render(verb)+" "+t.Bold.Render(other)+t.Dim.Render(": ")+tail, w)
}
