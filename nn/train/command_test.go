package train

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"cnnbench/nn"
)

// TestCommands sends commands when the training is where it is and says where it then holds. A training has 3 epochs of
// 4 steps and 2 batches of validation.
func TestCommands(t *testing.T) {
	at := func(step int64, c ...Command) map[int64][]Command { return map[int64][]Command{step: c} }
	for _, c := range []struct {
		name   string
		paused bool                // from the start
		first  []Command           // before the run
		during map[int64][]Command // in a step's OnStep
		states []State             // until it holds, or ends
		step   int64               // where it holds
		epochs int                 // finished by then
	}{
		{name: "runs through", states: []State{Running, Finished}, step: 12, epochs: 3},
		{name: "starts paused", paused: true, states: []State{Paused}},
		{name: "paused, resume", paused: true, first: []Command{Resume{}}, states: []State{Running, Finished}, step: 12, epochs: 3},
		{name: "paused, stop", paused: true, first: []Command{Stop{}}, states: []State{Stopped}},
		{name: "paused, batches", paused: true, first: []Command{RunBatches{3}}, states: []State{Running, Paused}, step: 3},
		{name: "paused, batches twice", paused: true, first: []Command{RunBatches{1}, RunBatches{2}}, states: []State{Running, Paused}, step: 3},
		{name: "paused, batches to the epoch's end", paused: true, first: []Command{RunBatches{4}}, states: []State{Running, Paused}, step: 4, epochs: 1},
		{name: "paused, batches over the epoch's end", paused: true, first: []Command{RunBatches{5}}, states: []State{Running, Paused}, step: 5, epochs: 1},
		{name: "paused, no batches", paused: true, first: []Command{RunBatches{0}, RunBatches{-1}, RunEpochs{0}}, states: []State{Paused}},
		{name: "paused, epoch", paused: true, first: []Command{RunEpochs{1}}, states: []State{Running, Paused}, step: 4, epochs: 1},
		{name: "paused, more epochs than there are", paused: true, first: []Command{RunEpochs{9}}, states: []State{Running, Finished}, step: 12, epochs: 3},
		{name: "paused, all batches", paused: true, first: []Command{RunBatches{12}}, states: []State{Running, Finished}, step: 12, epochs: 3},
		{name: "paused, batches then pause", paused: true, first: []Command{RunBatches{3}, Pause{}}, states: []State{Paused}},
		{name: "running, pause", during: at(2, Pause{}), states: []State{Running, Paused}, step: 2},
		{name: "running, pause at an epoch's last batch", during: at(4, Pause{}), states: []State{Running, Paused}, step: 4},
		{name: "running, pause and resume", during: at(2, Pause{}, Resume{}), states: []State{Running, Finished}, step: 12, epochs: 3},
		{name: "running, resume", during: at(2, Resume{}), states: []State{Running, Finished}, step: 12, epochs: 3},
		{name: "running, batches", during: at(2, RunBatches{3}), states: []State{Running, Paused}, step: 5, epochs: 1},
		{name: "running, epoch: the one it is in", during: at(2, RunEpochs{1}), states: []State{Running, Paused}, step: 4, epochs: 1},
		{name: "running, two epochs", during: at(2, RunEpochs{2}), states: []State{Running, Paused}, step: 8, epochs: 2},
		{name: "batches forget epochs", during: at(2, RunEpochs{2}, RunBatches{1}), states: []State{Running, Paused}, step: 3},
		{name: "epochs forget batches", during: at(2, RunBatches{1}, RunEpochs{1}), states: []State{Running, Paused}, step: 4, epochs: 1},
		{name: "resume forgets batches", during: at(2, RunBatches{1}, Resume{}), states: []State{Running, Finished}, step: 12, epochs: 3},
		{name: "batches asked for at the last that was left", paused: true, first: []Command{RunBatches{4}}, during: at(4, RunBatches{2}),
			states: []State{Running, Paused}, step: 6, epochs: 1},
		{name: "running, stop", during: at(6, Stop{}), states: []State{Running, Stopped}, step: 6, epochs: 1},
		{name: "stop goes before resume", during: at(6, Stop{}, Resume{}), states: []State{Running, Stopped}, step: 6, epochs: 1},
		{name: "stop at an epoch's last batch leaves the epoch open", during: at(8, Stop{}), states: []State{Running, Stopped}, step: 8, epochs: 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			r := newRig(t, 8, 4, fitOf(2, 3), func(o *Options, f *fakeNet) { o.StartPaused = c.paused })
			r.rec.onStep = func(s *Step) {
				for _, command := range c.during[s.Step] {
					if !r.Send(command) {
						t.Error("a command was not taken")
					}
				}
			}
			var states []State
			r.o.Observers = append(r.o.Observers, stateFunc(func(s State) {
				states = append(states, s)
				if s == Paused {
					cancel() // as long as nobody sends a command, a pause holds for ever
				}
			}))
			for _, command := range c.first {
				r.Send(command)
			}
			if err := r.Run(ctx); err != nil {
				t.Fatal(err)
			}
			if c.states[len(c.states)-1] == Paused {
				c.states = append(c.states, Stopped)
			}
			if !slices.Equal(states, c.states) {
				t.Errorf("states %v, want %v", states, c.states)
			}
			if p := r.Position(); p.Step != c.step || p.Epoch != c.epochs || len(r.rec.epochs) != c.epochs {
				t.Errorf("holds at %+v with %d epochs told, want step %d, epoch %d", p, len(r.rec.epochs), c.step, c.epochs)
			}
			if r.Send(Pause{}) {
				t.Error("a command was taken after the end")
			}
		})
	}
}

