// Package train is the tab that a training is watched and led on: its curves, how far it is, its epochs, and what
// happened on the way.
package train
