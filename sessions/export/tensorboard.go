package export

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"cnnbench/sessions"
	"cnnbench/sessions/safetensors"
	"cnnbench/sessions/tensorboard"
)

func init() {
	register(Format{Name: "tensorboard", Extension: "-tensorboard", Folder: true,
		Doc: "a log folder as Keras's TensorBoard callback writes it", writeSet: writeTensorBoard})
}

// writeTensorBoard writes a log as Keras's callback with histogram_freq=1 would have written it, with the times of the
// journal: the figures of every epoch, the weights of those epochs that the session keeps.
func writeTensorBoard(_ context.Context, set *Set, in *Input) error {
	if in.Stored == nil {
		return errors.New("the log needs the stored session, which knows when it was trained")
	}
	began := in.Stored.Created
	kept := map[int]bool{}
	for _, n := range in.Stored.Kept() {
		kept[n] = true
	}
	var log tensorboard.Log
	log.Text(began, 1, "experiment", markdown(string(in.Experiment.Encode())))
	for i := range in.History {
		e := &in.History[i]
		at := began.Add(time.Duration(e.Total * float64(time.Second)))
		log.Epoch(at, e, e.LearningRate)
		if !kept[e.Epoch] {
			continue
		}
		tensors, err := keptTensors(in, e.Epoch)
		if err != nil { // the figures are worth more than that they wait for it
			log.Text(at, e.Epoch, "left_out", markdown(err.Error()))
			continue
		}
		log.Histograms(at, e.Epoch, tensors)
		if err := log.Filters(at, e.Epoch, tensors); err != nil {
			return err
		}
	}
	name := tensorboard.FileName(began, "cnnbench")
	for _, run := range []struct {
		name    string
		records []byte
	}{{tensorboard.Train, log.Train}, {tensorboard.Validation, log.Validation}} {
		if len(run.records) > 0 {
			set.Add(run.name+"/"+name, append(tensorboard.Head(began), run.records...))
		}
	}
	return nil
}

// markdown is a text that Markdown shows as it is: an indented block, which nothing in it can end.
func markdown(text string) string {
	return "    " + strings.ReplaceAll(strings.TrimRight(text, "\n"), "\n", "\n    ")
}

// keptTensors are the weights of an epoch that the session keeps.
func keptTensors(in *Input, epoch int) ([]tensorboard.Tensor, error) {
	w, err := in.Stored.Weights(sessions.AtEpoch(epoch))
	if err != nil {
		return nil, err
	}
	return tensorsOf(in, w)
}

// tensorsOf are the weights in the network's order.
func tensorsOf(in *Input, w *sessions.Weights) ([]tensorboard.Tensor, error) {
	var out []tensorboard.Tensor
	for _, row := range in.Model.Summary.Rows {
		for _, p := range row.Params {
			name := row.Name + "." + p.Name
			at := slices.IndexFunc(w.Tensors, func(t safetensors.Tensor) bool { return t.Name == name })
			if at < 0 {
				return nil, fmt.Errorf("the weights of epoch %d have no %s", w.Epoch, name)
			}
			values, err := w.Tensors[at].Float32s()
			if err != nil {
				return nil, fmt.Errorf("read %s: %w", name, err)
			}
			out = append(out, tensorboard.Tensor{Name: name, Shape: w.Tensors[at].Shape, Data: values})
		}
	}
	return out, nil
}
