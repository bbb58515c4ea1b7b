package indexer_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kpm-sh/kpm/internal/index"
)

// TestLife follows one Kube through everything that releases.yaml and new
// versions can do to it.
func TestLife(t *testing.T) {
	k := newKit(t)
	step := func(name, version, yanked string, versions ...string) {
		t.Helper()
		k.publish()
		wantState(t, k, name, version, yanked, versions...)
	}
	k.first()
	wantState(t, k, "first", "1.0.0", "", "1.0.0")
	first := k.line("pony")

	step("unchanged", "1.0.0", "", "1.0.0")
	if got := k.line("pony"); string(got.Raw) != string(first.Raw) {
		t.Errorf("an unchanged record is written again:\n%s\n%s", first.Raw, got.Raw)
	}
	k.kube("pony", "2.0.0")
	step("new version", "2.0.0", "", "2.0.0", "1.0.0")
	k.kube("pony", "1.0.1")
	step("older patch", "2.0.0", "", "2.0.0", "1.0.1", "1.0.0")
	if got := k.releasesOf("pony").Readme; got != "# pony 2.0.0\n" {
		t.Errorf("after an older patch the document shows the README %q", got)
	}
	k.kube("pony", "3.0.0-rc.1")
	step("pre-release", "2.0.0", "", "3.0.0-rc.1", "2.0.0", "1.0.1", "1.0.0")
	all := []string{"3.0.0-rc.1", "2.0.0", "1.0.1", "1.0.0"}
	k.releases("pony", "yanked: {2.0.0: loses data}\n")
	step("yanked", "1.0.1", "", all...)
	if got := k.line("pony"); got.Details != "It is pony in 1.0.1." || k.releasesOf("pony").Readme != "# pony 1.0.1\n" {
		t.Errorf("the record of the release before says %q", got.Details)
	}
	k.releases("pony", "revoked: {2.0.0: is malware}\n")
	step("revoked", "1.0.1", "", all...)
	if r, _ := k.releasesOf("pony").Release("2.0.0"); r.Yanked == nil || *r.Yanked != (index.Yanked{Reason: "is malware", Revoked: true}) {
		t.Errorf("2.0.0 is marked %+v", r.Yanked)
	}
	k.releases("pony", "yanked: {1.0.0: a, 1.0.1: b, 2.0.0: c, 3.0.0-rc.1: d}\n")
	step("all yanked", "2.0.0", "c", all...)
	k.releases("pony", "yanked: {1.0.0: a, 1.0.1: b, 3.0.0-rc.1: d}\nrevoked: {2.0.0: c}\n")
	step("all yanked, the highest revoked", "1.0.1", "b", all...)
	k.releases("pony", "yanked: {}\n")
	step("nothing yanked", "2.0.0", "", all...)
	if got := k.line("pony"); got.Details != "It is pony in 2.0.0." {
		t.Errorf("the record of a release that is no longer yanked says %q", got.Details)
	}
	if a := k.audit(); a.Heads != 10 || a.Releases != 4 {
		t.Errorf("audited %d heads, %d releases; want 10 and 4", a.Heads, a.Releases)
	}
}

func wantState(t *testing.T, k *kit, step, version, yanked string, versions ...string) {
	t.Helper()
	l := k.line("pony")
	if l.Version != version || l.Yanked != yanked || l.Gone != "" {
		t.Errorf("%s: the record shows %q (yanked %q, gone %q), want %q (%q)", step, l.Version, l.Yanked, l.Gone, version, yanked)
	}
	var got []string
	for _, r := range k.releasesOf("pony").Releases {
		got = append(got, r.Version)
	}
	if diff := cmp.Diff(versions, got); diff != "" {
		t.Errorf("%s: the document's releases (-want +got):\n%s", step, diff)
	}
}

// TestGone: a Kube that was taken away comes back with versions only that were
// never published.
func TestGone(t *testing.T) {
	k := newKit(t)
	k.kube("horse", "1.0.0")
	k.first()
	k.gone("pony", "eats too much")
	res := k.publish()
	if diff := cmp.Diff([]string{"pony"}, res.Gone); diff != "" {
		t.Errorf("gone (-want +got):\n%s", diff)
	}
	l := k.line("pony")
	if l.Gone != "eats too much" || l.Rev != 2 || l.Version != "" || k.head().Kubes != 1 {
		t.Errorf("the record of a gone Kube is %s, of %d Kubes", l.Raw, k.head().Kubes)
	}
	if _, ok := k.releasesOf("pony").Release("1.0.0"); !ok {
		t.Error("the document of a gone Kube forgets its release")
	}
	k.publish()
	if got := k.line("pony"); got.Rev != 2 {
		t.Errorf("still gone, and its record has rev %d", got.Rev)
	}
	k.remove("packages/pony")
	k.publish() // the folder of a gone Kube may go too

	k.kube("pony", "1.0.0")
	_ = k.refused([]string{"pony/K3.yaml:2: version 1.0.0 was published before pony was taken away: give it a new version"})
	k.kube("pony", "1.0.1")
	k.publish()
	wantState(t, k, "back", "1.0.1", "", "1.0.1", "1.0.0")
	if got := k.line("pony").Rev; got != 5 {
		t.Errorf("back with rev %d, want 5", got)
	}
	k.audit()
}

