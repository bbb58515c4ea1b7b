package api

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kpm-sh/kpm/internal/cluster/clustertest"
)

// serve connects to a server of the test's own, for faults that a real one does
// not have at hand.
func serve(t *testing.T, o Options, routes map[string]http.HandlerFunc) (*Client, error) {
	t.Helper()
	o.Config = clustertest.Serve(t, routes)
	return Connect(t.Context(), o)
}

func TestConnectFaults(t *testing.T) {
	gone := httptest.NewServer(nil)
	gone.Close()
	page := httptest.NewServer(clustertest.Answer(http.StatusOK, "<html>"))
	t.Cleanup(page.Close)
	missing := filepath.Join(t.TempDir(), "config")
	broken := filepath.Join(t.TempDir(), "config")
	if err := os.WriteFile(broken, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		options Options
		want    error
		words   string
	}{
		"no file":         {Options{Kubeconfig: []string{missing}}, ErrNoKubeconfig, missing},
		"empty":           {Options{Config: []byte("{}")}, ErrNoKubeconfig, "no kubeconfig"},
		"no such context": {Options{Config: clustertest.Kubeconfig("http://127.0.0.1:1"), Context: "zzz"}, ErrNotFound, `no context "zzz"`},
		"nobody there":    {Options{Config: clustertest.Kubeconfig(gone.URL)}, ErrUnreachable, gone.URL},
		"a web page":      {Options{Config: clustertest.Kubeconfig(page.URL)}, ErrUnreachable, "does not answer as"},
		"a broken file":   {Options{Kubeconfig: []string{broken}}, nil, "reading the kubeconfig"},
	} {
		_, err := Connect(t.Context(), c.options)
		if err == nil || (c.want != nil && !errors.Is(err, c.want)) || !strings.Contains(err.Error(), c.words) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestConnectSends(t *testing.T) {
	var got http.Header
	c, err := serve(t, Options{As: "bob", AsGroups: []string{"g1", "g2"}, UserAgent: "kpm/1", Context: "bare"}, map[string]http.HandlerFunc{
		"GET /x": func(_ http.ResponseWriter, r *http.Request) { got = r.Header },
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Do(t.Context(), Request{Method: http.MethodGet, Path: "/x"}); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string][]string{
		"Impersonate-User": {"bob"}, "Impersonate-Group": {"g1", "g2"}, "User-Agent": {"kpm/1"},
	} {
		if diff := cmp.Diff(want, got[name]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if c.Namespace != "default" || c.Version != "v1.36.3" {
		t.Errorf("namespace %s, version %s", c.Namespace, c.Version)
	}
}

// TestAnswers gives each sort of answer its class.
func TestAnswers(t *testing.T) {
	busy := 0
	c, err := serve(t, Options{Timeout: 200 * time.Millisecond}, map[string]http.HandlerFunc{
		"GET /status": clustertest.Answer(http.StatusForbidden, `{"kind":"Status","status":"Failure","message":"no, bob","code":403}`),
		"GET /text":   clustertest.Answer(http.StatusInternalServerError, "boom"),
		"GET /proxy":  clustertest.Answer(http.StatusBadGateway, "<html>"),
		"GET /gone":   clustertest.Answer(http.StatusNotFound, ""),
		"GET /moved": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://127.0.0.1:1/", http.StatusFound)
		},
		"GET /forever": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "0")
			w.WriteHeader(http.StatusTooManyRequests)
			busy++
		},
		"GET /hang": func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
	})
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]error{
		"/status": ErrForbidden, "/text": ErrRefused, "/proxy": ErrUnreachable, "/gone": ErrNotFound, "/moved": ErrRefused,
		"/forever": ErrUnreachable, "/hang": ErrUnreachable,
	} {
		if _, err := c.Do(t.Context(), Request{Method: http.MethodGet, Path: path}); !errors.Is(err, want) {
			t.Errorf("%s: got %v", path, err)
		} else if path == "/status" && err.Error() != "no, bob" {
			t.Errorf("%s: says %v", path, err)
		}
	}
	if busy != maxTries {
		t.Errorf("asked a busy server %d times", busy)
	}
}

func TestWarnings(t *testing.T) {
	c, err := serve(t, Options{}, map[string]http.HandlerFunc{"GET /old": func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Add("Warning", `299 - "v1beta1 is deprecated"`)
		w.Header().Add("Warning", `299 - "use v1"`)
	}})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := c.Do(t.Context(), Request{Method: http.MethodGet, Path: "/old"}); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff([]string{"v1beta1 is deprecated", "use v1"}, c.Warnings()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := c.Warnings(); len(got) > 0 {
		t.Errorf("told again: %v", got)
	}
}

// TestDiscoverOlder asks a server that does not aggregate, of which one group
// does not answer.
func TestDiscoverOlder(t *testing.T) {
	c, err := serve(t, Options{}, map[string]http.HandlerFunc{
		"GET /api":          clustertest.Answer(200, `{"kind":"APIVersions","versions":["v1"]}`),
		"GET /apis":         clustertest.Answer(200, `{"kind":"APIGroupList","groups":[{"versions":[{"groupVersion":"apps/v1"},{"groupVersion":"away/v1"}]}]}`),
		"GET /api/v1":       clustertest.Answer(200, `{"kind":"APIResourceList","resources":[{"name":"pods","kind":"Pod","namespaced":true}]}`),
		"GET /apis/apps/v1": clustertest.Answer(200, `{"kind":"APIResourceList","resources":[{"name":"deployments","kind":"Deployment","namespaced":true}]}`),
		"GET /apis/away/v1": clustertest.Answer(503, ``),
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range []struct {
		apiVersion, kind string
		want             error
	}{{"v1", "Pod", nil}, {"apps/v1", "Deployment", nil}, {"apps/v1", "Pod", ErrNotFound}} {
		if _, err := c.Resource(t.Context(), q.apiVersion, q.kind); !errors.Is(err, q.want) {
			t.Errorf("%v: got %v", q, err)
		}
	}
	if _, err := c.Served(t.Context(), Ref{APIVersion: "away/v2", Kind: "Pot"}); !errors.Is(err, ErrUnreachable) {
		t.Errorf("a kind that is away: %v", err)
	}
	if r, err := c.Served(t.Context(), Ref{APIVersion: "apps/v1beta1", Kind: "Deployment"}); err != nil || r.Version != "v1" {
		t.Errorf("another version: %+v, %v", r, err)
	}
}

// A server that takes longer than a request may is out of reach, and no end of the
// caller's time.
func TestSlowServer(t *testing.T) {
	silence := func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	c, err := serve(t, Options{Timeout: 50 * time.Millisecond}, map[string]http.HandlerFunc{"GET /api": silence})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Find(t.Context(), Pods.RefTo("a", "b")); !errors.Is(err, ErrSlow) || !errors.Is(err, ErrUnreachable) || errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}
