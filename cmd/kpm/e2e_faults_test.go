package main

import (
	"encoding/json"
	"math/rand"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sigs.k8s.io/yaml"
)

const (
	plain    = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {a: b}\n"
	namedNS  = "namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: NS}}"
	policies = "/apis/admissionregistration.k8s.io/v1/"
)

// obstacle is an object that stands in the way. NS in it is the namespace.
type obstacle struct{ path, yaml string }

// put puts an obstacle in the way.
func (g guest) put(t *testing.T, o obstacle) {
	t.Helper()
	var object map[string]any
	if err := yaml.Unmarshal([]byte(strings.ReplaceAll(o.yaml, "NS", g.namespace)), &object); err != nil {
		t.Fatal(err)
	}
	path := strings.ReplaceAll(o.path, "NS", g.namespace)
	if code := g.api.ask(t, http.MethodPost, path, object, nil); code != http.StatusCreated {
		t.Fatalf("POST %s: %d", path, code)
	}
}

// away takes obstacles away that are in no namespace.
func (g guest) away(t *testing.T, obstacles []obstacle) {
	t.Helper()
	for _, o := range obstacles {
		if strings.HasPrefix(o.path, policies) {
			g.api.ask(t, http.MethodDelete, o.path+"/"+g.namespace, nil, nil)
		}
	}
}

// What the server refuses is told before anything is written: by whom, and why.
func TestE2ERefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		labels    string // of the namespace
		obstacles []obstacle
		manifests string
		code      int
		words     []string
	}{
		"by a policy": {
			obstacles: []obstacle{
				{policies + "validatingadmissionpolicies", `{metadata: {name: NS}, spec: {matchConstraints: {` + namedNS + `,
resourceRules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [configmaps]}]},
validations: [{expression: "object.data.a == 'ok'", message: "a has to be ok, says the policy"}]}}`},
				{policies + "validatingadmissionpolicybindings", "{metadata: {name: NS}, spec: {policyName: NS, validationActions: [Deny]}}"},
			},
			manifests: plain, code: exitFailed, words: []string{"ConfigMap NS/settings (manifests/a.yaml:1)", "a has to be ok, says the policy"},
		},
		"by the standard of pods": {
			labels:    "pod-security.kubernetes.io/enforce: restricted",
			manifests: "apiVersion: v1\nkind: Pod\nmetadata: {name: bare}\nspec: {containers: [{name: main, image: a}]}\n",
			code:      exitFailed, words: []string{"Pod NS/bare (manifests/a.yaml:1)", `violates PodSecurity "restricted:latest"`, "next: "},
		},
		"by a webhook that nobody answers for": {
			obstacles: []obstacle{{policies + "validatingwebhookconfigurations", `{metadata: {name: NS}, webhooks: [{name: guard.example.com, ` + namedNS + `,
sideEffects: None, admissionReviewVersions: [v1], failurePolicy: Fail, clientConfig: {service: {namespace: NS, name: nobody}},
rules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [configmaps]}]}]}`}},
			manifests: plain, code: exitFailed, words: []string{`failed calling webhook "guard.example.com"`, `service "nobody" not found`, "next: see that what is behind the webhook runs"},
		},
		"for an object of somebody": {
			obstacles: []obstacle{{"/api/v1/namespaces/NS/configmaps", plain}},
			manifests: plain, code: exitConflict, words: []string{"it is there already and not kpm's", "--adopt configmap/NS/settings"},
		},
		"for its size": {
			manifests: strings.Replace(plain, "a: b", "a: "+strings.Repeat("b", 1<<20+1), 1),
			code:      exitFailed, words: []string{"ConfigMap NS/settings", "1048576 bytes"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newGuest(t, t.TempDir())
			g.put(t, obstacle{"/api/v1/namespaces", "metadata: {name: NS, labels: {" + c.labels + "}}"})
			for _, o := range c.obstacles {
				g.put(t, o)
			}
			defer g.away(t, c.obstacles)
			dir := written(t, "faulty", "1.0.0", c.manifests)
			code, notes := exitDone, ""
			for start := time.Now(); code == exitDone && time.Since(start) < time.Minute; { // until the server has noticed
				_, notes, code = g.run(t, "install", dir, "--dry-run=server")
			}
			if code != c.code {
				t.Fatalf("dry run: exit code %d: %s", code, notes)
			}
			out, notes, code := g.run(t, "install", dir)
			if code != c.code {
				t.Errorf("install: exit code %d: %s%s", code, out, notes)
			}
			for _, words := range c.words {
				if words = strings.ReplaceAll(words, "NS", g.namespace); !strings.Contains(notes, words) {
					t.Errorf("%q is not in: %s", words, notes)
				}
			}
			g.untouched(t)
		})
	}
}

