package inspect

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"cnnbench/sessions"
	"cnnbench/tui/keys"
	"cnnbench/tui/picture"
)

// far is further than anything goes.
const far = 1 << 30

// table is the keys of the tab.
func (s *Screen) table() []keys.Context {
	is := func(on ...int) func() bool {
		return func() bool {
			for _, pane := range on {
				if s.panes.Is(pane) {
					return true
				}
			}
			return false
		}
	}
	// do makes a handler of what changes the state; what the screen then needs is asked for.
	do := func(f func()) func() tea.Cmd {
		return func() tea.Cmd {
			f()
			s.version++
			return s.follow()
		}
	}
	cell := func(dy, dx int) func() tea.Cmd { return do(func() { s.moveCell(dy, dx) }) }
	matrix := keys.Context{Name: "Matrix", Active: is(paneMatrix), Actions: []keys.Action{
		{Name: "cell-right", Keys: []string{"right", "l"}, Title: "right", Help: "go to the next predicted class; of values, to the next sample", Run: cell(0, 1)},
		{Name: "cell-left", Keys: []string{"left", "h"}, Title: "left", Help: "go to the predicted class before", Run: cell(0, -1)},
		{Name: "cell-down", Keys: []string{"down", "j"}, Title: "down", Help: "go to the next true class", Run: cell(1, 0)},
		{Name: "cell-up", Keys: []string{"up", "k"}, Title: "up", Help: "go to the true class before", Run: cell(-1, 0)},
		{Name: "cell-first", Keys: []string{"home", "g"}, Title: "first", Help: "go to the first cell", Run: cell(-far, -far)},
		{Name: "cell-last", Keys: []string{"end", "G"}, Title: "last", Help: "go to the last cell", Run: cell(far, far)},
		{Name: "cell-worst", Keys: []string{"e"}, Title: "worst", Hint: 6, Help: "go to the most frequent error, then to the next", Blocked: s.noClasses, Run: do(s.nextError)},
		{Name: "cell-samples", Keys: []string{"enter"}, Title: "show", Hint: 1, Help: "show the samples of the cell", Blocked: s.noClasses, Run: do(s.showCell)},
		{Name: "percent", Keys: []string{"%"}, Title: "percent", Hint: 3, Help: "show percents of the true class, or counts", Blocked: s.noClasses, Run: do(func() { s.percent = !s.percent })},
	}}
	figures := keys.Context{Name: "Figures", Active: is(paneFigures), Actions: []keys.Action{
		{Name: "class-down", Keys: []string{"down", "j"}, Title: "down", Help: "go to the next class", Run: cell(1, 0)},
		{Name: "class-up", Keys: []string{"up", "k"}, Title: "up", Help: "go to the class before", Run: cell(-1, 0)},
		{Name: "class-page-down", Keys: []string{"pgdown"}, Title: "page down", Help: "go down a page", Run: cell(8, 0)},
		{Name: "class-page-up", Keys: []string{"pgup"}, Title: "page up", Help: "go up a page", Run: cell(-8, 0)},
		{Name: "class-samples", Keys: []string{"enter"}, Title: "show", Hint: 1, Help: "show the samples of the true class that are wrong", Blocked: s.noClasses,
			Run: do(func() { s.only = wrongOnly; s.narrow(s.cell[0], every); s.open(viewSamples) })},
	}}
	by := func(d func() int) func() tea.Cmd { return do(func() { s.goBy(d()) }) }
	one := func(d int) func() int { return func() int { return d } }
	samples := keys.Context{Name: "Samples", Active: is(paneSamples), Actions: []keys.Action{
		{Name: "sample-right", Keys: []string{"right", "l"}, Title: "right", Help: "go to the next sample", Run: by(one(1))},
		{Name: "sample-left", Keys: []string{"left", "h"}, Title: "left", Help: "go to the sample before", Run: by(one(-1))},
		{Name: "sample-down", Keys: []string{"down", "j"}, Title: "down", Help: "go a row down", Run: by(func() int { return max(s.cols, 1) })},
		{Name: "sample-up", Keys: []string{"up", "k"}, Title: "up", Help: "go a row up", Run: by(func() int { return -max(s.cols, 1) })},
		{Name: "samples-down", Keys: []string{"pgdown"}, Title: "page down", Help: "go to the next page", Run: by(func() int { return max(s.cap, 1) })},
		{Name: "samples-up", Keys: []string{"pgup"}, Title: "page up", Help: "go to the page before", Run: by(func() int { return -max(s.cap, 1) })},
		{Name: "samples-first", Keys: []string{"home", "g"}, Title: "first", Help: "go to the first sample", Run: by(one(-far))},
		{Name: "samples-last", Keys: []string{"end", "G"}, Title: "last", Help: "go to the last sample", Run: by(one(far))},
		{Name: "samples-kind", Keys: []string{"t"}, Title: "wrong, right, all", Label: "t wrong/right", Hint: 3, Help: "list the wrong samples, the right ones, or all", Blocked: s.noClasses, Run: do(s.nextOnly)},
		{Name: "samples-all-classes", Keys: []string{"c"}, Title: "all classes", Help: "list the samples of all classes again", Blocked: s.noFilterOn, Run: do(func() { s.narrow(every, every) })},
		{Name: "samples-enlarge", Keys: []string{"enter"}, Title: "enlarge", Hint: 1, Help: "show the sample large", Blocked: s.noSample, Run: do(func() { s.panes.Set(paneSample) })},
		{Name: "samples-larger", Keys: []string{"+", "="}, Title: "larger", Label: "+/- size", Hint: 7, Help: "draw the samples larger", Run: do(func() { s.zoom = min(s.zoom+1, 2) })},
		{Name: "samples-smaller", Keys: []string{"-", "_"}, Title: "smaller", Help: "draw the samples smaller", Run: do(func() { s.zoom = max(s.zoom-1, -1) })},
	}}
	sample := keys.Context{Name: "Sample", Active: is(paneSample), Actions: []keys.Action{
		{Name: "sample-next", Keys: []string{"right", "l", "down", "j", "."}, Title: "next", Label: "←/→ sample", Hint: 1, Help: "go to the next sample", Run: by(one(1))},
		{Name: "sample-previous", Keys: []string{"left", "h", "up", "k", ","}, Title: "previous", Help: "go to the sample before", Run: by(one(-1))},
	}}
	filter := func(d func() int) func() tea.Cmd { return do(func() { s.moveFilter(d()) }) }
	filters := keys.Context{Name: "Filters", Active: is(paneFilters), Actions: append(sheetKeys("filter", filter, func() (int, int) { return s.filters.cols, s.filters.cap }),
		keys.Action{Name: "filter-layer-next", Keys: []string{">"}, Title: "layer", Label: "</> layer", Hint: 1, Help: "go to the next layer with filters", Blocked: s.oneLayer, Run: do(func() { s.filters.choose(s.result.filters, s.filters.layer+1) })},
		keys.Action{Name: "filter-layer-previous", Keys: []string{"<"}, Title: "layer back", Help: "go to the layer before", Blocked: s.oneLayer, Run: do(func() { s.filters.choose(s.result.filters, s.filters.layer-1) })},
		keys.Action{Name: "filter-channel", Keys: []string{"C"}, Title: "channel", Hint: 2, Help: "show the filters' next input channel", Blocked: s.oneChannel, Run: do(s.nextChannel)},
		keys.Action{Name: "filter-numbers", Keys: []string{"n"}, Title: "numbers", Hint: 3, Help: "write the weights of small filters, or only colour them", Blocked: s.noFilters, Run: do(func() { s.filters.numbers = !s.filters.numbers })},
		keys.Action{Name: "filters-larger", Keys: []string{"+", "="}, Title: "larger", Label: "+/- size", Hint: 7, Help: "draw the filters larger", Run: do(func() { s.filters.zoom = min(s.filters.zoom+1, 2) })},
		keys.Action{Name: "filters-smaller", Keys: []string{"-", "_"}, Title: "smaller", Help: "draw the filters smaller", Run: do(func() { s.filters.zoom = max(s.filters.zoom-1, -1) })},
	)}
	channel := func(d func() int) func() tea.Cmd {
		return do(func() { s.maps.at = min(max(s.maps.at+d(), 0), s.maps.count()-1) })
	}
	maps := keys.Context{Name: "Maps", Active: is(paneMaps), Actions: append(sheetKeys("map", channel, func() (int, int) { return s.maps.cols, s.maps.cap }),
		keys.Action{Name: "map-layer-next", Keys: []string{">"}, Title: "layer", Label: "</> layer", Hint: 1, Help: "go to the next layer", Blocked: s.noResult, Run: do(func() { s.mapLayer(1) })},
		keys.Action{Name: "map-layer-previous", Keys: []string{"<"}, Title: "layer back", Help: "go to the layer before", Blocked: s.noResult, Run: do(func() { s.mapLayer(-1) })},
		keys.Action{Name: "map-sample-next", Keys: []string{"."}, Title: "sample", Label: ",/. sample", Hint: 2, Help: "go to the next sample", Blocked: s.noSample, Run: do(func() { s.maps.own = false; s.goBy(1) })},
		keys.Action{Name: "map-sample-previous", Keys: []string{","}, Title: "sample back", Help: "go to the sample before", Blocked: s.noSample, Run: do(func() { s.maps.own = false; s.goBy(-1) })},
		keys.Action{Name: "map-range", Keys: []string{"s"}, Title: "range", Hint: 4, Help: "give each map its own range of colours, or all the same", Blocked: s.noResult, Run: do(func() { s.maps.each = !s.maps.each })},
		keys.Action{Name: "maps-larger", Keys: []string{"+", "="}, Title: "larger", Label: "+/- size", Hint: 7, Help: "draw the maps larger", Run: do(func() { s.maps.zoom = min(s.maps.zoom+1, 2) })},
		keys.Action{Name: "maps-smaller", Keys: []string{"-", "_"}, Title: "smaller", Help: "draw the maps smaller", Run: do(func() { s.maps.zoom = max(s.maps.zoom-1, -1) })},
	)}
	to := func(v view) func() tea.Cmd { return do(func() { s.open(v) }) }
	tab := keys.Context{Name: "Inspect", Actions: []keys.Action{
		{Name: "part", Keys: []string{"v"}, Title: "part", Label: "v part", Hint: 2, Help: "look at the next part of the data: validation, test, train", Blocked: s.oneSplit, Run: s.nextSplit},
		{Name: "renew", Keys: []string{"r"}, Title: "renew", Hint: 4, Help: "look at the newest weights", Blocked: s.noSubject, Run: s.compute},
		{Name: "cancel", Keys: []string{"x"}, Title: "cancel", Hint: 1, Help: "end what is being worked out", Blocked: s.noJob, Run: s.stop},
		{Name: "weights", Keys: []string{"b"}, Title: "best or last", Help: "take the best weights of what is stored, or the last", Blocked: s.oneKind, Run: s.nextWhich},
		{Name: "next-view", Keys: []string{"]"}, Title: "view", Label: "[/] view", Hint: 5, Help: "go to the next view: matrix, samples, own picture, filters, maps", Run: do(func() { s.open((s.view + 1) % views) })},
		{Name: "previous-view", Keys: []string{"["}, Title: "view back", Help: "go to the view before", Run: do(func() { s.open((s.view + views - 1) % views) })},
		{Name: "matrix", Keys: []string{"m"}, Title: "matrix", Help: "show what is taken for what, and the figures", Run: to(viewMatrix)},
		{Name: "wrong", Keys: []string{"w"}, Title: "wrong", Hint: 5, Help: "show the samples that are wrong, most certain first", Run: to(viewSamples)},
		{Name: "own", Keys: []string{"o"}, Title: "picture", Hint: 6, Help: "let the network look at a picture file of your own", Blocked: s.noPictures, Run: s.chooseOwn, Take: s.openOwn, Arg: "FILE"},
		{Name: "filters", Keys: []string{"F"}, Title: "filters", Help: "show the layers' filters", Run: to(viewFilters)},
		{Name: "graphics", Keys: []string{"K"}, Title: "graphics", Help: "draw pictures by the terminal's own graphics (Kitty's), or by characters", Blocked: s.kitty.Missing, Run: func() tea.Cmd { return tea.Batch(s.kitty.Toggle(), s.flush()) }},
		{Name: "maps", Keys: []string{"M"}, Title: "maps", Hint: 6, Help: "show what the layers make of this sample", Run: do(func() { s.maps.own = s.view == viewOwn; s.open(viewMaps) })},
	}}
	return []keys.Context{matrix, figures, samples, sample, filters, maps, tab}
}

