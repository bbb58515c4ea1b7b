package client

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/kpm-sh/kpm/internal/cluster"
	"github.com/kpm-sh/kpm/internal/hook"
	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/trust"
)

// hookedKube has a hook that loads a second file.
func hookedKube(name, more string) *kube.Kube {
	return &kube.Kube{Meta: kube.Meta{Name: name}, Files: []kube.File{
		{Path: "scripts/more.py", Data: []byte(more)}, {Path: kube.HookPath, Data: []byte("import runpy\nrunpy.run_path('scripts/more.py')\n")},
	}}
}

// rootedAt makes the home know a repository's root.
func rootedAt(t *testing.T, c *Client, alias, root string) Repository {
	t.Helper()
	r := Repository{Alias: alias, Sources: []string{"https://" + alias}, Pin: somePin}
	floor, err := json.Marshal(trust.Floor{Root: index.DigestOf([]byte(root))})
	must(t, err)
	must(t, os.MkdirAll(filepath.Dir(c.floorPath(r)), 0o700))
	must(t, os.WriteFile(c.floorPath(r), floor, 0o600))
	return r
}

// asksOf is an installation of a Kube on its way, and the question of its hook.
func asksOf(t *testing.T, c *Client, from *Repository, k *kube.Kube) (*Installing, *Question) {
	t.Helper()
	in := installingOf(t, cluster.Revision{}, "")
	in.client, in.ID.Name, in.taken = c, k.Name, &Taken{Kube: k}
	if from != nil {
		in.taken.Release = &Release{Release: index.Release{Version: "1.0.0"}, Name: k.Name, Repository: *from, Signer: "key k"}
	}
	q, run, err := in.Hook()
	must(t, err)
	if !run {
		t.Error("the hook does not have to run")
	}
	return in, q
}

// The user is asked once for each hook: for a Kube of a repository, with all that
// the hook can load.
func TestConsent(t *testing.T) {
	c := newClient(t)
	main, other := rootedAt(t, c, "main", "one"), rootedAt(t, c, "other", "two")
	k := hookedKube("a", "print()")
	in, q := asksOf(t, c, &main, k)
	for _, want := range []string{string(hook.DigestOf(k)), "repository main", "signed by key k"} {
		if q == nil || !strings.Contains(strings.Join(q.Facts, "\n"), want) {
			t.Errorf("the question does not say %q: %+v", want, q)
		}
	}
	must(t, in.Consent(t.Context()))
	must(t, in.Consent(t.Context()))
	if given, _, err := c.Consents(); len(given) != 1 || err != nil {
		t.Errorf("consents: got %v, %v, want one", given, err)
	}
	again := rootedAt(t, c, "renamed", "one")
	for name, test := range map[string]struct {
		from *Repository
		kube *kube.Kube
		asks bool
	}{
		"the same":                           {&main, k, false},
		"the same under another alias":       {&again, k, false},
		"another helper":                     {&main, hookedKube("a", "evil()"), true},
		"another Kube":                       {&main, hookedKube("b", "print()"), true},
		"another repository":                 {&other, k, true},
		"a folder for which nobody vouches":  {nil, k, true},
		"another repository that lost roots": {&Repository{Alias: "lost"}, k, true},
	} {
		if test.from != nil && test.from.Alias == "lost" {
			rootedAt(t, c, "lost", "")
		}
		if _, q := asksOf(t, c, test.from, test.kube); (q != nil) != test.asks {
			t.Errorf("%s: asks %v, want %v", name, q, test.asks)
		}
	}
}