// untouched checks that nothing was written: no object, and no record.
func (g guest) untouched(t *testing.T) {
	t.Helper()
	if out := g.must(t, "list", "-o", "name"); out != "" {
		t.Errorf("list: %s", out)
	}
	if left := g.api.labelled(t, "kpm.sh/namespace="+g.namespace); len(left) > 0 {
		t.Errorf("there are %v", left)
	}
}

// Pods that may not be are explained while they are waited for; with the obstacle
// gone the same command gets there.
func TestE2EQuota(t *testing.T) {
	t.Parallel()
	g := newGuest(t, t.TempDir())
	g.put(t, obstacle{"/api/v1/namespaces", "metadata: {name: NS}"})
	g.put(t, obstacle{"/api/v1/namespaces/NS/resourcequotas", "{metadata: {name: none}, spec: {hard: {pods: '0'}}, status: {hard: {pods: '0'}}}"})
	dir := written(t, "web", "1.0.0", "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  selector: {matchLabels: {app: web}}\n"+
		"  template: {metadata: {labels: {app: web}}, spec: {containers: [{name: main, image: a}]}}\n")
	_, notes, code := g.run(t, "install", dir, "--timeout", "5s")
	if code != exitTimeout || !strings.Contains(notes, "WARNING: Deployment "+g.namespace+"/web: ") || !strings.Contains(notes, "exceeded quota: none, requested: pods=1") {
		t.Errorf("exit code %d: %s", code, notes)
	}
	if code := g.api.ask(t, http.MethodDelete, "/api/v1/namespaces/"+g.namespace+"/resourcequotas/none", nil, nil); code != http.StatusOK {
		t.Fatal(code)
	}
	g.must(t, "install", dir, "--timeout", "2m")
	g.leave(t, "web")
}

// A namespace that is on its way out takes nothing.
func TestE2ETerminating(t *testing.T) {
	t.Parallel()
	g := newGuest(t, t.TempDir())
	g.put(t, obstacle{"/api/v1/namespaces", "metadata: {name: NS}"})
	g.put(t, obstacle{"/api/v1/namespaces/NS/configmaps", "metadata: {name: holds, finalizers: [example.com/hold]}"})
	g.api.ask(t, http.MethodDelete, "/api/v1/namespaces/"+g.namespace, nil, nil)
	_, notes, code := g.run(t, "install", written(t, "late", "1.0.0", plain), "--create-namespace")
	if code != exitNotFound || !strings.Contains(notes, "the namespace "+g.namespace+" is being deleted: wait until it is gone") {
		t.Errorf("exit code %d: %s", code, notes)
	}
	g.untouched(t)
	g.api.ask(t, http.MethodPut, "/api/v1/namespaces/"+g.namespace+"/configmaps/holds", map[string]any{"metadata": map[string]string{"name": "holds"}}, nil)
}