// sheetKeys are those that move the cursor on a sheet of tiles.
func sheetKeys(what string, move func(d func() int) func() tea.Cmd, size func() (cols, page int)) []keys.Action {
	cols := func(sign int) func() int {
		return func() int { c, _ := size(); return sign * max(c, 1) }
	}
	page := func(sign int) func() int {
		return func() int { _, p := size(); return sign * max(p, 1) }
	}
	by := func(d int) func() int { return func() int { return d } }
	return []keys.Action{
		{Name: what + "-right", Keys: []string{"right", "l"}, Title: "right", Help: "go right", Run: move(by(1))},
		{Name: what + "-left", Keys: []string{"left", "h"}, Title: "left", Help: "go left", Run: move(by(-1))},
		{Name: what + "-down", Keys: []string{"down", "j"}, Title: "down", Help: "go down", Run: move(cols(1))},
		{Name: what + "-up", Keys: []string{"up", "k"}, Title: "up", Help: "go up", Run: move(cols(-1))},
		{Name: what + "-page-down", Keys: []string{"pgdown"}, Title: "page down", Help: "go to the next page", Run: move(page(1))},
		{Name: what + "-page-up", Keys: []string{"pgup"}, Title: "page up", Help: "go to the page before", Run: move(page(-1))},
		{Name: what + "-first", Keys: []string{"home", "g"}, Title: "first", Help: "go to the first", Run: move(by(-far))},
		{Name: what + "-last", Keys: []string{"end", "G"}, Title: "last", Help: "go to the last", Run: move(by(far))},
	}
}

