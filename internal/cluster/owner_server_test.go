package cluster

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/types"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/history"
	"github.com/kpm-sh/kpm/internal/cluster/object"
	. "github.com/kpm-sh/kpm/internal/cluster/plan"
)

// TestServerForeign grafts onto objects of a stranger, with fields that make no
// conflict.
func TestServerForeign(t *testing.T) {
	const deployment = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: dns}
spec:
  replicas: 0
  selector: {matchLabels: {app: dns}}
  template:
    metadata: {labels: {app: dns}}
    spec: {containers: [{name: %, image: "x:1"}]}
`
	for name, c := range map[string]struct{ what, theirs, graft string }{
		"Deployment": {"apps/v1 Deployment dns", strings.Replace(deployment, "%", "dns", 1), strings.Replace(deployment, "%", "evil", 1)},
		"ConfigMap": {
			"v1 ConfigMap dns", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: dns}\ndata: {a: b}\n",
			"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: dns}\ndata: {c: d}\n",
		},
		"ClusterRole": {
			"rbac.authorization.k8s.io/v1 ClusterRole dns-NS",
			"apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: dns-NS}\nrules: [{apiGroups: [''], resources: [pods], verbs: [get]}]\n",
			"apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: dns-NS, labels: {a: b}}\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := somewhere(t)
			what := strings.ReplaceAll(c.what, "NS", p.id.Namespace)
			p.stranger(c.theirs)
			before := p.live(what)
			plan := p.plan(c.graft, Request{ForceConflicts: true, AllowClusterScoped: true})
			if err := plan.Err(); !errors.Is(err, api.ErrConflict) || plan.Refusals[0].Code != CodeForeign {
				t.Fatalf("the plan says %v", err)
			}
			if !strings.Contains(plan.Err().Error(), "managed by stranger") {
				t.Errorf("the plan says %v", plan.Err())
			}
			if err := p.Apply(t.Context(), plan, nil); !errors.Is(err, api.ErrConflict) {
				t.Errorf("applied with %v", err)
			}
			if _, err := p.Begin(t.Context(), plan, history.Record{}, p.here); !errors.Is(err, api.ErrConflict) {
				t.Errorf("begun with %v", err)
			}
			after := p.live(what)
			if object.Text(before, "metadata", "resourceVersion") != object.Text(after, "metadata", "resourceVersion") && name != "Deployment" {
				t.Error("it was changed")
			}
			if slices.Contains(object.Managers(after), p.id.Manager()) {
				t.Errorf("it is managed by %v", object.Managers(after))
			}
			arg := plan.Refusals[0].Arg()
			adopted := p.install(c.graft, Request{Adopt: []string{arg}, AllowClusterScoped: true})
			if !adopted.Entries[0].Adopted || p.id.OwnerOf(p.live(what)) != api.Ours {
				t.Error("it was not adopted")
			}
			p.uninstall(Request{})
			if o := p.live(what); o != nil && object.Text(o, "metadata", "deletionTimestamp") == "" {
				t.Error("what was adopted is not uninstalled")
			}
		})
	}
}

const settings = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {a: b}\n"

// TestServerTwoInstallations has two installations want one object: in the plan,
// and at the same moment.
func TestServerTwoInstallations(t *testing.T) {
	p := somewhere(t)
	q := p
	q.id.Name = "other"
	late := q.plan(strings.Replace(settings, "a: b", "c: d", 1), Request{ForceConflicts: true})
	p.install(settings, Request{})

	if err := q.carry(late, "install"); !errors.Is(err, api.ErrStale) || !errors.Is(err, api.ErrConflict) {
		t.Errorf("made at the same moment: %v", err)
	}
	if s := q.state(); len(s.Revisions) != 1 || s.Revisions[0].Status != history.Failed {
		t.Errorf("the records of the second are %+v", s.Revisions)
	}
	o := p.live("v1 ConfigMap settings")
	if p.id.OwnerOf(o) != api.Ours || object.Text(o, "data", "a") != "b" || object.Text(o, "data", "c") != "" {
		t.Errorf("the first one's object is now %v", o)
	}

	plan := q.plan(settings, Request{ForceConflicts: true, Adopt: []string{"configmap/settings"}})
	if err := plan.Err(); !errors.Is(err, api.ErrConflict) || plan.Refusals[0].Code != CodeOther {
		t.Errorf("planned: %v", err)
	}
}

// TestServerMadeMeanwhile has a stranger make the object between plan and apply.
func TestServerMadeMeanwhile(t *testing.T) {
	p := somewhere(t)
	plan := p.plan(settings, Request{ForceConflicts: true})
	p.stranger("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {mine: x}\n")
	if err := p.carry(plan, "install"); !errors.Is(err, api.ErrStale) || !errors.Is(err, api.ErrConflict) {
		t.Fatalf("got %v", err)
	}
	o := p.live("v1 ConfigMap settings")
	if data := object.Map(o, "data"); len(data) != 1 || data["mine"] != "x" || len(object.Map(o, "metadata", "labels")) > 0 {
		t.Errorf("the stranger's object is now %v", o)
	}
}

// TestServerMadeAgainMeanwhile has a stranger delete the object, and make
// another, between plan and apply.
func TestServerMadeAgainMeanwhile(t *testing.T) {
	p := somewhere(t)
	p.install(settings, Request{})
	plan := p.plan(strings.Replace(settings, "a: b", "a: c", 1), Request{})
	erase(t, p.Cluster, core(p, "configmaps/settings"))
	if err := p.carry(plan, "upgrade"); !errors.Is(err, api.ErrStale) {
		t.Errorf("deleted: %v", err)
	}
	if p.live("v1 ConfigMap settings") != nil {
		t.Error("it was made")
	}
	p.stranger("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {mine: x}\n")
	plan.Base++
	if err := p.carry(plan, "upgrade"); !errors.Is(err, api.ErrStale) {
		t.Errorf("made again: %v", err)
	}
	if o := p.live("v1 ConfigMap settings"); object.Text(o, "data", "mine") != "x" || len(object.Map(o, "data")) != 1 || p.id.OwnerOf(o) != api.Unowned {
		t.Errorf("the stranger's object is now %v", o)
	}
}

func core(p place, rest string) string {
	return "/api/v1/namespaces/" + p.id.Namespace + "/" + rest
}

// TestServerLabelsTaken has somebody take the labels off before uninstall.
func TestServerLabelsTaken(t *testing.T) {
	p := somewhere(t)
	p.install(settings, Request{})
	state := p.state()
	plan, err := p.PlanUninstall(t.Context(), p.asRecorded(Request{Installation: p.id}, state))
	if err != nil {
		t.Fatal(err)
	}
	_, err = p.Do(t.Context(), api.Request{
		Method: "PATCH", Path: core(p, "configmaps/settings"), ContentType: string(types.MergePatchType),
		Body: map[string]any{"metadata": map[string]any{"labels": map[string]any{api.LabelInstallation: nil}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Apply(t.Context(), plan, nil); !errors.Is(err, api.ErrConflict) {
		t.Errorf("got %v", err)
	}
	if p.live("v1 ConfigMap settings") == nil {
		t.Error("it is gone")
	}
	plan, err = p.PlanUninstall(t.Context(), p.asRecorded(Request{Installation: p.id}, state))
	if err != nil || plan.Count(Kept) != 1 {
		t.Errorf("%v\n%s", err, summary(plan))
	}
}

// TestServerFields has another manager take a field.
func TestServerFields(t *testing.T) {
	p := somewhere(t)
	p.install(webV1, Request{})
	_, _, err := p.ServerSideApply(t.Context(), api.Patch{
		Resource: api.Resource{Group: "apps", Version: "v1", Plural: "deployments", Namespaced: true},
		Ref:      api.Ref{Namespace: p.id.Namespace, Name: "web"}, Manager: "scaler", Force: true,
		Value: map[string]any{"apiVersion": "apps/v1", "kind": "Deployment", "metadata": map[string]any{"name": "web"}, "spec": map[string]any{"replicas": 1}},
	})
	if err != nil {
		t.Fatal(err)
	}
	plan := p.plan(webV1, Request{})
	if err := plan.Err(); !errors.Is(err, api.ErrConflict) || !strings.Contains(err.Error(), `.spec.replicas: conflict with "scaler"`) {
		t.Errorf("got %v", err)
	}
	drift, err := p.Diff(t.Context(), p.decode(webV1), p.asRecorded(Request{Installation: p.id}, p.state()))
	if err != nil || !strings.Contains(summary(drift), "~ .spec.replicas: 1 -> 2") {
		t.Errorf("%v\n%s", err, summary(drift))
	}
	p.install(webV1, Request{ForceConflicts: true})
	if n := object.Number(p.live("apps/v1 Deployment web"), "spec", "replicas"); n != 2 {
		t.Errorf("%d replicas", n)
	}
}

// TestServerLeft has an installation go and leave a claim behind, which another
// one may have then, by its name.
func TestServerLeft(t *testing.T) {
	const claim = "---\napiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: files}\nspec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}\n"
	p := somewhere(t)
	q := p
	q.id.Name = "other"
	p.install(settings+claim, Request{})
	adopt := Request{Adopt: []string{"persistentvolumeclaim/files"}}
	if plan := q.plan(claim, adopt); plan.Err() == nil || plan.Refusals[0].Code != CodeOther {
		t.Errorf("while it is installed: %v", plan.Err())
	}
	p.uninstall(Request{})
	if plan := q.plan(claim, Request{}); plan.Err() == nil || plan.Refusals[0].Code != CodeForeign {
		t.Errorf("without its name: %v", plan.Err())
	}
	q.install(claim, adopt)
	o := p.live("v1 PersistentVolumeClaim files")
	if q.id.OwnerOf(o) != api.Ours {
		t.Errorf("it has the labels %v", object.Map(o, "metadata", "labels"))
	}
	if again := q.plan(claim, Request{}); !again.Empty() {
		t.Errorf("again\n%s", summary(again))
	}
	q.uninstall(Request{Purge: true})
}
