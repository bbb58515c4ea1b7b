package client

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/Masterminds/semver/v3"
	"github.com/google/go-cmp/cmp"

	"github.com/kpm-sh/kpm/client/repos"
	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/history"
	"github.com/kpm-sh/kpm/internal/cluster/plan"
	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/render"
)

// sourceOf is a release 1.0.0 of a on its way where a revision is installed.
func sourceOf(t *testing.T, r history.Revision, overrides string) *Source {
	t.Helper()
	r.Status = history.Installed
	return &Source{
		target: target{
			ID: api.Installation{Namespace: "web", Name: "a"}, client: newClient(t),
			state: history.State{Revisions: []history.Revision{r}, Current: &history.Record{Overrides: json.RawMessage(overrides)}},
		},
		release: &repos.Release{
			Release: index.Release{Version: "1.0.0", SHA256: "aa"}, Name: "a",
			Repository: &repos.Repository{Config: repos.Config{Alias: "main"}}, Record: index.Record{Version: "1.0.0"},
		},
	}
}

// What is installed is healed, and never turned into something else.
func TestSame(t *testing.T) {
	for name, c := range map[string]struct {
		revision history.Revision
		had, set string
		want     string // in the error; "" is none
	}{
		"the same":               {history.Revision{Version: "1.0.0", Digest: "aa"}, "", "", ""},
		"from a folder":          {history.Revision{Version: "1.0.0"}, "", "", ""},
		"another version":        {history.Revision{Version: "0.9.0"}, "", "", "a 0.9.0 is installed in namespace web, and this is 1.0.0"},
		"another archive":        {history.Revision{Version: "1.0.0", Digest: "bb"}, "", "", "repository main has something else of that version"},
		"from an edited copy":    {history.Revision{Version: "1.0.0", Digest: "aa", Edited: true}, "", "", "from a copy that was edited"},
		"with the same values":   {history.Revision{Version: "1.0.0"}, `{"k":{"l":1},"m":"x"}`, "k.l=1 m=x", ""},
		"with other values":      {history.Revision{Version: "1.0.0"}, `{"k":{"l":1}}`, "k.l=2", "a is installed in namespace web with other values"},
		"with values, not none":  {history.Revision{Version: "1.0.0"}, "", "k=1", "with other values"},
		"values that are broken": {history.Revision{Version: "1.0.0"}, `{"k":`, "", "the values of a in namespace web"},
	} {
		t.Run(name, func(t *testing.T) {
			s := sourceOf(t, c.revision, c.had)
			given, err := Values{Set: strings.Fields(c.set)}.layers()
			must(t, err)
			s.values = layers{given: given, all: given}
			if err = s.sameVersion(t.Context()); err == nil {
				_, err = s.sameValues(t.Context())
			}
			if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

// Values that are remembered are those of the next install, nulls included.
func TestRemembered(t *testing.T) {
	v, err := sourceOf(t, history.Revision{Version: "1.0.0"}, `{"k":null,"l":{"[1]":"x"},"n":8080}`).sameValues(t.Context())
	must(t, err)
	defaults := render.Layer{Values: render.Values{"k": "gone", "l": []any{"a", "b"}, "n": 1}}
	got := render.Merge(append([]render.Layer{defaults}, v.all...)...)
	if diff := cmp.Diff(render.Values{"l": []any{"a", "x"}, "n": 8080}, got); diff != "" {
		t.Errorf("values (-want +got):\n%s", diff)
	}
	again, err := encodeOverrides(defaults.Values, v.all)
	must(t, err)
	if string(again) != `{"k":null,"l":{"[1]":"x"},"n":8080}` {
		t.Errorf("remembered again: %s", again)
	}
}

// A dependency counts where it can be reached: in the own namespace, or where it
// serves the whole cluster.
func TestMeeting(t *testing.T) {
	listed := func(namespace, name, version string) history.Listed {
		return history.Listed{
			Installation: api.Installation{Namespace: namespace, Name: name}, Installed: &history.Revision{Version: version},
		}
	}
	failed := listed("web", "nginx", "1.9.9")
	failed.Installed = nil
	for name, c := range map[string]struct {
		rng         string
		there       []history.Listed
		want, aloof string // namespaces
	}{
		"nothing":            {"", nil, "", ""},
		"here":               {"1.9 < x <= 1.10", []history.Listed{listed("all", "nginx", "1.9.5"), listed("web", "nginx", "1.10.0"), listed("db", "nginx", "1.9.5")}, "web", ""},
		"elsewhere":          {"1.9 < x <= 1.10", []history.Listed{listed("db", "nginx", "1.9.5"), listed("web", "nginx", "1.10.3")}, "", "db"},
		"for the cluster":    {"1.9 < x <= 1.10", []history.Listed{listed("db", "nginx", "1.9.5"), listed("all", "nginx", "1.9.5"), listed("web", "nginx", "1.10.3")}, "all", ""},
		"another Kube":       {"", []history.Listed{listed("web", "nginx-standard", "1.0.0")}, "", ""},
		"too old":            {">=2", []history.Listed{listed("web", "nginx", "1.9.5")}, "", ""},
		"a pre-release":      {">=1", []history.Listed{listed("web", "nginx", "2.0.0-rc.1")}, "web", ""},
		"never installed":    {"", []history.Listed{failed}, "", ""},
		"a forged version":   {"", []history.Listed{listed("web", "nginx", "new")}, "", ""},
		"any version at all": {"", []history.Listed{listed("web", "nginx", "0.0.1")}, "web", ""},
	} {
		t.Run(name, func(t *testing.T) {
			wide := func(id api.Installation) bool { return id.Namespace == "all" }
			at, aloof, err := companions{c.there, wide}.meeting(index.Dependency{Name: "nginx", Version: c.rng}, "web")
			must(t, err)
			where := func(l *history.Listed) string {
				if l == nil {
					return ""
				}
				return l.Installation.Namespace
			}
			if where(at) != c.want || where(aloof) != c.aloof {
				t.Errorf("got %q, aloof %q; want %q, %q", where(at), where(aloof), c.want, c.aloof)
			}
		})
	}
}

// What serves the whole cluster brought something without a namespace that others
// use; a ClusterRole for its own account is none.
func TestServesCluster(t *testing.T) {
	item := func(kind, namespace string) api.Item {
		return api.Item{Ref: api.Ref{Kind: kind, Namespace: namespace, Name: "a"}}
	}
	for name, c := range map[string]struct {
		made []api.Item
		want bool
	}{
		"nothing":             {nil, false},
		"a database":          {[]api.Item{item("StatefulSet", "db"), item("Service", "db")}, false},
		"with rights":         {[]api.Item{item("Deployment", "db"), item("ClusterRole", ""), item("ClusterRoleBinding", "")}, false},
		"with its namespace":  {[]api.Item{item("Namespace", ""), item("Deployment", "db"), item("PersistentVolume", "")}, false},
		"an operator":         {[]api.Item{item("Deployment", "db"), item("CustomResourceDefinition", "")}, true},
		"a storage class":     {[]api.Item{item("StorageClass", "")}, true},
		"rights for everyone": {[]api.Item{item("ClusterRole", "")}, true},
	} {
		if got := servesCluster(c.made); got != c.want {
			t.Errorf("%s: got %t, want %t", name, got, c.want)
		}
	}
}

func TestKubernetesWanted(t *testing.T) {
	for name, c := range map[string]struct {
		wanted, server string
		ok             bool
	}{
		"any":       {"", "v1.36.3", true},
		"in":        {">=1.25", "v1.36.3-gke.1348000", true},
		"too old":   {">=1.25", "v1.24.1", false},
		"says what": {">=1.25", "new", true},
	} {
		t.Run(name, func(t *testing.T) {
			k := &kube.Kube{Meta: kube.Meta{Name: "a", Version: semver.MustParse("1.0.0")}}
			var err error
			k.Kubernetes, err = kube.ParseRange(c.wanted)
			must(t, err)
			s := &Source{target: target{ID: api.Installation{Name: "a"}, cluster: &api.Client{Version: c.server}}, local: &Opened{Kube: k}}
			lacks, err := s.serverLacks()
			must(t, err)
			if (len(lacks) == 0) != c.ok {
				t.Errorf("got %q", lacks)
			}
		})
	}
}

// A plan is asked about when it takes something away, or reaches far in
// something that is installed; a first install asks nothing.
func TestQuestionOfAPlan(t *testing.T) {
	ref := api.Ref{APIVersion: "v1", Kind: "Secret", Namespace: "web", Name: "a"}
	wide := plan.Note{Ref: ref, Text: "may read all Secrets", Wide: true}
	for name, c := range map[string]struct {
		plan      plan.Plan
		installed bool
		want      string
	}{
		"a first install":       {plan.Plan{Entries: []plan.Entry{{Ref: ref, Action: plan.Added}}, Permissions: []plan.Note{wide}}, false, ""},
		"an object goes":        {plan.Plan{Entries: []plan.Entry{{Ref: ref, Action: plan.Removed}}}, false, "Secret web/a will be removed"},
		"an object is replaced": {plan.Plan{Entries: []plan.Entry{{Ref: ref, Action: plan.Replaced}}}, true, "Secret web/a will be replaced"},
		"a change":              {plan.Plan{Entries: []plan.Entry{{Ref: ref, Action: plan.Changed}}}, true, ""},
		"new permissions":       {plan.Plan{Permissions: []plan.Note{wide}}, true, "Secret web/a: may read all Secrets"},
		"a volume":              {plan.Plan{Volumes: []plan.Note{{Ref: ref, Text: "grows"}}}, true, "Secret web/a: grows"},
		"a volume that stays":   {plan.Plan{Volumes: []plan.Note{{Ref: ref, Text: "stays", Stays: true}}}, true, ""},
	} {
		t.Run(name, func(t *testing.T) {
			p := &Planned{Plan: &c.plan, change: change{&Source{}, &Prepared{from: &Fetched{opened: &Opened{}}}}}
			if c.installed {
				p.source.state.Revisions = []history.Revision{{Status: history.Installed}}
			}
			got := ""
			if q := p.question(); q != nil {
				got = strings.Join(q.Facts, "\n")
			}
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// What a hook wrote lies over the Kube, and its values over all others.
func TestHooked(t *testing.T) {
	k := &kube.Kube{Files: []kube.File{{Path: "K3.yaml"}, {Path: "manifests/a.yaml", Data: []byte("old")}}}
	var h hooked
	if h.over(k) != k || len(h.under(nil)) != 0 || h.files() != nil {
		t.Error("no hook changes something")
	}
	h, err := h.with([]kube.File{
		{Path: "hook-values.yaml", Data: []byte("k: hook\n")}, {Path: "manifests/a.yaml", Data: []byte("new")}, {Path: "manifests/b.yaml"},
	})
	must(t, err)
	var got []string
	for _, f := range h.over(k).Files {
		got = append(got, f.Path+" "+string(f.Data))
	}
	if diff := cmp.Diff([]string{"K3.yaml ", "hook-values.yaml k: hook\n", "manifests/a.yaml new", "manifests/b.yaml "}, got); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	own, err := Values{Set: []string{"k=user"}}.layers()
	must(t, err)
	if diff := cmp.Diff(render.Values{"k": "hook"}, render.Merge(h.under(own)...)); diff != "" {
		t.Errorf("values (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(h.wrote, filesOf(h.files())); diff != "" {
		t.Errorf("remembered (-want +got):\n%s", diff)
	}
	if _, err := h.with([]kube.File{{Path: "hook-values.yaml", Data: []byte("[")}}); err == nil {
		t.Error("values that are no YAML were taken")
	}
}

// A forged record must not reach out of its namespace, whether it says that
// something is installed or that an install has failed.
func TestRelies(t *testing.T) {
	installed := history.State{Revisions: []history.Revision{{Status: history.Installed}}}
	failed := history.State{Revisions: []history.Revision{{Status: history.Failed}}}
	for name, c := range map[string]struct {
		target
		hook index.Digest
		want bool
	}{
		"nothing was there":              {target{}, "", false},
		"a hook, and nothing was there":  {target{}, "aa", false},
		"installed":                      {target{state: installed}, "", true},
		"failed":                         {target{state: failed, last: &history.Record{}}, "", false},
		"failed, with what a hook wrote": {target{state: failed, last: &history.Record{}}, "aa", true},
		"failed, and cannot be read":     {target{state: failed}, "aa", false},
	} {
		if got := (change{&Source{target: c.target}, &Prepared{hook: hooked{digest: c.hook}}}).relies(); got != c.want {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
	}
}
