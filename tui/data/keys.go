package data

import (
	"fmt"
	"strconv"

	tea "charm.land/bubbletea/v2"

	"cnnbench/tui/form"
	"cnnbench/tui/keys"
)

// far is further than anything goes.
const far = 1 << 30

// table is the keys of the tab.
func (s *Screen) table() []keys.Context {
	is := func(pane int) func() bool { return func() bool { return s.panes.Is(pane) } }
	by := func(f func(int), d int) func() tea.Cmd { return func() tea.Cmd { f(d); return nil } }
	source := keys.Context{Name: "Source", Active: is(paneSource), Actions: []keys.Action{
		{Name: "source-down", Keys: []string{"down", "j", "pgdown"}, Title: "down", Help: "read on", Run: by(s.readOn, 1)},
		{Name: "source-up", Keys: []string{"up", "k", "pgup"}, Title: "up", Help: "read back", Run: by(s.readOn, -1)},
	}}
	classes := keys.Context{Name: "Classes", Active: is(paneClasses), Actions: []keys.Action{
		{Name: "next-row", Keys: []string{"down", "j"}, Title: "down", Help: "go down", Run: by(s.moveClass, 1)},
		{Name: "previous-row", Keys: []string{"up", "k"}, Title: "up", Help: "go up", Run: by(s.moveClass, -1)},
		{Name: "rows-down", Keys: []string{"pgdown"}, Title: "page down", Help: "go down a page", Run: by(s.moveClass, 8)},
		{Name: "rows-up", Keys: []string{"pgup"}, Title: "page up", Help: "go up a page", Run: by(s.moveClass, -8)},
		{Name: "first-row", Keys: []string{"home", "g"}, Title: "first", Help: "go to the sum of all classes", Run: by(s.moveClass, -far)},
		{Name: "last-row", Keys: []string{"end", "G"}, Title: "last", Help: "go to the last class", Run: by(s.moveClass, far)},
		{Name: "show-class", Keys: []string{"enter"}, Title: "show", Hint: 1, Help: "show the samples of this class", Blocked: s.noRow, Run: s.showRow},
		{Name: "toggle-class", Keys: []string{"x"}, Title: "leave out", Hint: 2, Now: s.rowWord,
			Help: "take the class into the experiment, or leave it out", Blocked: s.noToggle, Run: s.toggleRow},
	}}
	samples := keys.Context{Name: "Samples", Active: is(paneSamples), Actions: []keys.Action{
		{Name: "sample-right", Keys: []string{"right", "l"}, Title: "right", Help: "go to the next sample", Run: s.moving(func() int { return 1 })},
		{Name: "sample-left", Keys: []string{"left", "h"}, Title: "left", Help: "go to the sample before", Run: s.moving(func() int { return -1 })},
		{Name: "sample-down", Keys: []string{"down", "j"}, Title: "down", Help: "go a row down", Run: s.moving(func() int { return max(s.cols, 1) })},
		{Name: "sample-up", Keys: []string{"up", "k"}, Title: "up", Help: "go a row up", Run: s.moving(func() int { return -max(s.cols, 1) })},
		{Name: "samples-down", Keys: []string{"pgdown"}, Title: "next page", Hint: 6, Label: "PgDn page", Help: "go to the next page", Run: s.moving(func() int { return s.page() })},
		{Name: "samples-up", Keys: []string{"pgup"}, Title: "page before", Help: "go to the page before", Run: s.moving(func() int { return -s.page() })},
		{Name: "first-sample", Keys: []string{"home", "g"}, Title: "first", Help: "go to the first sample", Run: s.moving(func() int { return -far })},
		{Name: "last-sample", Keys: []string{"end", "G"}, Title: "last", Help: "go to the last sample", Run: s.moving(func() int { return far })},
		{Name: "enlarge", Keys: []string{"enter"}, Title: "enlarge", Hint: 1, Help: "show the sample large", Blocked: s.noSample, Run: s.enlarge},
		{Name: "tiles-larger", Keys: []string{"+", "="}, Title: "larger", Hint: 7, Label: "+/- size", Help: "draw the samples larger", Run: s.sizing(1)},
		{Name: "tiles-smaller", Keys: []string{"-", "_"}, Title: "smaller", Help: "draw the samples smaller", Run: s.sizing(-1)},
	}}
	sample := keys.Context{Name: "Sample", Active: is(paneSample), Actions: []keys.Action{
		{Name: "back-to-samples", Keys: []string{"enter", "backspace"}, Title: "back", Hint: 1, Help: "go back to all samples", Run: func() tea.Cmd { s.Leave(); return nil }},
		{Name: "next-sample", Keys: []string{"."}, Title: "next", Hint: 3, Label: ",/. sample", Help: "go to the next sample", Run: s.moving(func() int { return 1 })},
		{Name: "previous-sample", Keys: []string{","}, Title: "previous", Help: "go to the sample before", Run: s.moving(func() int { return -1 })},
		{Name: "right", Keys: []string{"right", "l"}, Title: "right", Help: "go to the next sample, or along the numbers or variants", Run: s.along(0, 1)},
		{Name: "left", Keys: []string{"left", "h"}, Title: "left", Help: "go to the sample before, or along the numbers or variants", Run: s.along(0, -1)},
		{Name: "down", Keys: []string{"down", "j"}, Title: "down", Help: "go down the numbers", Run: s.along(1, 0)},
		{Name: "up", Keys: []string{"up", "k"}, Title: "up", Help: "go up the numbers", Run: s.along(-1, 0)},
		{Name: "channel", Keys: []string{"C"}, Title: "channel", Help: "show the numbers of the next channel", Blocked: s.oneChannel, Run: s.nextChannel},
	}}
	tab := keys.Context{Name: "Data", Actions: []keys.Action{
		{Name: "part", Keys: []string{"p"}, Title: "part", Hint: 2, Help: "show the next part: train, validation, test", Blocked: s.noData, Run: s.nextPart},
		{Name: "next-class", Keys: []string{"]"}, Title: "class", Hint: 4, Label: "[/] class", Help: "show the next class only", Blocked: s.noClasses, Run: s.nextClass(1)},
		{Name: "previous-class", Keys: []string{"["}, Title: "class back", Help: "show the class before only", Blocked: s.noClasses, Run: s.nextClass(-1)},
		{Name: "choose-class", Keys: []string{"c"}, Title: "choose class", Help: "choose the class that is shown", Blocked: s.noClasses, Run: s.chooseClass},
		{Name: "numbers", Keys: []string{"n"}, Title: "numbers", Hint: 3, Help: "show the sample as the numbers that it is, or as a picture", Blocked: s.noSample, Run: s.toggleNumbers},
		{Name: "values", Keys: []string{"v"}, Title: "values", Help: "show the values as the network receives them, as they are stored, or augmented", Blocked: s.noData, Run: s.nextValues},
		{Name: "variants", Keys: []string{"A"}, Title: "variants", Hint: 2, Help: "show a training sample beside eight of its augmented variants, from this epoch on, with the numbers drawn for each", Blocked: s.noVariants, Run: s.toggleVariants},
		{Name: "next-epoch", Keys: []string{">"}, Title: "epoch", Hint: 3, Label: "</> epoch", Help: "show the samples as they are augmented in the next epoch", Blocked: s.noAugment, Run: s.nextPass(1)},
		{Name: "previous-epoch", Keys: []string{"<"}, Title: "epoch back", Help: "show the samples as they are augmented in the epoch before", Blocked: s.noAugment, Run: s.nextPass(-1)},
		{Name: "sample", Keys: []string{"#"}, Title: "row", Help: "go to the sample of that row of the source", Take: s.goTo, Arg: "ROW", Blocked: s.noSample},
		{Name: "edit-data", Keys: []string{"e"}, Title: "edit", Hint: 5, Help: "edit limit, classes and rescaling", Run: s.edit},
		{Name: "edit-split", Keys: []string{"s"}, Title: "split", Hint: 5, Help: "edit how the samples are divided", Run: s.editSplit},
		{Name: "edit-image", Keys: []string{"i"}, Title: "image", Help: "edit the size and colour that pictures get", Run: s.editImage},
		{Name: "edit-augment", Keys: []string{"a"}, Title: "augment", Help: "edit how the training pictures are deformed at random", Run: s.editAugment},
		{Name: "class-weights", Keys: []string{"w"}, Title: "weights", Help: "choose what samples weigh in the training: all alike, or balanced, so that every class counts alike", Blocked: s.noClasses, Run: s.editWeights},
		{Name: "source", Keys: []string{"o"}, Title: "source", Hint: 5, Help: "take another source", Run: s.editSource, Take: s.setSource, Arg: "SOURCE"},
		{Name: "graphics", Keys: []string{"K"}, Title: "graphics", Help: "draw pictures by the terminal's own graphics (Kitty's), or by characters", Blocked: s.kitty.Missing, Run: func() tea.Cmd { return tea.Batch(s.kitty.Toggle(), s.flush()) }},
		{Name: "undo", Keys: []string{"u"}, Title: "undo", Help: "take the last edit of the experiment back", Blocked: func() string { return s.steps(true) }, Run: s.app.Undo},
		{Name: "redo", Keys: []string{"U", "ctrl+r"}, Title: "redo", Help: "do again what was undone", Blocked: func() string { return s.steps(false) }, Run: s.app.Redo},
	}}
	return []keys.Context{source, classes, samples, sample, tab}
}

