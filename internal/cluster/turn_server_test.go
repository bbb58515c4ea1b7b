package cluster

import (
	"errors"
	"testing"
	"time"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/history"
)

// TestServerTurn: one has the turn at a time, gives it back or keeps it, and one that
// nobody keeps is taken over.
func TestServerTurn(t *testing.T) {
	p := somewhere(t)
	ctx := t.Context()
	one, two := history.Turn{Namespace: p.id.Namespace, Name: "turn", Holder: "one"}, history.Turn{Namespace: p.id.Namespace, Name: "turn", Holder: "two"}
	must := func(what string, err error) {
		t.Helper()
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
	}
	must("one takes it", one.Take(ctx, p.Client, 0))
	if err := two.Take(ctx, p.Client, 0); !errors.Is(err, api.ErrBusy) {
		t.Errorf("two takes it as well: %v", err)
	}
	must("one keeps it", one.Keep(ctx, p.Client))
	if err := two.Keep(ctx, p.Client); !errors.Is(err, api.ErrConflict) {
		t.Errorf("two keeps it: %v", err)
	}
	must("two ends what it has not", two.End(ctx, p.Client))
	if err := two.Take(ctx, p.Client, 0); !errors.Is(err, api.ErrBusy) {
		t.Errorf("it was ended by who had it not: %v", err)
	}
	must("one ends it", one.End(ctx, p.Client))
	must("one ends it again", one.End(ctx, p.Client))
	must("two takes it", two.Take(ctx, p.Client, 0))

	// two is killed: as its turn is for a second, nobody waits a minute for it here.
	leases := api.Resource{Group: "coordination.k8s.io", Version: "v1", Kind: "Lease", Plural: "leases", Namespaced: true}
	_, err := p.Merge(ctx, leases, leases.RefTo(p.id.Namespace, "turn"), "", map[string]any{"spec": map[string]any{"leaseDurationSeconds": 1}})
	must("shortening", err)
	must("one takes it over", one.Take(ctx, p.Client, time.Minute))
	if err := two.Keep(ctx, p.Client); !errors.Is(err, api.ErrConflict) {
		t.Errorf("two keeps what it has lost: %v", err)
	}
	must("one ends it", one.End(ctx, p.Client))
}
