package sessions

import (
	"fmt"
	"strings"
	"unicode"
)

// maxName keeps folder names within what every file system takes.
const maxName = 100

// CheckName says why name cannot be a session's: it is the name of a folder and a word on the command line.
func CheckName(name string) error {
	switch {
	case name == "":
		return fmt.Errorf("a session needs a name; letters, digits, - _ and . work")
	case len(name) > maxName:
		return fmt.Errorf("the session name is %d bytes long; at most %d work", len(name), maxName)
	case strings.HasPrefix(name, ".") || strings.HasPrefix(name, "-"):
		return fmt.Errorf("the session name %q begins with %q; begin it with a letter or a digit", name, name[:1])
	case strings.HasSuffix(name, "."):
		return fmt.Errorf("the session name %q ends with a dot; leave it out", name)
	case reserved(name):
		return fmt.Errorf("the session name %q is a device on Windows; take another", name)
	}
	for _, r := range name {
		if !nameRune(r) {
			return fmt.Errorf("the session name %q holds %q; only letters, digits, - _ and . work", name, r)
		}
	}
	return nil
}

func nameRune(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) || strings.ContainsRune("-_.", r)
}

// reserved reports whether Windows keeps the name for a device, whatever stands behind its first dot.
func reserved(name string) bool {
	stem, _, _ := strings.Cut(strings.ToLower(name), ".")
	switch stem {
	case "con", "prn", "aux", "nul":
		return true
	}
	return len(stem) == 4 && (strings.HasPrefix(stem, "com") || strings.HasPrefix(stem, "lpt")) && stem[3] >= '0' && stem[3] <= '9'
}

// plainName makes a session name out of an experiment's, which may hold anything.
func plainName(s string) string {
	var b strings.Builder
	for _, r := range s {
		if !nameRune(r) {
			r = '-'
		}
		if b.Len()+len(string(r)) > maxName-8 { // leaves room for the number
			break
		}
		b.WriteRune(r)
	}
	name := strings.Trim(b.String(), "-.")
	if name == "" || CheckName(name+"-1") != nil {
		return "session"
	}
	return name
}
