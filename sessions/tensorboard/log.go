// Package tensorboard makes the events of a training as Keras's TensorBoard callback does (Keras 3,
// src/callbacks/tensorboard.py): a log folder with the runs train and validation, scalars under the names epoch_loss and
// batch_loss and evaluation_loss_vs_iterations, and histograms of the weights. It makes bytes; sessions and sessions/export
// put them into files.
package tensorboard

import (
	"fmt"
	"strings"
	"time"

	"cnnbench/nn/train"
	"cnnbench/sessions/filters"
	"cnnbench/sessions/tfevents"
)

// The runs of a log: folders in the log's folder.
const (
	Train      = "train"
	Validation = "validation"
)

// Tensor is one of a network's weights, with Keras's name and layout.
type Tensor struct {
	Name  string // conv2d.kernel
	Shape []int
	Data  []float32
}

// Log collects what a training writes, a record after the other, for each of its runs. The zero value is empty.
type Log struct {
	Train, Validation []byte
}

// model is the name that Keras gives a model, before those of its layers.
const model = "sequential/"

// validation begins the names of figures of the validation data.
const validation = "val_"

// Epoch adds an epoch's figures, rate being the learning rate then. As in Keras the first epoch is step 0, and what was
// evaluated counts the steps of the training too.
func (l *Log) Epoch(at time.Time, e *train.Epoch, rate float64) {
	step := int64(e.Epoch - 1)
	var trained, evaluated, validated []tfevents.Value
	for _, v := range e.Logs {
		if name, ok := strings.CutPrefix(v.Name, validation); ok {
			evaluated = append(evaluated, tfevents.Scalar("evaluation_"+name+"_vs_iterations", float32(v.Value)))
			validated = append(validated, tfevents.Scalar("epoch_"+name, float32(v.Value)))
		} else {
			trained = append(trained, tfevents.Scalar("epoch_"+v.Name, float32(v.Value)))
		}
	}
	trained = append(trained, tfevents.Scalar("epoch_learning_rate", float32(rate)))
	l.Train = appendEvent(l.Train, at, step, trained)
	l.Validation = appendEvent(l.Validation, at, e.Step, evaluated)
	l.Validation = appendEvent(l.Validation, at, step, validated)
}

// Batch adds the running means of an epoch after a step.
func (l *Log) Batch(at time.Time, step int64, means []train.Value) {
	var values []tfevents.Value
	for _, v := range means {
		values = append(values, tfevents.Scalar("batch_"+v.Name, float32(v.Value)))
	}
	l.Train = appendEvent(l.Train, at, step, values)
}

// Histograms adds how the weights are spread after an epoch.
func (l *Log) Histograms(at time.Time, epoch int, weights []Tensor) {
	var values []tfevents.Value
	for _, w := range weights {
		values = append(values, tfevents.Histogram(tag(w.Name, "histogram"), w.Data))
	}
	l.Train = appendEvent(l.Train, at, int64(epoch-1), values)
}

// Filters adds a picture of the filters of the first convolution after an epoch, if there is a convolution.
func (l *Log) Filters(at time.Time, epoch int, weights []Tensor) error {
	for _, w := range weights {
		if len(w.Shape) != 4 {
			continue
		}
		png, width, height, err := filters.PNG(w.Shape, w.Data)
		if err != nil {
			return err
		}
		l.Train = appendEvent(l.Train, at, int64(epoch-1), []tfevents.Value{tfevents.Image(tag(w.Name, "image"), width, height, png)})
		return nil
	}
	return nil
}

// Text adds a text in Markdown about an epoch.
func (l *Log) Text(at time.Time, epoch int, name, markdown string) {
	l.Train = appendEvent(l.Train, at, int64(epoch-1), []tfevents.Value{tfevents.Text(name, markdown)})
}

// tag is Keras's for what is seen of a weight: sequential/conv2d/kernel/histogram. A layer may have dots in its name, a
// weight has none.
func tag(weight, what string) string {
	if dot := strings.LastIndexByte(weight, '.'); dot >= 0 {
		weight = weight[:dot] + "/" + weight[dot+1:]
	}
	return model + weight + "/" + what
}

func appendEvent(to []byte, at time.Time, step int64, values []tfevents.Value) []byte {
	if len(values) == 0 {
		return to
	}
	return (&tfevents.Event{Time: at, Step: step, Values: values}).Append(to)
}

// FileName is the name of a run's file that was begun at that time by the writer of that name: by it, TensorBoard reads
// several files of a run in the order of their making.
func FileName(at time.Time, writer string) string {
	return fmt.Sprintf("events.out.tfevents.%010d.%s.v2", at.Unix(), writer)
}

// Head is how a file begins.
func Head(at time.Time) []byte { return tfevents.AppendVersion(nil, at) }
