package command

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"cnnbench/dataset"
	"cnnbench/dataset/npy"
	"cnnbench/nn"
	"cnnbench/sessions"
	"cnnbench/sessions/atomicfile"
)

func (p *Program) predict() *cobra.Command {
	var weights weightsFlags
	var asJSON, preprocess bool
	var out string
	cmd := &cobra.Command{
		Use:   "predict SESSION PATH...",
		Short: "Class and probabilities of pictures, of folders of them, or of the x of an .npz",
		Long: "Predicts pictures (PNG, JPEG, GIF, BMP, TIFF, WebP), which are converted and resized to what the network receives, folders of\n" +
			"them, and the array x of .npz files, which is taken as the network receives it unless --preprocess is given. Beside\n" +
			"it, lengths says how many steps of each sequence count.",
		Example: "cnnbench predict lecture-cnn-1 shirt.png\ncnnbench predict lecture-cnn-1 test.npz --out predictions.npz",
		Args:    wordsOf(2, many),
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := p.stored(args[0])
			if err != nil {
				return err
			}
			w, _, err := p.weights(cmd, s, &weights)
			if err != nil {
				return err
			}
			files, err := predictable(args[1:])
			if err != nil {
				return err
			}
			model, err := s.Model()
			if err != nil {
				return err
			}
			net, err := model.Load(w, p.threads)
			if err != nil {
				return err
			}
			q := &predictor{p: p, model: model, weights: w, net: net, json: asJSON, preprocess: preprocess, line: newProgress(p.Stderr)}
			defer func() { q.net.Close() }()
			for _, f := range files {
				if err := q.file(cmd, f); err != nil {
					return err
				}
			}
			if out != "" {
				if err := q.write(out); err != nil {
					return failed(err)
				}
			}
			if q.bad > 0 {
				return failed(fmt.Errorf("%d of %d files could not be predicted", q.bad, len(files)))
			}
			return nil
		},
	}
	weights.add(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object a sample")
	cmd.Flags().BoolVar(&preprocess, "preprocess", false, "resize, convert and rescale an .npz too, as the session's data")
	cmd.Flags().StringVar(&out, "out", "", "also write the network's outputs to this .npz, as the array predictions")
	return cmd
}

// predictable lists the files that the paths name; folders count for the pictures below them, in the order of names.
func predictable(paths []string) ([]string, error) {
	var out []string
	for _, path := range paths {
		st, err := os.Stat(path)
		if err != nil {
			return nil, fmt.Errorf("there is no %s to predict; name pictures, folders or .npz files", path)
		}
		if !st.IsDir() {
			out = append(out, path)
			continue
		}
		var found []string
		err = filepath.WalkDir(path, func(at string, d fs.DirEntry, err error) error {
			if err == nil && d.Type().IsRegular() && dataset.IsPicture(at) {
				found = append(found, at)
			}
			return err
		})
		if err != nil {
			return nil, failed(fmt.Errorf("look through %s: %w", path, err))
		}
		if len(found) == 0 {
			return nil, fmt.Errorf("there is no picture file below %s", path)
		}
		slices.Sort(found)
		out = append(out, found...)
	}
	return out, nil
}

// predictor predicts one file after another.
type predictor struct {
	p          *Program
	model      *sessions.Prepared
	weights    *sessions.Weights
	net        *nn.Network
	json       bool
	preprocess bool
	line       *progress
	rows       []float32 // all outputs so far
	bad        int       // files that could not be read
}

// file predicts a file. One that cannot be read is said on stderr and counted.
func (q *predictor) file(cmd *cobra.Command, path string) error {
	if err := interrupted(cmd); err != nil {
		return err
	}
	var answers []sessions.Prediction
	var err error
	array := strings.EqualFold(filepath.Ext(path), ".npz")
	if array {
		answers, err = q.array(cmd, path)
	} else {
		var a *sessions.Prediction
		if a, err = q.model.PredictPicture(q.net, path); err == nil {
			answers = []sessions.Prediction{*a}
		}
	}
	q.line.clear()
	switch {
	case cmd.Context().Err() != nil:
		return errInterrupted
	case err != nil:
		q.bad++
		q.line.say("cnnbench: %v", err)
		return nil
	}
	for i := range answers {
		a := &answers[i]
		q.rows = append(q.rows, a.Values...)
		if q.json {
			q.p.printJSON(q.object(path, array, a))
			continue
		}
		name := path
		if array {
			name = fmt.Sprintf("%s[%d]", path, a.Sample)
		}
		fmt.Fprintf(q.p.Stdout, "%s: %s\n", name, q.text(a))
	}
	return nil
}

func (q *predictor) array(cmd *cobra.Command, path string) ([]sessions.Prediction, error) {
	arrays, err := npy.ReadZip(path, "x", "lengths")
	if err != nil {
		return nil, err
	}
	if err := q.reach(arrays); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	samples, err := q.model.Samples(arrays, q.preprocess)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return q.model.PredictArray(cmd.Context(), q.net, samples, q.line.counted("predicting"))
}

// reach builds the network anew where it takes sequences of any length and these are longer than those before.
func (q *predictor) reach(arrays npy.Arrays) error {
	model, err := q.model.Reaching(arrays)
	if err != nil || model == q.model {
		return err
	}
	net, err := model.Load(q.weights, q.p.threads)
	if err != nil {
		return err
	}
	q.net.Close()
	q.model, q.net = model, net
	return nil
}

// text is the class and the likeliest three's probabilities, or the values.
func (q *predictor) text(a *sessions.Prediction) string {
	if q.model.Classes == nil {
		var parts []string
		for _, v := range a.Values {
			parts = append(parts, strconv.FormatFloat(float64(v), 'g', 6, 32))
		}
		return strings.Join(parts, " ")
	}
	p := a.Probabilities()
	order := make([]int, len(p))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(p[j], p[i]) })
	out := fmt.Sprintf("%s %.4f", q.model.Classes[a.Class], p[a.Class])
	var rest []string
	for _, c := range order {
		if c != a.Class && len(rest) < 3 {
			rest = append(rest, fmt.Sprintf("%s %.4f", q.model.Classes[c], p[c]))
		}
	}
	return out + "  (" + strings.Join(rest, ", ") + ")"
}

func (q *predictor) object(path string, array bool, a *sessions.Prediction) object {
	o := object{{"path", path}}
	if array {
		o.add("row", a.Sample)
	}
	if q.model.Classes == nil {
		o.add("values", figures(a.Values))
		return o
	}
	p := a.Probabilities()
	o.add("class", q.model.Classes[a.Class])
	o.add("label", a.Class)
	o.add("probability", figure32(p[a.Class]))
	o.add("probabilities", figures(p))
	return o
}

// write writes all outputs, [samples, output].
func (q *predictor) write(path string) error {
	shape := q.net.Summary().Out()
	rows := len(q.rows) / shape.Size()
	var b bytes.Buffer
	if err := npy.WriteZip(&b, []npy.Array{npy.F32("predictions", append([]int{rows}, shape...), q.rows)}); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return saveFile(path, b.Bytes())
}

// saveFile writes a result in one step, and says in a sentence why it cannot.
func saveFile(path string, text []byte) error {
	err := atomicfile.WriteFile(path, text, 0o644)
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return fmt.Errorf("cannot write %s: %w", path, pe.Err)
	}
	return err
}
