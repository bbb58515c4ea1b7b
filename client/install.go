package client

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/kpm-sh/kpm/client/workcopy"
	"github.com/kpm-sh/kpm/internal/atomicfile"
	"github.com/kpm-sh/kpm/internal/cluster"
	"github.com/kpm-sh/kpm/internal/hook"
	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/manifest"
	"github.com/kpm-sh/kpm/internal/render"
)

// Install says how to install a Kube.
type Install struct {
	Values             Values
	Pre                bool // a pre-release will do
	First              bool // of an upgrade: install what is not installed
	CreateNamespace    bool
	ForceConflicts     bool     // take fields from other managers
	UseCRD             []string // definitions of others to use as they are, by name
	AllowClusterScoped bool     // where it is installed already, new objects out of the namespace may come; admission labels of shared namespaces may change
	Adopt              []string // objects of nobody to take over, as KIND/NAME
	AcceptRecorded     []string // installations, as NAMESPACE/NAME, of which the record counts although nothing confirms it
	MayUndo            bool     // Undo may follow
	Anew               bool     // the hook runs, also where what it wrote before would count: that is forgotten
	DryRun             bool     // wait for nobody, unpack nothing
	Holder             cluster.Holder
	Patience           time.Duration // to wait for somebody else at work; 0: without end
	Journal            *Journal      // is told what is done; nil: nobody asks
}

// Installing is an installation on its way. Its steps are Install, then Unmet,
// Fetch, Hook and Consent, RunHook, Plan, and Apply; between them the user may be
// asked.
type Installing struct {
	ID cluster.Installation

	client    *Client
	cluster   *cluster.Cluster
	how       Install
	action    hook.Action
	release   *Release          // to be fetched; nil: what is installed was taken from elsewhere
	taken     *Taken            // nil before Fetch, if there is a release to be fetched
	merging   *workcopy.Merging // the working copy with a release, not in place yet; nil: it stays as it is
	state     cluster.State
	before    *cluster.Record // of what is installed, or else of the last attempt; nil: there was none
	named     bool            // the user named the version
	kept      *cluster.Record // of which the hook files count; nil: there are none
	unkept    error           // why they do not
	salted    []byte          // what salt gives
	trusted   bool            // what is recorded was confirmed earlier in this run
	asLive    bool            // before anything was done, the manifests of the record were those that are live
	given     []render.Layer  // the values of this run
	own       []render.Layer  // the user's values: of this run, of before, or both
	had       []render.Layer  // those that are remembered
	recalls   bool            // they are among own
	hook      hooked
	made      derivations // what templates made of the user's values
	plan      *cluster.Plan
	next      cluster.Record   // what is to be remembered of it
	began     bool             // something may have been changed
	back      *retreat         // it goes back; nil: it goes on
	returning []cluster.Ref    // deleted by this run, and to be made again
	earlier   []*Installing    // what is installed with it, and before it
	coming    []cluster.Listed // the same, as it will be listed
}

// Install begins to install the Kube that ref names into a namespace. It
// finds out what is there: of a Kube that is installed already it means the same
// version. Another version or other values are a *ConflictError.
func (c *Client) Install(ctx context.Context, k *cluster.Cluster, namespace string, ref Ref, how Install) (*Installing, error) {
	in, err := c.begin(ctx, k, namespace, ref, how)
	if err != nil {
		return nil, err
	}
	if err := in.witnessed(ctx); err != nil {
		return nil, err
	}
	if in.taken == nil {
		if err := in.resolve(ctx, ref); err != nil {
			return nil, err
		}
	}
	if err := in.same(); err != nil {
		return nil, err
	}
	return in, in.remember()
}

// begin reads the user's values, takes what is no release to be fetched, and looks
// at what is there.
func (c *Client) begin(ctx context.Context, k *cluster.Cluster, namespace string, ref Ref, how Install) (*Installing, error) {
	in := &Installing{client: c, cluster: k, how: how, action: hook.Install, named: ref.Version != ""}
	var err error
	if in.own, err = how.Values.layers(); err != nil {
		return nil, err
	}
	if in.taken, err = c.takeLocal(ctx, ref); err != nil {
		return nil, err
	}
	in.given = in.own
	name := ref.Name
	if in.taken != nil {
		name = in.taken.Kube.Name
	}
	return in, in.look(ctx, cluster.Installation{Namespace: namespace, Name: name})
}

