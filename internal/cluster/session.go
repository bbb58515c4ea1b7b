package cluster

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/object"
	"github.com/kpm-sh/kpm/internal/cluster/ready"
)

// Session is an operation under way. It holds the lock of its installation, the
// pending record, until Finish.
type Session struct {
	cluster  *Cluster
	plan     *Plan
	made     map[string]string // UIDs by key of what Begin has applied of the plan
	applier  *applier
	stop     context.CancelFunc
	stopped  chan struct{}
	revision Revision // of the Secret as we wrote it

	manifests packed // of the record; they stay as they are

	clock   *ready.Clock
	waiting func(ready.Waiting) // may be nil
	waited  bool                // for what was deleted
	stays   []ready.Waiting     // was to be deleted, and was still there when last looked at
	behind  []api.Ref           // was to be deleted, and was not begun with

	mu     sync.Mutex // of all below, and of writes to the record
	record Record
	seen   time.Time // when a write to the record began that succeeded
	lost   error
}

// Begin writes the pending record with the planned inventory, and keeps it
// alive. Making revision Base+1 is the lock: when somebody else was faster, the
// error is ErrStale and ErrConflict, and one plans again after [Cluster.Settle].
// The caller fills in r, but not its inventory and manifests.
func (c *Cluster) Begin(ctx context.Context, plan *Plan, r Record, holder Holder) (*Session, error) {
	if err := plan.Err(); err != nil {
		return nil, err
	}
	if plan.Base >= maxRevision {
		return nil, api.Fault(fmt.Sprintf("%s has no number left for another revision: Secret %s is forged, and has to be deleted first",
			plan.Installation, nameOf(plan.Installation.Name, plan.Base)), api.ErrConflict)
	}
	s := &Session{cluster: c, plan: plan, record: r, stopped: make(chan struct{}), clock: &ready.Clock{Limit: c.pace.crd}}
	s.revision = Revision{
		Installation: plan.Installation, Number: plan.Base + 1, Status: Pending, Started: c.Now(), Holder: holder,
		Action: r.Action, To: r.To, Repeats: r.Repeats, Version: r.Version, Repository: r.Repository, Pin: r.Pin, Digest: r.Digest, Signer: r.Signer,
		Edited: r.Edited, Dependencies: r.Dependencies,
	}
	var err error
	if s.record.Manifests, err = plan.manifests(); err != nil {
		return nil, s.recording(err)
	}
	s.record.Inventory, s.record.Digests = plan.inventory(nil), plan.digests
	if s.manifests, err = s.record.pack(); err != nil {
		return nil, err
	}
	if s.made, err = c.makeRoom(ctx, plan); err != nil {
		return nil, err
	}
	if err := s.recording(s.create(ctx)); err != nil {
		return nil, err
	}
	beating, stop := context.WithCancel(context.WithoutCancel(ctx))
	s.stop = stop
	go s.heartbeat(beating)
	return s, nil
}

// makeRoom makes the namespace that the record lies in, when the plan has it. It
// returns what it applied of the plan, UIDs by key.
func (c *Cluster) makeRoom(ctx context.Context, plan *Plan) (made map[string]string, err error) {
	a := c.newApplier(plan, nil)
	if err := a.makeNamespace(ctx); err != nil {
		return nil, err
	}
	for _, e := range plan.Entries {
		if e.Action == Added && e.Is("", "Namespace") && e.Name == plan.Installation.Namespace {
			if err := a.one(ctx, e); err != nil {
				return nil, err
			}
		}
	}
	return a.uids, nil
}

// Patience bounds all that the session waits for, by one clock: between stages, before
// deletions, and in Wait and Gone. progress is told what is waited for, as for
// [Cluster.Wait]; it may be nil, and is called by one goroutine at a time. Without
// Patience it is a minute, and nobody is told.
func (s *Session) Patience(limit time.Duration, progress func(ready.Waiting)) {
	s.clock, s.waiting = &ready.Clock{Limit: limit}, progress
}

// Revision is the number of the revision that the session makes.
func (s *Session) Revision() int { return s.revision.Number }

// Apply does what the plan says; see the package comment. It stops before its
// next write when the record was taken by somebody else, with ErrConflict.
// progress may be nil; it is called by one goroutine at a time.
func (s *Session) Apply(ctx context.Context, progress func(Event)) error {
	s.applier = s.cluster.newApplier(s.plan, progress)
	s.applier.may, s.applier.made = s.may, s.made
	s.applier.clock, s.applier.waiting = s.clock, s.waiting
	s.applier.staged = func(ctx context.Context) error {
		s.plan = s.applier.plan
		return s.recording(s.save(ctx, Pending))
	}
	return s.noted(s.applier.run(ctx))
}

