//go:build race

package dataset

// Under the race detector sync.Pool drops things at random, so that reading allocates.
func init() { poolLeaks = true }