// Why something cannot be done now.

func (s *Screen) noData() string {
	if s.data == nil {
		return wordNoData
	}
	return ""
}

func (s *Screen) noSample() string {
	if s.data == nil || len(s.list) == 0 {
		return wordNoSamples
	}
	return ""
}

func (s *Screen) noAugment() string {
	if s.data != nil && !s.data.Part(s.part).Augments() {
		return wordNoAugment
	}
	return s.noData()
}

func (s *Screen) noClasses() string {
	if s.data != nil && s.data.Classes == nil {
		return wordNoClasses
	}
	return s.noData()
}

func (s *Screen) noRow() string {
	if why := s.noClasses(); why != "" || s.classAt == 0 {
		return why
	}
	if s.rowClass() < 0 {
		return s.rowName() + " is left out of the experiment; x takes it in"
	}
	return ""
}

func (s *Screen) noToggle() string {
	if why := s.noClasses(); why != "" {
		return why
	}
	switch {
	case s.classAt == 0:
		return "put the pointer on a class"
	case len(s.data.Classes) == 1 && s.rowClass() >= 0:
		return wordOne
	}
	return ""
}

func (s *Screen) oneChannel() string {
	if it, ok := s.window.One(s.at); !ok || planeOf(it).channels < 2 {
		return wordGrey
	}
	return ""
}

