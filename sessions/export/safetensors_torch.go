package export

import (
	"context"
	"encoding/json"
	"fmt"
	"io"

	"cnnbench/sessions/safetensors"
)

func init() {
	register(Format{Name: "safetensors-torch", Extension: ".torch.safetensors", Weights: true,
		Doc: "weights under the names and in the layouts of a PyTorch Sequential, for load_state_dict", write: writeSafetensorsTorch})
}

func writeSafetensorsTorch(_ context.Context, w io.Writer, in *Input) error {
	n, err := in.network()
	if err != nil {
		return err
	}
	t, err := newTorchNet(n)
	if err != nil {
		return err
	}
	text, err := t.encode(in, t.tensors())
	if err != nil {
		return err
	}
	_, err = w.Write(text)
	return err
}

// encode writes tensors with what one needs to know about them.
func (t *torchNet) encode(in *Input, tensors []safetensors.Tensor) ([]byte, error) {
	f := in.Weights.File(in.Experiment)
	f.Tensors = tensors
	f.Metadata["format"] = "pt" // by which the safetensors library knows PyTorch's
	f.Metadata["layout"] = "torch-OIHW"
	f.Metadata["session"] = in.Session
	modules := make([]string, len(t.modules))
	for i, m := range t.modules {
		modules[i] = m.Code
	}
	for _, x := range []struct {
		key  string
		list []string
	}{{"modules", modules}, {"class_names", in.Classes}} {
		if x.list == nil {
			continue
		}
		text, err := json.Marshal(x.list)
		if err != nil {
			return nil, fmt.Errorf("write %s: %w", x.key, err)
		}
		f.Metadata[x.key] = string(text)
	}
	return safetensors.Encode(f)
}
