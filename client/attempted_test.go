package client

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/kpm-sh/kpm/client/repos"
	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/clustertest"
	"github.com/kpm-sh/kpm/internal/cluster/history"
	"github.com/kpm-sh/kpm/internal/cluster/ready"
	"github.com/kpm-sh/kpm/internal/sharedtest"
)

// connected connects to a server of the test's own.
func connected(t *testing.T) (*clustertest.Server, *api.Client) {
	t.Helper()
	s := clustertest.New(t)
	k, err := api.Connect(t.Context(), api.Options{Config: s.Kubeconfig()})
	must(t, err)
	return s, k
}

// prepare prepares the Kube in a folder to be installed; its hook is not run.
func prepare(t *testing.T, c *Client, k *api.Client, dir string, o Options) (*Source, *Prepared) {
	t.Helper()
	s, err := c.Install(t.Context(), k, k.Namespace, repos.Ref{Path: dir}, o)
	must(t, err)
	f, err := s.Fetch(t.Context())
	must(t, err)
	p, err := f.Prepare()
	must(t, err)
	return s, p
}

// What a hook made for an install that failed is taken from what was read of it
// already: nothing is asked twice, and no fault of a server makes a second password.
func TestAttemptIsReadOnce(t *testing.T) {
	s, k := connected(t)
	c := newClient(t)
	dir, err := Create(t.TempDir(), "mine")
	must(t, err)
	must(t, os.MkdirAll(filepath.Join(dir, "scripts"), 0o755))
	sharedtest.Write(t, filepath.Join(dir, "scripts", "pre-install.py"), "print()\n")
	o := Options{Holder: history.Here("run", "tester")}
	s1, p := prepare(t, c, k, dir, o)
	p.hook, err = p.hook.with(filesOf(map[string][]byte{"hook-values.yaml": []byte("message: first\n")}))
	must(t, err)
	planned, err := s1.Plan(t.Context(), p)
	must(t, err)
	begun, err := begin(t.Context(), k, planned.Plan, planned.next, o.Holder, Wait{})
	must(t, err)
	must(t, begun.end(t.Context(), errors.New("a fault of the test")))

	var reads atomic.Int32
	s.Before(func(r *http.Request) int {
		if r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, "/secrets/kpm.mine.v1") && reads.Add(1) > 1 {
			return http.StatusInternalServerError
		}
		return 0
	})
	again, err := c.Install(t.Context(), k, k.Namespace, repos.Ref{Path: dir}, o)
	must(t, err)
	if again.last == nil || string(again.last.HookFiles["hook-values.yaml"]) != "message: first\n" {
		t.Errorf("the attempt before is %+v", again.last)
	}
	if got := reads.Load(); got != 1 {
		t.Errorf("its record was read %d times", got)
	}
}

// What could not be asked at the end is told: a list that is empty says nothing.
func TestReportTellsWhatItLacks(t *testing.T) {
	s, k := connected(t)
	c := newClient(t)
	dir, err := Create(t.TempDir(), "mine")
	must(t, err)
	j := c.Journal("install", dir)
	source, p := prepare(t, c, k, dir, Options{Holder: history.Here("run", "tester"), Journal: j})
	planned, err := source.Plan(t.Context(), p)
	must(t, err)
	_, err = planned.Apply(t.Context(), Wait{})
	must(t, err)
	s.Before(func(r *http.Request) int {
		if strings.HasPrefix(r.URL.Path, "/apis/apps/v1/") {
			return http.StatusInternalServerError
		}
		return 0
	})
	if r := j.Close(t.Context(), "", 0); len(r.Warnings) != 1 || !strings.HasPrefix(r.Warnings[0], "what images run is not known: ") {
		t.Errorf("warnings are %q", r.Warnings)
	}
}

// Hiding values changes no text of the one who gave it.
func TestScrubbedCopies(t *testing.T) {
	given := ready.Blocked{Why: "x", Events: []string{"x"}, Containers: []ready.Container{{State: "x", Log: []string{"x"}}}}
	got := scrubbed(given, func(string) string { return "(hidden)" })
	if got.Events[0] != "(hidden)" || got.Containers[0].Log[0] != "(hidden)" || got.Containers[0].State != "(hidden)" {
		t.Errorf("shown: %+v", got)
	}
	if given.Events[0] != "x" || given.Containers[0].Log[0] != "x" || given.Containers[0].State != "x" {
		t.Errorf("changed: %+v", given)
	}
}
