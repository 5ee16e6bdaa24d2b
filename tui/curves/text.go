package curves

// The words of the charts.
const (
	textCharts    = "Charts"
	textTrain     = "train"
	textVal       = "val"
	textBranch    = "branch %d"
	textMetrics   = "metrics"
	textSmooth    = "smooth %s"
	textLogY      = "log y"
	textLogX      = "log x"
	textZoom      = "%s %s to %s"
	textNoCurve   = "there is no curve yet"
	textOneMetric = "there is no other metric"
	textCopied    = "copied the values at step %d"
)

// The words for states that are none of the engine's.
const (
	wordLeft     = "LEFT"
	wordDiverged = "DIVERGED"
	wordBroken   = "BROKEN"
)
