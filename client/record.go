package client

import (
	"bytes"
	"encoding/json"
	"maps"
	"reflect"
	"slices"

	"github.com/kpm-sh/kpm/internal/cluster/history"
	"github.com/kpm-sh/kpm/internal/cluster/plan"
	"github.com/kpm-sh/kpm/internal/render"
)

// record is what the cluster is to record of what is prepared.
func (c change) record(made derivations) (history.Record, error) {
	s, p := c.source, c.prepared
	if p.past != nil {
		r := p.past.newRecord()
		r.Salt = s.salt
		if !p.past.fromRecord() {
			r.Dependencies = s.needs().Needs
			vouch(&r, p.from.opened)
		}
		return r, nil
	}
	t := p.from.opened
	defaults, err := render.Defaults(t.Kube)
	if err != nil {
		return history.Record{}, err
	}
	own, err := encodeOverrides(defaults.Values, p.from.values.all)
	if err != nil {
		return history.Record{}, err
	}
	r := history.Record{
		Schema: history.Schema, Action: string(s.action), Version: t.Kube.Version.Original(), Dependencies: s.needs().Needs,
		Salt: s.salt, Overrides: own,
		HookDigest: string(p.hook.digest), HookValues: string(p.hook.values), HookFiles: p.hook.files(),
		Derived: made.places,
	}
	switch {
	case t.Release != nil:
		vouch(&r, t)
	case t.Copy != nil:
		o := t.Copy.Origin
		r.Repository, r.Digest, r.Edited = o.Repository, string(o.Archive), len(t.Copy.Edited) > 0
		if !r.Edited {
			r.Signer = o.Signer
		}
	}
	return r, nil
}

// vouch notes who answers for the release that was opened.
func vouch(r *history.Record, t *Opened) {
	status := t.Release.Repository.Status()
	r.Repository, r.Digest, r.Signer = status.Name, string(t.Release.SHA256), t.Release.By.Signer
	if status.Pin != nil {
		r.Pin = status.Pin.String()
	}
}

// sealing has the objects of a plan confirm the record of it, which gets what the plan
// applies, and whether that is what is installed already.
func (c change) sealing(next *history.Record) *plan.Next {
	seal := func(number int, manifests []json.RawMessage, digests map[int]string) string {
		next.Manifests = manifests
		if c.prepared.past == nil && c.source.repeats(*next) {
			next.Repeats = c.source.state.Installed().Number
		}
		sealed := *next
		return sealed.Seal(number, manifests, digests)
	}
	return &plan.Next{Inputs: next.Inputs(), Seal: seal}
}

// repeats reports whether r says what the record of what is installed says, of where the
// objects come from and of the objects themselves: a folder may hold others of one version.
func (t *target) repeats(r history.Record) bool {
	return t.alike(r) && slices.EqualFunc(t.state.Current.Manifests, r.Manifests, sameJSON)
}

// sameJSON compares what is said, in whatever order and spacing, and each digit of numbers.
func sameJSON(a, b json.RawMessage) bool {
	said := func(text json.RawMessage) (v any, err error) {
		d := json.NewDecoder(bytes.NewReader(text))
		d.UseNumber()
		err = d.Decode(&v)
		return v, err
	}
	x, errX := said(a)
	y, errY := said(b)
	return errX == nil && errY == nil && reflect.DeepEqual(x, y)
}

// alike reports whether the record of what is installed says of where its objects come
// from what r says. Who signed does not count.
func (t *target) alike(r history.Record) bool {
	had := t.state.Current
	return had != nil && had.Version == r.Version && had.Repository == r.Repository && had.Digest == r.Digest && had.Edited == r.Edited &&
		had.Images == r.Images && had.ImagesPlatform == r.ImagesPlatform &&
		sameOverrides(had.Overrides, r.Overrides) && slices.Equal(had.Dependencies, r.Dependencies) &&
		had.HookDigest == r.HookDigest && had.HookValues == r.HookValues && maps.EqualFunc(had.HookFiles, r.HookFiles, bytes.Equal)
}
