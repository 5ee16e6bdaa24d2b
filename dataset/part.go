package dataset

import "fmt"

// Part is the samples of one purpose, in their order. All methods may be called from several goroutines.
type Part struct {
	From  string // the part of the source that they come from: train, validation or test
	Index []int  // the row of each sample in that part, counted before classes and limit

	samples Samples
	names   []string  // of the files, by the row in the source; nil: the samples are no files
	labels  []int32   // [len(Index)]; nil: values
	values  []float32 // [len(Index), width]; nil: class numbers
	lengths []int     // of all samples of the source's part; nil: all are full
	classes int
	width   int
	prepare *Preparation

	augmentation *augmentation // nil: none
}

// newPart takes all samples of a set that have a class. renumber, if any, gives each class its new number, or -1.
func newPart(from string, set *Set, renumber []int32, classes, width int, prepare *Preparation) *Part {
	p := &Part{From: from, samples: set.Samples, names: set.Names, lengths: set.Lengths, classes: classes, width: width, prepare: prepare}
	if set.Labels == nil {
		p.values = set.Values
		p.Index = make([]int, set.Samples.Len())
		for i := range p.Index {
			p.Index[i] = i
		}
		return p
	}
	for row, label := range set.Labels {
		if renumber != nil {
			label = renumber[label]
		}
		if label >= 0 {
			p.Index = append(p.Index, row)
			p.labels = append(p.labels, label)
		}
	}
	return p
}

// Subset is the part of the samples at these positions, in that order.
func (p *Part) Subset(positions []int) *Part {
	q := *p
	q.Index = make([]int, len(positions))
	for i, at := range positions {
		q.Index[i] = p.Index[at]
	}
	if p.labels != nil {
		q.labels = make([]int32, len(positions))
		for i, at := range positions {
			q.labels[i] = p.labels[at]
		}
	}
	if p.values != nil {
		q.values = make([]float32, 0, len(positions)*p.width)
		for _, at := range positions {
			q.values = append(q.values, p.Target(at)...)
		}
	}
	return &q
}

// orNil is nil for a part without samples, such as one that has none of the chosen classes.
func (p *Part) orNil() *Part {
	if p.Len() == 0 {
		return nil
	}
	return p
}

// toValues makes a column of values of the class numbers.
func (p *Part) toValues() {
	if p == nil {
		return
	}
	p.values = make([]float32, len(p.labels))
	for i, label := range p.labels {
		p.values[i] = float32(label)
	}
	p.labels, p.classes, p.width = nil, 0, 1
}

// Len is the number of samples.
func (p *Part) Len() int { return len(p.Index) }

// Name says which sample of the source i is: its file below the source's folder, else its row, as in train row 12. It is
// fit to be shown.
func (p *Part) Name(i int) string {
	if file := p.File(i); file != "" {
		return file
	}
	return fmt.Sprintf("%s row %d", p.From, p.Index[i])
}

// File is the file of sample i, below the source's folder and fit to be shown; "" where samples are no files.
func (p *Part) File(i int) string {
	if p.names == nil {
		return ""
	}
	return printable(p.names[p.Index[i]])
}

// Label is the class number of sample i, -1 where the targets are values.
func (p *Part) Label(i int) int {
	if p.labels == nil {
		return -1
	}
	return int(p.labels[i])
}

// Target is the row of values of sample i, nil where the targets are class numbers. It must not be changed.
func (p *Part) Target(i int) []float32 {
	if p.values == nil {
		return nil
	}
	return p.values[i*p.width : (i+1)*p.width : (i+1)*p.width]
}

// Counts is the number of samples of each class, nil where the targets are values.
func (p *Part) Counts() []int {
	if p.labels == nil {
		return nil
	}
	counts := make([]int, p.classes)
	for _, label := range p.labels {
		counts[label]++
	}
	return counts
}

// Shape is that of a sample as the network receives it.
func (p *Part) Shape() []int { return p.prepare.Shape() }

// RawShape is that of a sample as stored.
func (p *Part) RawShape() []int { return p.samples.Shape() }

// Streams reports whether samples of the part are read from disk each time anew, which takes far longer than from
// memory.
func (p *Part) Streams() bool {
	_, ok := p.samples.(*picturesOnDisk)
	return ok
}

// Raw fills dst with sample i as the source has it; bytes are 0 to 255.
func (p *Part) Raw(dst []float32, i int) error { return p.samples.Read(dst, p.Index[i]) }

// Read fills dst with sample i as the network receives it. Once it is warm it allocates nothing.
func (p *Part) Read(dst []float32, i int) error {
	if p.lengths != nil {
		return p.readSequence(dst, i)
	}
	return p.prepare.read(dst, p.samples, p.Index[i])
}
