package tui

// The words of the frame.
const (
	wordName     = "cnnbench"
	wordStopping = "stopping; what was trained is being stored"
	wordSmall    = "make the window larger: 40x12 at least"

	wordUnsaved  = "not saved"
	wordWatching = "watching pid %s"

	textImport        = "Import"
	textImportDoc     = "a network or weights: .keras, .h5, .weights.h5, a model's .json, .safetensors, .npz"
	textImportTitle   = "Import %s?"
	textImportNetwork = "%d layers, %s parameters; %s comes in, %s goes out."
	textImportWhole   = "The weights are in the file."
	textImportDraft   = "The weights are in the file; the network, its data and its training are the draft's, %s."
	textImportEdit    = "imported layers"
	textImported      = "imported as %s, in %s"
	textNotImported   = "nothing is imported: %w"
	textNote          = "Note: "
	textReading       = "reading %s, for %s"
	textMakeSession   = "make a session"
	textTakeLayers    = "layers into the draft"
	textLeaveImport   = "leave it"
	textLength        = "How long are your samples?"
	textNoLength      = "a whole number from 1 is needed"

	// States beside those of train.State.
	wordStarting = "STARTING"
)
