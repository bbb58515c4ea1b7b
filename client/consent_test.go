package client

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/kpm-sh/kpm/client/repos"
	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/history"
	"github.com/kpm-sh/kpm/internal/errcode"
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

// rootedAt is a repository of which the home knows the root.
func rootedAt(t *testing.T, c *Client, alias, root string) *repos.Repository {
	t.Helper()
	floor, err := json.Marshal(trust.Floor{Root: index.DigestOf([]byte(root))})
	must(t, err)
	dir := c.Home.Repository(alias)
	must(t, os.MkdirAll(dir, 0o700))
	must(t, os.WriteFile(filepath.Join(dir, "floors.json"), floor, 0o600))
	pin := trust.Pin{Version: 1, Digest: index.DigestOf(nil)}
	must(t, c.Repos.ConfigFile().Add(t.Context(), repos.Config{Alias: alias, Sources: []string{"https://" + alias}, Pin: &pin}))
	r, err := c.Repos.Repository(alias)
	must(t, err)
	return r
}

// hookOf is the hook of a Kube that has to run.
func hookOf(t *testing.T, c *Client, from *repos.Repository, k *kube.Kube) *Hook {
	t.Helper()
	f := &Fetched{ID: api.Installation{Namespace: "web", Name: k.Name}, client: c, opened: &Opened{Kube: k}}
	if from != nil {
		f.opened.Release = &repos.Release{Release: index.Release{Version: "1.0.0"}, Name: k.Name, Repository: from, By: repos.Voucher{Signer: "key k"}}
	}
	h, err := f.Hook()
	must(t, err)
	if h == nil {
		t.Fatal("the hook does not have to run")
	}
	return h
}

