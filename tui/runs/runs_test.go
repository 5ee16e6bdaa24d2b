package runs

import (
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"cnnbench/nn/train"
	"cnnbench/sessions"
	"cnnbench/tui/chart"
	"cnnbench/tui/curves"
	"cnnbench/tui/keys"
	"cnnbench/tui/layout"
	"cnnbench/tui/screen"
	"cnnbench/tui/screentest"
	traintab "cnnbench/tui/train"
)

func TestTableHasNoContradictions(t *testing.T) {
	tab := newBench(t, screentest.NoColor, chart.Braille).tab
	for _, typing := range []bool{false, true} {
		tab.typing = typing
		if err := keys.Check(tab.Contexts()); err != nil {
			t.Error(err)
		}
	}
}

// names are the sessions in the order in which they stand.
func (b *bench) names() string {
	var out []string
	for _, i := range b.tab.rows {
		out = append(out, b.tab.infos[i.info].Name)
	}
	return strings.Join(out, " ")
}

func (b *bench) view(w, h int) string { return screentest.Plain(b.tab.View(w, h)) }

func TestSortGoesThroughTheColumns(t *testing.T) {
	b := newBench(t, screentest.NoColor, chart.Braille, shelf(t)...)
	for _, want := range []string{
		"lecture-cnn-12 lecture-cnn-11 wide-2 no-pool-1 lecture-cnn-10 hot-1 lecture-cnn-4", // newest first
		"hot-1 lecture-cnn-10 lecture-cnn-11 lecture-cnn-12 no-pool-1 wide-2 lecture-cnn-4", // by name
		"lecture-cnn-12 lecture-cnn-11 no-pool-1 wide-2 hot-1 lecture-cnn-10 lecture-cnn-4", // by state
		"lecture-cnn-12 lecture-cnn-11 no-pool-1 wide-2 hot-1 lecture-cnn-10 lecture-cnn-4", // most epochs
		"lecture-cnn-12 lecture-cnn-11 no-pool-1 wide-2 hot-1 lecture-cnn-10 lecture-cnn-4", // best loss
		"lecture-cnn-12 lecture-cnn-11 no-pool-1 wide-2 hot-1 lecture-cnn-10 lecture-cnn-4", // accuracy
		"lecture-cnn-12 lecture-cnn-11 no-pool-1 wide-2 hot-1 lecture-cnn-10 lecture-cnn-4", // longest
	} {
		if got := b.names(); got != want {
			t.Errorf("by %s: got %s, want %s", textHeads[sorts[b.tab.sort].column], got, want)
		}
		b.press("s")
	}
	b.press("s", "S")
	if got, want := b.names(), "wide-2 no-pool-1 lecture-cnn-12 lecture-cnn-11 lecture-cnn-10 hot-1 lecture-cnn-4"; got != want {
		t.Errorf("reversed: got %s, want %s", got, want)
	}
}

func TestBetterFigureFirst(t *testing.T) {
	loss := func(v float64) named { return named{"val_loss", v} }
	acc := func(v float64) named { return named{"val_accuracy", v} }
	for _, c := range []struct {
		a, b named
		want int
	}{
		{loss(0.1), loss(0.2), -1}, {loss(0.2), loss(0.1), 1}, {acc(0.9), acc(0.8), -1}, {acc(0.8), acc(0.9), 1},
		{loss(1), named{}, -1}, {named{}, loss(1), 1}, {acc(0.1), loss(9), -1}, {loss(0.3), loss(0.3), 0},
	} {
		if got := better(c.a, c.b); got != c.want {
			t.Errorf("better(%v, %v) = %d, want %d", c.a, c.b, got, c.want)
		}
	}
}

