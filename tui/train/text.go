package train

// The words of the tab.
const (
	textTitle = "Train"

	textReady    = "ready to train"
	textEdited   = "edited"
	textStarting = "starting"
	textLooking  = "looking at the data"
	textToBuild  = "Build shows where, and what would work"

	textData       = "data"
	textNetwork    = "network"
	textTraining   = "training"
	textOptimizer  = "optimizer"
	textFolder     = "folder"
	textToTrain    = "%d train"
	textToValidate = "%d validation"
	textToTest     = "%d test"
	textParams     = "%d layers, %s parameters"
	textParameters = "parameters"
	textEpochsOf   = "%s of %s, batch %d"
	textSamples    = "%s + %s validation"

	textIdle     = "nothing was trained yet; space starts the network of the tab Build"
	textStored   = "stored"
	textReadOnly = "read-only"
	textWatching = "watching pid %s · read-only"
	textNotLed   = "process %s trains %s, which is only watched here: stop it there, or F leaves it"
	textEpoch    = "epoch %d/%d"
	textLine     = "epoch %d/%d"
	textNothing  = "nothing trains"

	textTook      = "took"
	textSteps     = "steps"
	textBatch     = "batch"
	textSpeed     = "speed"
	textPerSecond = "%s %s/s"
	textPictures  = "img"
	textRows      = "rows"
	textLeft      = "left"
	textLeftEpoch = "  ep %s"
	textRateKeys  = "- / +"
	textBest      = "best"
	textBestIn    = "  in epoch %d"
	textBestAt    = "  ep %d"

	textNoLoss   = "loss: after the first step"
	textNoMetric = "metrics: after the first epoch"
	textNoRate   = "rate: after the first step"
	textNoEpoch  = "no epoch is finished yet"
	textNoLog    = "no changes, no trouble so far"
	textNoRun    = "nothing is stored yet"
	textWhen     = "ep %.3g"

	textDiverged       = "diverged at step %d: the loss is no number"
	textDivergedFailed = "diverged at step %d: %s"
	textFailed         = "failed: %s"
	textCureDiverged   = "r restarts, with a tenth of the rate if you like"
	textCureFailed     = "what it had is stored; r restarts"

	textNotTraining = "nothing is training; space starts it"
	textIsStarting  = "the training is starting"
	textNoSubject   = "nothing was trained yet"
	textGoOnFirst   = "%s was stopped: space goes on with it, F leaves it for the draft"
	textNotStopped  = "the run is not one that was stopped"
	textStillTrains = " is still training; x stops it"
	textBackTitle   = "Take %s back to …"
	textEpochEnd    = "the end of epoch %d"
	textTheBest     = "(the best)"
	textStart       = "the start"
	textBefore      = "before: %s"
	textMarkAt      = "%s, at step %d"
	textMarked      = "marked: { comes back to this place"
	textMarkBad     = "a mark has a name of at most %d letters, or none"
	textAtStart     = "this is the start already"
	textNotStored   = "the tab is about the training of this sitting already"

	textStopTitle  = "Stop the training?"
	textStopText   = "%s stops after this batch, in epoch %d of %d. Its curves and its weights as they are then stay; R goes on with it later."
	textStopYes    = "stop"
	textStopNo     = "go on"
	textAgainTitle = "Start anew?"
	textAgainLive  = "%s stops after this batch and stays as it is then. "
	textAgainText  = "%s starts from its first weights, as a new run%s."
	textAgainDraft = ", with what was edited since"
	textAgainYes   = "start anew"
	textAgainSlow  = "with learning rate %s"
	textAgainNo    = "leave it"
	textCountTitle = "How many epochs?"
	textCountDoc   = "Trains so many epochs and pauses. The rest of the epoch under way counts as one."
	textCountBad   = "found %q, needs a whole number from 1 to 100000"
	textRateEdit   = "learning rate %s"
	textRateBad    = "found %q, needs a learning rate from 0 to %v"
)

// textPanes are the panes' names, in their order.
var textPanes = [panes]string{"loss", "run", "metrics", "epochs", "log", "rate", "runs"}

// textPlanKeys are the keys of a beginning.
var textPlanKeys = [][2]string{
	{"space", "start the training"},
	{"n", "train one epoch and pause"},
	{"b", "train one batch and pause"},
}