// Gone waits until all that was deleted is gone. What stays is in a
// WaitError, and in the record with its reason.
func (s *Session) Gone(ctx context.Context) error {
	s.waited = true
	return s.noted(s.cluster.ready.WaitGone(ctx, s.plan.Deleted(), s.clock, s.waiting))
}

// noted keeps what an error says of objects that do not go.
func (s *Session) noted(err error) error {
	var late *ready.Error
	if errors.As(err, &late) {
		s.stays, s.behind = late.Stays, late.Behind
	}
	return err
}

// Finish ends the session: with nil the revision is installed, or, after an
// uninstall, all records are deleted; with an error it has failed, unless all that was
// applied is ready and only something that was to be deleted stays. The record knows
// that. Finish works on when ctx is done, but not for long.
func (s *Session) Finish(ctx context.Context, outcome error) error {
	s.stop()
	<-s.stopped
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), finishTimeout)
	defer cancel()
	if outcome == nil && s.plan.uninstall {
		return s.cluster.deleteHistory(ctx, s.revision)
	}
	status := Installed
	var late *ready.Error
	if outcome != nil && (s.plan.uninstall || !errors.As(outcome, &late) || !late.OnlyStays()) {
		status = Failed
	}
	if outcome == nil && !s.waited && len(s.plan.Deleted()) > 0 { // something may stay
		if stays, err := ready.Remaining(ctx, s.cluster.Client, s.plan.Deleted()); err == nil {
			s.stays = stays
		}
	}
	if err := s.recording(s.save(ctx, status)); err != nil {
		return err
	}
	if s.plan.Base == 0 && s.revision.parts == 1 {
		return nil // there is nothing older
	}
	return s.cluster.deleteOld(ctx, s.plan.Installation)
}

// inventory is what the installation has while the plan is under way, or with
// done not nil what it has when all is done: uids by key of what was applied.
func (p *Plan) inventory(done map[string]string) []api.Item {
	var items []api.Item
	for _, e := range p.Entries {
		item := api.Item{Ref: e.Ref, UID: e.UID, Planned: e.Action == Added || e.Action == Replaced}
		if applied, ok := done[e.Key()]; ok {
			item.UID, item.Planned = applied, false
		}
		if e.Action == Kept && item.UID == "" {
			continue // not ours
		}
		if e.Shared && item.UID == "" {
			continue // nothing of it is ours
		}
		items = append(items, item)
	}
	return items
}

// manifests are the objects of the plan as they are applied. A Secret in another
// namespace is not copied to ours: its values are left out.
func (p *Plan) manifests() ([]json.RawMessage, error) {
	var all []json.RawMessage
	for _, e := range p.Entries {
		d, ok := p.objects[e.Key()]
		if !ok {
			continue
		}
		value := unmarked(d.value)
		if e.Is("", "Secret") && e.Namespace != p.Installation.Namespace {
			value = runtime.DeepCopyJSON(value)
			delete(value, "data")
		}
		text, err := json.Marshal(value)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", e.Ref, err)
		}
		all = append(all, text)
	}
	return all, nil
}

// create writes the record for the first time: the Secret that is the lock, then
// the parts that it has no room for.
func (s *Session) create(ctx context.Context) error {
	parts, err := s.encode()
	if err != nil {
		return err
	}
	s.seen = time.Now()
	o, err := s.cluster.Create(ctx, api.Secrets, s.revision.Installation.Namespace, secret(s.revision.metadata(), recordType, parts[0]))
	if errors.Is(err, api.ErrConflict) {
		return s.cluster.inTheWay(ctx, s.revision, err)
	}
	if err != nil {
		return err
	}
	s.took(o)
	return s.cluster.writeParts(ctx, s.revision, parts)
}

// inTheWay says what lies where the record of r would: that of somebody who was
// faster, or something that is no record of kpm at all, and would be in the way for
// ever.
func (c *Cluster) inTheWay(ctx context.Context, r Revision, refusal error) error {
	name := nameOf(r.Installation.Name, r.Number)
	there, err := c.Get(ctx, api.Secrets, api.Secrets.RefTo(r.Installation.Namespace, name))
	if err != nil && !errors.Is(err, api.ErrForbidden) {
		return err
	}
	if _, ok := parseRevision(object.Map(there, "metadata")); len(there) == 0 || ok && object.Text(there, "type") == recordType {
		return &api.Error{Classes: []error{api.ErrConflict, api.ErrStale}, Text: "somebody else has begun since the plan", Cause: refusal}
	}
	what := "it is of type " + cmp.Or(object.Text(there, "type"), "Opaque") + " and no revision"
	if by := api.InstallationOf(there); by.Name != "" {
		what += ", and belongs to " + by.String()
	}
	return api.Fault(fmt.Sprintf("Secret %s/%s lies where revision %d would: %s; kpm goes on when it is gone", r.Installation.Namespace, name, r.Number, what), api.ErrConflict)
}

