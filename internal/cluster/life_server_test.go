package cluster

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/apply"
	"github.com/kpm-sh/kpm/internal/cluster/history"
	"github.com/kpm-sh/kpm/internal/cluster/object"
	. "github.com/kpm-sh/kpm/internal/cluster/plan"
)

const webV1 = `
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {color: red, size: big}
---
apiVersion: v1
kind: Secret
metadata: {name: login}
stringData: {password: correct-horse, user: bob}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: files}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: web}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: web}
rules: [{apiGroups: [""], resources: [pods], verbs: [get]}]
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {terminationGracePeriodSeconds: 1, containers: [{name: web, image: "nginx:1"}]}
`

// TestServerLife installs, heals, upgrades and uninstalls.
func TestServerLife(t *testing.T) {
	p := somewhere(t)
	first := p.install(webV1, Request{})
	if diff := cmp.Diff(`added ConfigMap settings
added PersistentVolumeClaim files
added Role web
added Secret login
added ServiceAccount web
added Service web
added Deployment web
`, summary(first)); diff != "" {
		t.Errorf("first plan (-want +got):\n%s", diff)
	}
	if got := marshal(t, first.Permissions); !strings.Contains(got, "get of pods") {
		t.Errorf("permissions are %s", got)
	}
	for _, what := range []string{"v1 ConfigMap settings", "apps/v1 Deployment web"} {
		o := p.live(what)
		if p.id.OwnerOf(o) != api.Ours {
			t.Errorf("%s has the labels %v", what, object.Map(o, "metadata", "labels"))
		}
		if got := object.Managers(o); !slices.Contains(got, p.id.Manager()) {
			t.Errorf("%s is managed by %v", what, got)
		}
	}
	if err := p.Wait(t.Context(), first.Applied(), time.Minute, nil); err != nil {
		t.Fatal(err)
	}
	again := p.plan(webV1, Request{})
	if !again.Empty() {
		t.Errorf("a second plan is not empty:\n%s", summary(again))
	}

	p.stranger("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings, labels: {team: blue}}\n")
	if drift := p.plan(webV1, Request{}); !drift.Empty() {
		t.Errorf("labels of others are drift:\n%s", summary(drift))
	}

	v2 := strings.NewReplacer("color: red, ", "", "password: correct-horse, ", "", "nginx:1", "nginx:2").Replace(webV1)
	v2 = v2[:strings.Index(v2, "---\napiVersion: v1\nkind: PersistentVolumeClaim")] + v2[strings.Index(v2, "---\napiVersion: v1\nkind: ServiceAccount"):]
	v2 = v2[:strings.Index(v2, "---\napiVersion: v1\nkind: Service\n")] + v2[strings.Index(v2, "---\napiVersion: apps/v1"):]
	second := p.install(v2, Request{Upgrade: true})
	mask := (&api.Mask{Salt: []byte("salt")}).Value("Y29ycmVjdC1ob3JzZQ==")
	if diff := cmp.Diff(`changed ConfigMap settings
  - .data.color: red
unchanged Role web
changed Secret login
  - .data.password: `+mask+`
unchanged ServiceAccount web
changed Deployment web
  ~ .spec.template.spec.containers[name=web].image: nginx:1 -> nginx:2
removed Service web
kept PersistentVolumeClaim files: it holds data
`, summary(second)); diff != "" {
		t.Errorf("second plan (-want +got):\n%s", diff)
	}
	if p.live("v1 Service web") != nil {
		t.Error("the service is still there")
	}
	if data := object.Map(p.live("v1 Secret login"), "data"); len(data) != 1 || data["user"] == nil {
		t.Errorf("the Secret has %d keys", len(data))
	}

	last := p.uninstall(Request{})
	if err := p.WaitGone(t.Context(), last.Deleted(), time.Minute); err != nil {
		t.Error(err)
	}
	if p.live("v1 PersistentVolumeClaim files") == nil {
		t.Error("the claim is gone")
	}
	if s := p.state(); len(s.Revisions) > 0 {
		t.Errorf("there are still records: %v", s.Revisions)
	}

	back := p.install(webV1, Request{})
	if got := summary(back); !strings.Contains(got, "unchanged PersistentVolumeClaim files\n") {
		t.Errorf("the claim that stayed is not taken up again:\n%s", got)
	}
	p.uninstall(Request{Purge: true})
	if o := p.live("v1 PersistentVolumeClaim files"); o != nil && object.Text(o, "metadata", "deletionTimestamp") == "" {
		t.Error("purge leaves the claim")
	}
}

// TestServerOrder watches the stages: what others need comes first, and goes
// last.
func TestServerOrder(t *testing.T) {
	p := somewhere(t)
	var order []Stage
	watch := func(e apply.Event) { order = append(order, e.Stage) }
	plan := p.plan(webV1, Request{})
	s, err := p.Begin(t.Context(), plan, history.Record{Action: "install", Version: "1"}, p.here)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Apply(t.Context(), watch); err != nil {
		t.Fatal(err)
	}
	if err := s.Finish(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if !slices.IsSorted(order) || len(order) != len(plan.Entries) {
		t.Errorf("applied in stages %v", order)
	}
	order = nil
	gone, err := p.PlanUninstall(t.Context(), p.asRecorded(Request{Installation: p.id}, p.state()))
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Apply(t.Context(), gone, watch); err != nil {
		t.Fatal(err)
	}
	slices.Reverse(order)
	if !slices.IsSorted(order) || len(order) != len(plan.Entries)-1 { // none of them has a turn of its own
		t.Errorf("deleted in stages, reversed, %v", order)
	}
}
