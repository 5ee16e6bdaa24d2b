package tui

import (
	"cnnbench/tui/build"
	"cnnbench/tui/screen"
)

// tabs makes the screens in the order of their tabs. A new screen is one line here.
var tabs = []func(*screen.App) screen.Screen{
	func(a *screen.App) screen.Screen { return build.New(a) },
}
