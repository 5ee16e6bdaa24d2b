// Package tfevents writes TensorBoard's event files. It makes bytes and touches no disk, so that the same events are always
// the same bytes; times are the caller's.
//
// A file is a row of records: the one that AppendVersion makes, then one an event. A reader passes over a last record that
// was torn, so that a file may be read while it grows. One folder is one run on TensorBoard's charts, and takes several
// files; their names need "tfevents" in them.
package tfevents
