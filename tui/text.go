package tui

// The words of the frame.
const (
	wordName      = "cnnbench"
	wordPreparing = "looking at the data"
	wordFine      = "everything fits; space starts the training"
	wordEditing   = "the training has a copy of its own: what you change here is for the next one"
	wordStopping  = "stopping; what was trained is being stored"
	wordSmall     = "make the window larger: 40x12 at least"
)

// stateWords are the training's states as the status row writes them, after train.State's own order; divergence is none
// of them.
const (
	wordDiverged = "DIVERGED"
	wordStarting = "STARTING"
)
