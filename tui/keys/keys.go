// Package keys holds the one table of what a person can do: each action with its keys, its words and its handler. The
// same table dispatches, fills the row of hints, the help, the palette, the command line and the README.
package keys

import (
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"
)

// Action is one thing to do.
type Action struct {
	Name  string   // what the command line calls it: "delete-layer"; unique among all contexts
	Keys  []string // as tea.KeyPressMsg.String() names them; none: only by palette and command line
	Title string   // one or two words for hints: "delete"
	Help  string   // one sentence for help and palette, lower case, no full stop

	// Hint ranks the action in the row of hints: 1 is shown first, 0 never. Label, where set, stands there in place of
	// keys and title: "J/K move" for two actions at once.
	Hint  int
	Label string
	// Now is a title that changes with what goes on, where set: "start", "pause".
	Now func() string

	// Blocked says why the action cannot be done now; nil or "" is that it can.
	Blocked func() string
	// Run does it. An action without Run and Take is documentation: its keys are handled elsewhere.
	Run func() tea.Cmd
	// Take does it with a word after it, which Arg describes in capitals ("FILE"): the command line's ":open FILE".
	// Without Run, the keys open the command line with the name typed already.
	Take func(arg string) tea.Cmd
	Arg  string
}

// Why says why the action cannot be done now, or "".
func (a *Action) Why() string {
	if a.Blocked == nil {
		return ""
	}
	return a.Blocked()
}

// Documented says that the action has no handler of its own.
func (a *Action) Documented() bool { return a.Run == nil && a.Take == nil }

// hint is the key and the title for the row of hints.
func (a *Action) hint() (key, title string) {
	if a.Label != "" {
		key, title, _ = strings.Cut(a.Label, " ")
		return key, title
	}
	if len(a.Keys) > 0 {
		key = Show(a.Keys[0])
	}
	return key, a.Word()
}

// Word is the action's title as things stand.
func (a *Action) Word() string {
	if a.Now != nil {
		return a.Now()
	}
	return a.Title
}

// Context is the actions that go with one place: a pane, a tab, everywhere.
type Context struct {
	Name    string
	Actions []Action
	Active  func() bool // nil: always
}

// On says whether the context counts now.
func (c *Context) On() bool { return c.Active == nil || c.Active() }

// Find returns the action of a key: that of the first active context which has it, or nil.
func Find(contexts []Context, key string) *Action {
	for i := range contexts {
		c := &contexts[i]
		if !c.On() {
			continue
		}
		for j := range c.Actions {
			if slices.Contains(c.Actions[j].Keys, key) {
				return &c.Actions[j]
			}
		}
	}
	return nil
}

// Named returns the action of that name among the active contexts, or nil.
func Named(contexts []Context, name string) *Action {
	for i := range contexts {
		c := &contexts[i]
		if !c.On() {
			continue
		}
		for j := range c.Actions {
			if c.Actions[j].Name == name {
				return &c.Actions[j]
			}
		}
	}
	return nil
}

// Check refuses a table that contradicts itself: a key twice in one context, or in a context that is always on and in
// one beside it; a name twice; an action without a name, words or a way to reach it.
func Check(contexts []Context) error {
	names := map[string]string{}
	always := map[string]string{} // key to action
	for _, c := range contexts {
		for _, a := range c.Actions {
			for _, k := range a.Keys {
				if c.Active == nil {
					always[k] = a.Name
				}
			}
		}
	}
	for _, c := range contexts {
		here := map[string]string{}
		for _, a := range c.Actions {
			switch {
			case a.Name == "" || a.Title == "" || a.Help == "":
				return fmt.Errorf("%s: action %q needs a name, a title and help", c.Name, a.Name)
			case a.Documented() && len(a.Keys) == 0:
				return fmt.Errorf("%s: action %q can be reached in no way", c.Name, a.Name)
			case (a.Take == nil) != (a.Arg == ""):
				return fmt.Errorf("%s: action %q needs both Take and Arg, or neither", c.Name, a.Name)
			case names[a.Name] != "":
				return fmt.Errorf("%s: the name %q is taken in %s", c.Name, a.Name, names[a.Name])
			}
			names[a.Name] = c.Name
			for _, k := range a.Keys {
				if other, taken := here[k]; taken {
					return fmt.Errorf("%s: key %q is both %s and %s", c.Name, k, other, a.Name)
				}
				if other, taken := always[k]; taken && c.Active != nil {
					return fmt.Errorf("%s: key %q of %s is also %s, which is always on", c.Name, k, a.Name, other)
				}
				here[k] = a.Name
			}
		}
	}
	return nil
}

// shown are the keys whose names people read otherwise.
var shown = map[string]string{
	"up": "↑", "down": "↓", "left": "←", "right": "→", "pgup": "PgUp", "pgdown": "PgDn", "home": "Home", "end": "End", "delete": "Del", "shift+tab": "⇧tab",
	"shift+up": "⇧↑", "shift+down": "⇧↓", "shift+left": "⇧←", "shift+right": "⇧→",
}

// Show is a key's name as a person reads it.
func Show(key string) string {
	if s, ok := shown[key]; ok {
		return s
	}
	return key
}

// ShowAll joins an action's keys for help.
func ShowAll(keys []string) string {
	out := make([]string, len(keys))
	for i, k := range keys {
		out[i] = Show(k)
	}
	return strings.Join(out, " ")
}
