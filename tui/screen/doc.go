// Package screen is what the tabs of the workbench share: what a Screen is, the App that they all look at, the draft
// that is edited, the training that runs, panes and their focus, and the messages that go around.
//
// # How to add a screen
//
// A screen is a plain struct in a package of its own, not a Bubble Tea model. Package tui has the one model; it owns
// the frame, dispatches keys, keeps the clock and draws the dialogs. A screen:
//
//	package runs
//
//	type Screen struct {
//		app   *screen.App
//		panes screen.Panes                // focus ring and geometry
//		keys  []keys.Context              // made once, in New
//		list  screen.Cache[listKey]       // a pane's text until its key changes
//		names []sessions.Info
//		gen   int                         // of the last question asked in the background
//	}
//
//	func New(app *screen.App) screen.Screen
//	func (s *Screen) Title() string            { return "Runs" }
//	func (s *Screen) Contexts() []keys.Context { return s.keys }
//	func (s *Screen) Panes() *screen.Panes     { return &s.panes }
//	func (s *Screen) Update(msg tea.Msg) tea.Cmd
//	func (s *Screen) View(w, h int) string
//
// It appears by its line in the table of tui/tabs.go.
//
// Keys. All keys stand in the table that New makes: one keys.Context for the screen, and one for each pane with
// Active: func() bool { return s.panes.Is(paneList) }. The same table dispatches, draws the hints, the help, the
// palette and the README, so an action needs no more than its line:
//
//	{Name: "delete-run", Keys: []string{"d", "delete"}, Title: "delete", Hint: 3,
//		Help:    "delete the session from disk, after a question",
//		Blocked: s.whyNotDelete,          // "" or a sentence; the key then says it
//		Run:     s.delete},
//
// Keys that package tui takes everywhere: 1-5, tab, shift+tab, f (one pane on the whole screen), :, ctrl+p, ?, esc, q,
// ctrl+c, ctrl+z, ctrl+o, ctrl+s, and space, which starts and pauses the training. A screen that gives one of them
// another meaning in its table has it; only space may be taken so. While a text field of its own is open, a screen
// says so by Typing() bool, and all keys go to its Update.
//
// Messages. Update takes what the table does not: mouse messages, with X and Y counted from the top left corner of the
// screen's own body; pastes; the messages of this package (Fed, Started, Ended, Changed, Ready, Opened, Stored, ...);
// and its own results. It never does IO and never waits: that is for a tea.Cmd, which in turn touches no state of the
// screen. A result carries the generation of its question, and one that is not of the newest is dropped:
//
//	s.gen++
//	gen := s.gen
//	return func() tea.Msg { l, err := store.List(); return listed{gen, l, err} }
//
// All screens get all messages but keys and the mouse, which only the shown one gets, so a chart goes on while
// another tab is open. A screen that has to look at the disk when it is opened has Show() tea.Cmd.
//
// Drawing. View makes exactly h lines of w cells (layout.Block sees to it) from what is in memory, within 8 ms at
// 160x50; keep each pane's text in a Cache whose key holds the size, the focus, app.Look (it grows when the theme
// changes) and the version of the data. Hidden screens are not drawn. Panes.Arrange gives the rectangles: all of them
// at 80x24 and above, the focused one alone in a smaller window or in full-screen. Frames are drawn by Theme.Draw,
// rows of lists by Theme.Row. Measure and cut with package layout
// only, and write numbers with package figure. Nothing may be said by colour alone. Glyphs
// outside of ASCII are mapped by theme.ASCII at the very end, so a new one needs an entry there; charts and pictures
// ask app.Theme.Symbols.
//
// Dialogs. app.Push shows one: form.New for settings, form.NewList, NewConfirm, NewPrompt, NewFiles, NewPager, or any
// other Dialog. They get keys and mouse before the screen. app.Say and app.Fail put a sentence into the lower right
// corner.
//
// Training. app.Live is what runs, or ran last, in this sitting; app.Session is a stored session that was opened, and
// when it is set Train and Inspect are about it; app.Prepared is the draft's data. Commands go by app.Send, which sees
// to the clock too. Ticks are none of a screen's business: package tui drains the feed ten times a second and hands
// around Fed.
//
// Tests. Package screentest makes an App without a terminal, presses keys by the tables, carries out commands, and
// checks that a drawing fits and has nothing but ASCII; goldens are those of x/exp/golden (go test -update).
//
// Words. A screen's texts stand together in its file text.go.
package screen