// resolve finds the release that ref means: without a version, the one that is
// installed.
func (in *Installing) resolve(ctx context.Context, ref Ref) error {
	if r := in.state.Installed(); r != nil && ref.Version == "" {
		ref.Version = r.Version
	}
	rel, err := in.find(ctx, ref)
	if err != nil {
		return err
	}
	in.caution(rel)
	in.release = &rel
	return nil
}

// caution says what its publisher wants to be known of a release before it is
// used. Of one that is asked about, and of one that is installed, that it was yanked
// is told with the question or with what is installed.
func (in *Installing) caution(rel Release) {
	if had := in.state.Installed(); !in.named || had != nil && had.Version == rel.Version {
		rel.Yanked = nil
	}
	in.client.caution(rel)
}

// find finds a release. What is installed from elsewhere is not to be looked for in
// repositories that never had it.
func (in *Installing) find(ctx context.Context, ref Ref) (Release, error) {
	rel, err := in.client.Resolve(ctx, ref, in.how.Pre)
	r := in.state.Installed()
	if err == nil || r == nil || r.Repository != "" || r.Edited || ref.Repository != "" || (ref.Version != "" && ref.Version != r.Version) {
		return rel, err
	}
	if errors.As(err, new(*NotFoundError)) || errors.Is(err, ErrNoRepository) {
		return rel, nobodys(in.ID)
	}
	return rel, err
}

// nobodys is the error for what only its user has.
func nobodys(id cluster.Installation) error {
	return usage("%s was installed from a folder or from an archive that nobody vouches for: name that, as in ./%s", id, id.Name)
}

// look reads what the cluster remembers, once nobody else is at work on it.
func (in *Installing) look(ctx context.Context, id cluster.Installation) error {
	in.ID = id
	var err error
	in.state, err = in.client.settled(ctx, in.cluster, in.ID, in.how)
	if err != nil {
		return err
	}
	in.before = attempted(in.state)
	in.kept = in.before
	return nil
}

// attempted is the record of what is installed, or else of the newest attempt whose
// record can be read; nil when there is none. What the hook made then still counts.
func attempted(s cluster.State) *cluster.Record {
	if s.Current == nil && len(s.Tried) > 0 {
		return s.Tried[0]
	}
	return s.Current
}

func (c *Client) settled(ctx context.Context, k *cluster.Cluster, id cluster.Installation, how Install) (cluster.State, error) {
	if how.DryRun {
		return k.State(ctx, id)
	}
	return k.Settle(ctx, id, how.Holder, how.Patience, func(r cluster.Revision) {
		c.note(fmt.Sprintf("Waiting for %s, who is at work on %s", r.Holder, id.Name))
	})
}

// Fetch fetches and verifies the Kube, unless it was taken from somewhere else.
// It is put where its user can read it, too; nothing is read from there again. Once
// it is there, it is known what kinds of values the user's words stand for, and
// whether what its hook wrote before still counts.
func (in *Installing) Fetch(ctx context.Context) error {
	if err := in.download(ctx); err != nil || in.taken == nil {
		return err
	}
	var err error
	if in.own, err = resolve(in.taken.Kube, in.own); err != nil {
		return err
	}
	if in.given, err = resolve(in.taken.Kube, in.given); err != nil {
		return err
	}
	return in.judgeKept(ctx)
}

func (in *Installing) download(ctx context.Context) error {
	if in.release == nil {
		return nil
	}
	in.client.note("Downloading " + index.ArchiveBase(in.release.Name, in.release.Version))
	var err error
	in.taken, err = in.client.takeRelease(ctx, *in.release)
	switch {
	case err != nil && in.back != nil:
		return in.doubt(ctx, err)
	case err != nil || in.how.DryRun:
		return err
	}
	return in.unpack(ctx)
}

