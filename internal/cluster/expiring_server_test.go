package cluster

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	. "github.com/kpm-sh/kpm/internal/cluster/plan"
	"github.com/kpm-sh/kpm/internal/cluster/ready"
)

// TestServerPassing has a Job go by itself when it has ended. It is not made again
// until something else is wanted of it.
func TestServerPassing(t *testing.T) {
	p := somewhere(t)
	job := strings.Replace(immutableJob, "spec:\n  template", "spec:\n  ttlSecondsAfterFinished: 0\n  template", 1)
	all := job + "---\n" + settings
	plan := p.install(all, Request{})
	if err := p.Wait(t.Context(), plan.Applied(), time.Minute, nil); err != nil {
		t.Fatal(err)
	}
	once := api.Ref{APIVersion: "batch/v1", Kind: "Job", Namespace: p.id.Namespace, Name: "once"}
	if err := p.WaitGone(t.Context(), []api.Ref{once}, time.Minute); err != nil {
		t.Fatal(err)
	}
	if err := p.Wait(t.Context(), plan.Applied(), time.Minute, nil); err != nil {
		t.Errorf("after it is gone: %v", err)
	}
	for range 2 { // what is remembered of it stays
		again := p.install(all, Request{})
		if !again.Empty() || len(again.Applied()) != 1 {
			t.Errorf("again\n%s", summary(again))
		}
	}
	if got := ready.Expiring(p.state().Current.Manifests); len(got) != 1 || got[0] != once {
		t.Errorf("passing are %v", got)
	}
	if next := p.plan(strings.Replace(all, "x:1", "x:2", 1), Request{Upgrade: true}); next.Count(Added) != 1 {
		t.Errorf("another image\n%s", summary(next))
	}
	if plan := p.plan(strings.Replace(all, "  ttlSecondsAfterFinished: 0\n", "", 1), Request{}); plan.Count(Added) != 1 {
		t.Errorf("one that stays\n%s", summary(plan))
	}
	p.uninstall(Request{})
}

// TestServerTriesFirst has the server try all objects before the first is written,
// also those that lie in a namespace that comes with them.
func TestServerTriesFirst(t *testing.T) {
	bad := settings + "---\napiVersion: v1\nkind: Service\nmetadata: {name: bad}\nspec: {ports: [{port: 99999}]}\n"
	for name, brings := range map[string]string{"made for it": "", "brought": "apiVersion: v1\nkind: Namespace\nmetadata: {name: NS}\n---\n"} {
		t.Run(name, func(t *testing.T) {
			p := somewhere(t)
			p.id.Namespace += "-new"
			t.Cleanup(func() { erase(t, p.Cluster, "/api/v1/namespaces/"+p.id.Namespace) })
			err := p.carry(p.plan(brings+bad, Request{CreateNamespace: brings == ""}), "install")
			if !errors.Is(err, api.ErrRefused) || !strings.Contains(err.Error(), "checking Service") {
				t.Errorf("got %v", err)
			}
			if p.live("v1 ConfigMap settings") != nil {
				t.Error("something was written")
			}
			p.uninstall(Request{Purge: true})
		})
	}
}
