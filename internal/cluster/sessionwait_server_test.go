package cluster

import (
	"maps"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	. "github.com/kpm-sh/kpm/internal/cluster/plan"
	"github.com/kpm-sh/kpm/internal/cluster/ready"
)

// gets notes which objects are looked at.
type gets struct {
	http.RoundTripper
	mu    sync.Mutex
	paths map[string]bool
}

func (g *gets) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method == http.MethodGet && r.URL.RawQuery == "" {
		g.mu.Lock()
		g.paths[r.URL.Path] = true
		g.mu.Unlock()
	}
	return g.RoundTripper.RoundTrip(r)
}

// TestServerWaitOfSession waits for what a session applied: nothing is asked about
// what has no status, and all is told to be ready, once.
func TestServerWaitOfSession(t *testing.T) {
	p := somewhere(t)
	balanced := "---\napiVersion: v1\nkind: Service\nmetadata: {name: front}\nspec: {type: LoadBalancer, selector: {app: web}, ports: [{port: 80}]}\n"
	plan := p.plan(webV1+balanced, Request{})
	s := p.begin(plan)
	if err := s.Apply(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	asked := &gets{RoundTripper: p.via.RoundTripper, paths: map[string]bool{}}
	p.via.RoundTripper = asked
	times := map[api.Ref]int{}
	s.Patience(time.Minute, func(w ready.Waiting) {
		if w.Why == "" {
			times[w.Ref]++
		}
	})
	if err := s.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, ref := range plan.Applied() {
		if times[ref] != 1 {
			t.Errorf("%s is told to be ready %d times", ref, times[ref])
		}
	}
	want := []string{
		core(p, "persistentvolumeclaims/files"), core(p, "services/front"),
		"/apis/apps/v1/namespaces/" + p.id.Namespace + "/deployments/web",
	}
	slices.Sort(want)
	looked := slices.DeleteFunc(slices.Sorted(maps.Keys(asked.paths)), func(path string) bool { return path == "/apis/storage.k8s.io/v1/storageclasses/standard" })
	if !slices.Equal(looked, want) {
		t.Errorf("looked at %q, want %q", looked, want)
	}
	if err := s.Finish(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
}
