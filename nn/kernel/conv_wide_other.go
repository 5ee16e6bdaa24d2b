//go:build !amd64

package kernel

// implicitColumns is the number of columns that an implicit product computes at a time, and implicitMost of rows.
func implicitColumns() int { return panelCols }
func implicitMost() int    { return implicitRows }
