package data

import (
	"fmt"
	"slices"

	tea "charm.land/bubbletea/v2"

	"cnnbench/dataset"
	"cnnbench/dataset/augment"
	"cnnbench/sessions"
	"cnnbench/tui/figure"
	"cnnbench/tui/form"
)

// edit opens the form of the data section.
func (s *Screen) edit() tea.Cmd {
	c := s.app.Draft.Experiment().Data
	return s.app.Push(form.New(s.app.Theme, form.Settings{Title: "Data", Doc: "What is learnt from. Split, size and augmentation of pictures have forms of their own: s, i and a.",
		Value: &c, Skip: []string{"split", "image", "augment"}, Focus: "limit",
		Check: func(v any) (string, error) { return s.preview(*v.(*dataset.Config)) },
		Done: func(v any) tea.Cmd {
			return s.app.Edit("edit data", func(e *sessions.Experiment) { e.Data = *v.(*dataset.Config) })
		}}))
}

func (s *Screen) editImage() tea.Cmd {
	c := s.app.Draft.Experiment().Data
	return s.app.Push(form.New(s.app.Theme, form.Settings{Title: "Image", Doc: "What pictures become on their way to the network.",
		Value: &c.Image,
		Check: func(v any) (string, error) {
			changed := c
			changed.Image = *v.(*dataset.ImageConfig)
			return s.preview(changed)
		},
		Done: func(v any) tea.Cmd {
			return s.app.Edit("edit image", func(e *sessions.Experiment) { e.Data.Image = *v.(*dataset.ImageConfig) })
		}}))
}

func (s *Screen) editAugment() tea.Cmd {
	c := s.app.Draft.Experiment().Data
	return s.app.Push(form.New(s.app.Theme, form.Settings{Title: "Augment", Doc: "How the training pictures are deformed at random, anew in every epoch. > and A show them.",
		Value: &c.Augment,
		Check: func(v any) (string, error) {
			changed := c
			changed.Augment = *v.(*augment.Settings)
			return s.preview(changed)
		},
		Done: func(v any) tea.Cmd {
			return s.app.Edit("edit augment", func(e *sessions.Experiment) { e.Data.Augment = *v.(*augment.Settings) })
		}}))
}

// previewed is as many samples as are divided anew while a person types.
const previewed = 100000

// preview says what a data section comes to, or why it is impossible, as far as the source that is in memory tells
// without reading it all.
func (s *Screen) preview(c dataset.Config) (string, error) {
	if err := c.Validate(); err != nil {
		return "", err
	}
	if err := c.Split.Validate(); err != nil {
		return "", err
	}
	if err := c.Augment.Validate(); err != nil {
		return "", err
	}
	now := s.app.Draft.Experiment()
	if s.data == nil || s.err != nil || c.Source != now.Data.Source || s.data.Source.Train.Samples.Len() > previewed {
		return "", nil
	}
	c.Standardize = dataset.Standardize{} // means of all samples are not wanted here
	d, err := dataset.Divide(s.data.Source, c, dataset.Options{Seed: now.Seed, Dir: s.app.Draft.Dir})
	if err != nil {
		return "", err
	}
	text := figure.Shape(d.Shape)
	for _, p := range parts {
		if part := d.Part(p.name); part != nil {
			text += fmt.Sprintf(", %s %s", p.word, figure.Thousands(part.Len()))
		}
	}
	return text, nil
}

// editSource chooses another source.
func (s *Screen) editSource() tea.Cmd {
	names := append(dataset.Names(), dataset.Downloaded(s.app.Store.Downloads())...)
	now := s.app.Draft.Experiment().Data.Source
	var items []form.Item
	at := len(names)
	for i, n := range names {
		items = append(items, form.Item{Title: n.Name, Doc: n.Doc})
		if n.Name == now {
			at = i
		}
	}
	items = append(items, form.Item{Title: wordFile + " …", Doc: wordFileDoc})
	return s.app.Push(form.NewList(s.app.Theme, "Source", items, at, func(i int) tea.Cmd {
		if i < len(names) {
			return s.setSource(names[i].Name)
		}
		start := ""
		if at == len(names) {
			start = now
		}
		return s.app.Push(form.NewFiles(s.app.Theme, form.Paths{Title: "Source", Doc: wordFileDoc, Path: start, Folders: true, Done: s.setSource}))
	}))
}

// setSource takes another source, with the settings that suit it: those of the old one may not fit. The split is kept
// where it does. It opens the source to see, in the background.
func (s *Screen) setSource(name string) tea.Cmd {
	before := s.app.Draft.Experiment()
	if name == before.Data.Source {
		return nil
	}
	s.sourceGen++
	gen, store := s.sourceGen, s.app.Store
	return func() tea.Msg {
		made, err := store.FromSource(name)
		if err != nil {
			return taken{gen: gen, name: name, err: err}
		}
		kept := made.Data
		kept.Split = before.Data.Split
		if _, err := dataset.Load(kept, dataset.Options{Seed: before.Seed, Downloads: store.Downloads()}); err != nil {
			kept.Split = made.Data.Split
		}
		return taken{gen: gen, name: name, data: kept}
	}
}

// taken is what a source is read with.
type taken struct {
	gen  int
	name string
	data dataset.Config
	err  error
}

// take puts another source's settings into the experiment. A source that cannot be read is taken by its name, so that
// what is wrong with it stands where it is set right.
func (s *Screen) take(m taken) tea.Cmd {
	if m.gen != s.sourceGen {
		return nil
	}
	return s.app.Edit("take "+m.name, func(e *sessions.Experiment) {
		if m.err != nil {
			e.Data.Source, e.Data.Classes = m.name, nil
			return
		}
		e.Data = m.data
	})
}

// toggleRow takes the class with the cursor into the experiment, or leaves it out. All classes, in the source's order,
// are written as none.
func (s *Screen) toggleRow() tea.Cmd {
	name, source := s.rowName(), s.data.Source.Classes
	classes := slices.Clone(s.data.Classes)
	what := "take in " + name
	if i := s.rowClass(); i >= 0 {
		what = "leave out " + name
		classes = slices.Delete(classes, i, i+1)
	} else {
		at := 0 // before the first one that comes after it in the source
		for at < len(classes) && slices.Index(source, classes[at]) < s.classAt-1 {
			at++
		}
		classes = slices.Insert(classes, at, name)
	}
	if slices.Equal(classes, source) {
		classes = nil
	}
	return s.app.Edit(what, func(e *sessions.Experiment) { e.Data.Classes = classes })
}
