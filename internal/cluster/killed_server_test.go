package cluster

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/apply"
	"github.com/kpm-sh/kpm/internal/cluster/object"
	. "github.com/kpm-sh/kpm/internal/cluster/plan"
)

// unsaved does what a plan says as a run does that is killed before it has written
// a UID into its record.
func (p place) unsaved(plan *Plan) {
	p.t.Helper()
	p.begin(plan)
	if err := p.Apply(p.t.Context(), plan, nil); err != nil {
		p.t.Fatal(err)
	}
	if err := p.interrupt(p.t.Context(), p.id); err != nil {
		p.t.Fatal(err)
	}
}

// TestServerUnsaved uninstalls what was made, and made again, by runs that have
// written no UIDs.
func TestServerUnsaved(t *testing.T) {
	p := somewhere(t)
	p.unsaved(p.plan(webV1+"---\n"+immutableJob, Request{}))
	p.uninstall(Request{})
	for _, what := range []string{"v1 ConfigMap settings", "v1 Secret login", "v1 Service web", "apps/v1 Deployment web", "batch/v1 Job once"} {
		if o := p.live(what); o != nil && object.Text(o, "metadata", "deletionTimestamp") == "" {
			t.Errorf("%s is left", what)
		}
	}
	if p.live("v1 PersistentVolumeClaim files") == nil {
		t.Error("the claim is gone")
	}

	q := somewhere(t)
	q.install(immutableJob+"---\n"+settings, Request{})
	q.unsaved(q.plan(strings.Replace(immutableJob, "x:1", "x:2", 1), Request{Upgrade: true}))
	if left := q.uninstall(Request{}); left.Count(Removed) != 1 || left.Count(Kept) > 0 {
		t.Errorf("made again:\n%s", summary(left))
	}
}

// TestServerUnsavedForeign has objects that a run was about to make, and that
// somebody else has made meanwhile, with labels that he copied.
func TestServerUnsavedForeign(t *testing.T) {
	p := somewhere(t)
	plan := p.plan(settings, Request{})
	p.begin(plan)
	p.stranger(strings.Replace(settings, "name: settings", "name: settings, labels: {kpm.sh/installation: web, kpm.sh/namespace: NS}", 1))
	if err := p.interrupt(t.Context(), p.id); err != nil {
		t.Fatal(err)
	}
	if left := p.uninstall(Request{}); left.Count(Removed) > 0 || left.Count(Kept) != 1 {
		t.Errorf("the plan is\n%s", summary(left))
	}
	if p.live("v1 ConfigMap settings") == nil {
		t.Error("it is gone")
	}
}

// TestServerKilledBeforeClaims kills a purge once the StatefulSet is gone, by which
// alone its claims were found.
func TestServerKilledBeforeClaims(t *testing.T) {
	p := somewhere(t)
	p.install(claimingSet, Request{})
	err := wait.PollUntilContextTimeout(t.Context(), p.ready.Poll, time.Minute, true, func(context.Context) (bool, error) {
		return p.live("v1 PersistentVolumeClaim data-db-0") != nil, nil
	})
	if err != nil {
		t.Fatalf("its controller makes no claim: %v", err)
	}
	plan, err := p.PlanUninstall(t.Context(), p.asRecorded(Request{Installation: p.id, Purge: true}, p.state()))
	if err != nil {
		t.Fatal(err)
	}
	p.begin(plan)
	marks, killed := 0, errors.New("killed")
	for _, e := range plan.Entries {
		if e.Unlabelled {
			marks++
		}
	}
	err = apply.New(p.ready, plan).Run(t.Context(), apply.Steps{May: func(context.Context) error {
		if marks--; marks < 0 {
			return killed // before the first deletion
		}
		return nil
	}})
	if !errors.Is(err, killed) {
		t.Fatal(err)
	}
	erase(t, p.Cluster, api.Resource{Group: "apps", Version: "v1", Plural: "statefulsets", Namespaced: true}.Path(p.id.Namespace, "db"))
	if err := p.interrupt(t.Context(), p.id); err != nil {
		t.Fatal(err)
	}
	p.uninstall(Request{Purge: true})
	if o := p.live("v1 PersistentVolumeClaim data-db-0"); o != nil && object.Text(o, "metadata", "deletionTimestamp") == "" {
		t.Error("the claim is left")
	}
}
