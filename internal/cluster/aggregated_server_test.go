package cluster

import (
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sigs.k8s.io/yaml"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/object"
	. "github.com/kpm-sh/kpm/internal/cluster/plan"
	"github.com/kpm-sh/kpm/internal/cluster/ready"
)

// aggregate is a server behind the API server, of one kind. It does not answer before it
// is started.
type aggregate struct {
	t       *testing.T
	address string
	group   string
	outside bool // its kind has no namespaces

	mu      sync.Mutex
	objects map[string]map[string]any // by path
}

func newAggregate(t *testing.T, group string) *aggregate {
	t.Helper()
	return &aggregate{t: t, address: newConverter(t).address, group: group, objects: map[string]map[string]any{}}
}

// manifests are an APIService, the Service that it names, and an object of its API.
func (a *aggregate) manifests() string {
	_, port, err := net.SplitHostPort(a.address)
	if err != nil {
		a.t.Fatal(err)
	}
	return strings.NewReplacer("PORT", port, "GROUP", a.group).Replace(`
apiVersion: v1
kind: Service
metadata: {name: behind}
spec: {type: ExternalName, externalName: localhost, ports: [{port: PORT}]}
---
apiVersion: apiregistration.k8s.io/v1
kind: APIService
metadata: {name: v1.GROUP}
spec: {group: GROUP, version: v1, groupPriorityMinimum: 100, versionPriority: 100, insecureSkipTLSVerify: true, service: {namespace: NS, name: behind, port: PORT}}
---
apiVersion: GROUP/v1
kind: Mug
metadata: {name: one}
spec: {size: 1}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: beside}
`)
}

func (a *aggregate) start() (stop func()) {
	a.t.Helper()
	l, err := net.Listen("tcp", a.address)
	if err != nil {
		a.t.Fatal(err)
	}
	s := httptest.NewUnstartedServer(a)
	s.Listener = l
	s.StartTLS()
	a.t.Cleanup(s.Close)
	return s.Close
}

func (a *aggregate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	root := "/apis/" + a.group + "/v1"
	switch {
	case r.URL.Path == root:
		a.answer(w, http.StatusOK, map[string]any{
			"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": a.group + "/v1",
			"resources": []any{map[string]any{"name": "mugs", "singularName": "mug", "kind": "Mug", "namespaced": !a.outside, "verbs": []string{"get", "patch", "delete"}}},
		})
	case strings.HasPrefix(r.URL.Path, root+"/namespaces/") != a.outside && strings.HasPrefix(r.URL.Path, root+"/"):
		a.object(w, r)
	default:
		http.NotFound(w, r)
	}
}

