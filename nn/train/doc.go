// Package train runs trainings: steps and epochs, events out, decisions in. A Trainer owns its network in a goroutine
// of its own; commands reach it between batches, observers are told what happened, and nothing here draws or writes.
package train
