package sessions

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"cnnbench/nn/kernel"
	"cnnbench/nn/train"
	"cnnbench/sessions/atomicfile"
	"cnnbench/sessions/disk"
	"cnnbench/spec"
)

// ErrFinished says that there is nothing left to do in a training.
var ErrFinished = errors.New("the training is finished")

// Resume goes on with a session where it stopped, in the background, as if it never had: the newest checkpoint that can
// be used is taken, what came after it is done again, and so are the changes that were made live.
//
// With at, the training goes on from the end of that epoch, as a new branch that knows nothing of what came after it; the
// old one stays in the journal. The error of a session with nothing left to do is ErrFinished.
func (s *Store) Resume(ctx context.Context, name string, at *int, o RunOptions) (*Run, error) {
	return s.resume(ctx, name, o, func(session *Session, p *Prepared) (*loaded, int, error) {
		return s.startingPoint(ctx, session, p, at, o)
	})
}

// ResumeMark is Resume from the place that was marked after so many steps, as a new branch.
func (s *Store) ResumeMark(ctx context.Context, name string, step int64, o RunOptions) (*Run, error) {
	return s.resume(ctx, name, o, func(session *Session, _ *Prepared) (*loaded, int, error) {
		at, ok := session.chronicle.marked(step)
		if !ok {
			return nil, 0, &spec.Error{Msg: fmt.Sprintf("session %s has no mark at step %d; %s", name, step, session.markText())}
		}
		from, err := session.read(at)
		if err != nil {
			return nil, 0, fmt.Errorf("go back to the mark at step %d: %w", step, err)
		}
		from.mark = true
		return from, session.chronicle.most + 1, nil
	})
}

// markText says where there are marks.
func (s *Session) markText() string {
	var parts []string
	for _, m := range s.Marked() {
		parts = append(parts, strconv.FormatInt(m.Step, 10))
	}
	if parts == nil {
		return "M on Train marks where a training stands"
	}
	return "there are marks at step " + strings.Join(parts, ", ")
}

// TakeUp goes on with a branch of a session that was left, where it was left, in the background: it becomes the branch
// that the session is about, and the one before is left for it. A branch that was trained to its end is finished at once.
func (s *Store) TakeUp(ctx context.Context, name string, branch int, o RunOptions) (*Run, error) {
	return s.resume(ctx, name, o, func(session *Session, _ *Prepared) (*loaded, int, error) {
		c := session.chronicle
		i := c.leftAt(branch)
		if i < 0 {
			return nil, 0, &spec.Error{Msg: fmt.Sprintf("session %s has left no branch %d; `cnnbench sessions show %s` lists those that it left", name, branch, name)}
		}
		from, passed, err := session.newestOf(c.left[i].saves)
		if err == nil {
			o.passedOver(passed)
		}
		return from, branch, err
	})
}

// passedOver warns of checkpoints that cannot be used.
func (o *RunOptions) passedOver(passed []error) {
	for _, e := range passed {
		if o.Warn != nil {
			o.Warn(fmt.Errorf("%w; an earlier one is taken", e))
		}
	}
}

// resume goes on with a session from a checkpoint and with a branch that choose names.
func (s *Store) resume(ctx context.Context, name string, o RunOptions, choose func(*Session, *Prepared) (*loaded, int, error)) (r *Run, err error) {
	if err := s.check(name); err != nil {
		return nil, err
	}
	if err := s.sweep(); err != nil && o.Warn != nil {
		o.Warn(err)
	}
	l, err := s.hold(name)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			l.Close()
		}
	}()
	session, err := s.Open(name)
	if err != nil {
		return nil, err
	}
	if err := session.canGoOn(); err != nil {
		return nil, err
	}
	p, err := session.Prepare()
	if err != nil {
		return nil, err
	}
	from, branch, err := choose(session, p)
	if err != nil {
		return nil, err
	}
	return s.goOn(ctx, session, p, from, branch, l, o)
}

// CanGoOn reports whether the training was stopped, or killed, and can be resumed.
func (s *Session) CanGoOn() bool { return s.State == train.Stopped && s.canGoOn() == nil }

// canGoOn refuses sessions that have no checkpoints.
func (s *Session) canGoOn() error {
	if s.Version == unsummed {
		return fmt.Errorf("session %s is of an earlier cnnbench, which kept weights without the optimizer's state: it can predict, be evaluated and exported, but not go on; `cnnbench train %s` trains it anew",
			s.Name, filepath.Join(s.Dir, experimentFile))
	}
	return nil
}

