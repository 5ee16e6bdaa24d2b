package exports

// The words of exporting.
const (
	textWhat    = "Export %s as"
	textThere   = "there is a %s already; E asks and replaces it"
	textWeights = "Which weights of %s"
	textLast    = "last"
	textLastDoc = "as they were at the end of training"
	textNowDoc  = "as they are now, between two batches"
	textBest    = "best"
	textBestDoc = "those of epoch %d, %s %.4g"
	textWhere   = "Export %s to"
	textPath    = "a path; what stands before the name is a folder that exists"
	textFolder  = "a path of a folder that is made; what stands before the name is a folder that exists"
	textEnding  = "%s has no ending that says a format; use one of %s"
	textBusy    = "Export %s"
	textWriting = "writing %s as %s"
	textFar     = ", asked about %s of %s samples"
	textSince   = ", for %s"
	textEnded   = "ended; nothing was written to %s"
	textWritten = "written: %s (%s)"
	textFailed  = "nothing exported: %w"
)
