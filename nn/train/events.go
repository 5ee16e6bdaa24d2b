package train

// State is what a training is doing.
type State int

// The states of a training.
const (
	Idle State = iota
	Running
	Paused
	Finished // all epochs are done, or a callback ended it
	Stopped  // by a command, or by the context
	Failed   // an error or a panic; see Event.Err
)

func (s State) String() string {
	return [...]string{"IDLE", "RUNNING", "PAUSED", "FINISHED", "STOPPED", "FAILED"}[s]
}

// Value is a named figure, in Keras's words: loss, accuracy, val_loss.
type Value struct {
	Name  string
	Value float64
}

// Step is what one training step gave.
type Step struct {
	Step         int64   // steps done since the training began; the first is 1
	Epoch        int     // the epoch it belongs to, from 1
	Batch        int     // steps done in this epoch
	Batches      int     // steps of an epoch
	Samples      int     // in this batch
	Loss         float64 // of this batch, penalties included
	Means        []Value // running means of the epoch so far: loss and metrics
	LearningRate float64 // used by this step
	Seconds      float64 // of training since it began, pauses left out
}

// Epoch is what a finished epoch gave.
type Epoch struct {
	Epoch        int      // finished epochs; the first is 1
	Step         int64    // steps done since the training began
	Steps        int      // an epoch has; Samples tells where a callback ended it before
	Samples      int      // trained in this epoch
	Seconds      float64  // this epoch took, validation included, pauses left out
	TrainSeconds float64  // its training part
	Total        float64  // seconds of training since it began
	Logs         []Value  // loss, metrics, val_loss, val_metrics, sorted by name as Keras prints them
	LearningRate float64  // at the epoch's start, in float32 as Keras has it
	ShowRate     bool     // a callback, or a command, moves the rate: the log line ends with it
	Best         bool     // the best monitored value so far; see Fit.Monitor
	Notes        []string // callbacks' own lines, as Keras prints them before the epoch's
	EndNotes     []string // and those after it, at the end of training
}

// Log finds a value of the epoch by its name.
func (e *Epoch) Log(name string) (float64, bool) {
	for _, v := range e.Logs {
		if v.Name == name {
			return v.Value, true
		}
	}
	return 0, false
}

// Mark is something that happened at a step and belongs on the charts.
type Mark struct {
	Step    int64
	Epoch   float64 // fractional, finished epochs
	Seconds float64
	Text    string  // "learning rate 0.0005" (set live), "diverged at step 12", "weights of epoch 3 restored"
	Change  *Change // that a command made; nil: none
	Keep    bool    // a person wants to come back to this place
}

// Observer is told what happens, in the trainer's goroutine and between its steps: it must be quick, and keep no
// reference to what it is handed.
type Observer interface {
	OnState(s State, err error)
	OnStep(s *Step)
	OnEpoch(e *Epoch)
	OnMark(m Mark)
}
