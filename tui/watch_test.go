package tui

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"cnnbench/tui/command"
)

// asProgram in the environment makes the test's own file the real program, so that there is another process to watch.
const asProgram = "CNNBENCH_TEST_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		p := command.Program{Args: os.Args[1:], Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr}
		os.Exit(p.Main(context.Background()))
	}
	os.Exit(m.Run())
}

// program is the real one with a home of its own.
func program(home string, args ...string) *exec.Cmd {
	cmd := exec.Command(os.Args[0], append([]string{"--home", home, "--threads", "1"}, args...)...)
	cmd.Env = append(os.Environ(), asProgram+"=1")
	return cmd
}

// endless is a training that ends only when it is made to, and whose epochs are quick.
const endless = `name: endless
data: {source: shapes, limit: 90, rescale: 1/255, split: {test: 0.2, validation: 0.2, stratify: true}}
model: {layers: [conv2d: {filters: 4, kernel_size: 3, activation: relu}, max_pooling2d: {pool_size: 4}, flatten, dense: {units: 3, activation: softmax}]}
compile: {optimizer: {adam: {learning_rate: 0.001}}}
fit: {epochs: 100000, batch_size: 1}
`

// A training in another window: it is watched while it goes on, cannot be led or deleted here, and is killed, after which
// it is an ordinary session that goes on here, where then the other program is refused.
func TestStoryOfAnotherWindow(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("NOT TESTED: kill -9 is of Unix")
	}
	home := t.TempDir()
	file := filepath.Join(home, "endless.yaml")
	if err := os.WriteFile(file, []byte(endless), 0o644); err != nil {
		t.Fatal(err)
	}
	other := program(home, "train", file, "--name", "theirs")
	out, err := other.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = other.Process.Kill() }()
	if _, err := out.Read(make([]byte, 1)); err != nil { // the first epoch has ended
		t.Fatal(err)
	}
	go func() { // else it would wait for a reader
		for buf := make([]byte, 4096); ; {
			if _, err := out.Read(buf); err != nil {
				return
			}
		}
	}()
	pid := fmt.Sprint(other.Process.Pid)

	s := begin(t, home)
	s.sees("everything fits")
	s.press("5")
	s.sees("theirs", "RUNNING")
	s.press("d")
	s.sees("process " + pid + " is training it")
	s.press("esc", "enter")
	s.sees("[3 Train]", "watching pid "+pid+" · read-only", "● RUNNING  watching pid "+pid, "batch")
	before := s.screen()
	s.waits([]string{"another screen"}, func(screen string) bool { return screen != before && strings.Contains(screen, "val_loss") })
	for _, key := range []string{"space", "b", "n", "N", "x", "r", "R", "[", "-", "+"} {
		s.press("esc", key)
		s.sees("process " + pid + " trains theirs, which is only watched")
	}
	s.press("esc", "4")
	s.sees("[4 Inspect]", "theirs", "samples")
	s.press("3")

	if err := other.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = other.Wait() // it was killed
	s.sees("process "+pid+" is gone", "STOPPED", "the program ended before", "go on")
	s.press("esc", "space")
	s.sees("RUNNING", "pause")
	text, err := program(home, "resume", "theirs").CombinedOutput()
	if err == nil || !strings.Contains(string(text), fmt.Sprintf("being trained by process %d; stop that first", os.Getpid())) {
		t.Errorf("the other program says %v, %s", err, text)
	}
	text, err = program(home, "sessions", "rm", "theirs").CombinedOutput()
	if err == nil || !strings.Contains(string(text), fmt.Sprintf("process %d", os.Getpid())) {
		t.Errorf("the other program says %v, %s", err, text)
	}
	s.press("x")
	s.sees("stop")
	s.press("y")
	s.sees("STOPPED")
}