// The user is asked once for each hook: for a Kube of a repository, with all that
// the hook can load.
func TestConsent(t *testing.T) {
	c := newClient(t)
	main, other := rootedAt(t, c, "main", "one"), rootedAt(t, c, "other", "two")
	k := hookedKube("a", "print()")
	h := hookOf(t, c, main, k)
	q := h.Question
	for _, want := range []string{string(hook.DigestOf(k)), "repository main", "signed by key k"} {
		if q == nil || !strings.Contains(strings.Join(q.Facts, "\n"), want) {
			t.Errorf("the question does not say %q: %+v", want, q)
		}
	}
	must(t, c.Repos.ConfigFile().Agree(t.Context(), h.Consent))
	must(t, c.Repos.ConfigFile().Agree(t.Context(), h.Consent))
	if given, _, err := c.Repos.ConfigFile().Consents(); len(given) != 1 || err != nil {
		t.Errorf("consents: got %v, %v, want one", given, err)
	}
	again, lost := rootedAt(t, c, "renamed", "one"), rootedAt(t, c, "lost", "")
	for name, test := range map[string]struct {
		from *repos.Repository
		kube *kube.Kube
		asks bool
	}{
		"the same":                           {main, k, false},
		"the same under another alias":       {again, k, false},
		"another helper":                     {main, hookedKube("a", "evil()"), true},
		"another Kube":                       {main, hookedKube("b", "print()"), true},
		"another repository":                 {other, k, true},
		"a folder for which nobody vouches":  {nil, k, true},
		"another repository that lost roots": {lost, k, true},
	} {
		if q := hookOf(t, c, test.from, test.kube).Question; (q != nil) != test.asks {
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
	h := hookOf(t, c, main, k)
	if q := h.Question; q == nil || !strings.Contains(strings.Join(q.Facts, "\n"), "counts no more") {
		t.Errorf("got %+v, want a question that says so", q)
	}
	said := func() bool {
		return slices.ContainsFunc(c.Repos.Doctor(), func(f repos.Finding) bool { return strings.Contains(f.Text, "an older kpm remembers 2 scripts") })
	}
	if !said() {
		t.Errorf("the doctor says nothing of it: %v", c.Repos.Doctor())
	}
	must(t, c.Repos.ConfigFile().Agree(t.Context(), h.Consent))
	if said() {
		t.Error("the doctor speaks of it for ever")
	}
}

func TestKeptFilesBelongToAllFiles(t *testing.T) {
	c := newClient(t)
	h := hookOf(t, c, nil, hookedKube("a", "print()"))
	must(t, c.Repos.ConfigFile().Agree(t.Context(), h.Consent))
	f := h.from
	f.earlier = &history.Record{HookDigest: string(h.hook.digest), HookValues: string(h.hook.values), HookFiles: map[string][]byte{"x": nil}}
	if again, err := f.Hook(); again != nil || err != nil {
		t.Errorf("with what it wrote before: got %+v, %v", again, err)
	}
	if p, err := f.Prepare(); err != nil || len(p.hook.wrote) != 1 {
		t.Errorf("with what it wrote before: got %+v, %v", p, err)
	}
	f.opened.Kube = hookedKube("a", "print(1)")
	if again, err := f.Hook(); again == nil || again.Question == nil || err != nil {
		t.Errorf("with another helper: got %+v, %v", again, err)
	}
}

func TestRevoke(t *testing.T) {
	c := newClient(t)
	main := rootedAt(t, c, "main", "one")
	agree := func(k *kube.Kube) index.Digest {
		h := hookOf(t, c, main, k)
		must(t, c.Repos.ConfigFile().Agree(t.Context(), h.Consent))
		return h.hook.digest
	}
	first := agree(hookedKube("a", "1"))
	agree(hookedKube("a", "2"))
	agree(hookedKube("b", "3"))
	for _, what := range []string{"c", "sha256:" + strings.Repeat("0", 12), ""} {
		if _, err := c.Repos.ConfigFile().Revoke(t.Context(), what); !errors.As(err, new(*repos.NotFoundError)) {
			t.Errorf("%q: got %v, want that there is none", what, err)
		}
	}
	if _, err := c.Repos.ConfigFile().Revoke(t.Context(), "sha256:"+string(first)[:11]); !errcode.Has(err, errcode.Usage) {
		t.Errorf("eleven digits: got %v, want a usage error", err)
	}
	if gone, err := c.Repos.ConfigFile().Revoke(t.Context(), "sha256:"+string(first)[:12]); err != nil || len(gone) != 1 || gone[0].Digest != first {
		t.Errorf("by its digest: got %v, %v", gone, err)
	}
	if gone, err := c.Repos.ConfigFile().Revoke(t.Context(), "a"); err != nil || len(gone) != 1 {
		t.Errorf("by its name: got %v, %v", gone, err)
	}
	if given, _, err := c.Repos.ConfigFile().Consents(); err != nil || len(given) != 1 || given[0].Kube != "b" {
		t.Errorf("left: got %v, %v", given, err)
	}
	if hookOf(t, c, main, hookedKube("a", "1")).Question == nil {
		t.Error("a revoked hook is not asked about")
	}
}

// What was agreed to of a repository goes with it, unless it is known by another
// name as well.
func TestConsentGoesWithItsRepository(t *testing.T) {
	c := newClient(t)
	for _, alias := range []string{"main", "same", "other"} {
		r := rootedAt(t, c, alias, strings.Replace(alias, "same", "main", 1))
		must(t, c.Repos.ConfigFile().Agree(t.Context(), hookOf(t, c, r, hookedKube("a", "1")).Consent))
	}
	for _, step := range []struct {
		remove string
		want   int
	}{{"main", 2}, {"same", 1}, {"other", 0}} {
		must(t, c.Repos.ConfigFile().Remove(t.Context(), step.remove))
		if given, _, err := c.Repos.ConfigFile().Consents(); err != nil || len(given) != step.want {
			t.Errorf("without %s: got %v, %v, want %d", step.remove, given, err, step.want)
		}
	}
}
