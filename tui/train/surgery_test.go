package train

import (
	"strings"
	"testing"

	"cnnbench/nn"
	"cnnbench/nn/train"
	"cnnbench/sessions"
	"cnnbench/tui/keys"
)

// A stopped run that was opened goes on in the edited network, as a new run; the words say why it cannot.
func TestSurgeryOnAStoredRun(t *testing.T) {
	r := newReal(t)
	says := func(want string) {
		t.Helper()
		if why := keys.Named(r.tab.keys, "surgery").Why(); !strings.Contains(why, want) {
			t.Errorf("it says %q, not %q", why, want)
		}
	}
	says(textNoSubject)
	r.do(r.app.Start(train.RunEpochs{N: 2}))
	r.paused(2)
	says("edit it first")
	name := r.app.Live.Run.Name
	r.press("x", "y")
	r.wait("the end", func() bool { return !r.app.Running() })
	r.do(r.app.Open(name))
	says("edit it first")
	r.do(r.app.Edit("add dense", func(e *sessions.Experiment) {
		first, err := nn.Layers.New("dense")
		if err != nil {
			t.Fatal(err)
		}
		first.(*nn.Dense).Units = 1
		e.Model.Layers = append(e.Model.Layers, first.(nn.Layer))
		e.Fit.Epochs = 2
	}))
	r.press("S")
	if n := len(r.app.Dialogs); n != 0 || !strings.Contains(r.app.Toasts[len(r.app.Toasts)-1].Text, "nothing is left to train") {
		t.Errorf("%d dialogs, toasts %+v", n, r.app.Toasts)
	}
	r.do(r.app.Edit("epochs", func(e *sessions.Experiment) { e.Fit.Epochs = 3 }))
	r.press("S")
	if len(r.app.Dialogs) != 1 {
		t.Fatalf("%d dialogs", len(r.app.Dialogs))
	}
	text := r.app.Dialogs[0].View(80, 20)
	for _, want := range []string{"dense: kept", "dense_1: identity", "optimizer"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
	if strings.Contains(text, "without the edits") {
		t.Errorf("a run that has ended cannot go on as it was:\n%s", text)
	}
	r.press("y")
	r.wait("the new run's end", func() bool { return r.app.Live.Run.Name != name && !r.app.Running() })
	if n := len(r.app.Live.Epochs); n != 3 || r.app.Live.State != train.Finished {
		t.Errorf("%d epochs, %v", n, r.app.Live.State)
	}
}
