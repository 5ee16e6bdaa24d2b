package tui

// The words of the frame.
const (
	wordName     = "cnnbench"
	wordStopping = "stopping; what was trained is being stored"
	wordSmall    = "make the window larger: 40x12 at least"

	wordUnsaved  = "not saved"
	wordWatching = "watching pid %s"

	// States beside those of train.State.
	wordStarting = "STARTING"
)
