// Package sessions holds what a person keeps: the experiment (the one thing that is edited), the store of trained
// sessions on disk with their journals and weights, and the running of a training between the two.
//
// The way of a training:
//
//	e, err := sessions.ReadExperiment("lecture.yaml")  // strict: errors name file, line, column, path and a cure
//	p, err := store.Prepare(e, ".")                    // data loaded; shapes, head, loss and metrics agree
//	run, err := store.Start(ctx, p, sessions.RunOptions{})
//	<-run.Done()
//
// Nothing is written before Start, and Start returns only when the experiment and the checkpoint of the start are on
// disk. A training that was stopped, or whose program was killed, goes on by Resume as if nothing had happened: every
// checkpoint holds all that what comes next follows from, the journal tells of it before it is written, and what is
// changed live is in the journal too. Fork and Verify rest on the same two.
package sessions
