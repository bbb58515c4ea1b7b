package main

import (
	"encoding/json"
	"fmt"
	"math/rand"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kpm-sh/kpm/internal/cluster/history"
)

// What is killed at any moment is done by the same command again; nothing is lost,
// and nothing is left behind. One half of the kills is at a random request to the
// server, before or after it has done it, the other at a random time.
func TestE2EKilled(t *testing.T) {
	t.Parallel()
	l := newLife(t)
	l.measure(t)
	for n := range kills() {
		l.live(t, func(t *testing.T, i int, args []string) {
			if n%2 == 0 {
				l.killAt(t, i, args)
			} else {
				l.killAfter(t, i, args)
			}
		})
	}
}

// A server that goes away at any request is no harm either, and is told.
func TestE2ECut(t *testing.T) {
	t.Parallel()
	l := newLife(t)
	l.measure(t)
	for range kills()/4 + 1 {
		l.live(t, l.cut)
	}
}

// life is that of an installation whose steps are disturbed.
type life struct {
	guest
	proxy            *proxy
	dir, next        string
	objects, changed []string // of the two
	cost             []cost   // of each step
}

// cost is what a step takes that is not disturbed.
type cost struct {
	requests int
	time     time.Duration
}

// disturb runs kpm for a step of a life, and lets it be disturbed.
type disturb func(t *testing.T, step int, args []string)

func newLife(t *testing.T) *life {
	t.Helper()
	l := &life{guest: newGuest(t, t.TempDir())}
	l.proxy = newProxy(t, l.api)
	l.dir, l.objects = many(t, l.namespace, "1.0.0", 0)
	l.next, l.changed = many(t, l.namespace, "2.0.0", 10)
	return l
}

// measure lives without a disturbance.
func (l *life) measure(t *testing.T) {
	t.Helper()
	l.live(t, func(t *testing.T, _ int, args []string) {
		t.Helper()
		l.proxy.fail(fault{})
		start, g := time.Now(), l.through()
		g.must(t, args...)
		l.cost = append(l.cost, cost{l.proxy.requests(), time.Since(start)})
	})
	t.Logf("the steps cost %v", l.cost)
}

// through is the guest who goes through the proxy.
func (l *life) through() guest {
	g := l.guest
	g.config = l.proxy.config
	return g
}

// live disturbs each step, and takes it again. Twice an uninstall follows at once.
func (l *life) live(t *testing.T, disturb disturb) {
	t.Helper()
	install, upgrade := []string{"install", l.dir, "--create-namespace"}, []string{"upgrade", "-y", l.next}
	disturb(t, 0, install)
	l.must(t, install...)
	l.is(t, "1.0.0", l.dir, l.objects)
	disturb(t, 1, upgrade)
	l.must(t, upgrade...)
	l.is(t, "2.0.0", l.next, l.changed)
	rollback := []string{"rollback", "-y", "many", l.installedAs(t, "1.0.0"), "--accept-recorded", l.namespace + "/many"}
	disturb(t, 2, rollback)
	l.must(t, rollback...)
	l.is(t, "1.0.0", l.dir, l.objects)
	disturb(t, 3, []string{"uninstall", "-y", "many"})
	l.leave(t)

	disturb(t, 4, install)
	l.leave(t)
	l.must(t, install...)
	disturb(t, 5, upgrade)
	l.leave(t)
}

// is checks that the version is installed as its folder says: with its objects and
// no others, and all of them in the record.
func (l *life) is(t *testing.T, version, dir string, want []string) {
	t.Helper()
	if out := l.must(t, "list"); !strings.Contains(out, " "+version+" ") {
		t.Fatalf("list: %s", out)
	}
	if out := l.must(t, "diff", dir); out != "" {
		t.Errorf("diff: %s", out)
	}
	if diff := cmp.Diff(want, l.labelled(t)); diff != "" {
		t.Fatalf("in the cluster (-want +got):\n%s", diff)
	}
	recorded := strings.Fields(strings.ToLower(l.must(t, "status", "many", "-o", "name")))
	if len(recorded) != len(want) {
		t.Errorf("%d objects, the record has %d: %v", len(want), len(recorded), recorded)
	}
}

// leave uninstalls, as far as there is a record, and checks that nothing is left.
func (l *life) leave(t *testing.T) {
	t.Helper()
	if out, notes, code := l.run(t, "uninstall", "-y", "many"); code != exitDone && code != exitNotFound {
		t.Fatalf("uninstall: exit code %d: %s%s", code, out, notes)
	}
	if left := l.labelled(t); len(left) > 0 {
		t.Fatalf("left are %v", left)
	}
	var secrets struct{ Items []any }
	if l.api.ask(t, http.MethodGet, "/api/v1/namespaces/"+l.namespace+"/secrets", nil, &secrets); len(secrets.Items) > 0 {
		t.Fatalf("%d Secrets are left", len(secrets.Items))
	}
}

