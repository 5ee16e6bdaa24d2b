package screen

// The words of an operation.
const (
	textSurgeryTitle = "Go on from %s with the draft, as a new run?"
	textOperate      = "go on so"
	textDrawAnew     = "draw new units anew"
	textAsItWas      = "without the edits"
	textLeave        = "leave it"
	textCopies       = "It predicts as before where the rest is kept. Copies of a unit learn alike until dropout tells them apart."
	textOperated     = "%s goes on; %v"

	textNoPatient   = "nothing was trained yet"
	textStarting    = "the training is starting"
	textOtherTrains = "%s is still training; x stops it"
	textPauseFirst  = "it trains; space pauses it first"
	textSameDraft   = "the draft is the experiment of this run; edit it first, on the tab Build"
	textNoEpochLeft = "fit.epochs is %d, and %s has finished %d: nothing is left to train; r on Build raises it"
	textWithinEpoch = "within an epoch %s cannot change; n trains to its end"
)
