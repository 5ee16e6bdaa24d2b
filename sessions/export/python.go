package export

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// pythonFloat is Python's repr of a float: the shortest digits that read back as the value.
func pythonFloat(f float64) string {
	switch {
	case math.IsNaN(f):
		return "nan"
	case math.IsInf(f, 1):
		return "inf"
	case math.IsInf(f, -1):
		return "-inf"
	}
	if a := math.Abs(f); a != 0 && (a < 1e-4 || a >= 1e16) {
		return strconv.FormatFloat(f, 'e', -1, 64)
	}
	s := strconv.FormatFloat(f, 'f', -1, 64)
	if !strings.Contains(s, ".") {
		s += ".0"
	}
	return s
}

// pythonNumber writes a setting without what binary fractions leave behind: 1 - 0.99 is 0.01.
func pythonNumber(f float64) string {
	if r := math.Round(f*1e12) / 1e12; r != 0 && math.Abs(f-r) < 1e-15 {
		f = r
	}
	return pythonFloat(f)
}

// pythonInt is a whole number or None.
func pythonInt(n *int) string {
	if n == nil {
		return "None"
	}
	return strconv.Itoa(*n)
}

// pythonBool is Python's word.
func pythonBool(b bool) string {
	if b {
		return "True"
	}
	return "False"
}

// pythonPair writes two numbers as PyTorch takes them: one where they are equal.
func pythonPair(p [2]int) string {
	if p[0] == p[1] {
		return strconv.Itoa(p[0])
	}
	return fmt.Sprintf("(%d, %d)", p[0], p[1])
}

// pythonList is a list of floats.
func pythonList(values []float64) string {
	words := make([]string, len(values))
	for i, v := range values {
		words[i] = pythonFloat(v)
	}
	return "[" + strings.Join(words, ", ") + "]"
}

// pythonWords is a list of texts.
func pythonWords(words []string) string {
	parts := make([]string, len(words))
	for i, w := range words {
		parts[i] = strconv.QuoteToASCII(w)
	}
	return "[" + strings.Join(parts, ", ") + "]"
}