// labelled are the objects of the installation, of all kinds.
func (l *life) labelled(t *testing.T) []string {
	t.Helper()
	found := l.api.labelled(t, "kpm.sh/installation=many,kpm.sh/namespace="+l.namespace)
	slices.Sort(found)
	return found
}

// process is kpm as a process of its own that works for the guest.
func (g guest) process(t *testing.T, args ...string) *exec.Cmd {
	cmd := command(t.Context(), g.home, args...)
	cmd.Env = append(cmd.Env, "KUBECONFIG="+g.config, "KPM_NAMESPACE="+g.namespace)
	return cmd
}

// killAt kills kpm at a random request.
func (l *life) killAt(t *testing.T, step int, args []string) {
	t.Helper()
	g := l.through()
	cmd := g.process(t, args...)
	f := fault{at: 1 + rand.Intn(l.cost[step].requests), done: rand.Intn(2) == 0, hang: true, then: func() { _ = cmd.Process.Kill() }}
	l.proxy.fail(f)
	out, _ := cmd.CombinedOutput() // killed, or done
	t.Logf("kpm %s: killed at request %d of %d, done: %v: %s", args[0], f.at, l.cost[step].requests, f.done, lastLine(out))
}

// killAfter kills kpm after a random time.
func (l *life) killAfter(t *testing.T, step int, args []string) {
	t.Helper()
	cmd := l.process(t, args...)
	wait := time.Duration(rand.Int63n(int64(l.cost[step].time)))
	time.AfterFunc(wait, func() {
		if cmd.Process != nil {
			_ = cmd.Process.Kill()
		}
	})
	out, _ := cmd.CombinedOutput() // killed, or done
	t.Logf("kpm %s: killed after %s of %s: %s", args[0], wait, l.cost[step].time, lastLine(out))
}

// cut takes the server away at a random request.
func (l *life) cut(t *testing.T, step int, args []string) {
	t.Helper()
	f := fault{at: 1 + rand.Intn(l.cost[step].requests), done: rand.Intn(2) == 0}
	l.proxy.fail(f)
	out, notes, code := l.through().run(t, args...)
	t.Logf("kpm %s: cut at request %d of %d, done: %v: %s", args[0], f.at, l.cost[step].requests, f.done, lastLine([]byte(notes)))
	if l.proxy.requests() < f.at {
		return
	}
	if code != exitUnreachable || !strings.Contains(notes, l.proxy.URL) {
		t.Errorf("kpm %v, cut at request %d, done: %v: exit code %d: %s%s", args, f.at, f.done, code, out, notes)
	}
}

func lastLine(out []byte) string {
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	return lines[len(lines)-1]
}

// installedAs is the newest revision of many that was installed with a version.
func (l *life) installedAs(t *testing.T, version string) string {
	t.Helper()
	var revisions []history.Revision
	if err := json.Unmarshal([]byte(l.must(t, "history", "many", "-o", "json")), &revisions); err != nil {
		t.Fatal(err)
	}
	for _, r := range revisions {
		if r.Version == version && r.Status == history.Installed {
			return strconv.Itoa(r.Number)
		}
	}
	t.Fatalf("no revision of %s: %v", version, revisions)
	return ""
}

// many is the folder of a Kube with objects of each stage, some of them numbered
// from first on, and one that cannot be changed, only made again.
func many(t *testing.T, namespace, version string, first int) (dir string, objects []string) {
	t.Helper()
	var text strings.Builder
	add := func(apiVersion, kind, name, rest string) {
		fmt.Fprintf(&text, "---\napiVersion: %s\nkind: %s\nmetadata: {name: %s}\n%s\n", apiVersion, kind, name, rest)
		objects = append(objects, fmt.Sprintf("%ss %s/%s", strings.ToLower(kind), namespace, name))
	}
	for i := range 20 {
		add("v1", "ConfigMap", fmt.Sprintf("many-%d", first+i), "")
	}
	add("v1", "ConfigMap", "fixed", "immutable: true\ndata: {version: "+version+"}")
	for i := range 3 {
		add("v1", "Service", fmt.Sprintf("many-%d", first+10*i), "spec: {ports: [{port: 80}]}")
	}
	add("batch/v1", "CronJob", "many", fmt.Sprintf("spec: {schedule: '0 0 1 1 *', suspend: true, jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: a, image: %q}]}}}}}", "a:"+version))
	for i := range 3 {
		add("v1", "PodTemplate", fmt.Sprintf("many-%d", first+10*i), "template: {spec: {containers: [{name: a, image: a}]}}")
	}
	slices.Sort(objects)
	return written(t, "many", version, text.String()), objects
}

// written is the folder of a Kube with the manifests.
func written(t *testing.T, name, version, manifests string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), name)
	if err := os.MkdirAll(filepath.Join(dir, "manifests"), 0o755); err != nil {
		t.Fatal(err)
	}
	for path, text := range map[string]string{
		"K3.yaml": "name: " + name + "\nversion: " + version + "\ndescription: A Kube of the tests\n", "manifests/a.yaml": manifests,
	} {
		if err := os.WriteFile(filepath.Join(dir, path), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}
