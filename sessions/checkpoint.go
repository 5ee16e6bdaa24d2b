package sessions

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"github.com/cespare/xxhash/v2"

	"cnnbench/nn/kernel"
	"cnnbench/nn/train"
	"cnnbench/sessions/safetensors"
)

// A checkpoint is one safetensors file, from which a training goes on to the bit; see train.Checkpoint for its tensors.
// Beside these it has the history of the last epochs, a list of their numbers and of each figure's values under history/
// and its name, and as its last tensor the SHA-256 of all bytes before it.
const (
	checkpointFolder  = "checkpoints"
	checkpointSchema  = "checkpoint 1"
	digestName        = "~sha256" // behind all other names, and of the smallest type: the last in the file
	historyPrefix     = "history/"
	historyEpochs     = 1024 // at most; the journal has all
	maxCheckpointFile = safetensors.MaxFile
)

// The metadata keys of a checkpoint, beside those of weights.
const (
	metaSchema  = "schema"
	metaData    = "data" // a fingerprint
	metaProgram = "program"
	metaMachine = "machine" // what made it; the bits are the same on any number of threads
)

// DamagedError says that a checkpoint cannot be used, and why.
type DamagedError struct {
	Path string
	Err  error
}

func (e *DamagedError) Error() string {
	return fmt.Sprintf("the checkpoint %s is damaged: %v", filepath.Base(e.Path), e.Err)
}

func (e *DamagedError) Unwrap() error { return e.Err }

// checkpointName is the file of a place. Several places can have done the same steps: in the midst of the validation,
// after it, and after what callbacks do at the end of the training.
func checkpointName(p train.Place, between bool) string {
	name := fmt.Sprintf("ckpt-%08d", p.Step)
	switch {
	case p.Over:
		name += "-end"
	case p.Checked > 0:
		name += fmt.Sprintf("-validation-%d", p.Checked)
	case !between:
		name += "-batch"
	}
	return name + ".safetensors"
}

// stamp is what a session's checkpoints say beside their tensors.
type stamp struct {
	experiment string // as YAML
	data       string // fingerprint
}

// encodeCheckpoint makes the file's bytes, in a buffer if that is large enough.
func encodeCheckpoint(buffer []byte, c *train.Checkpoint, s stamp, history []train.Epoch) ([]byte, error) {
	p, _, err := c.Place()
	if err != nil {
		return nil, err
	}
	f := &safetensors.File{Tensors: make([]safetensors.Tensor, 0, len(c.Tensors)+8), Metadata: map[string]string{
		metaFormat: "cnnbench", metaSchema: checkpointSchema, metaLayout: "keras-HWIO", metaEpoch: strconv.Itoa(p.Epoch), metaStep: strconv.FormatInt(p.Step, 10),
		metaExperiment: s.experiment, metaData: s.data, metaProgram: "cnnbench " + Version(),
		metaMachine: fmt.Sprintf("%s/%s, %s kernels, any number of threads", runtime.GOOS, runtime.GOARCH, kernel.ISA()),
	}}
	for _, t := range c.Tensors {
		shape := func(n int) []int {
			if t.Shape == nil && n != 1 {
				return []int{n}
			}
			return t.Shape
		}
		switch {
		case t.F32 != nil:
			f.Tensors = append(f.Tensors, safetensors.Shared(t.Name, t.Shape, t.F32))
		case t.F64 != nil:
			f.Tensors = append(f.Tensors, safetensors.F64(t.Name, shape(len(t.F64)), t.F64))
		case t.I64 != nil:
			f.Tensors = append(f.Tensors, safetensors.I64(t.Name, shape(len(t.I64)), t.I64))
		default:
			f.Tensors = append(f.Tensors, safetensors.U8(t.Name, []int{len(t.Text)}, t.Text))
		}
	}
	f.Tensors = append(f.Tensors, historyTensors(history)...)
	f.Tensors = append(f.Tensors, safetensors.U8(digestName, []int{sha256.Size}, make([]byte, sha256.Size)))
	text, err := safetensors.Append(buffer[:0], f)
	if err != nil {
		return nil, err
	}
	body := text[:len(text)-sha256.Size]
	sum := sha256.Sum256(body)
	return append(body, sum[:]...), nil
}

// sumOf is the SHA-256 with which a checkpoint's file ends.
func sumOf(text []byte) string { return hex.EncodeToString(text[len(text)-sha256.Size:]) }

// historyTensors are the numbers of the last epochs and their figures, [epochs] each.
func historyTensors(history []train.Epoch) []safetensors.Tensor {
	history = history[max(len(history)-historyEpochs, 0):]
	if len(history) == 0 {
		return nil
	}
	var names []string
	numbers := make([]int64, len(history))
	values := map[string][]float64{}
	for i, e := range history {
		numbers[i] = int64(e.Epoch)
		for _, v := range e.Logs {
			if _, seen := values[v.Name]; !seen {
				names = append(names, v.Name)
				values[v.Name] = make([]float64, len(history))
			}
			values[v.Name][i] = v.Value
		}
	}
	out := []safetensors.Tensor{safetensors.I64(historyPrefix+"epoch", []int{len(history)}, numbers)}
	for _, n := range names {
		out = append(out, safetensors.F64(historyPrefix+n, []int{len(history)}, values[n]))
	}
	return out
}