func (s *Screen) steps(back bool) string {
	undo, redo := s.app.Draft.Steps()
	switch {
	case back && undo == 0:
		return wordNoUndo
	case !back && redo == 0:
		return wordNoRedo
	}
	return ""
}

// moving moves the cursor by so many samples.
func (s *Screen) moving(d func() int) func() tea.Cmd {
	return func() tea.Cmd { return s.goBy(d()) }
}

func (s *Screen) goBy(d int) tea.Cmd {
	at := min(max(s.at+d, 0), max(len(s.list)-1, 0))
	if at == s.at {
		return nil
	}
	s.at = at
	s.version++
	return s.need()
}

// page is how many samples are shown at once.
func (s *Screen) page() int {
	if s.data != nil && s.plotted() {
		return 16
	}
	return max(s.cap, 1)
}

// goTo puts the cursor on a row of the source, or on the nearest after it.
func (s *Screen) goTo(arg string) tea.Cmd {
	row, err := strconv.Atoi(arg)
	if err != nil || row < 0 {
		return s.app.Fail(fmt.Errorf("found %q, needs the number of a row, such as 12", arg))
	}
	part := s.data.Part(s.part)
	best := -1
	for i, at := range s.list {
		if n := part.Index[at]; n == row {
			return s.goBy(i - s.at)
		} else if n > row && (best < 0 || n < part.Index[s.list[best]]) {
			best = i
		}
	}
	if best < 0 {
		return s.app.Say(fmt.Sprintf("there is no row %d or later among these", row))
	}
	return tea.Batch(s.goBy(best-s.at), s.app.Say(fmt.Sprintf("row %d is not among these; this is the next one", row)))
}

func (s *Screen) enlarge() tea.Cmd {
	s.panes.Set(paneSample)
	return nil
}

