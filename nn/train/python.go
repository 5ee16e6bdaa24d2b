package train

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
)

// What Keras prints, Python formats. This file formats as Python does.

// pyNumber is strconv.FormatFloat with Python's words for what is not finite.
func pyNumber(f float64, format byte, precision int) string {
	switch {
	case math.IsNaN(f):
		return "nan"
	case math.IsInf(f, 1):
		return "inf"
	case math.IsInf(f, -1):
		return "-inf"
	}
	return strconv.FormatFloat(f, format, precision, 64)
}

// pyFixed is %.{precision}f.
func pyFixed(f float64, precision int) string { return pyNumber(f, 'f', precision) }

// pyFloat is repr.
func pyFloat(f float64) string {
	if a := math.Abs(f); a != 0 && (a < 1e-4 || a >= 1e16) {
		return pyNumber(f, 'e', -1)
	}
	s := pyNumber(f, 'f', -1)
	if !math.IsNaN(f) && !strings.Contains(s, ".") {
		s += ".0"
	}
	return s
}

var formatSpec = regexp.MustCompile(`^(0?)([0-9]{0,2})(?:\.([0-9]{1,2}))?([dfe]?)$`)

// pyFormat is format(f, spec), where whole says that f is an int; for the few specs that names of files need.
func pyFormat(f float64, whole bool, spec string) (string, error) {
	m := formatSpec.FindStringSubmatch(spec)
	switch {
	case m == nil || m[3] != "" && (m[4] == "" || m[4] == "d"):
		return "", errors.New("a format is like 02d for a whole number and .2f or .3e for another")
	case m[4] == "d" && !whole:
		return "", errors.New("d is for whole numbers; take a format like .2f")
	}
	var s string
	switch precision, err := strconv.Atoi(m[3]); {
	case m[4] == "d" || m[4] == "" && whole:
		s = strconv.Itoa(int(f))
	case m[4] == "":
		s = pyFloat(f)
	case err != nil:
		s = pyNumber(f, m[4][0], 6)
	default:
		s = pyNumber(f, m[4][0], precision)
	}
	width, err := strconv.Atoi(m[2])
	if err != nil {
		width = 0
	}
	for len(s) < width {
		if m[1] == "" {
			s = " " + s
			continue
		}
		sign := ""
		if s[0] == '-' {
			sign, s = "-", s[1:]
		}
		s = sign + "0" + s
	}
	return s, nil
}

// expand fills in the fields of a file's name as Python's str.format does: {name}, and {name:02d} for whole numbers,
// {name:.3f} (or e, g) for others. lookup gives a field's value, whether it is a whole number, and whether there is one.
func expand(template string, lookup func(name string) (value float64, whole, ok bool)) (string, error) {
	var out strings.Builder
	for rest := template; ; {
		at := strings.IndexAny(rest, "{}")
		if at < 0 {
			out.WriteString(rest)
			return out.String(), nil
		}
		out.WriteString(rest[:at])
		if strings.HasPrefix(rest[at:], "{{") || strings.HasPrefix(rest[at:], "}}") {
			out.WriteByte(rest[at])
			rest = rest[at+2:]
			continue
		}
		body, after, closed := strings.Cut(rest[at+1:], "}")
		if rest[at] == '}' || !closed {
			return "", errors.New("a brace has no partner; write fields like {epoch:02d}")
		}
		rest = after
		name, format, _ := strings.Cut(body, ":")
		value, whole, ok := lookup(name)
		if !ok {
			return "", fmt.Errorf("the field {%s} has no value", name)
		}
		text, err := pyFormat(value, whole, format)
		if err != nil {
			return "", fmt.Errorf("the field {%s}: %w", body, err)
		}
		out.WriteString(text)
	}
}