// viewWord is a view as the line of views calls it.
func (s *Screen) viewWord(v view) string {
	switch v {
	case viewMatrix:
		if s.values() {
			return "true/predicted"
		}
		return wordMatrix
	case viewSamples:
		if s.values() {
			return wordWorst
		}
		return wordWrong
	case viewOwn:
		return wordOwn
	case viewFilters:
		return wordFilters
	}
	return wordMaps
}

// values says that the result is about values, not classes.
func (s *Screen) values() bool { return s.result != nil && s.result.eval.Classes == nil }

// Why something cannot be done now.

func (s *Screen) noResult() string {
	if s.result == nil {
		return wordNoResult
	}
	return ""
}

func (s *Screen) noClasses() string {
	if s.values() {
		return wordNoClass
	}
	return s.noResult()
}

func (s *Screen) noSample() string {
	if s.now() == nil {
		return wordNone
	}
	return ""
}

func (s *Screen) noFilterOn() string {
	if s.filter == [2]int{every, every} {
		return wordNoMore
	}
	return s.noClasses()
}

func (s *Screen) noSubject() string {
	if _, ok := s.subject(); !ok {
		return wordNothing
	}
	return ""
}

func (s *Screen) noJob() string {
	if s.job == nil {
		return wordIdle
	}
	return ""
}