func TestNamesSortByTheirNumbers(t *testing.T) {
	want := []string{"a-2", "a-2b", "a-007", "a-10", "a-10-1", "b", "b-1"}
	got := slices.Clone(want)
	rand.New(rand.NewPCG(1, 2)).Shuffle(len(got), func(i, j int) { got[i], got[j] = got[j], got[i] })
	slices.SortFunc(got, naturally)
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestFilterNarrowsWhileTyping(t *testing.T) {
	b := newBench(t, screentest.NoColor, chart.Braille, shelf(t)...)
	b.press("/")
	if !b.tab.Typing() {
		t.Fatal("the keys do not go to the filter")
	}
	screentest.Type(t, b.app, b.tab, "finished cnn")
	if got, want := b.names(), "lecture-cnn-12 lecture-cnn-11"; !strings.HasPrefix(got, want) {
		t.Errorf("got %s, want %s", got, want)
	}
	b.press("enter")
	if b.tab.Typing() || !strings.Contains(b.view(80, 19), "/ finished cnn") {
		t.Error("enter does not keep the filter")
	}
	b.press("/")
	screentest.Type(t, b.app, b.tab, "zzz")
	if view := b.view(80, 19); b.names() != "" || !strings.Contains(view, "no session has these words") {
		t.Errorf("nothing fits, but there is\n%s", view)
	}
	if got := b.tab.whyUnreadable(); got != textNothing {
		t.Errorf("what needs a session says %q", got)
	}
	b.press("esc")
	if got := strings.Fields(b.names()); len(got) != 7 {
		t.Errorf("esc leaves %v", got)
	}
}

func TestPointerStaysAtItsSession(t *testing.T) {
	b := newBench(t, screentest.NoColor, chart.Braille, shelf(t)...)
	b.press("down", "down", "s")
	if b.tab.name != "wide-2" {
		t.Errorf("after sorting the pointer is at %s", b.tab.name)
	}
	var infos []sessions.Info
	for _, s := range b.all {
		if s.Name != "hot-1" {
			infos = append(infos, s.Info)
		}
	}
	b.tab.took(listed{b.tab.gen, infos, nil})
	if b.tab.name != "wide-2" {
		t.Errorf("after another listing the pointer is at %s", b.tab.name)
	}
	b.tab.took(listed{b.tab.gen - 1, nil, nil})
	if len(b.tab.infos) != 6 {
		t.Error("an old listing was taken")
	}
}

// TestOverlayAndPin: what is overlaid or pinned stays on the charts when the pointer goes on; what is pinned is told to
// the other tabs.
func TestOverlayAndPin(t *testing.T) {
	b := newBench(t, screentest.NoColor, chart.Braille, shelf(t)...)
	pinned := func(cmd tea.Cmd) (names []string, told bool) {
		screentest.Drive(t, cmd, func(msg tea.Msg) tea.Cmd {
			if p, ok := msg.(curves.Pinned); ok {
				told = true
				for _, r := range p.Runs {
					names = append(names, r.Name)
				}
			}
			return nil
		})
		return names, told
	}
	if _, told := pinned(b.tab.overlay()); told {
		t.Error("an overlay is told to the other tabs")
	}
	b.press("down")
	if got, told := pinned(b.tab.pin("lecture-cnn-11")); !told || !slices.Equal(got, []string{"lecture-cnn-11"}) {
		t.Errorf("told of %v, %v", got, told)
	}
	b.press("down")
	view := b.view(160, 45)
	for _, want := range []string{"■ lecture-cnn-12", "▲ lecture-cnn-11", "■o", "▲p"} {
		if !strings.Contains(view, want) {
			t.Errorf("no %q in\n%s", want, view)
		}
	}
	if got, told := pinned(b.tab.pin("lecture-cnn-11")); !told || len(got) != 0 {
		t.Errorf("unpinned, told of %v, %v", got, told)
	}
	for _, s := range []string{"lecture-cnn-12", "lecture-cnn-11", "wide-2", "no-pool-1", "hot-1", "lecture-cnn-10"} {
		b.tab.name = s
		b.tab.pin(s)
	}
	if got := len(b.tab.pins) + len(b.tab.over); got != maxDrawn {
		t.Errorf("%d are drawn beside, want at most %d", got, maxDrawn)
	}
	b.tab.pin("lecture-cnn-4")
	if slices.Contains(b.tab.pins, "lecture-cnn-4") {
		t.Error("a broken session is pinned")
	}
}

// The branches that the session at the pointer left are drawn behind it, dim, as far as there is room beside the pinned
// ones; those of a training of this sitting too.
func TestLeftBranchesAreDrawn(t *testing.T) {
	all := shelf(t)
	branched(all[0])
	b := newBench(t, screentest.NoColor, chart.Braille, all...)
	b.press("home")
	if v := b.view(160, 45); !strings.Contains(v, "branch 1") || !strings.Contains(v, "branch 1 val") {
		t.Errorf("the branch is not drawn:\n%s", v)
	}
	b.press("end")
	b.tab.name = all[1].Name
	b.tab.show()
	if got := b.tab.left(all[1].Name); got != nil {
		t.Errorf("%d branches of a session that left none", len(got))
	}
	for _, s := range []string{"lecture-cnn-11", "wide-2", "no-pool-1", "hot-1", "lecture-cnn-10"} {
		b.tab.name = s
		b.tab.pin(s)
	}
	b.tab.name = all[0].Name
	b.tab.show()
	if v := b.view(160, 45); strings.Contains(v, "branch 1 val") {
		t.Error("more is drawn than can be told apart")
	}

	b.app.Live = &screen.Live{Run: &sessions.Run{Name: all[1].Name, Prepared: b.app.Data.Current(&b.app.Draft), Feed: &train.Feed{}}, State: train.Running}
	t.Cleanup(func() { b.app.Live = nil })
	b.tab.Update(curves.Live{Run: curves.Before(all[1].Name, sessions.Past{Epochs: all[1].History}), Left: curves.OfLeft(all[0].Branches)})
	if got := b.tab.left(all[1].Name); len(got) != 1 {
		t.Errorf("%d branches of the training of this sitting, want 1", len(got))
	}
}

func TestDifferences(t *testing.T) {
	from := func(set ...string) *sessions.Experiment {
		e, err := sessions.Preset("lecture-cnn", set...)
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	base := from()
	for _, c := range []struct {
		name string
		a, b *sessions.Experiment
		want []change
	}{
		{"nothing", base, from(), nil},
		{"a number", base, from("fit.epochs=3"), []change{{"fit.epochs", "10", "3"}}},
		{"a default", base, from("compile.optimizer.adam.beta_1=0.5"), []change{{"compile.optimizer.adam.beta_1", "0.9", "0.5"}}},
		{"back to a default", from("compile.optimizer.adam.beta_1=0.5"), base, []change{{"compile.optimizer.adam.beta_1", "0.5", "0.9"}}},
		{"a setting of a layer", base, from("model.layers[1].conv2d.filters=16"), []change{{"model.layers[1].conv2d.filters", "64", "16"}}},
		{"another kind", base, from("compile.optimizer={sgd: {learning_rate: 0.1}}"), []change{{"compile.optimizer", "adam", "{sgd: {learning_rate: 0.1}}"}}},
		{"a list of words", base, from("data.classes=[Bag, Coat, Dress]"), []change{{"data.classes", "[T-shirt, Trouser, Pullover]", "[Bag, Coat, Dress]"}}},
		{"a callback more", base, from("fit.callbacks=[{early_stopping: {monitor: val_loss, patience: 4}}]"), []change{{"fit.callbacks[0].early_stopping", "", "{patience: 4}"}}},
	} {
		got := differences(c.a, c.b)
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
	without := base.Clone()
	without.Model.Layers = slices.Delete(without.Model.Layers, 2, 3) // the dropout
	got := differences(base, without)
	if len(got) != 1 || got[0].path != "model.layers[2].dropout" || got[0].new != "" || !strings.Contains(got[0].old, "rate") {
		t.Errorf("a layer less: %q", got)
	}
	if got := differences(without, base); len(got) != 1 || got[0].path != "model.layers[2].dropout" || got[0].old != "" {
		t.Errorf("a layer more: %q", got)
	}
}

func TestDifferencesOnThePage(t *testing.T) {
	b := newBench(t, screentest.NoColor, chart.Braille)
	changes := []change{{"fit.epochs", "10", "3"}, {"model.layers[2].dropout", "", "{rate: 0.5}"}, {"model.layers[4].dense", "{units: 128, activation: relu}", ""}}
	wide := screentest.Plain(strings.Join(diffLines(b.app.Theme, changes, 100), "\n"))
	for _, want := range []string{"~ fit.epochs               10 → 3", "+ model.layers[2].dropout  {rate: 0.5}", "- model.layers[4].dense    {units: 128, activation: relu}"} {
		if !strings.Contains(wide, want) {
			t.Errorf("no %q in\n%s", want, wide)
		}
	}
	for _, l := range diffLines(b.app.Theme, changes, 24) {
		if layout.Width(l) > 24 {
			t.Errorf("%q is wider than the page", l)
		}
	}
	if got := diffLines(b.app.Theme, nil, 40); len(got) != 1 || !strings.Contains(got[0], textNoChange) {
		t.Errorf("no difference is %q", got)
	}
}

func TestMouseOnTheTable(t *testing.T) {
	b := newBench(t, screentest.NoColor, chart.Braille, shelf(t)...)
	b.tab.View(80, 19)
	b.tab.Update(tea.MouseClickMsg{X: 20, Y: 4, Button: tea.MouseLeft})
	if b.tab.name != "wide-2" {
		t.Errorf("a click on the third row points at %s", b.tab.name)
	}
	b.tab.Update(tea.MouseWheelMsg{X: 20, Y: 4, Button: tea.MouseWheelUp})
	if b.tab.name != "lecture-cnn-11" {
		t.Errorf("the wheel points at %s", b.tab.name)
	}
	at := strings.Index(strings.Split(b.view(80, 19), "\n")[1], "name")
	b.tab.Update(tea.MouseClickMsg{X: at, Y: 1, Button: tea.MouseLeft})
	if got := sorts[b.tab.sort].column; got != columnName {
		t.Errorf("a click on the head sorts by column %d", got)
	}
	b.tab.View(80, 19)
	b.tab.Update(tea.MouseClickMsg{X: at, Y: 1, Button: tea.MouseLeft})
	if !b.tab.reverse {
		t.Error("another click does not turn the order around")
	}
	before := b.tab.name
	b.tab.Update(tea.MouseClickMsg{X: 20, Y: 8, Button: tea.MouseLeft}) // the border
	if b.tab.name != before {
		t.Error("a click on the border moves the pointer")
	}
}

func TestEverySizeIsFilled(t *testing.T) {
	for i, symbols := range []chart.Symbols{chart.Braille, chart.Block, chart.ASCII} {
		for k, s := range scenes {
			b := s.make(t, screentest.Color)
			b.app.Theme.Symbols = symbols
			r := rand.New(rand.NewPCG(uint64(i), uint64(k)))
			sizes := []layout.Rect{{W: 1, H: 1}, {W: 2, H: 2}, {W: 3, H: 3}, {W: 200, H: 1}, {W: 1, H: 50}, {W: 40, H: 8}, {W: 80, H: 18}, {W: 112, H: 26}, {W: 144, H: 30}, {W: 300, H: 90}}
			for range 60 {
				sizes = append(sizes, layout.Rect{W: 1 + r.IntN(180), H: 1 + r.IntN(60)})
			}
			for _, z := range sizes {
				b.tab.panes.Set(r.IntN(panes))
				view := b.tab.View(z.W, z.H)
				screentest.Fits(t, view, z.W, z.H)
				if symbols == chart.ASCII {
					screentest.IsASCII(t, view)
				}
			}
		}
	}
}

func TestSmallWindowShowsOnePane(t *testing.T) {
	b := newBench(t, screentest.NoColor, chart.Braille, shelf(t)...)
	for pane, want := range map[int]string{paneTable: "▸ ━   ✓ lecture-cnn-12", paneDetails: "epoch 10/10", paneLoss: "loss", paneMetric: "accuracy"} {
		b.tab.panes.Set(pane)
		if view := b.view(40, 8); !strings.Contains(view, want) {
			t.Errorf("no %q in\n%s", want, view)
		}
	}
}

// TestStoreStory goes through real sessions: a training that is shown while it runs and cannot be deleted, its end, the
// experiment as the draft, and a deletion after a question.
func TestStoreStory(t *testing.T) {
	app := screentest.App(t, "lecture-linear", screentest.NoColor, chart.Braille)
	tab, other := newScreen(app), traintab.New(app)
	do := func(cmd tea.Cmd) { screentest.Do(t, cmd, app, other, tab) }
	press := func(names ...string) { t.Helper(); screentest.Press(t, app, tab, names...) }
	view := func() string { return screentest.Plain(tab.View(80, 19)) }
	do(tab.Show())
	if !strings.Contains(view(), "nothing is stored yet") {
		t.Errorf("an empty store is\n%s", view())
	}

	do(app.Start(train.RunEpochs{N: 2}))
	for range 2000 {
		do(app.Drain())
		if app.Live.State == train.Paused && len(app.Live.Epochs) == 2 {
			break
		}
		time.Sleep(2 * time.Millisecond)
	}
	if v := view(); !strings.Contains(v, "‖ PAUSED   lecture-linear-1") || !strings.Contains(v, "2/20") || !strings.Contains(v, "now") {
		t.Errorf("the live training is not shown:\n%s", v)
	}
	if got := tab.whyNotDelete(); got != textTrainsHere {
		t.Errorf("deleting the live training says %q", got)
	}
	do(app.Send(train.Stop{}))
	<-app.Live.Run.Done()
	do(app.Drain())
	app.Live.Over = true
	do(tab.Update(screen.Ended{}))
	do(tab.Show())
	if v := view(); !strings.Contains(v, "○ STOPPED  lecture-linear-1") {
		t.Errorf("the ended training is\n%s", v)
	}

	press("O")
	if app.Draft.Experiment().Name != "lecture-linear" || app.Draft.Edited() {
		t.Error("the experiment is not the draft")
	}
	dir := tab.pointed().Dir
	press("d", "n")
	if _, err := os.Stat(dir); err != nil {
		t.Error("deleted without a yes")
	}
	press("d")
	if len(app.Dialogs) != 1 {
		t.Fatal("no question")
	}
	question := screentest.Plain(app.Dialogs[0].View(76, 20))
	for _, want := range []string{dir[len(dir)-10:], "2 epochs", "files"} {
		if !strings.Contains(strings.Join(strings.Fields(question), " "), want) {
			t.Errorf("the question does not name %q: %s", want, question)
		}
	}
	press("y")
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("the folder is still there: %v", err)
	}
	if !strings.Contains(view(), "nothing is stored yet") {
		t.Errorf("after the deletion\n%s", view())
	}
}

// TestBrokenFolderIsNamed: one that cannot be read is listed with the reason and can be deleted.
func TestBrokenFolderIsNamed(t *testing.T) {
	app := screentest.App(t, "lecture-linear", screentest.NoColor, chart.Braille)
	dir := app.Store.Home + "/sessions/half-1"
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	tab := newScreen(app)
	screentest.Do(t, tab.Show(), app, tab)
	view := screentest.Plain(tab.View(80, 19))
	for _, want := range []string{"✗ BROKEN", "half-1", "never began"} {
		if !strings.Contains(view, want) {
			t.Errorf("no %q in\n%s", want, view)
		}
	}
	if got := tab.whyUnreadable(); got != textUnreadable {
		t.Errorf("opening it says %q", got)
	}
	screentest.Press(t, app, tab, "d", "y")
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("it is still there: %v", err)
	}
}

// TestEditedDraftIsAskedAbout: another experiment takes its place only after a yes.
func TestEditedDraftIsAskedAbout(t *testing.T) {
	b := newBench(t, screentest.NoColor, chart.Braille, shelf(t)...)
	b.app.Draft.Edit("epochs", func(e *sessions.Experiment) { e.Fit.Epochs = 77 })
	b.press("O")
	if len(b.app.Dialogs) != 1 {
		t.Fatal("no question")
	}
	b.press("enter")
	if b.app.Draft.Experiment().Fit.Epochs != 77 {
		t.Error("the draft is gone")
	}
	b.tab.Update(taken{b.all["wide-2"], nil})
	if got := b.app.Draft.Experiment(); got.Name != "lecture-cnn" {
		t.Errorf("the draft is %s", got.Name)
	}
}

// TestSessionsAreReadOnce: the disk is asked for what is not at hand, and again when a session has changed.
func TestSessionsAreReadOnce(t *testing.T) {
	b := newBench(t, screentest.NoColor, chart.Braille, shelf(t)...)
	if b.tab.open("wide-2") != nil {
		t.Error("a session that is at hand is read again")
	}
	i := b.all["wide-2"].Info
	i.Updated = i.Updated.Add(1)
	b.tab.took(listed{b.tab.gen, []sessions.Info{i}, nil})
	if b.tab.open("wide-2") == nil {
		t.Error("a session that has changed is not read again")
	}
	for n := range 2 * maxOpened {
		s := *b.all["no-pool-1"]
		s.Name = strings.Repeat("x", n+1)
		b.tab.tookSession(opened{s.Name, &s, nil})
	}
	if len(b.tab.opened.all) > maxOpened {
		t.Errorf("%d sessions are kept in memory", len(b.tab.opened.all))
	}
}
