// Cnnbench builds small convolutional networks layer by layer, trains them and lets a person understand them, all in a
// terminal.
package main

import (
	"context"
	"os"

	"cnnbench/tui/command"
)

func main() {
	p := command.Program{Args: os.Args[1:], Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr}
	os.Exit(p.Main(context.Background()))
}