// Leave goes from one sample back to all of them.
func (s *Screen) Leave() {
	if s.panes.Is(paneSample) {
		s.panes.Set(paneSamples)
	}
}

// sizing makes the tiles larger or smaller.
func (s *Screen) sizing(d int) func() tea.Cmd {
	return func() tea.Cmd {
		s.zoom = min(max(s.zoom+d, -1), 2)
		s.version++
		return s.need()
	}
}

// along goes along the numbers, or from sample to sample.
func (s *Screen) along(dy, dx int) func() tea.Cmd {
	return func() tea.Cmd {
		switch {
		case s.varies():
			s.nextVariant(dy + dx)
			return nil
		case s.numbers:
			s.scroll(dy, dx)
			return nil
		}
		return s.goBy(dy + dx)
	}
}

func (s *Screen) nextChannel() tea.Cmd {
	it, _ := s.window.One(s.at)
	s.channel = (s.channel + 1) % planeOf(it).channels
	s.version++
	return nil
}

func (s *Screen) toggleNumbers() tea.Cmd {
	s.numbers, s.top = !s.numbers, middle
	s.panes.Set(paneSample)
	s.version++
	return s.need()
}

// nextValues shows other values: as received, as stored and, where there are such, augmented.
func (s *Screen) nextValues() tea.Cmd {
	s.want, s.top = s.as()+1, middle
	if s.want > augmented || s.want == augmented && s.as() != augmented {
		s.want = received
	}
	s.forget()
	return s.need()
}

// nextPass shows how samples are augmented in another epoch.
func (s *Screen) nextPass(d int) func() tea.Cmd {
	return func() tea.Cmd {
		if s.as() == augmented || s.varies() {
			s.pass = max(s.pass+d, 0)
		}
		s.want = augmented
		s.forget()
		return s.need()
	}
}

// nextPart goes to the next part that there is.
func (s *Screen) nextPart() tea.Cmd {
	at := 0
	for i, p := range parts {
		if p.name == s.part {
			at = i
		}
	}
	for d := 1; d <= len(parts); d++ {
		if name := parts[(at+d)%len(parts)].name; s.data.Part(name) != nil {
			s.part = name
			break
		}
	}
	s.at = 0
	s.choose()
	return s.need()
}

// nextClass goes through all classes and each of them.
func (s *Screen) nextClass(d int) func() tea.Cmd {
	return func() tea.Cmd {
		n := len(s.data.Classes) + 1
		return s.show((s.class+1+d+n)%n - 1)
	}
}

func (s *Screen) show(class int) tea.Cmd {
	s.class, s.at = class, 0
	s.choose()
	return s.need()
}

func (s *Screen) chooseClass() tea.Cmd {
	items := []form.Item{{Title: wordAllOf}}
	counts := s.data.Part(s.part).Counts()
	for i, name := range s.data.Classes {
		items = append(items, form.Item{Title: name, Detail: fmt.Sprint(counts[i])})
	}
	return s.app.Push(form.NewList(s.app.Theme, "Class", items, s.class+1, func(i int) tea.Cmd { return s.show(i - 1) }))
}

func (s *Screen) readOn(d int) {
	s.read = max(s.read+d, 0)
	s.version++
}

// The classes pane.

func (s *Screen) moveClass(d int) {
	if s.data != nil {
		s.classAt = min(max(s.classAt+d, 0), len(s.data.Source.Classes))
		s.version++
	}
}

// rowName is the class with the cursor.
func (s *Screen) rowName() string { return s.data.Source.Classes[s.classAt-1] }

// rowClass is its number in the experiment, -1 where it is left out.
func (s *Screen) rowClass() int {
	for i, name := range s.data.Classes {
		if name == s.rowName() {
			return i
		}
	}
	return -1
}

func (s *Screen) showRow() tea.Cmd {
	class := all
	if s.classAt > 0 {
		class = s.rowClass()
	}
	s.panes.Set(paneSamples)
	return s.show(class)
}

// rowWord says what x does to the class with the cursor.
func (s *Screen) rowWord() string {
	if s.data != nil && s.data.Classes != nil && s.classAt > 0 && s.rowClass() < 0 {
		return "take in"
	}
	return "leave out"
}
