package client

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"reflect"

	"github.com/kpm-sh/kpm/client/workcopy"
	"github.com/kpm-sh/kpm/internal/atomicfile"
	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/history"
	"github.com/kpm-sh/kpm/internal/cluster/plan"
	"github.com/kpm-sh/kpm/internal/hook"
	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/manifest"
	"github.com/kpm-sh/kpm/internal/render"
)

// Fetched is a Kube that is here, verified where somebody vouches for it, with the
// user's values for it, and before its hook. It is made by [Source.Fetch],
// and by [Client.Preview] and [Client.Test] of what is opened already; the next link of the chain is a [Prepared].
type Fetched struct {
	ID api.Installation

	client   *Client
	action   hook.Action
	opened   *Opened // nil: the record of past is all there is
	past     *pastRevision
	values   layers
	earlier  *history.Record // of which the hook files count; nil: there are none
	unusable error           // why they do not, although there are some
	handed   []kube.File     // what the user gives in the place of the hook

	asked func(context.Context, []manifest.Object) error // what the cluster refuses whatever values are; of a preview nothing
}

// Fetch fetches and verifies the Kube, unless it was read from somewhere else. It is
// put where its user can read it, too; nothing is read from there again. Then it is
// known what kinds of values the user's words stand for, and whether what its hook
// wrote before still counts.
func (s *Source) Fetch(ctx context.Context) (*Fetched, error) {
	f := &Fetched{ID: s.ID, client: s.client, action: s.action, opened: s.local, past: s.past, values: s.values, asked: s.refusedEarly}
	if s.release != nil {
		s.client.note("Downloading " + index.ArchiveBase(s.release.Name, s.release.Version))
		var err error
		f.opened, err = openRelease(ctx, *s.release)
		if err != nil && s.past == nil {
			return nil, err
		}
		if err != nil {
			why, err := unverified(ctx, err)
			f.past = s.past.but(why)
			return f, err
		}
		if !s.options.DryRun {
			if err := cache(ctx, s.client, f.opened); err != nil {
				return nil, err
			}
		}
	}
	if f.opened == nil {
		return f, nil
	}
	var err error
	if f.values.all, err = resolve(f.opened.Kube, f.values.all); err != nil {
		return nil, err
	}
	if f.values.given, err = resolve(f.opened.Kube, f.values.given); err != nil {
		return nil, err
	}
	if s.past != nil {
		return f, nil
	}
	if s.options.HookFiles != "" {
		f.handed, err = handedOver(f.opened.Kube, s.options.HookFiles)
		return f, err
	}
	f.earlier, f.unusable, err = f.usableHookFiles(ctx, &s.target)
	return f, err
}

// handedOver reads what the user gives in the place of a Kube's hook.
func handedOver(k *kube.Kube, dir string) ([]kube.File, error) {
	if _, ok := k.Hook(); !ok {
		return nil, fmt.Errorf("reading %s: %s has no hook that would write this", dir, k.Name)
	}
	files, err := hook.Read(dir, k)
	switch {
	case err != nil:
		return nil, fmt.Errorf("reading %s in the place of the hook of %s: %w", dir, k.Name, err)
	case len(files) == 0:
		return nil, fmt.Errorf("reading %s in the place of the hook of %s: it has no file that the Kube has not: hook-values.yaml holds values", dir, k.Name)
	}
	return files, nil
}

// refusedEarly is why the Kube cannot be applied, whatever its hook gives.
func (f *Fetched) refusedEarly(ctx context.Context) error {
	defaults, err := render.Defaults(f.opened.Kube)
	if err != nil {
		return err
	}
	if err := render.ValidateSet(f.opened.Kube, append([]render.Layer{defaults}, f.values.all...)...).Err(); err != nil {
		return err
	}
	objects, err := withLayers(ctx, f.opened.Kube, f.values.all)
	if err != nil {
		objects = nil // it does not render without what the hook gives
	}
	return f.asked(ctx, objects)
}

func (s *Source) refusedEarly(ctx context.Context, objects []manifest.Object) error {
	if len(s.expected) > 0 {
		objects = nil // what comes before may bring their kinds
	}
	r := plan.Request{Installation: s.ID, CreateNamespace: s.options.CreateNamespace, Hide: texts(s.values.all)}
	err := r.RefusedEarly(ctx, s.cluster, objects)
	if err != nil || s.options.DryRun {
		return err
	}
	return history.NewStore(s.cluster).MayRecord(ctx, s.ID)
}