// What an older kpm remembers, the digest of a script alone, counts no more.
func TestConsentOfOlderKPM(t *testing.T) {
	c := newClient(t)
	main := rootedAt(t, c, "main", "one")
	k := hookedKube("a", "print()")
	script, _ := k.Hook()
	must(t, os.WriteFile(c.Home.Config(), []byte("hooks:\n- "+string(index.DigestOf(script.Data))+"\n- "+strings.Repeat("0a", 32)+"\n"), 0o600))
	in, q := asksOf(t, c, &main, k)
	if q == nil || !strings.Contains(strings.Join(q.Facts, "\n"), "counts no more") {
		t.Errorf("got %+v, want a question that says so", q)
	}
	said := func() bool {
		return slices.ContainsFunc(c.Doctor(), func(f Finding) bool { return strings.Contains(f.Text, "an older kpm remembers 2 scripts") })
	}
	if !said() {
		t.Errorf("the doctor says nothing of it: %v", c.Doctor())
	}
	must(t, in.Consent(t.Context()))
	if said() {
		t.Error("the doctor speaks of it for ever")
	}
}

func TestKeptFilesBelongToAllFiles(t *testing.T) {
	in, _ := asksOf(t, newClient(t), nil, hookedKube("a", "print()"))
	must(t, in.Consent(t.Context()))
	in.kept = &cluster.Record{HookDigest: string(in.hook.digest), HookValues: string(in.hook.values), HookFiles: map[string][]byte{"x": nil}}
	if q, run, err := in.Hook(); q != nil || run || err != nil || len(in.hook.wrote) != 1 {
		t.Errorf("with what it wrote before: got %+v, %v, %v", q, run, err)
	}
	in.taken.Kube = hookedKube("a", "print(1)")
	if q, run, err := in.Hook(); q == nil || !run || err != nil {
		t.Errorf("with another helper: got %+v, %v, %v", q, run, err)
	}
}

func TestRevoke(t *testing.T) {
	c := newClient(t)
	main := rootedAt(t, c, "main", "one")
	agree := func(k *kube.Kube) index.Digest {
		in, _ := asksOf(t, c, &main, k)
		must(t, in.Consent(t.Context()))
		return in.hook.digest
	}
	first := agree(hookedKube("a", "1"))
	agree(hookedKube("a", "2"))
	agree(hookedKube("b", "3"))
	for _, what := range []string{"c", "sha256:" + strings.Repeat("0", 12), ""} {
		if _, err := c.Revoke(t.Context(), what); !errors.As(err, new(*NotFoundError)) {
			t.Errorf("%q: got %v, want that there is none", what, err)
		}
	}
	if _, err := c.Revoke(t.Context(), "sha256:"+string(first)[:11]); !errors.As(err, new(*UsageError)) {
		t.Errorf("eleven digits: got %v, want a usage error", err)
	}
	if gone, err := c.Revoke(t.Context(), "sha256:"+string(first)[:12]); err != nil || len(gone) != 1 || gone[0].Digest != first {
		t.Errorf("by its digest: got %v, %v", gone, err)
	}
	if gone, err := c.Revoke(t.Context(), "a"); err != nil || len(gone) != 1 {
		t.Errorf("by its name: got %v, %v", gone, err)
	}
	if given, _, err := c.Consents(); err != nil || len(given) != 1 || given[0].Kube != "b" {
		t.Errorf("left: got %v, %v", given, err)
	}
	if _, q := asksOf(t, c, &main, hookedKube("a", "1")); q == nil {
		t.Error("a revoked hook is not asked about")
	}
}

// What was agreed to of a repository goes with it, unless it is known by another
// name as well.
func TestConsentGoesWithItsRepository(t *testing.T) {
	c := newClient(t)
	for _, alias := range []string{"main", "same", "other"} {
		r := rootedAt(t, c, alias, strings.Replace(alias, "same", "main", 1))
		must(t, c.Add(t.Context(), r))
		in, _ := asksOf(t, c, &r, hookedKube("a", "1"))
		must(t, in.Consent(t.Context()))
	}
	for _, step := range []struct {
		remove string
		want   int
	}{{"main", 2}, {"same", 1}, {"other", 0}} {
		must(t, c.Remove(t.Context(), step.remove))
		if given, _, err := c.Consents(); err != nil || len(given) != step.want {
			t.Errorf("without %s: got %v, %v, want %d", step.remove, given, err, step.want)
		}
	}
}
