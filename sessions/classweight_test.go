package sessions

import (
	"context"
	"maps"
	"reflect"
	"strings"
	"testing"

	"cnnbench/dataset/npy"
)

// Balanced weights are those of scikit-learn, from the training samples alone, and train as if they stood in the file.
func TestBalancedClassWeight(t *testing.T) {
	y := make([]int32, 54) // 6 of class 0, 12 of class 1 and 36 of class 2, in turn
	for i := range y {
		y[i] = []int32{2, 1, 2, 2, 0, 2, 1, 2, 2}[i%9]
	}
	dir := npz(t, npy.F32("x", []int{len(y), 4}, ramp(4*len(y))), npy.I32("y", []int{len(y)}, y))
	text := "data: {source: data.npz, split: {validation: 9, stratify: true}}\n" +
		"model: {layers: [dense: {units: 3, activation: softmax}]}\nfit: {epochs: 2, batch_size: 7, class_weight: "
	history := func(weights string) any {
		e, err := ParseExperiment("x.yaml", []byte(text+weights+"}"))
		if err != nil {
			t.Fatal(err)
		}
		p, err := Prepare(e, dir)
		if err != nil {
			t.Fatal(err)
		}
		// compute_class_weight("balanced") of the 5, 10 and 30 samples that are left
		if want := map[int]float64{0: 3, 1: 1.5, 2: 0.5}; weights != "null" && !maps.Equal(p.Weights, want) {
			t.Errorf("%s weighs %v, want %v", weights, p.Weights, want)
		}
		s := &Store{Home: t.TempDir()}
		r, err := s.Start(context.Background(), p, RunOptions{})
		if err != nil {
			t.Fatal(err)
		}
		<-r.Done()
		if err := r.Err(); err != nil {
			t.Fatal(err)
		}
		stored := open(t, s, r.Name)
		if got := string(stored.Experiment.Encode()); weights == "balanced" && !strings.Contains(got, "class_weight: balanced") {
			t.Errorf("stored as\n%s", got)
		}
		var losses []float64
		for _, p := range stored.Points {
			losses = append(losses, p.Loss)
		}
		return losses
	}
	balanced := history("balanced")
	if !reflect.DeepEqual(balanced, history("{0: 3, 1: 1.5, 2: 0.5}")) {
		t.Error("balanced weights train in another way than their numbers")
	}
	if reflect.DeepEqual(balanced, history("null")) {
		t.Error("balanced weights change nothing")
	}
	if err := tryText(strings.NewReplacer("blobs", "line", "categorical_crossentropy", "mean_squared_error", "epochs: 2", "epochs: 2\n  class_weight: balanced",
		"units: 10, activation: softmax", "units: 1").Replace(small)); err == nil || !strings.Contains(err.Error(), "fit.class_weight: found weights of classes, but the targets are values") {
		t.Errorf("balanced weights of values: %v", err)
	}
}