func (s *Screen) oneKind() string {
	if s.app.Session == nil && s.app.Running() {
		return wordOneKind
	}
	return s.noSubject()
}

func (s *Screen) noFilters() string {
	if s.result != nil && len(s.result.filters) == 0 {
		return wordNoFilter
	}
	return s.noResult()
}

func (s *Screen) oneLayer() string {
	if s.result == nil || len(s.result.filters) < 2 {
		return wordNoLayer
	}
	return ""
}

func (s *Screen) oneChannel() string {
	if s.noFilters() != "" || s.result.filters[s.filters.layer].in == 1 {
		return wordNoInput
	}
	return ""
}

// oneSplit says that there is no other part of the data.
func (s *Screen) oneSplit() string {
	if s.result != nil && s.otherSplit() == s.split {
		return wordOne
	}
	return s.noSubject()
}

// otherSplit is the next part of the data that there is.
func (s *Screen) otherSplit() string {
	at := 0
	for i, name := range splits {
		if name == s.split {
			at = i
		}
	}
	for d := 1; d < len(splits); d++ {
		name := splits[(at+d)%len(splits)]
		if s.result == nil || available(s.result.data, name) == name {
			return name
		}
	}
	return s.split
}

func (s *Screen) nextSplit() tea.Cmd {
	s.split = s.otherSplit()
	return s.compute()
}

