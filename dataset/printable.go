package dataset

import (
	"strconv"
	"unicode/utf8"
)

// printable is a name that came from outside as it may be shown: what a terminal would obey or could not show, such as
// a new line, is written as Go escapes it.
func printable(name string) string {
	safe := utf8.ValidString(name)
	for _, r := range name {
		safe = safe && strconv.IsGraphic(r)
	}
	if safe {
		return name
	}
	quoted := strconv.QuoteToGraphic(name)
	return quoted[1 : len(quoted)-1]
}
