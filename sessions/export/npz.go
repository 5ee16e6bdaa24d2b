package export

import (
	"context"
	"io"

	"cnnbench/dataset/npy"
)

func init() {
	register(Format{Name: "npz", Extension: ".npz", Weights: true,
		Doc: "weights under Keras's names in Keras's layouts, for numpy.load", write: writeNPZ})
}

func writeNPZ(_ context.Context, w io.Writer, in *Input) error {
	var arrays []npy.Array
	for _, t := range in.Weights.Tensors {
		values, err := t.Float32s()
		if err != nil {
			return err
		}
		arrays = append(arrays, npy.F32(t.Name, t.Shape, values))
	}
	return npy.WriteZip(w, arrays)
}
