// Package assets holds what is built into the program.
package assets
