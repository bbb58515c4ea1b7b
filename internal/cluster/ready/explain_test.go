package ready

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/clustertest"
)

// TestExplainPod reads the end of what a crashed container wrote, and the events of
// this very pod.
func TestExplainPod(t *testing.T) {
	var asked, about string
	c, err := serving(t, api.Options{}, map[string]http.HandlerFunc{
		"GET /api":  clustertest.Answer(200, `{"kind":"APIGroupDiscoveryList","items":[{"metadata":{},"versions":[{"version":"v1","resources":[{"resource":"pods","scope":"Namespaced","responseKind":{"kind":"Pod"}}]}]}]}`),
		"GET /apis": clustertest.Answer(200, `{"kind":"APIGroupDiscoveryList"}`),
		"GET /api/v1/namespaces/ns/pods/p": clustertest.Answer(200, `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p","namespace":"ns","uid":"u"},"status":{"phase":"Running","containerStatuses":[
			{"name":"ok","state":{"running":{}},"lastState":{}},
			{"name":"web","restartCount":2,"state":{"waiting":{"reason":"CrashLoopBackOff","message":"back-off"}},"lastState":{"terminated":{"exitCode":3,"reason":"Error"}}}]}}`),
		"GET /api/v1/namespaces/ns/pods/p/log": func(w http.ResponseWriter, r *http.Request) { asked = r.URL.RawQuery; fmt.Fprint(w, "one\ntwo\n") },
		"GET /api/v1/namespaces/ns/events": func(w http.ResponseWriter, r *http.Request) {
			about = r.URL.Query().Get("fieldSelector")
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprint(w, `{"items":[{"reason":"B","message":"later line","lastTimestamp":"2026-01-01T12:00:00Z"},{"reason":"B","message":"later\nline","lastTimestamp":"2026-01-02T00:00:00Z"},{"reason":"A","message":"first","lastTimestamp":"2026-01-01T00:00:00Z"}]}`)
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	got, err := Explain(t.Context(), c, api.Ref{APIVersion: "v1", Kind: "Pod", Namespace: "ns", Name: "p"})
	if err != nil {
		t.Fatal(err)
	}
	code := int64(3)
	want := []Container{{Pod: "p", Name: "web", State: "CrashLoopBackOff", ExitCode: &code, Restarts: 2, Log: []string{"one", "two"}}}
	if diff := cmp.Diff(want, got.Containers); diff != "" {
		t.Errorf("containers (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"A: first", "B: later line"}, got.Events); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	if want := "container=web&limitBytes=8192&tailLines=10"; asked != want {
		t.Errorf("asked %s, want %s", asked, want)
	}
	if want := "involvedObject.kind=Pod,involvedObject.name=p,involvedObject.uid=u,type=Warning"; about != want {
		t.Errorf("asked for events of %s, want %s", about, want)
	}
}

// A server that takes longer than a request may is out of reach, and the end of a
// request does not pass for the end of the wait that it belongs to.
func TestWaitOnSlowServer(t *testing.T) {
	silence := func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	c, err := serving(t, api.Options{Timeout: 50 * time.Millisecond}, map[string]http.HandlerFunc{"GET /api": silence})
	if err != nil {
		t.Fatal(err)
	}
	err = NewWaiter(c).Wait(t.Context(), []api.Ref{{APIVersion: "v1", Kind: "Pod", Namespace: "a", Name: "b"}}, time.Minute, nil)
	if !errors.Is(err, api.ErrSlow) || !errors.Is(err, api.ErrUnreachable) || errors.Is(err, api.ErrTimeout) || !strings.Contains(err.Error(), "did not answer within 50ms") {
		t.Errorf("got %v", err)
	}
	if _, err := Readiness(t.Context(), c, []api.Ref{{APIVersion: "v1", Kind: "Pod", Name: "b"}}); !errors.Is(err, api.ErrSlow) {
		t.Errorf("a look: got %v", err)
	}
}

// What nothing but a finalizer holds is not waited for longer than such may be, however
// long all else may take.
func TestWaitGoneHeld(t *testing.T) {
	c, err := serving(t, api.Options{}, map[string]http.HandlerFunc{
		"GET /api":                               clustertest.Answer(200, `{"kind":"APIGroupDiscoveryList","items":[{"metadata":{},"versions":[{"version":"v1","resources":[{"resource":"configmaps","scope":"Namespaced","responseKind":{"kind":"ConfigMap"}}]}]}]}`),
		"GET /apis":                              clustertest.Answer(200, `{"kind":"APIGroupDiscoveryList"}`),
		"GET /api/v1/namespaces/ns/configmaps/c": clustertest.Answer(200, `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c","namespace":"ns","deletionTimestamp":"2026-01-01T00:00:00Z","finalizers":["a.b/c"]}}`),
	})
	if err != nil {
		t.Fatal(err)
	}
	ref := api.Ref{APIVersion: "v1", Kind: "ConfigMap", Namespace: "ns", Name: "c"}
	err = NewWaiter(c).WaitGone(t.Context(), []api.Ref{ref}, &Clock{Limit: 24 * time.Hour, Held: time.Nanosecond}, nil)
	if late, ok := errors.AsType[*Error](err); !ok || !late.Timeout || late.Error() != "ConfigMap ns/c: it is still there, held by the finalizers a.b/c" {
		t.Errorf("got %v", err)
	}
	seen, err := Readiness(t.Context(), c, []api.Ref{ref})
	if err != nil || len(seen) != 1 || !slices.Equal(seen[0].Finalizers, []string{"a.b/c"}) {
		t.Errorf("got %v, %v", seen, err)
	}
}

// serving connects to a server of the test's own, for faults that a real one does
// not have at hand.
func serving(t *testing.T, o api.Options, routes map[string]http.HandlerFunc) (*api.Client, error) {
	t.Helper()
	o.Config = clustertest.Serve(t, routes)
	return api.Connect(t.Context(), o)
}
