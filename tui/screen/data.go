package screen

import (
	"errors"
	"fmt"
	"time"

	tea "charm.land/bubbletea/v2"

	"cnnbench/dataset"
	"cnnbench/nn"
	"cnnbench/sessions"
	"cnnbench/spec"
)

// Data is what is known of the draft's data and of whether the draft can be trained. It is worked out in the
// background, so it may lag behind the draft.
type Data struct {
	Busy     bool // being worked out
	Starting bool // a training is about to start
	// Err says why the draft cannot be trained: the data, a layer, a head that does not fit. Nil: it can, as far as known.
	Err error
	// Source is what is known of the data even where the network does not fit it.
	Source Source

	version  int // of the draft that Err and prepared are about
	prepared *sessions.Prepared
}

// Source is the data that a draft names.
type Source struct {
	Data *dataset.Data
	In   nn.Shape // of a sample; nil: not known yet, or the data cannot be read
	Err  error    // why it cannot be read
}

// Current is the prepared draft as it stands, or nil while that is being worked out or impossible.
func (d *Data) Current(draft *Draft) *sessions.Prepared {
	if d.version == draft.Version && d.Err == nil {
		return d.prepared
	}
	return nil
}

// Known says that Err is about the draft as it stands.
func (d *Data) Known(draft *Draft) bool { return d.version == draft.Version }

// typingPause is how long nothing must change before the data is looked at again.
const typingPause = 150 * time.Millisecond

// prepare asks for the draft to be prepared once no more changes follow.
type prepare struct{ version int }

func (a *App) prepare() tea.Cmd {
	a.Data.Busy = true
	version := a.Draft.Version
	return a.Tick(typingPause, func(time.Time) tea.Msg { return prepare{version} })
}

func (a *App) prepareNow(m prepare) tea.Cmd {
	if m.version != a.Draft.Version {
		return nil
	}
	store, e, dir, version := a.Store, a.Draft.Experiment(), a.Draft.Dir, m.version
	return func() tea.Msg {
		p, err := store.Prepare(e, dir)
		if err == nil {
			return prepared{version, p, Source{Data: p.Data, In: p.In}, nil}
		}
		// The network does not fit, or there is no data. The screens want to know which, and the shape of a sample.
		d, dataErr := dataset.Load(e.Data, dataset.Options{Seed: e.Seed, Dir: dir, Downloads: store.Downloads()})
		if dataErr != nil {
			return prepared{version, nil, Source{Err: dataErr}, err}
		}
		return prepared{version, nil, Source{Data: d, In: nn.Shape(d.Shape)}, err}
	}
}

func (a *App) prepared(m prepared) tea.Cmd {
	if m.version != a.Draft.Version {
		return nil
	}
	a.Data.Busy, a.Data.version = false, m.version
	a.Data.prepared, a.Data.Source, a.Data.Err = m.result, m.data, m.err
	if a.asked && a.WhyNotSurgery() == "" {
		return tea.Batch(send(Ready{}), a.AskSurgery())
	}
	return send(Ready{})
}

// LayerAt finds which layer an error is about; ok is false where it is about none.
func LayerAt(err error) (index int, ok bool) {
	var le *nn.LayerError
	if errors.As(err, &le) {
		return le.Index, true
	}
	var se *spec.Error
	if errors.As(err, &se) {
		_, scanErr := fmt.Sscanf(se.Path, "model.layers[%d]", &index)
		return index, scanErr == nil
	}
	return 0, false
}
