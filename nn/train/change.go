package train

// Change is what a command changed while a training went on, and where: with it, the training is done again.
type Change struct {
	Place
	Rate float64 `json:"learning_rate"`
}

// replay makes the changes that belong to where the training stands.
func (t *Trainer) replay() {
	for len(t.changes) > 0 && t.changes[0].Place == t.Place() {
		rate := t.changes[0].Rate
		t.changes = t.changes[1:]
		t.setRate(rate)
	}
}