func (s *Screen) nextWhich() tea.Cmd {
	if s.which == sessions.Last {
		s.which = sessions.BestWeights
	} else {
		s.which = sessions.Last
	}
	return s.compute()
}

// stop ends the job.
func (s *Screen) stop() tea.Cmd {
	s.cancel()
	if s.result != nil {
		s.split = s.result.eval.Split
	}
	return s.app.Say(wordCanceled)
}

// moveCell moves the cursor of the matrix; of values it goes from sample to sample.
func (s *Screen) moveCell(dy, dx int) {
	if s.result == nil {
		return
	}
	if s.values() {
		s.goBy(max(min(dy+dx, 1), -1))
		return
	}
	n := len(s.result.eval.Classes)
	s.cell = [2]int{min(max(s.cell[0]+dy, 0), n-1), min(max(s.cell[1]+dx, 0), n-1)}
}

// nextError goes to the most frequent error or, if the cursor is on an error, to the next in their order.
func (s *Screen) nextError() {
	c := s.result.eval.Confusion
	// before says that error a comes before error b.
	before := func(a, b [2]int) bool {
		x, y := c.At(a[0], a[1]), c.At(b[0], b[1])
		return x > y || x == y && (a[0] < b[0] || a[0] == b[0] && a[1] < b[1])
	}
	var first, next [2]int
	found, more := false, false
	on := s.cell[0] != s.cell[1] && c.At(s.cell[0], s.cell[1]) > 0
	for i := range c.Classes {
		for j := range c.Classes {
			at := [2]int{i, j}
			if i == j || c.At(i, j) == 0 {
				continue
			}
			if !found || before(at, first) {
				found, first = true, at
			}
			if on && before(s.cell, at) && (!more || before(at, next)) {
				more, next = true, at
			}
		}
	}
	switch {
	case more:
		s.cell = next
	case found:
		s.cell = first
	}
}

// showCell shows the samples of the cell with the cursor.
func (s *Screen) showCell() {
	s.narrow(s.cell[0], s.cell[1])
	s.open(viewSamples)
}

// goBy moves the cursor among the samples.
func (s *Screen) goBy(d int) {
	s.at = min(max(s.at+d, 0), max(len(s.list)-1, 0))
}

// nextOnly lists other samples: the wrong ones, the right ones, all.
func (s *Screen) nextOnly() {
	s.only = (s.only + 1) % onlies
	label := s.filter[0]
	s.narrow(label, every)
}

// moveFilter moves the cursor among the filters.
func (s *Screen) moveFilter(d int) {
	if s.result != nil && len(s.result.filters) > 0 {
		s.filters.at = min(max(s.filters.at+d, 0), s.result.filters[s.filters.layer].out-1)
	}
}

// nextChannel goes through the input channels of the filters, of three also to all of them as colours.
func (s *Screen) nextChannel() {
	f, l := &s.filters, &s.result.filters[s.filters.layer]
	colours := picture.StyleOf(s.app.Theme).Color && !f.numbers
	if f.channel = l.shown(f.channel, colours) + 1; f.channel >= l.in {
		f.channel = every
	}
}

// mapLayer goes to another layer.
func (s *Screen) mapLayer(d int) {
	n := len(s.result.data.Summary.Rows)
	s.maps.layer = min(max(s.maps.layer+d, 0), n-1)
}

// joined puts lines below each other with a blank before each.
func joined(lines []string) string { return strings.Join(lines, "\n ") }
