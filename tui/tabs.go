package tui

import (
	"cnnbench/tui/build"
	"cnnbench/tui/data"
	"cnnbench/tui/inspect"
	"cnnbench/tui/runs"
	"cnnbench/tui/screen"
	"cnnbench/tui/train"
)

// tabs makes the screens in the order of their tabs. A new screen is one line here.
var tabs = []func(*screen.App) screen.Screen{
	build.New,
	data.New,
	train.New,
	inspect.New,
	runs.New,
}
