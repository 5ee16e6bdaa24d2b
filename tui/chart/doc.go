// Package chart draws the live line charts of the workbench as text.
//
// A [Series] keeps what a training reported: every point, exactly, with its
// step, its epoch and its time, so that the horizontal axis is chosen when the
// chart is drawn. A [Chart] draws several of them into a rectangle of cells:
// a dim band from the smallest to the largest raw value under a bold smoothed
// line, or, for values that stand for themselves such as those of a
// validation, a dashed line with a mark at each of them.
//
// Nothing here asks the terminal anything: symbols and colours come in with
// [Options], and a nil colour is the terminal's own. Colour is never the only
// sign: lines differ by dashes, by marks and by their names as well.
//
// Neither a Series nor a Chart is safe for use by several goroutines at once;
// both belong to the goroutine that draws.
package chart
