package indexer_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kpm-sh/kpm/indexer"
	"github.com/kpm-sh/kpm/internal/fetch"
)

// TestAbsence: what the packages folder lacks is an error by name, never a
// removal, and the site stays byte for byte.
func TestAbsence(t *testing.T) {
	missing := func(names ...string) []string {
		var out []string
		for _, name := range names {
			out = append(out, name+": is published, but not in the packages folder; to remove it, keep the folder with a releases.yaml that says `gone: REASON`")
		}
		return out
	}
	for name, c := range map[string]struct {
		change func(k *kit)
		want   []string
	}{
		"one Kube":     {func(k *kit) { k.remove("packages/horse") }, missing("horse")},
		"empty folder": {func(k *kit) { k.remove("packages"); k.write("packages/README.md", "") }, missing("horse", "pony")},
		"wrong folder": {func(k *kit) { k.packages = filepath.Join(k.dir, "trust") }, missing("horse", "pony")},
		"renamed":      {func(k *kit) { k.remove("packages/horse"); k.kube("hors", "1.0.0") }, missing("horse")},
	} {
		t.Run(name, func(t *testing.T) {
			k := newKit(t)
			k.kube("horse", "1.0.0")
			k.first()
			c.change(k)
			for _, keepGoing := range []bool{false, true} {
				err := k.refused(nil, func(o *indexer.Options) { o.KeepGoing = keepGoing })
				if diff := cmp.Diff(c.want, problems(t, err)); diff != "" {
					t.Errorf("keep going %v: problems (-want +got):\n%s", keepGoing, diff)
				}
			}
		})
	}
	t.Run("no folder", func(t *testing.T) {
		k := newKit(t)
		k.first()
		k.packages = filepath.Join(k.dir, "pakcages")
		if err := k.refused([]string{"reading the packages folder"}); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("got %v, want ErrNotExist", err)
		}
	})
}

// TestFirst: a repository is started on purpose, and once.
func TestFirst(t *testing.T) {
	k := newKit(t)
	for _, trust := range []string{"", k.trust} {
		err := k.refused([]string{k.site}, func(o *indexer.Options) { o.Trust = trust })
		if !errors.Is(err, indexer.ErrNoSite) {
			t.Errorf("nothing is published and --first is missing: got %v, want ErrNoSite", err)
		}
	}
	k.first()
	_ = k.refused([]string{"has v1/index.json already"}, starting(k.trust))

	lost := newKit(t)
	lost.first()
	lost.remove("site/v1")
	_ = lost.refused([]string{"has trust/1.json already"}, starting(lost.trust))

	// A place to read from does not hide what the site itself has.
	elsewhere := newKit(t)
	elsewhere.write("site/README", "")
	_ = k.refused([]string{"has v1/index.json already"}, starting(k.trust), from(elsewhere.site))
	_ = elsewhere.refused([]string{"has v1/index.json already"}, starting(k.trust), from(k.site))
}

// from are the changes to read what is published elsewhere.
func from(place string) func(*indexer.Options) {
	return func(o *indexer.Options) { o.Previous = fetch.URL(place) }
}

// TestEmpty: an empty packages folder can start a repository.
func TestEmpty(t *testing.T) {
	k := newKit(t)
	k.remove("packages/pony")
	k.first()
	k.publish()
	if h := k.head(); h.Kubes != 0 || h.Seq != 2 {
		t.Errorf("head %d has %d Kubes", h.Seq, h.Kubes)
	}
	k.audit()
	k.kube("pony", "1.0.0")
	k.publish()
	k.line("pony")
}

// TestKeepGoing: refused Kubes keep what they had published, all others are
// published, and every problem is told. Without it nothing changes.
func TestKeepGoing(t *testing.T) {
	k := newKit(t)
	for _, name := range []string{"bad", "horse"} {
		k.kube(name, "1.0.0")
	}
	k.first()
	before := k.client().raw()
	k.kube("horse", "1.1.0")
	k.kube("new", "1.0.0")
	k.write("packages/pony/README.md", "changed\n")
	k.write("packages/bad/K3.yaml", "name: bad\n")
	k.write("packages/worse/K3.yaml", "name: worse\n")
	_ = k.refused([]string{"pony/README.md:1: differs", "bad/K3.yaml: ", "worse/K3.yaml: "})

	res := k.publish(func(o *indexer.Options) { o.KeepGoing = true })
	contains(t, res.Refused.Error(), "pony/README.md:1: differs", "bad/K3.yaml: ", "worse/K3.yaml: ")
	if diff := cmp.Diff([]string{"horse 1.1.0", "new 1.0.0"}, res.Released); diff != "" {
		t.Errorf("released (-want +got):\n%s", diff)
	}
	after := k.client().raw()
	for _, name := range []string{"bad", "pony"} {
		if after[name] != before[name] {
			t.Errorf("the record of %s, which was refused, changed:\n%s\n%s", name, before[name], after[name])
		}
	}
	if _, ok := after["worse"]; ok || k.line("horse").Version != "1.1.0" || k.head().Kubes != 4 {
		t.Errorf("published %v", after)
	}
	k.audit()
}

// TestCheck: every problem of a packages folder is told at once.
func TestCheck(t *testing.T) {
	k := newKit(t)
	k.kube("horse", "1.0.0")
	k.write("packages/horse/K3.yaml", "name: horse\nversion: 1.0\n")
	k.kube("zebra", "1.0.0")
	k.remove("packages/zebra/manifests")
	k.write("packages/zebra/manifests/a.yml", "")
	var stages []int
	got, err := indexer.Check(context.Background(), indexer.CheckOptions{Packages: os.DirFS(k.packages), Report: func(_ string, done, total int) {
		stages = append(stages, done, total)
	}})
	if err != nil {
		t.Fatal(err)
	}
	ps, n := got.Problems, len(got.Kubes)
	contains(t, ps.Error(), "horse/K3.yaml:2: ", "horse/K3.yaml: ", "zebra/manifests/a.yml: ")
	for _, p := range ps {
		if p.Path == "pony" {
			t.Errorf("a valid Kube has a problem: %s", p)
		}
	}
	if diff := cmp.Diff([]int{1, 3, 2, 3, 3, 3}, stages); n != 3 || diff != "" {
		t.Errorf("%d Kubes; reported (-want +got):\n%s", n, diff)
	}
}
