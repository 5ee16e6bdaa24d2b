package assets

import "embed"

//go:generate go run ./gen

// FashionMini is the folder fashion-mini: a tenth-sized Fashion-MNIST of 10,000 training and 2,000 test pictures, as
// gzipped IDX files under the names of the original, with its licence and provenance.
//
//go:embed fashion-mini
var FashionMini embed.FS
