package client

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/kpm-sh/kpm/internal/cluster"
	"github.com/kpm-sh/kpm/internal/manifest"
	"github.com/kpm-sh/kpm/internal/render"
)

// UnconfirmedError says that nothing in the cluster confirms what a record says,
// which is asked for. Whoever may write Secrets in the namespace may have written it.
type UnconfirmedError struct {
	Installation cluster.Installation
	Hook         bool     // it is about what the hook wrote: that can be made anew
	Differs      []string // what confirms nothing, a line each; none: there is nothing at all
}

func (e *UnconfirmedError) Error() string {
	what := "its version and values"
	if e.Hook {
		what = "what its hook wrote"
	}
	text := fmt.Sprintf("nothing in the cluster confirms what the record of %s says: %s may be of whoever writes Secrets there", e.Installation, what)
	if len(e.Differs) > 0 {
		text += "; " + strings.Join(e.Differs, "; ")
	}
	return text
}

// accepts reports whether the user agrees to what the record of the installation
// says, confirmed or not.
func (in *Installing) accepts() bool {
	return slices.Contains(in.how.AcceptRecorded, in.ID.Namespace+"/"+in.ID.Name)
}

// witnessed refuses to go by the version and values of what is installed when
// nothing of it is there.
func (in *Installing) witnessed(ctx context.Context) error {
	if in.state.Current == nil || in.accepts() {
		return nil
	}
	alone, err := in.cluster.Unwitnessed(ctx, in.ID, in.state.Inventory)
	if err != nil || !alone {
		return err
	}
	proof, err := in.cluster.Prove(ctx, in.ID, in.state.Inventory)
	if err != nil {
		return err
	}
	return &UnconfirmedError{Installation: in.ID, Differs: restored(proof.Others)}
}

// restored names what carries the labels of an installation, and is something else
// than its record says.
func restored(refs []cluster.Ref) []string {
	var all []string
	for _, ref := range refs {
		all = append(all, fmt.Sprintf("%s carries its labels, and is another object than the recorded one, as after a restore", ref))
	}
	return all
}

// salt is that of the records of the installation: what it had, or a new one.
func (in *Installing) salt() []byte {
	if in.salted == nil {
		switch {
		case in.state.Current.Salted():
			in.salted = in.state.Current.Salt
		case in.before.Salted():
			in.salted = in.before.Salt
		default:
			in.salted = cluster.NewSalt()
		}
	}
	return in.salted
}

// rests says what of the plan rests on a record, and by what that is confirmed. It is
// nil when there is none.
func (in *Installing) rests(ctx context.Context) (*cluster.Recorded, error) {
	from := in.state.Current
	switch {
	case in.back != nil:
		from = in.back.record
	case from == nil && in.hook.kept:
		from = in.before
	}
	if from == nil {
		return nil, nil
	}
	r := &cluster.Recorded{
		Values: []string{from.Inputs(), in.next.Inputs()}, Alone: in.back.unverified(), Accepted: in.accepts() || in.trusted,
		Used: in.back.unverified() || in.hook.kept || in.recalls && overrides(in.recallable()),
	}
	if r.Alone {
		r.Values = nil // they confirm values, and no manifests
	}
	if in.back != nil {
		r.Values = append(r.Values, in.state.Vouching(in.back.number, in.back.record)...)
	}
	if !r.Used || r.Alone {
		return r, nil
	}
	var err error
	if r.Plain, err = in.plain(ctx); err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		r.Alone = true // it does not render without them
	}
	return r, nil
}

// recallable are the values of the record that the plan is made from.
func (in *Installing) recallable() []render.Layer {
	if in.back != nil {
		return in.own
	}
	return in.had
}

// plain are the objects as they would be without what is recorded: with the values
// of this run alone, and with what the hook wrote only if it ran now.
func (in *Installing) plain(ctx context.Context) ([]manifest.Object, error) {
	quiet := *in.client
	quiet.Notice = nil
	t, layers := *in.taken, in.given
	if !in.hook.kept {
		t.Kube, layers = in.hook.over(t.Kube), in.hook.under(in.given)
	}
	rendered, err := quiet.render(ctx, &t, layers)
	if err != nil {
		return nil, err
	}
	return rendered.Objects()
}

// judgeKept finds out whether what the hook wrote before still counts: when the
// record that has it is confirmed, or, after an install that failed, when every
// object that it shaped is there as that attempt made it. When none of these was
// made at all, it is as if the hook had not run. Otherwise in.unkept says why not:
// credentials are not made anew beside what an older one opens.
func (in *Installing) judgeKept(ctx context.Context) error {
	if in.back != nil {
		return nil
	}
	r := in.before
	if _, hooks := in.taken.Kube.Hook(); !hooks || r == nil || in.how.Anew {
		in.kept = nil
		return nil
	}
	if in.accepts() {
		return nil
	}
	values := []string{r.Inputs()}
	if r == in.state.Current {
		for _, tried := range in.state.Tried {
			values = append(values, tried.Inputs()) // an upgrade that stopped half-way
		}
	}
	proof, err := in.cluster.Prove(ctx, in.ID, r.Inventory, values...)
	switch {
	case err != nil || proof.Confirmed():
		return err
	case r != in.state.Current:
		return in.judgeShaped(ctx, r)
	case !proof.ConfirmedWeakly():
		in.unkept = &UnconfirmedError{Installation: in.ID, Hook: true}
	}
	return nil
}

// judgeShaped is judgeKept for an install that failed.
func (in *Installing) judgeShaped(ctx context.Context, r *cluster.Record) error {
	shaped, err := in.shaped(ctx, r)
	if err != nil {
		return err
	}
	there, differs, err := in.cluster.AsMade(ctx, shaped, cluster.Request{Installation: in.ID, State: in.state, CreateNamespace: in.how.CreateNamespace}, r.Inventory)
	switch {
	case err != nil:
		return err
	case there == 0:
		in.kept = nil
	case len(differs) > 0:
		in.unkept = &UnconfirmedError{Installation: in.ID, Hook: true, Differs: differs}
	}
	return nil
}

// shaped are the objects that would not be the same without what the hook wrote.
func (in *Installing) shaped(ctx context.Context, r *cluster.Record) ([]manifest.Object, error) {
	quiet := *in.client
	quiet.Notice = nil
	var h hooked
	if err := h.took(filesOf(r.HookFiles)); err != nil {
		return nil, err
	}
	t := *in.taken
	t.Kube = h.over(t.Kube)
	with, err := quiet.objects(ctx, &t, h.under(in.own))
	if err != nil {
		return nil, err
	}
	without, err := quiet.objects(ctx, in.taken, in.own)
	if err != nil && ctx.Err() != nil {
		return nil, ctx.Err()
	}
	return cluster.Differing(with, without), nil
}

// objects are those that a Kube gives.
func (c *Client) objects(ctx context.Context, t *Taken, own []render.Layer) ([]manifest.Object, error) {
	rendered, err := c.render(ctx, t, own)
	if err != nil {
		return nil, err
	}
	return rendered.Objects()
}
