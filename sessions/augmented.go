package sessions

import "fmt"

// augmented hands the samples of the training part to the trainer as the training shows them: deformed anew in each
// pass. The part itself, which is evaluated, stays as it is.
type augmented struct{ *part }

// Batch fills x [len(index), sample] and y [len(index), columns] with the samples at these positions.
func (p *augmented) Batch(pass int, index []int, x, y []float32) error {
	for row, i := range index {
		if _, err := p.Augmented(x[row*p.inputs:(row+1)*p.inputs], i, pass); err != nil {
			return fmt.Errorf("sample %d of the %s part: %w", p.Index[i], p.From, err)
		}
		p.fillTarget(y[row*p.columns:(row+1)*p.columns], i)
	}
	return nil
}
