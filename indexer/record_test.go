package indexer_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kpm-sh/kpm/indexer"
	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/signing"
)

const hook = "print('hello')\n"

// full writes a Kube that says all that a Kube can say.
func full(k *kit) {
	k.write("packages/pony/K3.yaml", `name: pony
version: 1.2.0
description: A pony
details: |
  It is small.
  It is brown.
home: https://example.org/pony
license: MIT
keywords: [horse, small]
maintainers: [Ann Author <ann@example.org>]
dependencies:
  - {name: hay, version: "1.0 < x <= 2.0"}
kubernetes: ">=1.25"
kpm: ">=0.1"
images: [registry.example.org/extra:1.0]
deprecated: buy a horse
annotations: {example.org/color: brown}
`)
	k.write("packages/pony/manifests/config.yaml", "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: pony}\nspec:\n  selector: {matchLabels: {app: pony}}\n  template:\n    metadata: {labels: {app: pony}}\n    spec:\n      containers:\n        - {name: pony, image: 'registry.example.org/pony:1.2.0'}\n")
	k.write("packages/pony/manifests/headless.yaml", "apiVersion: v1\nkind: Service\nmetadata: {name: pony-headless}\nspec: {clusterIP: None, selector: {app: pony}, ports: [{port: 80}]}\n")
	k.write("packages/pony/manifests/service.yaml.tmpl", "apiVersion: v1\nkind: Service\nmetadata: {name: pony}\nspec: {selector: {app: pony}, ports: [{port: {{ port }}}]}\n")
	k.write("packages/pony/values.yaml", "port: 80\n")
	k.write("packages/pony/scripts/pre-install.py", hook)
}

// TestRecord: what the index says of a Kube is what the Kube says.
func TestRecord(t *testing.T) {
	k := newKit(t)
	k.kube("hay", "1.5.0") // what pony needs
	full(k)
	k.publish(starting(k.trust), func(o *indexer.Options) { o.Commit = strings.Repeat("ab", 20) })
	doc := k.releasesOf("pony")
	got := k.line("pony").Record
	got.Doc = index.Ref{}
	deps := []index.Dependency{{Name: "hay", Version: "1.0 < x <= 2.0"}}
	provides := []string{"config.yaml", "headless.yaml", "service.yaml"}
	images := []string{"registry.example.org/extra:1.0", "registry.example.org/pony:1.2.0"}
	want := index.Record{
		Name: "pony", Rev: 1, Version: "1.2.0", Description: "A pony", Details: "It is small.\nIt is brown.",
		Keywords: []string{"horse", "small"}, Home: "https://example.org/pony", License: "MIT", Maintainers: []string{"Ann Author <ann@example.org>"},
		Dependencies: deps, Built: index.At(k.now), Provides: provides, Kinds: []string{"Deployment", "Service"}, Images: images,
		Kubernetes: ">=1.25", KPM: ">=0.1", Hook: index.DigestOf([]byte(hook)), Deprecated: "buy a horse",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("record (-want +got):\n%s", diff)
	}
	archive := []byte(k.read("site/kubes/pony/pony-1.2.0.tgz"))
	rel := doc.Releases[0]
	if err := rel.Ref().Match(archive); err != nil {
		t.Error(err)
	}
	rel.SHA256, rel.Size, rel.Tar, rel.Attestations[0].SHA256, rel.Attestations[0].Size = "", 0, "", "", 0
	wantRelease := index.Release{
		Version: "1.2.0", Built: index.At(k.now), Commit: strings.Repeat("ab", 20), Dependencies: deps, Kubernetes: ">=1.25", KPM: ">=0.1",
		Hook: index.DigestOf([]byte(hook)), Images: []index.Image{{Ref: images[0]}, {Ref: images[1]}}, Provides: provides,
		Attestations: []index.Attestation{{Type: signing.ProvenanceType, Path: "kubes/pony/pony-1.2.0.tgz.sigstore.json"}},
	}
	if diff := cmp.Diff(wantRelease, rel); diff != "" {
		t.Errorf("release (-want +got):\n%s", diff)
	}
	k.audit()

	// Yanked and back: what the record says comes from the archive, and is the same.
	k.releases("pony", "yanked: {1.2.0: a}\n")
	k.write("packages/pony/K3.yaml", strings.Replace(k.read("packages/pony/K3.yaml"), "1.2.0", "1.1.0", 1))
	k.publish()
	k.releases("pony", "yanked: {}\n")
	k.publish()
	got = k.line("pony").Record
	got.Doc, got.Rev = index.Ref{}, 1
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("record after a yank that was taken back (-want +got):\n%s", diff)
	}
}

