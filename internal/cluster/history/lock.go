package history

import (
	"cmp"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/object"
)

// How long a lock is believed in, by all who use it at once.
const (
	beat  = 5 * time.Second  // its holder touches the revision so often
	stale = 20 * time.Second // one that stood still so long has lost its holder, and may be taken over
)

// Lock is a pending revision: whoever has made it works on the installation, until
// Finish or Forget.
type Lock struct {
	store    *Store
	stop     context.CancelFunc
	stopped  chan struct{}
	revision Revision // of the Secret as we wrote it

	manifests packed // of the record; they stay as they are

	mu      sync.Mutex // of all below, and of writes to the record
	record  Record
	touched time.Time // when a write to the record began that succeeded
	lost    error
}

// unguarding is how long the servers of a cluster may still ask a webhook that was deleted.
const unguarding = 5 * time.Second

// BeginUnguarded is Begin once the webhook that was in its way is not asked any more.
func (s *Store) BeginUnguarded(ctx context.Context, i api.Installation, base int, r Record, holder Holder) (lock *Lock, err error) {
	late := wait.PollUntilContextTimeout(ctx, unguarding/50, unguarding, true, func(ctx context.Context) (bool, error) {
		lock, err = s.Begin(ctx, i, base, r, holder)
		return !api.Unanswered(err), nil
	})
	return lock, cmp.Or(err, late)
}

// Begin writes the pending revision after base, which is the newest that is known, with
// the planned inventory, and keeps it alive. Making it is the lock: when somebody else
// was faster, the error is ErrStale and ErrConflict, and one plans again after
// [Store.AwaitIdle].
func (s *Store) Begin(ctx context.Context, i api.Installation, base int, r Record, holder Holder) (*Lock, error) {
	if base >= maxRevision {
		return nil, api.Fault(fmt.Sprintf("%s has no number left for another revision: Secret %s is forged, and has to be deleted first", i, nameOf(i.Name, base)), api.ErrConflict)
	}
	l := &Lock{store: s, record: r, stopped: make(chan struct{})}
	l.revision = Revision{
		Installation: i, Number: base + 1, Status: Pending, Started: s.Now(), Holder: holder,
		Action: r.Action, To: r.To, Repeats: r.Repeats, Version: r.Version, Repository: r.Repository, Pin: r.Pin, Digest: r.Digest, Signer: r.Signer,
		Edited: r.Edited, Dependencies: r.Dependencies,
	}
	var err error
	if l.manifests, err = r.pack(); err != nil {
		return nil, err
	}
	if err := l.create(ctx); err != nil {
		return nil, l.recording(err)
	}
	beating, stop := context.WithCancel(context.WithoutCancel(ctx))
	l.stop = stop
	go l.heartbeat(beating)
	return l, nil
}

// Number is that of the revision.
func (l *Lock) Number() int { return l.revision.Number }

// Save records what has been made by now.
func (l *Lock) Save(ctx context.Context, made []api.Item) error {
	return l.recording(l.save(ctx, made, Pending))
}

// finishTimeout bounds how long Finish and Forget work on when their context is done.
const finishTimeout = 30 * time.Second

// end stops the heartbeat, and gives what is left to do a context of its own.
func (l *Lock) end(ctx context.Context) (context.Context, context.CancelFunc) {
	l.stop()
	<-l.stopped
	return context.WithTimeout(context.WithoutCancel(ctx), finishTimeout)
}

// Finish records how the revision ended and what there is now, and deletes revisions
// that are not kept. It works on when ctx is done, but not for long.
func (l *Lock) Finish(ctx context.Context, made []api.Item, status Status) error {
	ctx, cancel := l.end(ctx)
	defer cancel()
	if err := l.save(ctx, made, status); err != nil {
		return l.recording(err)
	}
	if l.revision.Number == 1 && l.revision.parts == 1 {
		return nil // there is nothing older
	}
	return l.store.deleteOld(ctx, l.revision.Installation)
}

// Forget deletes all revisions, this one last. It works on when ctx is done, but not
// for long.
func (l *Lock) Forget(ctx context.Context) error {
	ctx, cancel := l.end(ctx)
	defer cancel()
	return l.store.deleteAll(ctx, l.revision)
}

// recording says what an error came in the way of.
func (l *Lock) recording(err error) error {
	if err != nil {
		return fmt.Errorf("writing the record of %s: %w", l.revision.Installation, err)
	}
	return nil
}

// create writes the record for the first time: the Secret that is the lock, then
// the parts that it has no room for.
func (l *Lock) create(ctx context.Context) error {
	parts, err := l.encode()
	if err != nil {
		return err
	}
	l.touched = time.Now()
	o, err := l.store.Create(ctx, api.Secrets, l.revision.Installation.Namespace, secret(l.revision.metadata(), api.RecordType, parts[0]))
	if errors.Is(err, api.ErrConflict) {
		return l.store.inTheWay(ctx, l.revision, err)
	}
	if err != nil {
		return err
	}
	l.written(o)
	return l.store.writeParts(ctx, l.revision, parts)
}

// inTheWay says what lies where the record of r would: that of somebody who was
// faster, or something that is no record of kpm at all, and would be in the way for
// ever.
func (s *Store) inTheWay(ctx context.Context, r Revision, refusal error) error {
	name := nameOf(r.Installation.Name, r.Number)
	there, err := s.Get(ctx, api.Secrets, api.Secrets.RefTo(r.Installation.Namespace, name))
	if err != nil && !errors.Is(err, api.ErrForbidden) {
		return err
	}
	if _, ok := parseRevision(metadataOf(there)); len(there) == 0 || ok && object.Text(there, "type") == api.RecordType {
		return &api.Error{Classes: []error{api.ErrConflict, api.ErrStale}, Text: "somebody else has begun since the plan", Cause: refusal}
	}
	what := "it is of type " + cmp.Or(object.Text(there, "type"), "Opaque") + " and no revision"
	if by := api.InstallationOf(there); by.Name != "" {
		what += ", and belongs to " + by.String()
	}
	return api.Fault(fmt.Sprintf("Secret %s/%s lies where revision %d would: %s; kpm goes on when it is gone", r.Installation.Namespace, name, r.Number, what), api.ErrConflict)
}