// encode splits the record and notes in the revision how.
func (s *Session) encode() ([][]byte, error) {
	data, err := s.record.encodeWith(s.manifests)
	if err != nil {
		return nil, err
	}
	parts, err := split(data)
	if err != nil {
		return nil, err
	}
	s.revision.parts, s.revision.digest = len(parts), digestOf(data)
	return parts, nil
}

// took reads the metadata of the Secret from the answer to a write.
func (s *Session) took(o map[string]any) {
	s.revision.name = object.Text(o, "metadata", "name")
	s.revision.uid = object.Text(o, "metadata", "uid")
	s.revision.resourceVersion = object.Text(o, "metadata", "resourceVersion")
}

// save writes what is known by now: the UIDs, and the status.
func (s *Session) save(ctx context.Context, status Status) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lost != nil {
		return s.lost
	}
	s.record.Inventory = s.known(status)
	s.revision.Status, s.revision.witness = status, witnessOf(s.record.Inventory)
	if status != Pending {
		s.revision.Finished = s.cluster.Now()
	}
	parts, err := s.encode()
	if err != nil {
		return err
	}
	if err := s.cluster.writeParts(ctx, s.revision, parts); err != nil {
		return err
	}
	meta := s.revision.metadata()
	return s.write(ctx, map[string]any{
		"metadata": meta, "data": map[string]any{recordKey: base64.StdEncoding.EncodeToString(parts[0])},
	})
}

// known is the inventory: after a success without what was deleted and is gone.
func (s *Session) known(status Status) []api.Item {
	uids := s.made
	if s.applier != nil {
		s.applier.mu.Lock()
		defer s.applier.mu.Unlock()
		uids = s.applier.uids
	}
	items := s.plan.inventory(uids)
	for i := range items {
		for _, w := range s.stays {
			if w.Ref == items[i].Ref {
				items[i].Why = s.plan.mask.Scrub(w.Why)
			}
		}
	}
	if status != Installed {
		return items
	}
	gone := append(s.plan.Deleted(), s.plan.with(GivenUp)...)
	return slices.DeleteFunc(items, func(i api.Item) bool {
		return i.Why == "" && slices.Contains(gone, i.Ref) && !slices.Contains(s.behind, i.Ref)
	})
}

const (
	maxWrites     = 5                // of a record whose resourceVersion is not ours
	finishTimeout = 30 * time.Second // Finish works on so long when its context is done
)

// write patches the Secret, if it is still ours. It may be another version of it
// than we know: the answer to our last write may have been lost. s.mu is held.
func (s *Session) write(ctx context.Context, body map[string]any) error {
	for try := 1; ; try++ {
		object.Map(body, "metadata")["resourceVersion"] = s.revision.resourceVersion
		began := time.Now()
		o, err := s.cluster.Merge(ctx, api.Secrets, api.Secrets.RefTo(s.revision.Installation.Namespace, s.revision.name), "", body)
		switch {
		case err == nil:
			s.seen = began
			s.took(o)
			return nil
		case !errors.Is(err, api.ErrConflict) && !errors.Is(err, api.ErrNotFound):
			return err
		}
		now, err := s.reread(ctx)
		switch {
		case err != nil:
			return err
		case now.uid == s.revision.uid && now.Status == s.revision.Status && now.Status != Pending && now.digest == s.revision.digest:
			return nil // it was the last write, and is done
		case now.uid != s.revision.uid || now.Status != Pending || now.Holder.Run != s.revision.Holder.Run || try == maxWrites:
			s.lost = api.Fault(fmt.Sprintf("somebody took over the work on %s", s.plan.Installation), api.ErrConflict)
			return s.lost
		}
		s.revision.resourceVersion = now.resourceVersion
	}
}

// reread is the record as it is now; the zero value when it is gone, or no
// longer a record.
func (s *Session) reread(ctx context.Context) (Revision, error) {
	_, meta, err := s.cluster.part(ctx, s.revision.Installation.Namespace, s.revision.name)
	if err != nil && !errors.Is(err, api.ErrNotFound) {
		return Revision{}, err
	}
	now, _ := parseRevision(meta)
	return now, nil
}
