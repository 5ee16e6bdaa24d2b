package layout

import (
	"strings"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

// Ellipsis ends text that was cut.
const Ellipsis = "…"

// Width is the number of cells that a line takes; escape sequences take none.
func Width(s string) int { return ansi.StringWidth(s) }

// Cut shortens a line to at most w cells; what was cut ends in an ellipsis. Marks at either end that would take up less
// or more beside other text are left out.
func Cut(s string, w int) string {
	if w <= 0 {
		return ""
	}
	return ansi.Truncate(alone(s), w, Ellipsis)
}

// alone is a line without the marks at its ends that share a cell with what comes beside them: they would take a border
// into it. An escape sequence keeps them apart.
func alone(s string) string {
	const beside = "|"
	for s != "" && s[len(s)-1] >= utf8.RuneSelf {
		_, n := utf8.DecodeLastRuneInString(s)
		last := s[len(s)-n:]
		if Width(last+beside) == Width(last)+1 {
			break
		}
		s = s[:len(s)-n]
	}
	for s != "" && s[0] >= utf8.RuneSelf {
		_, n := utf8.DecodeRuneInString(s)
		if Width(beside+s[:n]) == 1+Width(s[:n]) {
			break
		}
		s = s[n:]
	}
	return s
}

// Fit cuts or pads a line to exactly w cells.
func Fit(s string, w int) string {
	s = Cut(s, w)
	return s + Spaces(w-Width(s))
}

// FitLeft is Fit with the text at the right end, as numbers stand in columns.
func FitLeft(s string, w int) string {
	s = Cut(s, w)
	return Spaces(w-Width(s)) + s
}

// Ends puts one text at the left end and one at the right end of a line of w cells. The right one gives way first.
func Ends(left, right string, w int) string {
	left, right = alone(left), alone(right)
	l, r := Width(left), Width(right)
	if l >= w {
		return Fit(left, w)
	}
	if l+1+r > w {
		if w-l-1 < 4 {
			return Fit(left, w)
		}
		right = Cut(right, w-l-1)
		r = Width(right)
	}
	return left + Spaces(w-l-r) + right
}

const blanks = "                                                                                                                                "

// Spaces is n blanks.
func Spaces(n int) string {
	switch {
	case n <= 0:
		return ""
	case n <= len(blanks):
		return blanks[:n]
	}
	return strings.Repeat(" ", n)
}

// Block cuts and pads text to exactly h lines of w cells.
func Block(s string, w, h int) string {
	if w <= 0 || h <= 0 {
		return ""
	}
	var b strings.Builder
	for i := range h {
		line := ""
		line, s, _ = strings.Cut(s, "\n")
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(Fit(line, w))
	}
	return b.String()
}

// Wrap breaks text into lines of at most w cells, at blanks where it can.
func Wrap(s string, w int) []string {
	if w <= 0 {
		return nil
	}
	return strings.Split(ansi.Wrap(s, w, ""), "\n")
}

// Beside joins blocks of lines from left to right; each must have lines of one width. Empty blocks are left out.
func Beside(blocks ...string) string {
	var cols [][]string
	var pad []int
	h := 0
	for _, b := range blocks {
		if b == "" {
			continue
		}
		lines := strings.Split(b, "\n")
		cols = append(cols, lines)
		pad = append(pad, Width(lines[0]))
		h = max(h, len(lines))
	}
	var out strings.Builder
	for y := range h {
		if y > 0 {
			out.WriteByte('\n')
		}
		for i, c := range cols {
			if y < len(c) {
				out.WriteString(c[y])
			} else {
				out.WriteString(Spaces(pad[i]))
			}
		}
	}
	return out.String()
}

// Above joins blocks of lines from top to bottom. Empty blocks are left out.
func Above(blocks ...string) string {
	var keep []string
	for _, b := range blocks {
		if b != "" {
			keep = append(keep, b)
		}
	}
	return strings.Join(keep, "\n")
}

// Over draws box on base with its top left corner at column x of row y. What lies outside of base is cut.
func Over(base, box string, x, y int) string {
	lines := strings.Split(base, "\n")
	for i, b := range strings.Split(box, "\n") {
		at := y + i
		if at < 0 || at >= len(lines) {
			continue
		}
		line := lines[at]
		w := Width(line)
		bw := min(Width(b), w-x)
		if bw <= 0 || x < 0 {
			continue
		}
		b = ansi.Truncate(b, bw, "")
		left := ansi.Truncate(line, x, "")
		// A wide character that the edge cuts leaves a blank behind, on either side.
		left += Spaces(x - Width(left))
		rest := w - x - bw
		right := ansi.TruncateLeft(line, x+bw, "")
		if Width(right) > rest {
			right = ansi.TruncateLeft(line, x+bw+1, "")
		}
		right = Spaces(rest-Width(right)) + right
		lines[at] = left + "\x1b[m" + b + "\x1b[m" + right
	}
	return strings.Join(lines, "\n")
}

// Window is the first of h rows to show out of n so that the row at stays in view, with a margin where there is room;
// from is what was shown first before.
func Window(from, at, n, h int) int {
	if h <= 0 || n <= h {
		return 0
	}
	margin := min(2, (h-1)/2)
	from = min(from, at-margin)
	from = max(from, at-h+1+margin)
	return min(max(from, 0), n-h)
}
