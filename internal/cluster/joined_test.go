package cluster

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/apply"
	"github.com/kpm-sh/kpm/internal/cluster/history"
	. "github.com/kpm-sh/kpm/internal/cluster/plan"
	"github.com/kpm-sh/kpm/internal/cluster/ready"
	"github.com/kpm-sh/kpm/internal/manifest"
)

// Cluster is a cluster with all that these tests prove together: plan, history, apply
// and ready, as package client joins them.
type Cluster struct {
	*api.Client
	ready   *ready.Waiter
	history *history.Store
}

func newCluster(c *api.Client) *Cluster {
	return &Cluster{c, ready.NewWaiter(c), history.NewStore(c)}
}

// Wait waits until objects are ready.
func (c *Cluster) Wait(ctx context.Context, objects []api.Ref, timeout time.Duration, progress func(ready.Waiting)) error {
	return c.ready.Wait(ctx, objects, timeout, progress)
}

// WaitGone waits until objects are gone.
func (c *Cluster) WaitGone(ctx context.Context, objects []api.Ref, timeout time.Duration) error {
	return c.ready.WaitGone(ctx, objects, &ready.Clock{Limit: timeout}, nil)
}

// State is what is recorded of an installation.
func (c *Cluster) State(ctx context.Context, i api.Installation) (history.State, error) {
	return c.history.State(ctx, i)
}

// asRecorded is a request with what is recorded.
func (c *Cluster) asRecorded(r Request, s history.State) Request {
	r.Past = Past{Newest: s.Newest(), Inventory: s.Inventory, Digests: s.Sealed()}
	for _, revision := range s.Revisions {
		if revision.Status == history.Installed {
			r.Past.Installed = append(r.Past.Installed, revision.Number)
		}
	}
	if s.Current != nil {
		r.Past.Made, r.Past.Manifests = s.Current.Inventory, s.Current.Manifests
	}
	return r
}

// Plan plans.
func (c *Cluster) Plan(ctx context.Context, objects []manifest.Object, r Request) (*Plan, error) {
	r.Others = c.history.Installations
	return New(ctx, c.Client, objects, r)
}

// PlanUninstall plans to uninstall.
func (c *Cluster) PlanUninstall(ctx context.Context, r Request) (*Plan, error) {
	r.Others = c.history.Installations
	return Uninstall(ctx, c.Client, r)
}

// Apply applies a plan that nothing records.
func (c *Cluster) Apply(ctx context.Context, plan *Plan, tell func(apply.Event)) error {
	return apply.New(c.ready, plan).Run(ctx, apply.Steps{Tell: tell})
}

// Session is a plan under way.
type Session struct {
	*apply.Applier
	*history.Lock
	plan *Plan
}

// Begin makes the pending revision.
func (c *Cluster) Begin(ctx context.Context, plan *Plan, r history.Record, holder history.Holder) (*Session, error) {
	s := &Session{Applier: apply.New(c.ready, plan), plan: plan}
	err := s.MakeNamespace(ctx)
	if err != nil {
		return nil, err
	}
	if r.Manifests, err = plan.Manifests(); err != nil {
		return nil, err
	}
	r.Inventory, r.Digests = plan.Items(nil), plan.Digests()
	s.Lock, err = c.history.Begin(ctx, plan.Installation, plan.Base, r, holder)
	return s, err
}

// Apply does what the plan says.
func (s *Session) Apply(ctx context.Context, tell func(apply.Event)) error {
	return s.Run(ctx, apply.Steps{May: s.May, Done: s.Save, Tell: tell})
}

// Finish records how it ended.
func (s *Session) Finish(ctx context.Context, outcome error) error {
	if outcome == nil && s.plan.Uninstall() {
		return s.Forget(ctx)
	}
	made, installed := s.Outcome(context.WithoutCancel(ctx), outcome)
	if installed {
		return s.Lock.Finish(ctx, made, history.Installed)
	}
	return s.Lock.Finish(ctx, made, history.Failed)
}

// interrupt takes over from whoever is at work, as if he had been silent for long.
func (c *Cluster) interrupt(ctx context.Context, i api.Installation) error {
	quick := *c.history
	quick.Stale, quick.Beat = time.Nanosecond, time.Nanosecond
	_, err := quick.AwaitIdle(ctx, i, history.Holder{}, 0, nil)
	return err
}

// Diff compares.
func (c *Cluster) Diff(ctx context.Context, objects []manifest.Object, r Request) (*Plan, error) {
	r.Others = c.history.Installations
	return Diff(ctx, c.Client, objects, r)
}

// kept is how many revisions are.
const kept = 10

// forged is the Secret of a revision as somebody may write it: text is its record.
func forged(i api.Installation, number int, status history.Status, text string) map[string]any {
	return forgedFrom(i, number, status, zipped(text))
}

func forgedFrom(i api.Installation, number int, status history.Status, stored []byte) map[string]any {
	digest := sha256.Sum256(stored)
	return map[string]any{
		"apiVersion": "v1", "kind": "Secret", "type": api.RecordType, "data": map[string]any{"record": stored},
		"metadata": map[string]any{
			"namespace": i.Namespace, "name": fmt.Sprintf("kpm.%s.v%d", i.Name, number),
			"labels":      map[string]any{"kpm.sh/record": i.Name, "kpm.sh/revision": strconv.Itoa(number), "kpm.sh/status": string(status)},
			"annotations": map[string]any{"kpm.sh/action": "install", "kpm.sh/version": "9.9.9", "kpm.sh/parts": "1", "kpm.sh/sha256": hex.EncodeToString(digest[:])},
		},
	}
}

func zipped(text string) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, err := z.Write([]byte(text))
	if err = errors.Join(err, z.Close()); err != nil {
		panic(err) // a buffer takes all
	}
	return b.Bytes()
}
