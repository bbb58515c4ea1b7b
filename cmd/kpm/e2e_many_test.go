package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sync/errgroup"

	"github.com/kpm-sh/kpm/client/repos"
	"github.com/kpm-sh/kpm/internal/sitetest"
)

// Many installations in many namespaces, made several at once, are all listed, in
// order, and so are those of which a newer release is out.
func TestE2EMany(t *testing.T) {
	t.Parallel()
	controlPlane(t)
	namespaces, kubes := 5, 10
	if os.Getenv("KPM_SOAK") != "" {
		namespaces, kubes = 50, 20
	}
	site, home := pinned(t)
	var first, newer []*sitetest.Edition
	for i := range kubes {
		name := fmt.Sprintf("tiny-%02d", i)
		first = append(first, sitetest.Release(name, "1.0.0"))
		if i%2 == 0 {
			newer = append(newer, sitetest.Release(name, "1.1.0"))
		}
	}
	site.Publish(first...)
	g := newGuest(t, home)
	g.must(t, "update")

	var all, outdated []string
	var work errgroup.Group
	work.SetLimit(4)
	for n := range namespaces {
		ns := fmt.Sprintf("%s-%02d", g.namespace, n)
		defer g.api.ask(t, http.MethodDelete, "/api/v1/namespaces/"+ns, nil, nil)
		for i, e := range first {
			all = append(all, ns+" "+e.Name+" 1.0.0")
			if i%2 == 0 {
				outdated = append(outdated, ns+" "+e.Name+" 1.0.0 1.1.0")
			}
			work.Go(func() error {
				if _, notes, code := g.run(t, "install", e.Name, "-n", ns, "--create-namespace", "--no-wait"); code != exitDone {
					return fmt.Errorf("installing %s in %s: exit code %d: %s", e.Name, ns, code, notes)
				}
				return nil
			})
		}
	}
	if err := work.Wait(); err != nil {
		t.Fatal(err)
	}
	site.Publish(newer...)
	g.must(t, "update")

	var listed []installed
	if err := json.Unmarshal(g.measured(t, "list", "-A", "-o", "json"), &listed); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, v := range listed {
		if strings.HasPrefix(v.Namespace, g.namespace) && v.Status == "installed" {
			got = append(got, v.Namespace+" "+v.Name+" "+v.Version)
		}
	}
	if diff := cmp.Diff(all, got); diff != "" {
		t.Errorf("list (-want +got):\n%s", diff)
	}
	if out := g.must(t, "list", "-A", "--no-headers"); strings.Count(out, "\n"+g.namespace)+strings.Count(out[:len(g.namespace)], g.namespace) != len(all) {
		t.Errorf("list has not %d lines of ours: %s", len(all), out)
	}
	var late []repos.Outdated
	if err := json.Unmarshal(g.measured(t, "outdated", "-A", "-o", "json"), &late); err != nil {
		t.Fatal(err)
	}
	got = nil
	for _, o := range late {
		if strings.HasPrefix(o.Namespace, g.namespace) {
			got = append(got, o.Namespace+" "+o.Name+" "+o.Installed+" "+o.Available)
		}
	}
	if diff := cmp.Diff(outdated, got); diff != "" {
		t.Errorf("outdated (-want +got):\n%s", diff)
	}
}

// measured is must that logs what it took.
func (g guest) measured(t *testing.T, args ...string) []byte {
	t.Helper()
	cmd, start := g.process(t, args...), time.Now()
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("kpm %v: %v", args, err)
	}
	t.Logf("kpm %v: %.2f s, %.2f s of CPU", args, time.Since(start).Seconds(), (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds())
	return out
}

// A list of a namespace costs two requests beside the one that every command begins with,
// however many installations there are, and
// still tells which of them nothing confirms.
func TestE2EListCosts(t *testing.T) {
	t.Parallel()
	l := newLife(t)
	for i := range 5 {
		name := fmt.Sprintf("app%d", i)
		object := strings.NewReplacer("RELEASE", "app:1", "app}", name+"}").Replace(vouchedWorkload)
		l.must(t, "install", written(t, name, "1.0.0", object), "--create-namespace", "--no-wait")
	}
	costs := func() (string, int) {
		l.proxy.fail(fault{})
		g := l.through()
		return g.must(t, "list"), l.proxy.requests()
	}
	if out, requests := costs(); requests != 3 || strings.Contains(out, "unconfirmed") || strings.Count(out, "installed") != 5 {
		t.Errorf("%d requests: %s", requests, out)
	}
	l.api.ask(t, http.MethodDelete, "/apis/apps/v1/namespaces/"+l.namespace+"/deployments/app3", nil, nil)
	if out, _ := costs(); strings.Count(out, "unconfirmed") != 1 || !strings.Contains(out, "app3") {
		t.Errorf("one is gone: %s", out)
	}
}
