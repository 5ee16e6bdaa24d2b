package command

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"cnnbench/nn"
)

// The widths of the text in the three columns of Keras 3's model.summary() on its default line of 88.
var tableWidths = [3]int{36, 27, 15}

// kerasTable is what Keras 3 prints for model.summary() of a model that is not compiled yet: without the optimizer's
// own parameters (Keras 3, src/utils/summary_utils.py; the cells are wrapped and cut as its table library rich does).
func kerasTable(s *nn.Summary) string {
	var b strings.Builder
	b.WriteString("Model: \"sequential\"\n")
	rule := func(left, fill, middle, right string) {
		b.WriteString(left)
		for i, w := range tableWidths {
			if i > 0 {
				b.WriteString(middle)
			}
			b.WriteString(strings.Repeat(fill, w+2))
		}
		b.WriteString(right + "\n")
	}
	row := func(bar string, cells ...string) {
		var lines [3][]string
		height := 1
		for i, c := range cells {
			lines[i] = wrap(c, tableWidths[i])
			height = max(height, len(lines[i]))
		}
		for l := range height {
			for i, w := range tableWidths {
				text := ""
				if l < len(lines[i]) {
					text = lines[i][l]
				}
				pad := strings.Repeat(" ", w-utf8.RuneCountInString(text))
				if i == 2 { // numbers stand right
					text, pad = pad, text
				}
				b.WriteString(bar + " " + text + pad + " ")
			}
			b.WriteString(bar + "\n")
		}
	}
	rule("┏", "━", "┳", "┓")
	row("┃", "Layer (type)", "Output Shape", "Param #")
	rule("┡", "━", "╇", "┩")
	for i, r := range s.Rows {
		if i > 0 {
			rule("├", "─", "┼", "┤")
		}
		row("│", fmt.Sprintf("%s (%s)", r.Name, r.Class), r.Out.String(), thousands(int64(r.Total)))
	}
	rule("└", "─", "┴", "┘")
	total := func(what string, n int) {
		fmt.Fprintf(&b, " %s: %s (%s)\n", what, thousands(int64(n)), kerasBytes(4*float64(n)))
	}
	total("Total params", s.Total)
	total("Trainable params", s.Trainable)
	total("Non-trainable params", s.Total-s.Trainable)
	return b.String()
}

// wrap breaks text between words into lines of at most width runes; a word that is longer is cut and ends in an
// ellipsis.
func wrap(text string, width int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		if n := utf8.RuneCountInString(word); n > width {
			word = string([]rune(word)[:width-1]) + "…"
		}
		switch {
		case line == "":
			line = word
		case utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) <= width:
			line += " " + word
		default:
			lines = append(lines, line)
			line = word
		}
	}
	return append(lines, line)
}

// thousands writes a whole number with commas.
func thousands(n int64) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// kerasBytes is Keras's readable_memory_size.
func kerasBytes(n float64) string {
	units := []string{"B", "KB", "MB", "GB", "TB"}
	for i, unit := range units {
		if n < 1024 || i == len(units)-1 {
			return fmt.Sprintf("%.2f %s", n, unit)
		}
		n /= 1024
	}
	panic("command: no unit left")
}
