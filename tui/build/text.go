package build

// The words of the tab.
const (
	wordTitle     = "Build"
	wordLayers    = "layers"
	wordLayer     = "layer"
	wordSettings  = "settings"
	wordNext      = "for the next training"
	wordEmpty     = "No layers yet."
	wordEmptyHow  = "a adds the first one, P takes a whole network from the presets."
	wordInput     = "input"
	wordTotal     = "total"
	wordUnknown   = "?"
	wordLooking   = "looking at the data"
	wordNoLayer   = "there is no layer here"
	wordNothing   = "nothing was copied yet; y copies a layer"
	wordFirst     = "it is the first one already"
	wordLast      = "it is the last one already"
	wordNotThis   = "this cannot be deleted; enter edits it"
	wordEditing   = "the training keeps a copy of its own; at a pause, space asks whether it goes on with what you change here"
	wordAddTitle  = "Add a layer"
	wordPresets   = "Presets"
	wordCallbacks = "Add a callback"
	wordDataTab   = "Data"
	wordAuto      = "by the data"
	wordUnmasked  = " from %s (layer %d) on, padding of the shorter sequences counts"
)