// encode splits the record and notes in the revision how.
func (l *Lock) encode() ([][]byte, error) {
	data, err := l.record.encodeWith(l.manifests)
	if err != nil {
		return nil, err
	}
	parts, err := split(data)
	if err != nil {
		return nil, err
	}
	l.revision.parts, l.revision.digest = len(parts), digestOf(data)
	return parts, nil
}

// written reads the metadata of the Secret from the answer to a write.
func (l *Lock) written(o map[string]any) {
	l.revision.name = object.Text(o, "metadata", "name")
	l.revision.uid = object.Text(o, "metadata", "uid")
	l.revision.resourceVersion = object.Text(o, "metadata", "resourceVersion")
}

// save writes what has been made, and the status.
func (l *Lock) save(ctx context.Context, made []api.Item, status Status) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.lost != nil {
		return l.lost
	}
	l.record.Inventory = made
	l.revision.Status, l.revision.witness = status, witnessOf(made)
	if status != Pending {
		l.revision.Finished = l.store.Now()
	}
	parts, err := l.encode()
	if err != nil {
		return err
	}
	if err := l.store.writeParts(ctx, l.revision, parts); err != nil {
		return err
	}
	return l.write(ctx, map[string]any{
		"metadata": l.revision.metadata(), "data": map[string]any{recordKey: base64.StdEncoding.EncodeToString(parts[0])},
	})
}

// maxWrites is how often a record is written whose resourceVersion is not ours.
const maxWrites = 5

// write patches the Secret, if it is still ours. It may be another version of it
// than we know: the answer to our last write may have been lost. l.mu is held.
func (l *Lock) write(ctx context.Context, body map[string]any) error {
	for try := 1; ; try++ {
		object.Map(body, "metadata")["resourceVersion"] = l.revision.resourceVersion
		began := time.Now()
		o, err := l.patch(ctx, body)
		switch {
		case err == nil:
			l.touched = began
			l.written(o)
			return nil
		case !errors.Is(err, api.ErrConflict) && !errors.Is(err, api.ErrNotFound):
			return err
		}
		now, err := l.reread(ctx)
		switch {
		case err != nil:
			return err
		case now.uid == l.revision.uid && now.Status == l.revision.Status && now.Status != Pending && now.digest == l.revision.digest:
			return nil // it was the last write, and is done
		case now.uid != l.revision.uid || now.Status != Pending || now.Holder.Run != l.revision.Holder.Run || try == maxWrites:
			l.lost = api.Fault(fmt.Sprintf("somebody took over the work on %s", l.revision.Installation), api.ErrConflict)
			return l.lost
		}
		l.revision.resourceVersion = now.resourceVersion
	}
}

// patch patches the Secret, again and again while a webhook does not answer the server for
// it: its own may be what is being installed. Nobody takes over meanwhile.
func (l *Lock) patch(ctx context.Context, body map[string]any) (map[string]any, error) {
	var o map[string]any
	var err error
	_ = wait.PollUntilContextCancel(ctx, l.store.Beat/10, true, func(ctx context.Context) (bool, error) { //nolint:errcheck // what was answered last tells more
		o, err = l.store.Merge(ctx, api.Secrets, api.Secrets.RefTo(l.revision.Installation.Namespace, l.revision.name), "", body)
		return !api.Unanswered(err) || time.Since(l.touched) >= l.store.Stale/2, nil
	})
	return o, err
}

// reread is the record as it is now; the zero value when it is gone, or no
// longer a record.
func (l *Lock) reread(ctx context.Context) (Revision, error) {
	_, meta, err := l.store.part(ctx, l.revision.Installation.Namespace, l.revision.name)
	if err != nil && !errors.Is(err, api.ErrNotFound) {
		return Revision{}, err
	}
	now, _ := parseRevision(meta)
	return now, nil
}

// heartbeat touches the record until ctx is done.
func (l *Lock) heartbeat(ctx context.Context) {
	defer close(l.stopped)
	_ = wait.PollUntilContextCancel(ctx, l.store.Beat, false, func(ctx context.Context) (bool, error) { //nolint:errcheck // ctx ends it
		l.mu.Lock()
		defer l.mu.Unlock()
		if l.lost == nil {
			_ = l.touch(context.WithoutCancel(ctx)) //nolint:errcheck // May tells when it did not succeed for too long
		}
		return false, nil
	})
}

// touch says that we are still there. l.mu is held.
func (l *Lock) touch(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, l.store.Stale/2)
	defer cancel()
	now := l.store.Now().UTC().Format(time.RFC3339Nano)
	return l.write(ctx, map[string]any{"metadata": map[string]any{"annotations": map[string]any{beatKey: now}}})
}

// May says whether the next write may be done: the record is ours, and was so
// recently enough that nobody can have taken it since. A process that slept
// finds out here.
func (l *Lock) May(ctx context.Context) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.lost != nil {
		return l.lost
	}
	if time.Since(l.touched) < l.store.Stale/2 {
		return nil
	}
	err := l.touch(ctx)
	if err == nil || l.lost != nil || ctx.Err() != nil {
		return err
	}
	return &api.Error{Classes: []error{api.ErrUnreachable}, Text: "keeping the record alive: " + err.Error(), Cause: err}
}