// TestRefused: what a folder may not do to what is published, by name.
func TestRefused(t *testing.T) {
	for name, c := range map[string]struct {
		change func(k *kit)
		want   []string
	}{
		"changed content": {
			func(k *kit) {
				k.write("packages/pony/manifests/config.yaml", kubeFiles("pony", "1.0.0")["manifests/config.yaml"]+"  more: x\n")
				k.write("packages/pony/NEWS.md", "new\n")
				k.remove("packages/pony/README.md")
			},
			[]string{
				"pony/K3.yaml:2: version 1.0.0 is published with other content: give the Kube a new version",
				"pony/NEWS.md: is not in the published release",
				"pony/README.md: is in the published release, not here",
				"pony/manifests/config.yaml:7: differs from the published release",
			},
		},
		"changed line": {
			func(k *kit) {
				k.write("packages/pony/manifests/config.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: foal\n")
			},
			[]string{
				"pony/K3.yaml:2: version 1.0.0 is published with other content: give the Kube a new version",
				"pony/manifests/config.yaml:4: differs from the published release",
			},
		},
		"line ends": {
			func(k *kit) {
				for path, text := range kubeFiles("pony", "1.0.0") {
					k.write("packages/pony/"+path, strings.ReplaceAll(text, "\n", "\r\n"))
				}
			},
			[]string{
				"pony/K3.yaml:1: differs from the published release only in the ends of lines: CRLF here, LF there",
				"pony/K3.yaml:2: version 1.0.0 is published, and only the ends of lines differ: a checkout changed them, so keep git from that " +
					"(a .gitattributes beside the packages folder that says `packages/** -text`, then check out again), or give the Kube a new version",
				"pony/README.md:1: differs from the published release only in the ends of lines: CRLF here, LF there",
				"pony/manifests/config.yaml:1: differs from the published release only in the ends of lines: CRLF here, LF there",
			},
		},
		"line ends, and more": {
			func(k *kit) {
				k.write("packages/pony/README.md", "# pony 1.0.0\r\n")
				k.write("packages/pony/NEWS.md", "new\n")
			},
			[]string{
				"pony/K3.yaml:2: version 1.0.0 is published with other content: give the Kube a new version",
				"pony/NEWS.md: is not in the published release",
				"pony/README.md:1: differs from the published release only in the ends of lines: CRLF here, LF there",
			},
		},
		"execute bit": {
			func(k *kit) {
				if err := os.Chmod(filepath.Join(k.packages, "pony/README.md"), 0o755); err != nil {
					k.t.Fatal(err)
				}
			},
			[]string{
				"pony/K3.yaml:2: version 1.0.0 is published with other content: give the Kube a new version",
				"pony/README.md: has another execute bit than in the published release",
			},
		},
		"equal precedence": {
			func(k *kit) { k.kube("pony", "1.0.0+b") },
			[]string{"pony/K3.yaml:2: versions 1.0.0+b and 1.0.0 have the same precedence"},
		},
		"case of a version": {
			func(k *kit) { k.kube("horse", "1.0.0-RC1") },
			[]string{"horse/K3.yaml:2: versions 1.0.0-RC1 and 1.0.0-rc1 differ only in case"},
		},
		"yanked that never was": {
			func(k *kit) { k.releases("pony", "yanked: {1.0.9: a}\nrevoked: {0.1.0: b}\n") },
			[]string{
				"pony/releases.yaml:1: version 1.0.9 was never published",
				"pony/releases.yaml:2: version 0.1.0 was never published",
			},
		},
		"gone that never was": {
			func(k *kit) { k.releases("zebra", "gone: x\n") },
			[]string{"zebra/releases.yaml:1: gone, but zebra was never published"},
		},
		"gone with other files": {
			func(k *kit) { k.releases("pony", "gone: x\n") },
			[]string{
				"pony/K3.yaml: releases.yaml says that the Kube is gone: its folder holds nothing else",
				"pony/README.md: releases.yaml says that the Kube is gone: its folder holds nothing else",
				"pony/manifests: releases.yaml says that the Kube is gone: its folder holds nothing else",
			},
		},
		"name in another case": {
			func(k *kit) { k.kube("Pony", "1.0.0") },
			[]string{`Pony/K3.yaml:1: name "Pony": use only a-z, 0-9 and -`},
		},
		"no K3.yaml": {
			func(k *kit) { k.write("packages/notes/manifests/a.yaml", "kind: ConfigMap\n") },
			[]string{"notes/K3.yaml: is missing"},
		},
		"a manifest that is none": {
			func(k *kit) {
				k.kube("zebra", "1.0.0")
				k.write("packages/zebra/manifests/config.yaml", "apiVersion: v1\nmetadata: {name: zebra}\n")
			},
			[]string{"zebra/manifests/config.yaml:1: kind is missing"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			k := newKit(t)
			k.kube("horse", "1.0.0-rc1")
			k.first()
			c.change(k)
			got := problems(t, k.refused(nil))
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}

// TestBuildMetadata: a + in a version is _ in file names.
func TestBuildMetadata(t *testing.T) {
	k := newKit(t)
	k.kube("pony", "1.0.0+corn.1")
	k.first()
	if !slices.Contains(added(nil, tree(t, k.site)), "kubes/pony/pony-1.0.0_corn.1.tgz") {
		t.Error("no archive with _ for +")
	}
	wantState(t, k, "first", "1.0.0+corn.1", "", "1.0.0+corn.1")
	k.audit()
}

// TestBesides: files beside the Kubes and folders with a dot are no Kubes.
func TestBesides(t *testing.T) {
	k := newKit(t)
	k.write("packages/README.md", "hello\n")
	k.write("packages/.cache/K3.yaml", "not read\n")
	k.write("packages/pony/.idea/x", "not packed\n")
	k.first()
	if got := k.head().Kubes; got != 1 {
		t.Errorf("published %d Kubes, want 1", got)
	}
	k.write("packages/pony/.idea/x", "changed, and still not packed\n")
	k.publish()
}
