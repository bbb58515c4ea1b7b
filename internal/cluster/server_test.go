package cluster

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/history"
	"github.com/kpm-sh/kpm/internal/cluster/object"
	. "github.com/kpm-sh/kpm/internal/cluster/plan"
	"github.com/kpm-sh/kpm/internal/manifest"
)

// connect connects to the real control plane that tests are run beside (see
// internal/e2e). Without one the test is skipped.
func connect(t *testing.T, o api.Options) *Cluster {
	t.Helper()
	path := os.Getenv("KPM_E2E_KUBECONFIG")
	if path == "" {
		if os.Getenv("KPM_E2E") == "required" {
			t.Fatal("KPM_E2E_KUBECONFIG is not set")
		}
		t.Skip("no control plane: KPM_E2E_KUBECONFIG is not set")
	}
	if o.Kubeconfig == nil {
		o.Kubeconfig = []string{path}
	}
	o.Salt = []byte("salt")
	k, err := api.Connect(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	c := newCluster(k)
	c.history.Beat, c.history.Stale = 100*time.Millisecond, 10*time.Second
	return c
}

// place is an installation in a namespace of its own.
type place struct {
	*Cluster
	via  *via
	t    *testing.T
	id   api.Installation
	here history.Holder
}

// via is what the requests of a place go through; a test may put something before it.
type via struct{ http.RoundTripper }

func (v *via) wrap(next http.RoundTripper) http.RoundTripper {
	v.RoundTripper = next
	return v
}

// somewhere makes a namespace for the test.
func somewhere(t *testing.T) place {
	t.Helper()
	v := &via{}
	c := connect(t, api.Options{Wrap: v.wrap})
	p := place{c, v, t, api.Installation{Namespace: newNamespace(t, c), Name: "web"}, history.Here("run", "tester")}
	return p
}

func newNamespace(t *testing.T, c *Cluster) string {
	t.Helper()
	a, err := c.Do(t.Context(), api.Request{Method: http.MethodPost, Path: "/api/v1/namespaces", Body: map[string]any{
		"apiVersion": "v1", "kind": "Namespace", "metadata": map[string]any{"generateName": "t-"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	o, err := a.Object()
	if err != nil {
		t.Fatal(err)
	}
	name := object.Text(o, "metadata", "name")
	t.Cleanup(func() { erase(t, c, "/api/v1/namespaces/"+name) })
	return name
}

// erase deletes what a test has made; it may be gone already.
func erase(t *testing.T, c *Cluster, path string) {
	t.Helper()
	if _, err := c.Do(context.Background(), api.Request{Method: http.MethodDelete, Path: path}); err != nil && !errors.Is(err, api.ErrNotFound) {
		t.Error(err)
	}
}

// decode reads manifests. NS in them is the namespace of the place.
func (p place) decode(yaml string) []manifest.Object {
	p.t.Helper()
	objects, problems := manifest.Decode("manifests/all.yaml", []byte(strings.ReplaceAll(yaml, "NS", p.id.Namespace)))
	if err := problems.Err(); err != nil {
		p.t.Fatal(err)
	}
	return objects
}

func (p place) state() history.State {
	p.t.Helper()
	s, err := p.State(p.t.Context(), p.id)
	if err != nil {
		p.t.Fatal(err)
	}
	return s
}

func (p place) plan(yaml string, r Request) *Plan {
	p.t.Helper()
	r.Installation = p.id
	r = p.asRecorded(r, p.state())
	plan, err := p.Plan(p.t.Context(), p.decode(yaml), r)
	if err != nil {
		p.t.Fatal(err)
	}
	return plan
}

// carry does what a plan says, with its record.
func (p place) carry(plan *Plan, action string) error {
	p.t.Helper()
	s, err := p.Begin(p.t.Context(), plan, history.Record{Action: action, Version: "1.0.0"}, p.here)
	if err != nil {
		return err
	}
	outcome := s.Apply(p.t.Context(), nil)
	return errors.Join(outcome, s.Finish(p.t.Context(), outcome))
}

// install plans and applies, and fails the test on any error.
func (p place) install(yaml string, r Request) *Plan {
	p.t.Helper()
	plan := p.plan(yaml, r)
	if err := p.carry(plan, "install"); err != nil {
		p.t.Fatal(err)
	}
	return plan
}

func (p place) uninstall(r Request) *Plan {
	p.t.Helper()
	r.Installation = p.id
	r = p.asRecorded(r, p.state())
	plan, err := p.PlanUninstall(p.t.Context(), r)
	if err != nil {
		p.t.Fatal(err)
	}
	if err := p.carry(plan, "uninstall"); err != nil {
		p.t.Fatal(err)
	}
	return plan
}

// stranger applies as somebody else.
func (p place) stranger(yaml string) {
	p.t.Helper()
	for _, o := range p.decode(yaml) {
		r, err := p.Resource(p.t.Context(), o.APIVersion, o.Kind)
		if err != nil {
			p.t.Fatal(err)
		}
		ref := api.Ref{APIVersion: o.APIVersion, Kind: o.Kind, Namespace: o.Namespace, Name: o.Name}
		if ref.Namespace == "" && r.Namespaced {
			ref.Namespace = p.id.Namespace
		}
		if _, _, err := p.ServerSideApply(p.t.Context(), api.Patch{Resource: r, Ref: ref, Value: o.Value, Manager: "stranger", Force: true}); err != nil {
			p.t.Fatal(err)
		}
		if !r.Namespaced {
			p.t.Cleanup(func() { erase(p.t, p.Cluster, r.Path("", ref.Name)) })
		}
	}
}

// live is an object by "apiVersion Kind name", nil when it is not there. A
// namespace other than the place's is written before the name, as "other/name".
func (p place) live(what string) map[string]any {
	p.t.Helper()
	f := strings.Fields(what)
	ref := api.Ref{APIVersion: f[0], Kind: f[1], Namespace: p.id.Namespace, Name: f[2]}
	if ns, name, ok := strings.Cut(f[2], "/"); ok {
		ref.Namespace, ref.Name = ns, name
	}
	r, err := p.Resource(p.t.Context(), ref.APIVersion, ref.Kind)
	if err != nil {
		p.t.Fatal(err)
	}
	o, err := p.Get(p.t.Context(), r, ref)
	if err != nil {
		p.t.Fatal(err)
	}
	return o
}

// summary is a plan in short, an entry or refusal a line.
func summary(plan *Plan) string {
	var b strings.Builder
	for _, e := range plan.Entries {
		ref := e.Ref
		ref.Namespace = ""
		fmt.Fprintf(&b, "%s %s", e.Action, ref)
		if e.Offline {
			b.WriteString(" offline")
		}
		if e.Reason != "" {
			b.WriteString(": " + e.Reason)
		}
		b.WriteByte('\n')
		for _, c := range e.Changes {
			fmt.Fprintf(&b, "  %s\n", c)
		}
	}
	for _, r := range plan.Refusals {
		fmt.Fprintf(&b, "%s %s %s\n", r.Code, r.Kind, r.Name)
	}
	return b.String()
}

func marshal(t *testing.T, v any) string {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
