package cluster

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/object"
)

// unsaved does what a plan says as a run does that is killed before it has written
// a UID into its record.
func (p place) unsaved(plan *Plan) {
	p.t.Helper()
	s := p.begin(plan)
	s.stop()
	<-s.stopped
	if err := p.Apply(p.t.Context(), plan, nil); err != nil {
		p.t.Fatal(err)
	}
	if err := p.takeOver(p.t.Context(), s.revision); err != nil {
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
	s := p.begin(plan)
	s.stop()
	<-s.stopped
	p.stranger(strings.Replace(settings, "name: settings", "name: settings, labels: {kpm.sh/installation: web, kpm.sh/namespace: NS}", 1))
	if err := p.takeOver(t.Context(), s.revision); err != nil {
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
	plan, err := p.PlanUninstall(t.Context(), Request{Installation: p.id, State: p.state(), Purge: true})
	if err != nil {
		t.Fatal(err)
	}
	s := p.begin(plan)
	s.stop()
	<-s.stopped
	plan.Entries = slices.DeleteFunc(plan.Entries, func(e Entry) bool { return e.Action == Removed && !e.unlabelled })
	a := p.newApplier(plan, nil)
	if err := a.label(t.Context()); err != nil {
		t.Fatal(err)
	}
	erase(t, p.Cluster, api.Resource{Group: "apps", Version: "v1", Plural: "statefulsets", Namespaced: true}.Path(p.id.Namespace, "db"))
	if err := p.takeOver(t.Context(), s.revision); err != nil {
		t.Fatal(err)
	}
	p.uninstall(Request{Purge: true})
	if o := p.live("v1 PersistentVolumeClaim data-db-0"); o != nil && object.Text(o, "metadata", "deletionTimestamp") == "" {
		t.Error("the claim is left")
	}
}