// object gets, applies and deletes an object.
func (a *aggregate) object(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	had := a.objects[r.URL.Path]
	switch {
	case r.Method == http.MethodPatch:
		var whole map[string]any
		data, err := io.ReadAll(r.Body)
		if err = errors.Join(err, yaml.Unmarshal(data, &whole)); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		meta := object.Map(whole, "metadata")
		meta["uid"], meta["resourceVersion"] = "uid-"+object.Text(meta, "name"), "1"
		if r.URL.Query().Get("dryRun") == "" {
			a.objects[r.URL.Path] = whole
		}
		status := http.StatusCreated
		if had != nil {
			status = http.StatusOK
		}
		a.answer(w, status, whole)
	case had == nil:
		a.answer(w, http.StatusNotFound, map[string]any{"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "NotFound", "code": 404})
	case r.Method == http.MethodDelete:
		delete(a.objects, r.URL.Path)
		a.answer(w, http.StatusOK, had)
	default:
		a.answer(w, http.StatusOK, had)
	}
}

func (a *aggregate) answer(w http.ResponseWriter, status int, what any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(what); err != nil {
		a.t.Log(err)
	}
}

// TestServerAggregated installs an APIService and an object that only its server knows.
func TestServerAggregated(t *testing.T) {
	p := somewhere(t)
	behind := newAggregate(t, p.id.Namespace+".example.org")
	t.Cleanup(func() { erase(t, p.Cluster, "/apis/apiregistration.k8s.io/v1/apiservices/v1."+behind.group) })
	all := behind.manifests()

	// It does not come: everything else is there, and what was waited for is said.
	plan := p.plan(all, Request{})
	if err := plan.Err(); err != nil || !strings.Contains(summary(plan), "added Mug one offline") {
		t.Fatalf("%v\n%s", err, summary(plan))
	}
	s := p.begin(plan)
	s.Patience(time.Second, nil)
	err := s.Apply(t.Context(), nil)
	if !errors.Is(err, api.ErrTimeout) || !strings.Contains(err.Error(), "Mug "+p.id.Namespace+"/one is not ready: APIService v1."+behind.group+" does not answer for it yet: ") {
		t.Errorf("got %v", err)
	}
	if err := s.Finish(t.Context(), err); err != nil {
		t.Fatal(err)
	}
	if p.live("v1 ConfigMap beside") == nil {
		t.Error("something that need not wait was not applied")
	}

	// It comes while it is waited for.
	plan = p.plan(all, Request{})
	if err := plan.Err(); err != nil {
		t.Fatal(err)
	}
	s = p.begin(plan)
	started := false
	s.Patience(2*time.Minute, func(w ready.Waiting) {
		if w.Kind == "Mug" && w.Why != "" && !started {
			started = true
			behind.start()
		}
	})
	err = s.Apply(t.Context(), nil)
	if err := errors.Join(err, s.Finish(t.Context(), err)); err != nil || !started {
		t.Fatalf("started: %v; %v", started, err)
	}
	if got := p.live(behind.group + "/v1 Mug one"); object.Text(got, "metadata", "labels", api.LabelInstallation) != "web" {
		t.Errorf("got %v", got)
	}

	// Once it answers, a kind that it does not have is refused by the plan.
	unknown := p.plan(strings.ReplaceAll(all, "kind: Mug", "kind: Jug"), Request{})
	if err := unknown.Err(); err == nil || !strings.Contains(err.Error(), "the cluster has no kind Jug in "+behind.group+"/v1") {
		t.Errorf("got %v", err)
	}
	if last := p.uninstall(Request{}); !strings.Contains(summary(last), "removed Mug one") {
		t.Errorf("uninstalled\n%s", summary(last))
	}
}

// TestServerAggregatedSilent: what is behind an APIService of the installation holds up
// nobody, whether its server never came or is gone: the object is told, and left alone.
func TestServerAggregatedSilent(t *testing.T) {
	p := somewhere(t)
	behind := newAggregate(t, p.id.Namespace+".example.org")
	t.Cleanup(func() { erase(t, p.Cluster, "/apis/apiregistration.k8s.io/v1/apiservices/v1."+behind.group) })
	all := behind.manifests()
	mug := api.Ref{APIVersion: behind.group + "/v1", Kind: "Mug", Namespace: p.id.Namespace, Name: "one"}
	apply := func(patience time.Duration) error {
		s := p.begin(p.plan(all, Request{}))
		s.Patience(patience, nil)
		err := s.Apply(t.Context(), nil)
		return errors.Join(err, s.Finish(t.Context(), err))
	}
	told := func() {
		t.Helper()
		p.Reset()
		found, err := ready.Readiness(t.Context(), p.Client, []api.Ref{mug, {APIVersion: "v1", Kind: "ConfigMap", Namespace: p.id.Namespace, Name: "beside"}})
		if err != nil || found[0].Why == "" || found[1].Why != "" {
			t.Errorf("got %v, %v", found, err)
		}
		if last := p.uninstall(Request{}); !strings.Contains(summary(last), "kept Mug one") || !strings.Contains(summary(last), "removed APIService") {
			t.Errorf("uninstalled\n%s", summary(last))
		}
	}

	if err := apply(time.Second); !errors.Is(err, api.ErrTimeout) {
		t.Fatalf("got %v", err)
	}
	without := strings.Split(all, "---\n")
	if plan := p.plan(strings.Join(slices.Delete(without, 2, 3), "---\n"), Request{Upgrade: true}); plan.Err() != nil || !strings.Contains(summary(plan), "kept Mug one") {
		t.Errorf("%v\n%s", plan.Err(), summary(plan))
	}
	told()

	stop := behind.start()
	if err := apply(2 * time.Minute); err != nil {
		t.Fatal(err)
	}
	stop()
	told()
}

// TestServerAggregatedOutside brings an API whose kind turns out to have no namespaces,
// and an object of it: a first install asks nobody for that, an upgrade has to be allowed
// to.
func TestServerAggregatedOutside(t *testing.T) {
	p := somewhere(t)
	behind := newAggregate(t, p.id.Namespace+".example.org")
	behind.outside = true
	t.Cleanup(func() { erase(t, p.Cluster, "/apis/apiregistration.k8s.io/v1/apiservices/v1."+behind.group) })
	behind.start()
	all := behind.manifests()

	plan := p.plan(all, Request{})
	if err := plan.Err(); err != nil {
		t.Fatal(err)
	}
	s := p.begin(plan)
	s.Patience(2*time.Minute, nil)
	err := s.Apply(t.Context(), nil)
	if err := errors.Join(err, s.Finish(t.Context(), err)); err != nil {
		t.Fatal(err)
	}
	mug := api.Ref{APIVersion: behind.group + "/v1", Kind: "Mug", Name: "one"}
	live, err := p.Find(t.Context(), mug)
	if err != nil || object.Text(live, "metadata", "labels", api.LabelInstallation) != "web" || object.Text(live, "metadata", "namespace") != "" {
		t.Fatalf("got %v, %v", live, err)
	}
	state := p.state()
	if i := slices.IndexFunc(state.Inventory, func(i api.Item) bool { return i.Kind == "Mug" }); i < 0 || state.Inventory[i].Ref != mug || state.Inventory[i].UID == "" {
		t.Errorf("the record has %v", state.Inventory)
	}

	// The same once more finds what it has made, and what confirms its record.
	if again := p.plan(all, Request{Upgrade: true}); again.Err() != nil || again.Count(Unchanged) != 4 {
		t.Errorf("%v\n%s", again.Err(), summary(again))
	}
	if last := p.uninstall(Request{}); !strings.Contains(summary(last), "removed Mug one") {
		t.Errorf("uninstalled\n%s", summary(last))
	}
}
