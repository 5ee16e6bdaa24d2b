package command

import (
	"bytes"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"cnnbench/dataset/npy"
	"cnnbench/rng"
)

// sequencesExperiment trains on the file it names; layers are filled in.
const sequencesExperiment = `name: sequences
seed: 3
data: {source: sequences.npz, split: {validation: 0}}
model: {input: [null, 2], layers: [%s]}
compile: {loss: mean_squared_error, optimizer: {adam: {learning_rate: 0.01}}, metrics: [mae]}
fit: {epochs: 2, batch_size: 5}
`

// arrays writes an .npz into the working folder and returns its path.
func (d *desk) arrays(name string, arrays ...npy.Array) string {
	d.t.Helper()
	var b bytes.Buffer
	if err := npy.WriteZip(&b, arrays); err != nil {
		d.t.Fatal(err)
	}
	return d.file(name, b.String())
}

// someSequences draws sequences of two values a step, of 1 to so many steps, with padding behind their ends.
func someSequences(n, steps int, padding float32) (x []float32, lengths []int32) {
	s := rng.New(8, rng.Data, 0, 0).Stream()
	for i := range n {
		lengths = append(lengths, int32(1+i*5%steps))
		for t := range steps {
			for range 2 {
				v := float32(s.Norm())
				if t >= int(lengths[i]) {
					v = padding
				}
				x = append(x, v)
			}
		}
	}
	return x, lengths
}

// TestSequences trains, judges and predicts sequences of several lengths, with one answer a sequence and with one a step.
// What stands behind their ends changes no byte of what is said.
func TestSequences(t *testing.T) {
	const n, steps = 17, 6
	for name, c := range map[string]struct {
		layers string
		y      []int // shape
	}{
		"last":  {"lstm: {units: 4, return_sequences: true}, dropout: {rate: 0.2}, lstm: {units: 3}, dense: {units: 1}", []int{n, 1}},
		"steps": {"lstm: {units: 4, return_sequences: true}, dense: {units: 1}", []int{n, steps, 1}},
	} {
		t.Run(name, func(t *testing.T) {
			var first []string
			for _, padding := range []float32{0, float32(math.NaN())} {
				d := newDesk(t)
				x, lengths := someSequences(n, steps, padding)
				y := make([]float32, volume(c.y))
				for i := range y {
					y[i] = float32(i%5) / 4
					if len(c.y) == 3 && i%steps >= int(lengths[i/steps]) {
						y[i] = padding
					}
				}
				d.arrays("sequences.npz", npy.F32("x", []int{n, steps, 2}, x), npy.F32("y", c.y, y), npy.I32("lengths", []int{n}, lengths),
					npy.F32("x_test", []int{n, steps, 2}, x), npy.F32("y_test", c.y, y), npy.I32("lengths_test", []int{n}, lengths))
				path := d.file("sequences.yaml", fmt.Sprintf(sequencesExperiment, c.layers))
				facts := d.must("data", filepath.Join(d.dir, "sequences.npz"))
				if !strings.Contains(facts, "train lengths: 1 to 6 steps\n") || strings.Contains(facts, "NaN") {
					t.Errorf("data prints\n%s", facts)
				}
				epochs := objects(t, d.must("train", path, "--json"))
				said := []string{fmt.Sprint(epochs[0]["loss"], epochs[1]["loss"], epochs[1]["mae"]), d.must("evaluate", "sequences-1", "--json")}

				out := filepath.Join(d.dir, "test.npz")
				d.must("data", path, "--part", "test", "--out", out)
				written, err := npy.ReadZip(out)
				if err != nil {
					t.Fatal(err)
				}
				if a, ok := written.Lookup("lengths"); !ok || a.DType != "<i4" || !slices.Equal(floats(t, written, "lengths"), widen(lengths)) {
					t.Errorf("written lengths are %v", a)
				}
				if slices.ContainsFunc(floats(t, written, "x")[2*int(lengths[0]):2*steps], func(v float32) bool { return v != 0 }) {
					t.Error("padding was written")
				}
				predictions := filepath.Join(d.dir, "predictions.npz")
				said = append(said, strings.ReplaceAll(d.must("predict", "sequences-1", out, "--out", predictions), d.dir, ""))
				if first == nil {
					first = said
				}
				if !slices.Equal(said, first) {
					t.Errorf("with %v behind the ends:\n%s\nwith 0:\n%s", padding, strings.Join(said, "\n"), strings.Join(first, "\n"))
				}
				answers, err := npy.ReadZip(predictions)
				if err != nil {
					t.Fatal(err)
				}
				if got, want := meanAbsolute(floats(t, answers, "predictions"), y, lengths, len(c.y) == 3), objects(t, said[1])[0]["mae"].(float64); math.Abs(got-want) > 1e-6 {
					t.Errorf("predictions are off by %v, evaluate says %v", got, want)
				}
			}
		})
	}
}