// TestTooLong: a Kube of which the index cannot hold what it has to is refused
// by name, by check too, and stops no other one.
func TestTooLong(t *testing.T) {
	k := newKit(t)
	k.first()
	k.kube("horse", "1.0.0")
	k.kube("pony", "1.1.0")
	for i := range 1500 {
		k.write(fmt.Sprintf("packages/horse/manifests/a-rather-long-name-%d.yaml", i), fmt.Sprintf("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: horse-%d}\n", i))
	}
	const text = "horse/K3.yaml: writing the record of horse: "
	got, err := indexer.Check(context.Background(), indexer.CheckOptions{Packages: os.DirFS(k.packages)})
	if err != nil {
		t.Fatal(err)
	}
	contains(t, got.Problems.Errors().Error(), text)
	problems(t, k.refused([]string{text}))
	res := k.publish(func(o *indexer.Options) { o.KeepGoing = true })
	contains(t, res.Refused.Error(), text)
	if k.line("pony").Version != "1.1.0" || k.head().Kubes != 1 {
		t.Error("the other Kube is not published")
	}
}

// TestOddPlaces: a site may lie where a URL needs escapes, or behind a link.
func TestOddPlaces(t *testing.T) {
	for _, name := range []string{"my site", "50%41", "a#b", "a?b=c", "ünï", "a+b", "a;b", "link"} {
		t.Run(name, func(t *testing.T) {
			k := newKit(t)
			k.site = filepath.Join(k.dir, name)
			if name == "link" {
				k.write("real/README", "")
				if err := os.Symlink(filepath.Join(k.dir, "real"), k.site); err != nil {
					t.Skip(err)
				}
			}
			k.first()
			k.publish()
			k.audit()
			k.collect(false)
			copied := filepath.Join(k.dir, "copy of "+name)
			old := k.site
			k.site = copied
			k.publish(from(old))
			if a := k.audit(); a.Head.Seq != 3 {
				t.Errorf("head %d, want 3", a.Head.Seq)
			}
		})
	}
}

// TestWithdrawn: a release whose file was taken away keeps its digests, and
// its version is never used again.
func TestWithdrawn(t *testing.T) {
	k := newKit(t)
	k.first()
	k.kube("pony", "1.1.0")
	k.publish()
	k.rewrite(func(d *index.Document) { d.Releases[1].Withdrawn = "holds a secret" })
	k.remove("site/kubes/pony/pony-1.0.0.tgz")
	k.remove("site/kubes/pony/pony-1.0.0.tgz.sigstore.json")
	k.audit()
	k.publish()
	k.collect(false)
	k.audit()
	k.kube("pony", "1.0.0")
	_ = k.refused([]string{"pony/K3.yaml:2: version 1.0.0 was withdrawn (holds a secret): give it a new version"})
	k.kube("pony", "1.1.0")
	ci := kitIn(k.dir)
	ci.t, ci.now, ci.site = t, k.now, filepath.Join(t.TempDir(), "site")
	ci.publish(from(k.site))
	if a, err := indexer.Audit(context.Background(), ci.maintain()); err != nil || len(a.Findings) > 0 {
		t.Errorf("auditing: %v, %+v", err, a)
	}
}
