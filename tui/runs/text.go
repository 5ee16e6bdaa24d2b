package runs

// The words of the tab.
const (
	textTitle = "Runs"

	textEmpty   = "nothing is stored yet; space trains the network of the tab Build, and what it learns appears here"
	textListing = "looking what is stored"
	textNoMatch = "no session has these words; esc in the filter shows all"
	textOf      = "%d of %d"
	textNow     = "now"
	textParted  = "@%d" // the epoch at which it did
	textNoCurve = "no curve"
	textBroken  = "it cannot be opened; d deletes what is left of it"

	textDiverged  = "the loss is no number from step %d on"
	textEpochs    = "epoch %d/%d"
	textBest      = "best"
	textBestOf    = "%s %s, epoch %d"
	textTook      = "took"
	textSteps     = "  %s steps"
	textBegun     = "begun"
	textData      = "data"
	textNetwork   = "network"
	textParams    = "parameters"
	textTraining  = "training"
	textMachine   = "machine"
	textMachineOf = "%s/%s, %s, %d threads"
	textFolder    = "folder"
	textSamples   = "; %s + %s validation"
	textFullBatch = "full batch"
	textBatch     = "batch %d"
	textSeed      = "seed %d"

	textNoBranch    = "the pointer is at no branch that was left"
	textBelongs     = "a branch goes with its session"
	textNothing     = "there is no session here"
	textUnreadable  = "the session cannot be read"
	textStillTrains = "%s is still training; x on Train stops it first"
	textTrainsHere  = "it is training; x on Train stops it first"
	textTrainsThere = "process %s is training it; stop it there first"

	textDraft      = "draft"
	textNoChange   = "nothing differs"
	textNone       = "none"
	textDraftTitle = "Replace the draft?"
	textDraftText  = "The draft %s has edits that are stored nowhere. They go when the experiment of %s takes its place."
	textDraftYes   = "replace"
	textDraftNo    = "keep it"
	textDrafted    = "the draft is the experiment of %s now"

	textDeleteTitle = "Delete %s?"
	textDelete      = "%s goes from disk with %s. It cannot be taken back."
	textDeleteAll   = "the curves of %s and all weights: %d files, %s"
	textDeleteWhat  = "what is left in it: %d files, %s"
	textDeleteYes   = "delete"
	textDeleteNo    = "keep it"
	textDeleted     = "%s is deleted"
)

// textPanes are the panes' names, in their order.
var textPanes = [panes]string{"sessions", "details", "loss", "metrics"}

// textHeads are the names of the table's columns.
var textHeads = [...]string{columnSigns: "", columnState: "state", columnName: "name", columnEpochs: "epochs", columnBest: "best", columnMetric: "metric",
	columnTime: "time", columnWhen: "when", columnNetwork: "data and network"}