// startingPoint is the checkpoint to go on from, and the number of the branch that follows it.
func (s *Store) startingPoint(ctx context.Context, session *Session, p *Prepared, at *int, o RunOptions) (*loaded, int, error) {
	c := session.chronicle
	newest, passed, err := session.newest()
	if newest != nil {
		o.passedOver(passed)
	}
	if at == nil || newest != nil && newest.at.Between && !newest.at.Over && newest.at.Epoch == *at {
		if err != nil {
			return nil, 0, err
		}
		if session.State == train.Finished && newest.at.File == c.saves[len(c.saves)-1].File {
			return nil, 0, ErrFinished
		}
		return newest, c.branch, nil
	}
	switch {
	case *at < 0 || *at > session.Epochs:
		return nil, 0, &spec.Error{Msg: fmt.Sprintf("session %s has finished %d epochs; it can go on from 0 to %d", session.Name, session.Epochs, session.Epochs)}
	case *at == session.Epochs && session.State == train.Finished:
		return nil, 0, ErrFinished
	}
	from, err := s.reach(ctx, session, p, *at, o.Threads)
	return from, c.most + 1, err
}

// goOn takes the session up at a checkpoint.
func (s *Store) goOn(ctx context.Context, session *Session, p *Prepared, from *loaded, branch int, l io.Closer, o RunOptions) (*Run, error) {
	c := session.chronicle
	again := &resumeLine{File: from.at.File, SHA256: from.at.SHA256, Branch: branch, Mark: from.mark, Program: "cnnbench " + Version(), GOARCH: runtime.GOARCH, ISA: kernel.ISA(),
		Threads: o.Threads, At: time.Now().UTC()}
	if err := c.resume(again); err != nil {
		return nil, err
	}
	past, err := c.past()
	if err != nil {
		return nil, err
	}
	r, rec, err := s.prepareRun(p, o, BuildOptions{Threads: o.Threads, Bare: true}, train.Options{From: from.Checkpoint, Changes: c.pending()})
	if err != nil {
		return nil, err
	}
	if err := s.takeUp(session, r, rec, from, again); err != nil {
		r.network.Close()
		return nil, err
	}
	r.Past, rec.history = past, slices.Clone(past.Epochs) // two goroutines append to them
	r.goOn(ctx, rec, l)
	return r, nil
}

// takeUp opens the session for writing.
func (s *Store) takeUp(session *Session, r *Run, rec *recorder, from *loaded, again *resumeLine) error {
	c, d := session.chronicle, s.fs()
	r.Name, r.Dir = session.Name, session.Dir
	rec.dir, rec.branch, rec.newest, rec.step, rec.filed = session.Dir, c.branch, from.at.saveLine, from.at.Step, from.at.Step
	switch {
	case from.experiment != rec.stamp.experiment:
		return fmt.Errorf("%s is not the experiment that session %s was trained with; `cnnbench fork %s --at %d --set PATH=VALUE` takes changed settings",
			filepath.Join(session.Dir, experimentFile), session.Name, session.Name, from.at.Epoch)
	case from.data != rec.stamp.data:
		return fmt.Errorf("the data of session %s are no longer those that it was trained on (%s); `cnnbench fork %s --at %d` goes on with what is there now",
			session.Name, session.Source, session.Name, from.at.Epoch)
	}
	if err := disk.MkdirAll(d, filepath.Dir(rec.path(branchFile(c.branch, "x")))); err != nil {
		return fmt.Errorf("make the branch's folder: %w", err)
	}
	var err error
	if from.computed {
		text, err := encodeCheckpoint(nil, from.Checkpoint, rec.stamp, c.history)
		if err != nil {
			return err
		}
		again.SHA256 = sumOf(text)
		if err := atomicfile.WriteFileFS(d, session.path(from.at), text, filePerm); err != nil {
			return fmt.Errorf("cannot save the checkpoint in %s: %w", session.Dir, disk.Reason(err))
		}
	}
	if rec.journal, err = openJournal(d, filepath.Join(session.Dir, journalFile), session.journal.size); err != nil {
		return err
	}
	if err := rec.journal.append(line{Resume: again}); err != nil {
		return errors.Join(fmt.Errorf("cannot save in %s: %w", session.Dir, disk.Reason(err)), rec.journal.close())
	}
	rec.kept = kept{disk: d, folder: filepath.Join(session.Dir, checkpointFolder)}
	if b := c.best(); b != nil {
		rec.kept.best = b.Epoch
	}
	for _, at := range c.saves {
		if st, err := d.Stat(session.path(at)); err == nil {
			rec.kept.add(at, st.Size())
		}
	}
	return nil
}
