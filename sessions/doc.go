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
// Nothing is written before Start, and Start returns only when the experiment and the weights of epoch 0 are on disk.
package sessions
