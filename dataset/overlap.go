package dataset

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"fmt"
	"hash/maphash"
	"math"
	"slices"
)

// Overlap is what two parts of the data have in common: samples that are equal before augmentation, value by value. A
// network that learned such a sample knows its answer, so that the figures of the other part are better than they
// should be. Where both parts are one and the same, it is what stands in that part more than once.
type Overlap struct {
	Part, In string // train, validation or test; In is the part that comes first in the training
	Count    int    // samples of Part that also stand in In, or that stand in Part before
	Twins    []Twin // the first of them, by their position in Part
}

// Leak reports whether the samples stand on both sides of a split.
func (o *Overlap) Leak() bool { return o.Part != o.In }

// Twin is a sample and the one that it equals: positions in their parts.
type Twin struct {
	At int // in Overlap.Part
	Of int // in Overlap.In
}

// mostTwins is how many twins of an overlap are named.
const mostTwins = 5

// partNames are the parts in the order in which an experiment uses them.
var partNames = [...]string{"train", "validation", "test"}

// Overlaps finds the samples that are there more than once, after image and before augmentation and rescale: first what
// stands on both sides of a split, then what repeats within a part. Every sample is read once, and those that seem to
// be equal once more; for each a few bytes are kept.
func (d *Data) Overlaps(ctx context.Context, pass Pass) ([]Overlap, error) {
	seed := maphash.MakeSeed()
	return d.overlaps(ctx, pass, func(sample []byte) uint64 { return maphash.Bytes(seed, sample) })
}

// overlaps is Overlaps by a hash of its own. What comes of it does not depend on the hash.
func (d *Data) overlaps(ctx context.Context, pass Pass, hash func(sample []byte) uint64) ([]Overlap, error) {
	f := &twinFinder{size: volume(d.Shape)}
	for k, name := range partNames {
		if p := d.Part(name); p != nil {
			for i := range p.Len() {
				f.at = append(f.at, place{int8(k), int32(i)})
			}
		}
		f.parts[k] = d.Part(name)
	}
	if err := f.hashAll(ctx, pass, hash); err != nil {
		return nil, err
	}
	if err := f.group(); err != nil {
		return nil, err
	}
	return f.sum(), nil
}

// Pair says in words which samples a twin of the overlap is, with their classes where those differ.
func (d *Data) Pair(o *Overlap, w Twin) string {
	p, in := d.Part(o.Part), d.Part(o.In)
	name := func(p *Part, i int) string { return p.Name(i) }
	if a, b := p.Label(w.At), in.Label(w.Of); a != b {
		name = func(p *Part, i int) string { return fmt.Sprintf("%s (%s)", p.Name(i), d.Classes[p.Label(i)]) }
	}
	return name(p, w.At) + " = " + name(in, w.Of)
}

// twinFinder compares samples of several parts.
type twinFinder struct {
	parts  [len(partNames)]*Part
	size   int
	at     []place
	hashes []uint64                               // of each place
	found  [len(partNames)][len(partNames)][]Twin // by the part and the one that it is compared to
}

// place is a sample's part and its position there.
type place struct {
	part int8
	at   int32
}

// sampleBytes is a sample and the same as bytes, which are hashed and compared: its length and the bits of every value
// count.
type sampleBytes struct {
	x     []float32
	bytes []byte
}

func (f *twinFinder) read(s *sampleBytes, at place) error {
	p := f.parts[at.part]
	s.x = room(&s.x, f.size)
	if err := p.prepare.load(s.x, p.samples, p.Index[at.at]); err != nil {
		return fmt.Errorf("reading row %d of the %s part: %w", p.Index[at.at], p.From, err)
	}
	s.bytes = binary.LittleEndian.AppendUint32(s.bytes[:0], uint32(p.Length(int(at.at))))
	for _, v := range s.x {
		s.bytes = binary.LittleEndian.AppendUint32(s.bytes, math.Float32bits(v))
	}
	return nil
}

// hashAll reads all samples.
func (f *twinFinder) hashAll(ctx context.Context, pass Pass, hash func(sample []byte) uint64) error {
	f.hashes = make([]uint64, len(f.at))
	faults := make([]error, len(f.at))
	err := parallel(ctx, pass, len(f.at), func(s *sampleBytes, i int) {
		if faults[i] = f.read(s, f.at[i]); faults[i] == nil {
			f.hashes[i] = hash(s.bytes)
		}
	})
	if err != nil {
		return err
	}
	for _, err := range faults {
		if err != nil {
			return err
		}
	}
	return nil
}

// group compares the samples whose hashes are equal.
func (f *twinFinder) group() error {
	order := make([]int, len(f.at))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Or(cmp.Compare(f.hashes[a], f.hashes[b]), a-b) })
	for len(order) > 0 {
		n := 1
		for n < len(order) && f.hashes[order[n]] == f.hashes[order[0]] {
			n++
		}
		if n > 1 {
			if err := f.compare(order[:n]); err != nil {
				return err
			}
		}
		order = order[n:]
	}
	return nil
}

// equals are samples that are the same: their bytes, and the first of them in each part, -1 where a part has none.
type equals struct {
	bytes []byte
	first [len(partNames)]int
}

// compare tells samples of one hash apart. They come by part and position.
func (f *twinFinder) compare(samples []int) error {
	var groups []*equals
	var s sampleBytes
	for _, i := range samples {
		at := f.at[i]
		if err := f.read(&s, at); err != nil {
			return err
		}
		k := slices.IndexFunc(groups, func(g *equals) bool { return bytes.Equal(g.bytes, s.bytes) })
		if k < 0 {
			k = len(groups)
			groups = append(groups, &equals{slices.Clone(s.bytes), [...]int{-1, -1, -1}})
		}
		g := groups[k]
		for in, first := range g.first[:at.part+1] {
			if first >= 0 {
				f.found[at.part][in] = append(f.found[at.part][in], Twin{int(at.at), first})
			}
		}
		if g.first[at.part] < 0 {
			g.first[at.part] = int(at.at)
		}
	}
	return nil
}

// sum says what was found.
func (f *twinFinder) sum() []Overlap {
	var leaks, repeats []Overlap
	for part, ins := range f.found {
		for in, twins := range ins {
			if len(twins) == 0 {
				continue
			}
			slices.SortFunc(twins, func(a, b Twin) int { return a.At - b.At })
			o := Overlap{Part: partNames[part], In: partNames[in], Count: len(twins), Twins: slices.Clone(twins[:min(len(twins), mostTwins)])}
			if o.Leak() {
				leaks = append(leaks, o)
			} else {
				repeats = append(repeats, o)
			}
		}
	}
	return append(leaks, repeats...)
}
