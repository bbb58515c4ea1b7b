package cluster

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/apply"
	"github.com/kpm-sh/kpm/internal/cluster/history"
	. "github.com/kpm-sh/kpm/internal/cluster/plan"
)

// loser loses the answers to writes of records after the server has done them.
type loser struct {
	http.RoundTripper
	lose int
}

func (l *loser) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := l.RoundTripper.RoundTrip(r)
	if err == nil && r.Method == http.MethodPatch && r.Header.Get("Content-Type") == string(types.MergePatchType) && l.lose > 0 {
		l.lose--
		_ = resp.Body.Close()
		return nil, errors.New("the connection broke")
	}
	return resp, err
}

// TestServerAnswersLost loses answers, which is no reason to think that the lock
// is lost.
func TestServerAnswersLost(t *testing.T) {
	p := somewhere(t)
	p.history.Beat = time.Hour
	s := p.begin(p.plan(settings, Request{}))
	l := &loser{RoundTripper: p.via.RoundTripper, lose: 1}
	p.via.RoundTripper = l
	if err := s.Apply(t.Context(), nil); !errors.Is(err, api.ErrUnreachable) {
		t.Fatalf("the first save: %v", err)
	}
	if err := s.Apply(t.Context(), nil); !errors.Is(err, api.ErrConflict) {
		t.Fatalf("applied twice: %v", err) // what was new is there
	}
	l.lose = 1
	if err := s.Finish(t.Context(), nil); !errors.Is(err, api.ErrUnreachable) {
		t.Errorf("the last save: %v", err)
	}
	if err := s.Finish(t.Context(), nil); err != nil {
		t.Errorf("the last save again: %v", err)
	}
	if got := p.state().Installed(); got == nil || got.Number != 1 {
		t.Errorf("the state is %+v", p.state())
	}
}

// TestServerCancelled ends ctx in the middle of an install and of an uninstall;
// what was done is recorded, and the same again finishes it.
func TestServerCancelled(t *testing.T) {
	p := somewhere(t)
	cancelled := func(plan *Plan, action string) {
		t.Helper()
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		s, err := p.Begin(ctx, plan, history.Record{Action: action, Version: "1"}, p.here)
		if err != nil {
			t.Fatal(err)
		}
		err = s.Apply(ctx, func(e apply.Event) {
			if e.Stage == Services {
				cancel()
			}
		})
		if !errors.Is(err, context.Canceled) {
			t.Fatalf("%s: applied with %v", action, err)
		}
		if err := s.Finish(ctx, err); err != nil {
			t.Fatalf("%s: finished with %v", action, err)
		}
		if r := p.state().Revisions[0]; r.Status != history.Failed || r.Action != action {
			t.Errorf("%s: the record is %+v", action, r)
		}
	}
	cancelled(p.plan(webV1, Request{}), "install")
	if p.live("v1 Service web") == nil || p.live("apps/v1 Deployment web") != nil {
		t.Error("it was not cancelled in the middle")
	}
	p.install(webV1, Request{})
	cancelled(p.uninstallPlan(), "uninstall")
	if p.live("v1 ConfigMap settings") == nil {
		t.Error("it was not cancelled in the middle")
	}
	if left := p.uninstall(Request{Purge: true}); left.Count(Kept) > 0 {
		t.Errorf("uninstalled again:\n%s", summary(left))
	}
	if p.live("v1 ConfigMap settings") != nil {
		t.Error("the rest is still there")
	}
}

// TestServerFinalizers has a custom object that an operator of the same Kube
// finalizes: it goes before the operator does.
func TestServerFinalizers(t *testing.T) {
	p := somewhere(t)
	path := "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/pots." + p.id.Namespace + ".example.com"
	t.Cleanup(func() { erase(t, p.Cluster, path) })
	held := strings.Replace(pot, "name: a", "name: a, finalizers: [example.com/hold]", 1)
	p.install(crd+held+"---\n"+webV1, Request{})
	operator := make(chan error, 1)
	var order []string
	err := p.Apply(t.Context(), p.uninstallPlan(), func(e apply.Event) {
		order = append(order, e.Kind)
		if e.Kind != "Pot" {
			return
		}
		go func() {
			_, err := p.Do(t.Context(), api.Request{
				Method: http.MethodPatch, Path: api.Resource{Group: p.id.Namespace + ".example.com", Version: "v1", Plural: "pots", Namespaced: true}.Path(p.id.Namespace, "a"),
				ContentType: string(types.MergePatchType), Body: map[string]any{"metadata": map[string]any{"finalizers": nil}},
			})
			operator <- err
		}()
	})
	if err := errors.Join(err, <-operator); err != nil {
		t.Fatal(err)
	}
	if order[0] != "Pot" || order[1] != "CustomResourceDefinition" || order[2] != "Deployment" {
		t.Errorf("deleted in the order %v", order)
	}
}
