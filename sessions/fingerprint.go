package sessions

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"

	"cnnbench/dataset"
)

// fingerprintValues is how many values of samples a fingerprint looks at: all of a lecture's data, and of more some
// thousand samples spread evenly.
const fingerprintValues = 4 << 20

// fingerprint is the SHA-256 of what is learnt from: which samples of the source are in which part, in their order, with
// their targets and their own values. It tells whether a training goes on with the data that it began with.
func (p *Prepared) fingerprint() (string, error) {
	h := sha256.New()
	fmt.Fprintf(h, "%v %q\n", p.In, p.Data.Classes)
	parts := []*dataset.Part{p.Data.Train, p.Data.Validation, p.Data.Test}
	total := 0
	for _, d := range parts {
		if d != nil {
			total += d.Len() * product(d.RawShape())
		}
	}
	every := total/fingerprintValues + 1
	for _, d := range parts {
		if d == nil {
			fmt.Fprintln(h, "none")
			continue
		}
		fmt.Fprintf(h, "%s %d %v\n", d.From, d.Len(), d.RawShape())
		var buf []byte
		for i, row := range d.Index {
			buf = binary.LittleEndian.AppendUint64(buf, uint64(row))
			buf = binary.LittleEndian.AppendUint64(buf, uint64(d.Label(i)))
			buf = binary.LittleEndian.AppendUint64(buf, uint64(d.Length(i)))
			for _, v := range d.Target(i) {
				buf = binary.LittleEndian.AppendUint32(buf, math.Float32bits(v))
			}
		}
		h.Write(buf)
		sample := make([]float32, product(d.RawShape()))
		for i := 0; i < d.Len(); i += every {
			if err := d.Raw(sample, i); err != nil {
				return "", fmt.Errorf("read sample %d of the %s part: %w", d.Index[i], d.From, err)
			}
			buf = buf[:0]
			for _, v := range sample {
				buf = appendBits(buf, v)
			}
			h.Write(buf)
		}
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

func product(shape []int) int {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return n
}
