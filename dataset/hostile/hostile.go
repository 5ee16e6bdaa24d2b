// Package hostile holds readers of data to their bounds in tests: whatever the data claim, reading them takes no more
// memory than follows from their size, and ends with a result or with an error of one sentence.
package hostile

import (
	"runtime"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"
)

// endless is how long reading may take before it counts as having no end: far more than a slow machine needs.
const endless = 10 * time.Second

// Within calls do, which must end and allocate at most so many bytes. What others allocate meanwhile counts too, so
// that most is to be generous, and the test not parallel to others.
func Within(t testing.TB, most int, do func()) {
	t.Helper()
	defer time.AfterFunc(endless, func() { panic("reading the data does not end") }).Stop()
	before := allocated()
	do()
	if took := allocated() - before; took > uint64(most) {
		t.Errorf("%d bytes were allocated, more than %d", took, most)
	}
}

// Parse calls do, which reads a file of so many bytes, within the bound that every format keeps: 8 times its size and
// 16 MiB.
func Parse(t testing.TB, size int, do func()) {
	t.Helper()
	Within(t, 8*size+16<<20, do)
}

// allocated is how many bytes of memory were ever allocated.
func allocated() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.TotalAlloc
}

// Sentence checks that an error is one sentence that a terminal can show.
func Sentence(t testing.TB, err error) {
	t.Helper()
	const most = 4000
	text := err.Error()
	if text == "" || len(text) > most || !utf8.ValidString(text) || strings.ContainsFunc(text, unprintable) {
		t.Errorf("no sentence to show: %q", text)
	}
}

func unprintable(r rune) bool { return !unicode.IsGraphic(r) }
