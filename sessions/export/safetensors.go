package export

import (
	"context"
	"encoding/json"
	"fmt"
	"io"

	"cnnbench/sessions/safetensors"
)

func init() {
	register(Format{Name: "safetensors", Extension: ".safetensors", Weights: true,
		Doc: "weights under Keras's names in Keras's layouts, for Python, Rust and JavaScript", write: writeSafetensors})
}

func writeSafetensors(_ context.Context, w io.Writer, in *Input) error {
	f := in.Weights.File(in.Experiment)
	f.Metadata["session"] = in.Session
	if in.Classes != nil {
		classes, err := json.Marshal(in.Classes)
		if err != nil {
			return fmt.Errorf("write the class names: %w", err)
		}
		f.Metadata["class_names"] = string(classes)
	}
	text, err := safetensors.Encode(f)
	if err != nil {
		return err
	}
	_, err = w.Write(text)
	return err
}
