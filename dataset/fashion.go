package dataset

import (
	"fmt"
	"io/fs"

	"cnnbench/assets"
)

func init() {
	registerBuiltin(builtin{
		name: "fashion-mini",
		doc:  "photos of clothing, 28x28 grey pixels, ten classes; 10,000 + 2,000 of Fashion-MNIST",
		open: openFashionMini,
	})
}

func openFashionMini(request) (*Source, error) {
	folder, err := fs.Sub(assets.FashionMini, "fashion-mini")
	if err != nil {
		return nil, err
	}
	src, err := readIDXFolder(folder)
	if err != nil {
		return nil, fmt.Errorf("reading the embedded pictures: %w", err)
	}
	return src, nil
}