func (in *Installing) unpack(ctx context.Context) error {
	h := in.client.Home
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
	if err := workcopy.Unpack(in.taken.Kube, tmp); err != nil {
		return err
	}
	dir := filepath.Join(h.Dir, in.taken.Kube.Folder())
	if err := atomicfile.ReplaceDir(tmp, dir); err != nil {
		return err
	}
	in.client.note(fmt.Sprintf("Cached files into %s%c", dir, os.PathSeparator))
	return nil
}

// Plan asks the server what would happen, and gives the question that has to be
// answered first; nil if there is none. What the server refuses is the error.
func (in *Installing) Plan(ctx context.Context) (*cluster.Plan, *Question, error) {
	objects, err := in.objects(ctx)
	if err != nil {
		return nil, nil, err
	}
	if in.next, err = in.record(); err != nil {
		return nil, nil, err
	}
	if in.back == nil && in.repeats() {
		in.next.Repeats = in.state.Installed().Number
	}
	request := in.request()
	if request.Recorded, err = in.rests(ctx); err != nil {
		return nil, nil, err
	}
	if in.plan, err = in.cluster.Plan(ctx, objects, request); err != nil {
		return nil, nil, err
	}
	noteVouched(in.client, in.back, in.plan)
	for _, w := range in.plan.Warnings {
		in.client.warn(w)
	}
	in.how.Journal.planned(in.cluster, in.plan, in.state.Installed(), in.next, in.taken != nil && in.taken.Verified())
	question, err := in.question(), in.plan.Err()
	if in.plan.Base > 0 && (question != nil || err != nil) && !in.how.DryRun {
		if stale := in.overtaken(ctx, nil); stale != nil {
			return in.plan, nil, stale
		}
	}
	return in.plan, question, err
}

// objects are what is to be there.
func (in *Installing) objects(ctx context.Context) ([]manifest.Object, error) {
	if in.back.unverified() {
		return in.back.objects(in.ID)
	}
	rendered, err := in.Rendered(ctx)
	if err != nil {
		return nil, err
	}
	objects, err := rendered.Objects()
	if err != nil {
		return nil, err
	}
	if in.made, err = in.derived(ctx, objects); err != nil {
		return nil, err
	}
	for i, o := range objects {
		objects[i] = rendered.placed(o)
	}
	return objects, nil
}

func (in *Installing) request() cluster.Request {
	return cluster.Request{
		Installation: in.ID, State: in.state, Adopt: in.how.Adopt, Upgrade: in.relies(), Unverified: in.back.why(), Formerly: in.back != nil, Returning: in.returning,
		UseCRD: in.how.UseCRD, AllowClusterScoped: in.how.AllowClusterScoped, ForceConflicts: in.how.ForceConflicts, CreateNamespace: in.how.CreateNamespace,
		After: in.plans(), Record: &in.next, Hide: in.secrets(),
	}
}

// relies reports whether the plan rests on what a record says: on values, or on
// what a hook wrote, also for an install that failed. Whoever may write Secrets in
// the namespace can forge a record; so what is new out of it has to be allowed.
func (in *Installing) relies() bool {
	return in.state.Installed() != nil || in.before != nil && in.hook.digest != ""
}

// Before reports whether something is installed under the name already.
func (in *Installing) Before() bool { return in.state.Installed() != nil }

// question is what a plan has to be asked for: what it takes away, and what it
// does to volumes, definitions in use and permissions of something installed.
func (in *Installing) question() *Question {
	facts := slices.Concat(in.losses(), in.doubts(), restored(in.plan.Restored))
	for _, e := range in.plan.Entries {
		if (e.Action == cluster.Removed || e.Action == cluster.Replaced) && !e.Leaving {
			facts = append(facts, fmt.Sprintf("%s will be %s", e.Ref, e.Action))
		}
	}
	if in.relies() {
		for _, n := range in.plan.Permissions {
			if n.Wide {
				facts = append(facts, fmt.Sprintf("%s: %s", n.Ref, n.Text))
			}
		}
		for _, notes := range [][]cluster.Note{in.plan.Volumes, in.plan.CRDs} {
			for _, n := range notes {
				if !n.Stays {
					facts = append(facts, fmt.Sprintf("%s: %s", n.Ref, n.Text))
				}
			}
		}
	}
	if len(facts) == 0 {
		return nil
	}
	return &Question{Facts: facts, Ask: "Continue?"}
}
