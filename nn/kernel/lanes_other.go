//go:build !amd64

package kernel

// There are no vector kernels here: the Go twins do all of the work.

func lanesWide() bool { return false }

func (a *lanesForward) compute(filters int, pool, relu, _ bool)        { a.twin(filters, pool, relu) }
func (a *lanesInputGradient) compute(channels int, _ bool)             { a.twin(channels) }
func (a *lanesWeightGradient) compute(filters, taps int, _, wide bool) { a.twin(filters, taps, wide) }
func (a *lanesExpand) compute()                                        { a.twin() }
func (a *lanesRegroup) compute()                                       { a.twin() }
func loadLanesSIMD(_, _ []float32, _, _ int) bool                      { return false }
func storeLanesSIMD(_, _ []float32, _, _ int) bool                     { return false }
func sumLanesSIMD(_, _ []float32, _ int) bool                          { return false }
