// Package train runs trainings: steps and epochs, events out, decisions in. A Trainer owns its network in a goroutine
// of its own; commands reach it between batches, observers are told what happened, and nothing here draws or writes.
//
// Everything follows from the seed and the place in the stream of samples (Position): pausing, stepping and running
// straight through are the same computation.
package train