// cache puts a Kube where its user can read it.
func cache(ctx context.Context, c *Client, t *Opened) error {
	h := c.Home
	unlock, err := h.Lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	tmp, err := atomicfile.TempDir(h.Dir)
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp) //nolint:errcheck // it is gone when all went well
	if err := workcopy.Unpack(t.Kube, tmp); err != nil {
		return err
	}
	dir := filepath.Join(h.Dir, t.Kube.Folder())
	if err := atomicfile.ReplaceDir(tmp, dir); err != nil {
		return err
	}
	c.note(fmt.Sprintf("Cached files into %s%c", dir, os.PathSeparator))
	return nil
}

// usableHookFiles finds out whether what the hook wrote before still counts: when the
// record that has it is confirmed, or, after an install that failed, when every
// object that it shaped is there as that attempt made it. When none of these was
// made at all, it is as if the hook had not run, and the record is nil. Otherwise why
// says why not: credentials are not made anew beside what an older one opens.
func (f *Fetched) usableHookFiles(ctx context.Context, t *target) (r *history.Record, why, err error) {
	r = t.last
	if _, hooks := f.opened.Kube.Hook(); !hooks || r == nil || t.options.RunHook {
		return nil, nil, nil
	}
	if t.accepts() {
		return r, nil, nil
	}
	inputs := []string{r.Inputs()}
	if r == t.state.Current {
		for _, tried := range t.state.Tried {
			inputs = append(inputs, tried.Inputs()) // an upgrade that stopped half-way
		}
	}
	proof, err := plan.Prove(ctx, t.cluster, t.ID, r.Inventory, inputs...)
	switch {
	case err != nil || proof.Confirmed():
		return r, nil, err
	case r != t.state.Current:
		return f.usableAfterFailure(ctx, t)
	case !proof.ConfirmedWeakly():
		return r, &unconfirmedError{Installation: t.ID, Hook: true}, nil
	}
	return r, nil, nil
}

// usableAfterFailure is usableHookFiles for an install that failed.
func (f *Fetched) usableAfterFailure(ctx context.Context, t *target) (r *history.Record, why, err error) {
	shaped, err := f.shapedBy(ctx, t.last)
	if err != nil {
		return nil, nil, err
	}
	request := requestFor(t.cluster, t.ID, t.state)
	request.CreateNamespace = t.options.CreateNamespace
	there, differs, err := plan.AsMade(ctx, t.cluster, shaped, request, t.last.Inventory)
	switch {
	case err != nil || there == 0:
		return nil, nil, err
	case len(differs) > 0:
		return t.last, &unconfirmedError{Installation: t.ID, Hook: true, Differs: differs}, nil
	}
	return t.last, nil, nil
}

// shapedBy are the objects that would not be the same without what a record has of the
// hook.
func (f *Fetched) shapedBy(ctx context.Context, r *history.Record) ([]manifest.Object, error) {
	h, err := hooked{}.with(filesOf(r.HookFiles))
	if err != nil {
		return nil, err
	}
	with, err := f.quietly(ctx, h, f.values.all)
	if err != nil {
		return nil, err
	}
	without, err := f.quietly(ctx, hooked{}, f.values.all)
	if err != nil && ctx.Err() != nil {
		return nil, ctx.Err()
	}
	return differing(with, without), nil
}

// quietly gives the objects of the Kube with certain values, and tells nobody of what
// it finds.
func (f *Fetched) quietly(ctx context.Context, h hooked, values []render.Layer) ([]manifest.Object, error) {
	quiet := *f.client
	quiet.Notice = nil
	t := *f.opened
	t.Kube = h.over(t.Kube)
	rendered, err := renderWith(ctx, &quiet, &t, h.under(values))
	if err != nil {
		return nil, err
	}
	return rendered.Objects()
}

// differing are those of objects that others has not, or not so.
func differing(objects, others []manifest.Object) []manifest.Object {
	type id struct{ apiVersion, kind, namespace, name string }
	key := func(o manifest.Object) id { return id{o.APIVersion, o.Kind, o.Namespace, o.Name} }
	same := map[id]any{}
	for _, o := range others {
		same[key(o)] = o.Value
	}
	var found []manifest.Object
	for _, o := range objects {
		if other, ok := same[key(o)]; !ok || !reflect.DeepEqual(other, any(o.Value)) {
			found = append(found, o)
		}
	}
	return found
}
