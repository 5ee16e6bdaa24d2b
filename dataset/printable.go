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

// shownError is an error that may be shown as it is, whatever names from outside it holds.
type shownError struct{ error }

func (e shownError) Error() string { return printable(short(e.error.Error(), 2000)) }
func (e shownError) Unwrap() error { return e.error }

// short is a text of so many characters at most.
func short(text string, most int) string {
	if len(text) <= most {
		return text
	}
	seen := 0
	for at := range text {
		if seen++; seen > most {
			return text[:at] + "..."
		}
	}
	return text
}