// decodeCheckpoint reads what encodeCheckpoint made, and refuses anything else: first of all what is not whole.
func decodeCheckpoint(text []byte) (*train.Checkpoint, stamp, error) {
	if n := len(text) - sha256.Size; n < 0 || sha256.Sum256(text[:n]) != [sha256.Size]byte(text[n:]) {
		return nil, stamp{}, errors.New("it does not end with the SHA-256 of its bytes")
	}
	f, err := safetensors.Decode(text)
	if err != nil {
		return nil, stamp{}, err
	}
	n := len(f.Tensors)
	switch {
	case f.Metadata[metaSchema] != checkpointSchema:
		return nil, stamp{}, fmt.Errorf("its schema is %q, not %q", f.Metadata[metaSchema], checkpointSchema)
	case n == 0 || f.Tensors[n-1].Name != digestName || f.Tensors[n-1].DType != safetensors.Uint8 || len(f.Tensors[n-1].Data) != sha256.Size:
		return nil, stamp{}, errors.New("its last tensor is not its SHA-256")
	}
	c := &train.Checkpoint{Tensors: make([]train.Tensor, 0, n)}
	for _, t := range f.Tensors[:n-1] {
		if strings.HasPrefix(t.Name, historyPrefix) {
			continue
		}
		out := train.Tensor{Name: t.Name}
		if len(t.Shape) > 0 {
			out.Shape = t.Shape
		}
		switch t.DType {
		case safetensors.Float32:
			out.F32, err = t.Float32s()
		case safetensors.Float64:
			out.F64, err = t.Float64s()
		case safetensors.Int64:
			out.I64, err = t.Int64s()
		case safetensors.Uint8:
			out.Shape, out.Text = nil, slices.Clone(t.Data)
		default:
			err = fmt.Errorf("%s is of type %s, which no checkpoint has", t.Name, t.DType)
		}
		if err != nil {
			return nil, stamp{}, err
		}
		c.Tensors = append(c.Tensors, out)
	}
	if _, _, err := c.Place(); err != nil {
		return nil, stamp{}, err
	}
	return c, stamp{f.Metadata[metaExperiment], f.Metadata[metaData]}, nil
}

// weightsOf are the weights in a checkpoint, by name.
func weightsOf(c *train.Checkpoint) *Weights {
	p, _, err := c.Place()
	if err != nil {
		panic("sessions: a checkpoint without its place")
	}
	w := &Weights{Epoch: p.Epoch, Step: p.Step}
	for _, t := range weightTensors(c) {
		w.Tensors = append(w.Tensors, safetensors.F32(strings.TrimPrefix(t.Name, train.ModelPrefix), t.Shape, t.F32))
	}
	w.sort()
	return w
}

func weightTensors(c *train.Checkpoint) []train.Tensor {
	var out []train.Tensor
	for _, t := range c.Tensors {
		if strings.HasPrefix(t.Name, train.ModelPrefix) {
			out = append(out, t)
		}
	}
	return out
}

// digest is by what the journal knows a checkpoint's weights again: their XXH64. It is made of every epoch, so it should
// take little time, and nobody has a reason to forge it.
func digest(c *train.Checkpoint) string { return fastDigest + digestBy(xxhash.New(), c) }

const fastDigest = "xxh64:"

// has reports whether a checkpoint has the weights of which the line tells. Earlier versions wrote their SHA-256.
func (s *saveLine) has(c *train.Checkpoint) bool {
	if strings.HasPrefix(s.Weights, fastDigest) {
		return digest(c) == s.Weights
	}
	return digestBy(sha256.New(), c) == s.Weights
}

// digestBy is the hash of a checkpoint's weights, in hexadecimal digits. All that is not a number counts as the same.
func digestBy(h hash.Hash, c *train.Checkpoint) string {
	const some = 1 << 12 // values
	buf := make([]byte, 0, 4*some)
	weights := weightTensors(c)
	slices.SortFunc(weights, func(a, b train.Tensor) int { return strings.Compare(a.Name, b.Name) })
	for _, t := range weights {
		fmt.Fprintf(h, "%s %v\n", t.Name, t.Shape)
		for part := range slices.Chunk(t.F32, some) {
			if !slices.ContainsFunc(part, func(v float32) bool { return v != v }) {
				h.Write(safetensors.Shared("", nil, part).Data)
				continue
			}
			buf = buf[:0]
			for _, v := range part {
				buf = appendBits(buf, v)
			}
			h.Write(buf)
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}
