package train

import "cnnbench/tui/layout"

// Below this there is no room for a pane.
const (
	minW = 12
	minH = 3
)

// Sizes of the body from which more panes have room.
const (
	dashboardW, dashboardH = 150, 38
	wideW, wideH           = 112, 28
)

// place divides the body into panes, in the order of their numbers.
func place(body layout.Rect) []layout.Rect {
	out := make([]layout.Rect, panes)
	set := func(rects []layout.Rect, to ...int) {
		for i, pane := range to {
			out[pane] = rects[i]
		}
	}
	switch {
	case body.W >= dashboardW && body.H >= dashboardH:
		rows := layout.Rows(body, layout.Flex(22, 3), layout.Flex(15, 2))
		set(layout.Columns(rows[0], layout.Size{Min: 30, Grow: 1, Max: 40}, layout.Flex(64, 3), layout.Flex(50, 2)), paneRuns, paneLoss, paneMetric)
		set(layout.Columns(rows[1], layout.Size{Min: 34, Grow: 1, Max: 44}, layout.Flex(34, 2), layout.Flex(48, 3), layout.Flex(34, 2)), paneRun, paneRate, paneEpochs, paneLog)
	case body.W >= wideW && body.H >= wideH:
		rows := layout.Rows(body, layout.Flex(15, 3), layout.Flex(13, 2))
		set(layout.Columns(rows[0], layout.Flex(62, 3), layout.Flex(46, 2)), paneLoss, paneMetric)
		set(layout.Columns(rows[1], layout.Size{Min: 30, Grow: 1, Max: 40}, layout.Flex(46, 3), layout.Flex(30, 2)), paneRun, paneEpochs, paneLog)
	default:
		rows := layout.Rows(body, layout.Flex(12, 3), layout.Flex(6, 2))
		set(layout.Columns(rows[0], layout.Flex(52, 2), layout.Size{Min: 27, Grow: 1, Max: 40}), paneLoss, paneRun)
		set(layout.Columns(rows[1], layout.Flex(34, 2), layout.Flex(42, 2)), paneMetric, paneEpochs)
	}
	return out
}