// volume is the number of values of a shape.
func volume(shape []int) int {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return n
}

func widen(x []int32) []float32 {
	out := make([]float32, len(x))
	for i, v := range x {
		out[i] = float32(v)
	}
	return out
}

// meanAbsolute is the mean absolute error over all samples, or over their steps.
func meanAbsolute(p, y []float32, lengths []int32, steps bool) float64 {
	sum, count := 0.0, 0
	for i := range p {
		if each := len(p) / len(lengths); !steps || i%each < int(lengths[i/each]) {
			sum += math.Abs(float64(p[i]) - float64(y[i]))
			count++
		}
	}
	return sum / float64(count)
}

// TestPredictAnyLength: a network of any length answers shorter and longer sequences than it was trained on, padded or
// alone, in the same words.
func TestPredictAnyLength(t *testing.T) {
	d := newDesk(t)
	x, lengths := someSequences(9, 6, 5)
	d.arrays("sequences.npz", npy.F32("x", []int{9, 6, 2}, x), npy.F32("y", []int{9, 1}, x[:9]), npy.I32("lengths", []int{9}, lengths))
	d.must("train", d.file("sequences.yaml", fmt.Sprintf(sequencesExperiment, "lstm: {units: 4}, dense: {units: 1}")))
	alone := func(steps int) string {
		long := slices.Repeat([]float32{.5, -1, 2}, steps)[:2*steps]
		return d.arrays(fmt.Sprintf("%d.npz", steps), npy.F32("x", []int{1, steps, 2}, long))
	}
	padded := func(name string, steps, length int) string {
		v := append(slices.Repeat([]float32{.5, -1, 2}, length)[:2*length], slices.Repeat([]float32{9}, 2*(steps-length))...)
		return d.arrays(name, npy.F32("x", []int{1, steps, 2}, v), npy.I64("lengths", []int{1}, []int64{int64(length)}))
	}
	answer := func(paths ...string) []string {
		var out []string
		for _, line := range lines(d.must(append([]string{"predict", "sequences-1"}, paths...)...)) {
			_, said, _ := strings.Cut(line, ": ")
			out = append(out, said)
		}
		return out
	}
	got := answer(alone(4), padded("in six.npz", 6, 4), padded("in twenty.npz", 20, 4), alone(20), alone(4))
	if got[0] != got[1] || got[0] != got[2] || got[0] != got[4] || got[3] == got[0] {
		t.Errorf("four steps alone, in six and in twenty, twenty, and four again: %q", got)
	}
	for _, c := range []struct{ name, want string }{
		{d.arrays("bad.npz", npy.F32("x", []int{2, 3, 2}, x[:12]), npy.I64("lengths", []int{2}, []int64{1, 4})), "lengths: found 4 in row 1 (counted from 0), needs 1 to 3"},
		{d.arrays("few.npz", npy.F32("x", []int{2, 3, 2}, x[:12]), npy.I64("lengths", []int{1}, []int64{1})), "needs one number for each sequence"},
		{d.arrays("wide.npz", npy.F32("x", []int{2, 3, 3}, make([]float32, 18))), "the network receives [6, 2]"},
	} {
		if s := d.run("predict", "sequences-1", c.name); s.code != exitFailed || !strings.Contains(s.err, c.want) {
			t.Errorf("exit code %d, %q, want %q", s.code, s.err, c.want)
		}
	}
	// Where a layer does not know of the ends, the summary says so.
	fixed := strings.Replace(fmt.Sprintf(sequencesExperiment, "lstm: {units: 4, return_sequences: true}, flatten, dense: {units: 1}"), "input: [null, 2], ", "", 1)
	if out := d.must("summary", d.file("flat.yaml", fixed)); !strings.Contains(out, " From flatten on, what pads the shorter sequences is taken for a part of them") {
		t.Errorf("summary prints\n%s", out)
	}
	if out := d.must("summary", "sequences-1"); strings.Contains(out, "pads") {
		t.Errorf("summary prints\n%s", out)
	}
}
