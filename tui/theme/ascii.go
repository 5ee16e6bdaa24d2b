package theme

import (
	"strings"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

// ascii gives the characters that the screens draw with a counterpart in ASCII of the same width.
var ascii = map[rune]byte{
	'▸': '>', '✓': '+', '✗': 'X', '●': '*', '‖': '"', '○': 'o', '·': '.', '×': 'x', '→': '>', '←': '<', '↑': '^', '↓': 'v', '…': '~',
	'─': '-', '│': '|', '╭': '+', '╮': '+', '╰': '+', '╯': '+', '├': '+', '┤': '+', '┬': '+', '┴': '+', '┼': '+', '└': '+', '┌': '+', '┐': '+', '┘': '+',
	'━': '=', '┃': '#', '┏': '#', '┓': '#', '┗': '#', '┛': '#', '╌': '-', '┈': '.', '┊': ':', '╎': ':', '┆': ':', '┅': '-',
	'█': '#', '▉': '#', '▊': '#', '▋': '#', '▌': '|', '▍': '|', '▎': '|', '▏': '|', '▐': '|', '▀': '"', '▄': '_', '▁': '_', '▂': '_', '▃': '_', '▅': '=', '▆': '=', '▇': '#',
	'░': '.', '▒': ':', '▓': '%', '◆': '*', '■': '#', '▲': '^', '▼': 'v', '★': '*', '✚': '+', '✖': 'x', '◂': '<', '▹': '>', '◇': '*', '□': 'o', '▪': '#',
	'≈': '~', '≤': '<', '≥': '>', '±': '~', '–': '-', '—': '-', '’': '\'', '‘': '\'', '“': '"', '”': '"', '²': '2', '°': 'o', 'µ': 'u', 'σ': 's', 'Σ': 'S', '∞': '8',
}

// ASCII replaces every character that is not ASCII, cell by cell, so that nothing moves: those that the screens draw
// with by a likeness, all others by question marks.
func ASCII(s string) string {
	i := 0
	for i < len(s) && s[i] < utf8.RuneSelf {
		i++
	}
	if i == len(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for len(s) > 0 {
		if s[0] < ' ' || s[0] == 0x7f { // an escape sequence or another control
			seq, _, n, _ := ansi.DecodeSequence(s, ansi.NormalState, nil)
			b.WriteString(seq)
			s = s[n:]
			continue
		}
		cluster, width := ansi.FirstGraphemeCluster(s, ansi.GraphemeWidth)
		s = s[len(cluster):]
		r, _ := utf8.DecodeRuneInString(cluster)
		switch c, known := ascii[r]; {
		case known && width == 1:
			b.WriteByte(c)
		case r < utf8.RuneSelf && width == 1: // with or without accents of its own
			b.WriteByte(byte(r))
		default:
			for range width {
				b.WriteByte('?')
			}
		}
	}
	return b.String()
}
