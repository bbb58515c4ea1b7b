package cluster

import (
	"testing"
	"time"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/clustertest"
	"github.com/kpm-sh/kpm/internal/cluster/history"
	. "github.com/kpm-sh/kpm/internal/cluster/plan"
	"github.com/kpm-sh/kpm/internal/manifest"
)

// fakeServer is an API server in memory, and the installation web/web there.
type fakeServer struct {
	*Cluster
	*clustertest.Server
	via *via
	t   *testing.T
	id  api.Installation
}

func fake(t *testing.T) *fakeServer {
	t.Helper()
	f := &fakeServer{Server: clustertest.New(t), via: &via{}, t: t, id: api.Installation{Namespace: "web", Name: "web"}}
	c, err := api.Connect(t.Context(), api.Options{Config: f.Kubeconfig(), Salt: []byte("salt"), Wrap: f.via.wrap})
	if err != nil {
		t.Fatal(err)
	}
	f.Cluster = newCluster(c)
	f.history.Beat = time.Hour
	return f
}

// objectsOf reads manifests.
func objectsOf(t *testing.T, yaml string) []manifest.Object {
	t.Helper()
	objects, problems := manifest.Decode("manifests/all.yaml", []byte(yaml))
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	return objects
}

// plan plans manifests, with what is there.
func (f *fakeServer) plan(yaml string, r Request) *Plan {
	f.t.Helper()
	r.Installation = f.id
	state, err := f.State(f.t.Context(), f.id)
	if err != nil {
		f.t.Fatal(err)
	}
	r = f.asRecorded(r, state)
	plan, err := f.Plan(f.t.Context(), objectsOf(f.t, yaml), r)
	if err != nil {
		f.t.Fatal(err)
	}
	return plan
}

// carry does what a plan says.
func (f *fakeServer) carry(plan *Plan, r history.Record) error {
	f.t.Helper()
	s, err := f.Begin(f.t.Context(), plan, r, history.Holder{Run: "run"})
	if err != nil {
		return err
	}
	outcome := s.Apply(f.t.Context(), nil)
	if err := s.Finish(f.t.Context(), outcome); err != nil {
		return err
	}
	return outcome
}

// install plans and applies, and fails the test on any error.
func (f *fakeServer) install(yaml string) {
	f.t.Helper()
	if err := f.carry(f.plan(yaml, Request{}), history.Record{Action: "install", Version: "1.0.0"}); err != nil {
		f.t.Fatal(err)
	}
}
