package keys

import "strings"

// Match says how well a query fits a text, letter by letter in order as fuzzy finders do: 0 is not at all, more is
// better. Letters that follow each other or begin a word count more, and so does a shorter text.
func Match(query, text string) int {
	q, t := []rune(strings.ToLower(query)), []rune(strings.ToLower(text))
	if len(q) == 0 {
		return 1
	}
	best := 0
	for start := range t {
		if t[start] != q[0] {
			continue
		}
		if s := matchFrom(q, t, start); s > best {
			best = s
		}
	}
	return best
}

// matchFrom takes each letter of q at its first place from start on.
func matchFrom(q, t []rune, start int) int {
	const follows, begins, found = 8, 6, 2
	score, last, j := 0, -2, 0
	for i := start; i < len(t) && j < len(q); i++ {
		if t[i] != q[j] {
			continue
		}
		score += found
		if i == last+1 {
			score += follows
		}
		if i == 0 || strings.ContainsRune(" -_./", t[i-1]) {
			score += begins
		}
		last = i
		j++
	}
	if j < len(q) {
		return 0
	}
	return score*64/(32+len(t)) + 1
}
