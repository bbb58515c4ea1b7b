package client

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/kpm-sh/kpm/client/repos"
	"github.com/kpm-sh/kpm/internal/hook"
	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/render"
)

// HookRun is what a hook needs of the process that runs it.
type HookRun struct {
	Self  string   // path of the program
	In    *os.File // a terminal; nil: nobody answers
	Out   io.Writer
	Width int
	Allow index.Digest // may run unconfined

	// Strict ends the hook where it reaches for what it may not; of Linux alone.
	Strict bool
}

// Hook is the hook of a Kube that has to run before the Kube is prepared.
type Hook struct {
	Question *Question     // that has to be answered first; nil: the user agreed before
	Consent  repos.Consent // what who answers it agrees to

	from   *Fetched
	hook   hooked
	values []byte
}

// Hook gives the hook that has to run before the Kube is prepared; nil when it has
// none, or when what it wrote before still counts: with the files and the values of
// then. A rollback runs none: what it wrote for that revision is in the record.
func (f *Fetched) Hook() (*Hook, error) {
	h, values, err := f.hooked()
	if err != nil || values == nil {
		return nil, err
	}
	q, consent, err := f.asking(h.digest)
	return &Hook{Question: q, Consent: consent, from: f, hook: h, values: values}, err
}

// Prepare prepares the Kube with what its hook wrote before, where that counts. A hook
// that has to run is not run: what it would give is missing.
func (f *Fetched) Prepare() (*Prepared, error) {
	if f.past != nil {
		return f.prepareRecorded()
	}
	h, _, err := f.hooked()
	return &Prepared{from: f, hook: h}, err
}

// hooked is the hook with what it wrote before. It has to run when there are values for
// it.
func (f *Fetched) hooked() (h hooked, values []byte, err error) {
	if f.past != nil {
		return hooked{}, nil, nil
	}
	if _, ok := f.opened.Kube.Hook(); !ok {
		return hooked{}, nil, nil
	}
	if values, err = f.hookValues(); err != nil {
		return hooked{}, nil, err
	}
	h = hooked{digest: hook.DigestOf(f.opened.Kube), values: index.DigestOf(values)}
	if len(f.handed) > 0 {
		h.handed = true
		h, err = h.with(f.handed)
		return h, nil, err
	}
	if f.unusable != nil {
		return h, nil, f.unusable
	}
	if r := f.earlier; r != nil && r.HookDigest == string(h.digest) && r.HookValues == string(h.values) {
		h.recorded = len(r.HookFiles) > 0
		h, err = h.with(filesOf(r.HookFiles))
		return h, nil, err
	}
	return h, values, nil
}

// prepareRecorded prepares a revision to go back to with what its hook wrote, as that
// is recorded.
func (f *Fetched) prepareRecorded() (*Prepared, error) {
	r := f.past.record
	h := hooked{digest: index.Digest(r.HookDigest), values: index.Digest(r.HookValues), recorded: len(r.HookFiles) > 0}
	h, err := h.with(filesOf(r.HookFiles))
	p := &Prepared{from: f, past: f.past, hook: h}
	if f.past.fromRecord() {
		return p, nil
	}
	_, ok := f.opened.Kube.Hook()
	switch {
	case err != nil || ok != (r.HookDigest != "") || ok && hook.DigestOf(f.opened.Kube) != h.digest:
		p.past = f.past.but("what is recorded of its hook does not fit")
	case ok:
		f.client.note(fmt.Sprintf("The hook of %s is not run; what it wrote for revision %d is used", f.ID.Name, f.past.number))
	}
	return p, nil
}

// CanRun is an error where the hook could not even begin, or where what it would give
// is going to be refused whatever that is. That is found out before anybody is asked to
// agree to it.
func (h *Hook) CanRun(ctx context.Context) error {
	if err := h.from.refusedEarly(ctx); err != nil {
		return err
	}
	if err := hook.HasPython(hook.Python()); err != nil {
		return fmt.Errorf("running the hook of %s: %w", h.from.ID.Name, err)
	}
	return nil
}

// Run runs the hook, confined to a copy of the Kube, and prepares the Kube with what it
// gives.
func (h *Hook) Run(ctx context.Context, r HookRun) (*Prepared, error) {
	f := h.from
	if err := f.client.Home.Make(f.client.Home.Hooks()); err != nil {
		return nil, err
	}
	call := hook.Call{
		Kube: f.opened.Kube, Action: f.action, Namespace: f.ID.Namespace, Values: h.values, Python: hook.Python(),
		Self: r.Self, Dir: f.client.Home.Hooks(), In: r.In, Out: r.Out, Width: r.Width, Allow: r.Allow, Strict: r.Strict,
	}
	if f.earlier != nil {
		call.Previous = filesOf(f.earlier.HookFiles)
	}
	f.client.note(fmt.Sprintf("Running the hook of %s", f.ID.Name))
	result, err := hook.Run(ctx, call)
	if err != nil {
		return nil, err
	}
	f.client.note(fmt.Sprintf("The hook was %s", result.Level))
	done, err := h.hook.with(result.Files)
	return &Prepared{from: f, hook: done}, err
}

// hookValues are all values but the hook's, as JSON.
func (f *Fetched) hookValues() ([]byte, error) {
	defaults, err := render.Defaults(f.opened.Kube)
	if err != nil {
		return nil, err
	}
	own, err := layersFor(f.opened.Kube, f.values.all)
	if err != nil {
		return nil, err
	}
	return render.JSON(render.Merge(append([]render.Layer{defaults}, own...)...))
}