// An upgrade that the server refuses leaves what was there, and its record.
func TestE2EImmutable(t *testing.T) {
	t.Parallel()
	const claim = "---\napiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: files}\nspec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 2Gi}}}\n"
	g := newGuest(t, t.TempDir())
	dir := written(t, "db", "1.0.0", plain+claim)
	g.must(t, "install", dir, "--create-namespace", "--no-wait")
	next := written(t, "db", "2.0.0", strings.NewReplacer("a: b", "a: c", "ReadWriteOnce", "ReadOnlyMany").Replace(plain+claim))
	_, notes, code := g.run(t, "upgrade", "-y", next)
	if code != exitFailed || !strings.Contains(notes, "PersistentVolumeClaim "+g.namespace+"/files (manifests/a.yaml:6)") || !strings.Contains(notes, "immutable") {
		t.Errorf("exit code %d: %s", code, notes)
	}
	if out := g.must(t, "history", "db", "-o", "name"); out != "1\n" {
		t.Errorf("history: %s", out)
	}
	if out := g.must(t, "diff", dir); out != "" {
		t.Errorf("diff: %s", out)
	}
	g.leave(t, "db")
}

// Who cannot be reached, or does not know us, is told with what to do about it.
func TestE2ENobody(t *testing.T) {
	t.Parallel()
	g := newGuest(t, t.TempDir())
	p := newProxy(t, g.api)
	text, err := os.ReadFile(p.config)
	if err != nil {
		t.Fatal(err)
	}
	change := func(old, new string) string {
		path := filepath.Join(t.TempDir(), "changed")
		if err := os.WriteFile(path, []byte(strings.Replace(string(text), old, new, 1)), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	stranger, nobody := change(g.api.token, "expired"), change(p.URL, "https://127.0.0.1:1")
	for name, c := range map[string]struct {
		args  []string
		code  int
		words []string
	}{
		"wrong token":    {[]string{"--kubeconfig", stranger}, exitFailed, []string{p.URL, "Unauthorized", "next: log in"}},
		"no server":      {[]string{"--kubeconfig", nobody}, exitUnreachable, []string{"https://127.0.0.1:1", "refused", "next: see that the server is up"}},
		"no certificate": {[]string{"--kubeconfig", change("certificate-authority-data", "ignored")}, exitUnreachable, []string{p.URL, "certificate"}},
		"no file":        {[]string{"--kubeconfig", "nowhere"}, exitUnreachable, []string{"looked in nowhere", "next: say --kubeconfig"}},
		"no context":     {[]string{"--context", "nowhere"}, exitNotFound, []string{`no context "nowhere", but e2e`}},
	} {
		for _, command := range [][]string{{"list", "-A"}, {"install", written(t, "any", "1.0.0", plain), "--create-namespace"}, {"uninstall", "any"}, {"outdated"}} {
			_, notes, code := g.run(t, slices.Concat(command, c.args)...)
			if code != c.code {
				t.Errorf("%s: kpm %v: exit code %d: %s", name, command, code, notes)
			}
			for _, words := range c.words {
				if !strings.Contains(notes, words) {
					t.Errorf("%s: kpm %v: %q is not in: %s", name, command, words, notes)
				}
			}
		}
	}
}

// A server that stops to answer is not waited for in vain.
func TestE2ESlow(t *testing.T) {
	t.Parallel()
	l := newLife(t)
	l.measure(t)
	// In the first half: how often a wait looks differs from run to run.
	l.proxy.fail(fault{at: 2 + rand.Intn(l.cost[0].requests/2), hang: true, done: true})
	install := []string{"install", l.dir, "--create-namespace"}
	_, notes, code := l.through().run(t, append(install, "--request-timeout", "1s")...)
	if code != exitUnreachable || !strings.Contains(notes, l.proxy.URL+" did not answer within 1s") || !strings.Contains(notes, "next: give it longer with --request-timeout") {
		t.Errorf("exit code %d: %s", code, notes)
	}
	l.must(t, install...)
	l.is(t, "1.0.0", l.dir, l.objects)
	l.leave(t)
}

// Several at once on one name: each does its work or says that another was faster,
// and what the last of them did is whole.
func TestE2ESeveral(t *testing.T) {
	t.Parallel()
	l := newLife(t)
	for range kills()/5 + 1 {
		l.several(t, []string{"install", l.dir, "--create-namespace"}, []string{"install", l.dir, "--create-namespace"})
		l.must(t, "install", l.dir)
		l.is(t, "1.0.0", l.dir, l.objects)
		l.several(t, []string{"upgrade", "-y", l.next}, []string{"rollback", "-y", "many", "--accept-recorded", l.namespace + "/many"}, []string{"install", l.dir})
		l.must(t, "upgrade", "-y", l.next)
		l.is(t, "2.0.0", l.next, l.changed)
		l.several(t, []string{"upgrade", "-y", l.dir}, []string{"uninstall", "-y", "many"})
		l.leave(t)
	}
}

// several runs commands at once.
func (l *life) several(t *testing.T, commands ...[]string) {
	t.Helper()
	var all sync.WaitGroup
	for _, args := range commands {
		all.Go(func() {
			out, notes, code := l.run(t, args...)
			if !slices.Contains([]int{exitDone, exitConflict, exitNotFound}, code) {
				t.Errorf("kpm %v: exit code %d: %s%s", args, code, out, notes)
			}
		})
	}
	all.Wait()
}

// A holder elsewhere that went silent is taken over from by the clock of the one
// who waits: what its own says does not count.
func TestE2EOtherClock(t *testing.T) {
	t.Parallel()
	l := newLife(t)
	install := []string{"install", l.dir, "--create-namespace"}
	l.must(t, install...)
	record := "/api/v1/namespaces/" + l.namespace + "/secrets/kpm.many.v1"
	var secret map[string]any
	l.api.ask(t, http.MethodGet, record, nil, &secret)
	meta := secret["metadata"].(map[string]any)
	meta["labels"].(map[string]any)["kpm.sh/status"] = "pending"
	notes := meta["annotations"].(map[string]any)
	notes["kpm.sh/holder"] = `{"run":"x","user":"eve","host":"elsewhere","boot":"other","pid":1}`
	for _, key := range []string{"beat", "started"} {
		notes["kpm.sh/"+key] = time.Now().AddDate(5, 0, 0).Format(time.RFC3339)
	}
	if code := l.api.ask(t, http.MethodPut, record, secret, nil); code != http.StatusOK {
		t.Fatal(code)
	}
	_, said, code := l.run(t, install...)
	if code != exitDone || !strings.Contains(said, "eve on elsewhere") {
		t.Errorf("exit code %d: %s", code, said)
	}
	l.is(t, "1.0.0", l.dir, l.objects)
	l.leave(t)
}

// What fills the largest objects goes in and out again, and its record, too large
// for one Secret, with it.
func TestE2ELarge(t *testing.T) {
	t.Parallel()
	g := newGuest(t, t.TempDir())
	large := func(version string) string {
		var manifests strings.Builder
		for _, name := range []string{"one", "two", "three"} {
			noise := make([]byte, 650_000)
			rand.Read(noise) //nolint:staticcheck // only to be incompressible
			text, _ := json.Marshal(map[string]any{
				"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]string{"name": name}, "binaryData": map[string][]byte{"noise": noise},
			})
			manifests.WriteString("---\n" + string(text) + "\n")
		}
		return written(t, "large", version, manifests.String())
	}
	one, two := large("1.0.0"), large("2.0.0")
	g.must(t, "install", one, "--create-namespace")
	g.must(t, "upgrade", "-y", two)
	g.must(t, "rollback", "-y", "large", "--accept-recorded", g.namespace+"/large")
	if out := g.must(t, "diff", one); out != "" {
		t.Errorf("diff: %s", out)
	}
	var parts struct{ Items []any }
	secrets := "/api/v1/namespaces/" + g.namespace + "/secrets"
	if g.api.ask(t, http.MethodGet, secrets, nil, &parts); len(parts.Items) <= 3 {
		t.Errorf("three revisions are in %d Secrets", len(parts.Items))
	}
	g.leave(t, "large")
	if g.api.ask(t, http.MethodGet, secrets, nil, &parts); len(parts.Items) > 0 {
		t.Errorf("%d Secrets are left", len(parts.Items))
	}
}
