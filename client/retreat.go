package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/kpm-sh/kpm/internal/cluster"
	"github.com/kpm-sh/kpm/internal/hook"
	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/manifest"
	"github.com/kpm-sh/kpm/internal/trust"
)

// FromRecord is what a plan says that nobody vouches for.
const FromRecord = "from the cluster record, not verified"

// retreat is a revision to go back to. A nil one is none.
type retreat struct {
	number int
	record *cluster.Record
	doubt  string // why it cannot be rendered again from a verified archive; "" when it can
}

func (b *retreat) unverified() bool { return b != nil && b.doubt != "" }

// why says why nobody vouches for what is applied; "" when somebody does.
func (b *retreat) why() string {
	if !b.unverified() {
		return ""
	}
	return FromRecord + ": " + b.doubt
}

// doubts are what has to be agreed to before one goes back: that nobody vouches for
// what is applied, and that it is not known what there is now.
func (in *Installing) doubts() []string {
	var facts []string
	if in.back.unverified() && in.plan.Unverified != "" {
		facts = append(facts, fmt.Sprintf("revision %d comes %s: %s", in.back.number, FromRecord, in.back.doubt))
	}
	if in.back != nil && in.state.Err != nil {
		facts = append(facts, fmt.Sprintf("%v; what only it made is left", in.state.Err))
	}
	return facts
}

// noteVouched says that the record is applied, and who vouches for it.
func noteVouched(c *Client, b *retreat, plan *cluster.Plan) {
	if b.unverified() && plan.Unverified == "" {
		c.note(fmt.Sprintf("revision %d is applied as it is recorded, which the cluster's objects confirm: %s", b.number, b.doubt))
	}
}

// republished finds the release that the revision was made from.
func (in *Installing) republished(ctx context.Context) error {
	r := in.back.record
	switch {
	case r.Edited:
		return in.doubt(ctx, doubt("it was made from a copy that was edited"))
	case r.Repository == "" || r.Digest == "":
		return in.doubt(ctx, doubt("it was not made from a repository's release"))
	}
	rel, err := in.recorded(ctx, r.Repository, r.Version, r.Digest)
	switch {
	case err != nil:
		return in.doubt(ctx, err)
	case rel.Withdrawn != "":
		return in.doubt(ctx, doubt("its archive was withdrawn: %s", rel.Withdrawn))
	}
	in.client.caution(rel)
	in.release = &rel
	return nil
}

// doubt notes why the revision cannot be rendered again: its record has to do. A
// release that must not be used stays refused.
func (in *Installing) doubt(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, new(*RefusedError)) || trust.CodeOf(err) == trust.Revoked:
		return err
	}
	in.release, in.taken, in.back.doubt = nil, nil, kube.Clean(firstLine(err), false)
	return nil
}

// rehook takes what the hook of the revision wrote, as it is recorded.
func (in *Installing) rehook() {
	r := in.back.record
	in.hook = hooked{digest: index.Digest(r.HookDigest), values: index.Digest(r.HookValues)}
	err := in.hook.took(filesOf(r.HookFiles))
	in.hook.kept = len(r.HookFiles) > 0
	if in.back.unverified() {
		return // the record is applied as it is
	}
	_, ok := in.taken.Kube.Hook()
	switch {
	case err != nil || ok != (r.HookDigest != "") || ok && hook.DigestOf(in.taken.Kube) != in.hook.digest:
		in.back.doubt = "what is recorded of its hook does not fit"
	case ok:
		in.client.note(fmt.Sprintf("The hook of %s is not run; what it wrote for revision %d is used", in.ID.Name, in.back.number))
	}
}

// objects are those of the record. A Secret of another namespace is recorded
// without its values, so it cannot be made from there.
func (b *retreat) objects(id cluster.Installation) ([]manifest.Object, error) {
	var all []manifest.Object
	var empty []string
	for i, raw := range b.record.Manifests {
		objects, problems := manifest.Decode(fmt.Sprintf("revision-%d/%d.json", b.number, i+1), raw)
		if err := problems.Err(); err != nil {
			return nil, fmt.Errorf("reading revision %d of %s: %w", b.number, id, err)
		}
		for j, o := range objects {
			objects[j].Path = "" // no file of the user's
			if o.APIVersion == "v1" && o.Kind == "Secret" && o.Namespace != id.Namespace {
				empty = append(empty, o.String())
			}
		}
		all = append(all, objects...)
	}
	if len(empty) > 0 {
		return nil, &UnrecordedError{id, b.record.Version, empty, b.doubt}
	}
	return all, nil
}

// UnrecordedError says that a record does not hold what is needed to go back.
type UnrecordedError struct {
	Installation cluster.Installation
	Version      string
	Objects      []string // Secrets without their values
	Reason       string   // why the release cannot be rendered again
}

func (e *UnrecordedError) Error() string {
	return fmt.Sprintf("%s is not in namespace %s, so the record of %s has no values of it; and it cannot be rendered again: %s",
		strings.Join(e.Objects, ", "), e.Installation.Namespace, e.Installation.Name, e.Reason)
}

// again is the record of the revision as that of a new one. Of who vouched then it
// says nothing that was not verified now.
func (b *retreat) again(in *Installing) cluster.Record {
	r := cluster.Record{
		Schema: cluster.Schema, Action: string(rollback), To: b.number, Version: b.record.Version, Dependencies: in.needs().Needs,
		Repository: b.record.Repository, Digest: b.record.Digest, Edited: b.record.Edited,
		Salt: in.salt(), Overrides: b.record.Overrides, HookDigest: b.record.HookDigest, HookValues: b.record.HookValues, HookFiles: b.record.HookFiles,
		Derived: b.record.Derived,
	}
	if r.Overrides == nil {
		r.Overrides = json.RawMessage("{}")
	}
	if !b.unverified() {
		in.vouched(&r)
	}
	return r
}