// stateFunc is an Observer of states.
type stateFunc func(State)

func (f stateFunc) OnState(s State, _ error) { f(s) }
func (stateFunc) OnStep(*Step)               {}
func (stateFunc) OnEpoch(*Epoch)             {}
func (stateFunc) OnMark(Mark)                {}

// TestAnyWayIsTheSame runs, steps and pauses by chance: the same events come out, but for the clock's.
func TestAnyWayIsTheSame(t *testing.T) {
	build := func() *rig {
		fit := fitOf(3, 5)
		fit.StepsPerEpoch = ptr(5)
		decodeInto(t, `[{reduce_lr_on_plateau: {patience: 1}}, {early_stopping: {patience: 3, restore_best_weights: true}}, {step_decay: {epochs_drop: 2}}]`, &fit.Callbacks)
		return newRig(t, 10, 7, fit, func(o *Options, f *fakeNet) { f.seen, f.val = [][]int{}, [][]int{} })
	}
	timeless := func(r *rig) string {
		for i := range r.rec.steps {
			r.rec.steps[i].Seconds = 0
		}
		for i := range r.rec.epochs {
			e := &r.rec.epochs[i]
			e.Seconds, e.TrainSeconds, e.Total = 0, 0, 0
		}
		return fmt.Sprintf("%v %v %v %v %v", r.rec.steps, r.rec.epochs, r.net.seen, r.net.val, r.net.weight[0].Data)
	}
	straight := build()
	straight.run(t)
	want := timeless(straight)
	draw := rand.New(rand.NewPCG(1, 2))
	for range 50 {
		r := build()
		act := func() {
			for range 1 + draw.IntN(2) {
				r.Send([]Command{Pause{}, Resume{}, RunBatches{1 + draw.IntN(4)}, RunEpochs{1}, Call{func(*nn.Network) {}}}[draw.IntN(5)])
			}
		}
		r.rec.onStep = func(*Step) {
			if draw.IntN(3) == 0 {
				act()
			}
		}
		r.o.Observers = append(r.o.Observers, stateFunc(func(s State) {
			if s == Paused { // never leave it hanging
				act()
				r.Send([]Command{Resume{}, RunBatches{1}, RunEpochs{1}}[draw.IntN(3)])
			}
		}))
		r.run(t)
		if got := timeless(r); got != want {
			t.Fatalf("got\n%s\nwant\n%s", got, want)
		}
	}
}

// TestPausesCostNoTime: the clock stands still.
func TestPausesCostNoTime(t *testing.T) {
	r := newRig(t, 8, 0, fitOf(2, 1), nil)
	r.o.Observers = append(r.o.Observers, stateFunc(func(s State) {
		if s == Paused {
			r.now = r.now.Add(3600e9)
			r.Send(Resume{})
		}
	}))
	r.rec.onStep = func(s *Step) {
		if s.Step == 2 {
			r.Send(Pause{})
		}
	}
	r.run(t)
	e := r.rec.epochs[0]
	if e.Seconds > 1 || e.Total > 1 || e.TrainSeconds > e.Seconds || e.TrainSeconds <= 0 {
		t.Errorf("the epoch took %v s, %v s of training, of %v s", e.Seconds, e.TrainSeconds, e.Total)
	}
	for i := 1; i < len(r.rec.steps); i++ {
		if r.rec.steps[i].Seconds <= r.rec.steps[i-1].Seconds {
			t.Error("the clock runs backwards")
		}
	}
}

func TestContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	r := newRig(t, 8, 4, fitOf(2, 3), nil)
	r.rec.onStep = func(s *Step) {
		if s.Step == 5 {
			cancel()
		}
	}
	if err := r.Run(ctx); err != nil {
		t.Fatal(err)
	}
	if r.Position().Step != 5 || !slices.Equal(r.rec.states, []State{Running, Stopped}) {
		t.Errorf("step %d, %v", r.Position().Step, r.rec.states)
	}
}

// TestSendersDoNotWait commands a training from many goroutines while it runs; the race detector looks on.
func TestSendersDoNotWait(t *testing.T) {
	feed := &Feed{}
	r := newRig(t, 64, 8, fitOf(2, 50), func(o *Options, _ *fakeNet) { o.Observers = append(o.Observers, feed) })
	calls := make(chan int, 1000)
	done := make(chan error)
	go func() { done <- r.Run(context.Background()) }()
	taken := make(chan int)
	for g := range 4 {
		go func() {
			sent := 0
			for i := range 100 {
				r.Send(SetLearningRate{0.001 * float64(g+1)})
				r.Send(Pause{})
				if r.Send(Call{func(*nn.Network) { calls <- i }}) {
					sent++
				}
				r.Send(Resume{})
				feed.Drain()
			}
			taken <- sent
		}()
	}
	sent := 0
	for range 4 {
		sent += <-taken
	}
	r.Send(Resume{})
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if len(calls) != sent {
		t.Errorf("%d calls were taken, %d were done", sent, len(calls))
	}
}

func TestCallsAreAnsweredAtTheEnd(t *testing.T) {
	r := newRig(t, 4, 0, fitOf(4, 1), nil)
	called := false
	r.rec.onStep = func(*Step) { r.Send(Call{func(*nn.Network) { called = true }}) }
	r.run(t)
	if !called {
		t.Error("the call during the last step was not answered")
	}
}
