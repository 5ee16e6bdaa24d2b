package assets

import "embed"

// Presets are the experiments that come along, presets/NAME.yaml. The first comment line of each says what it is.
//
//go:embed presets/*.yaml
var Presets embed.FS
