package indexer_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kpm-sh/kpm/indexer"
)

// needing writes the folder of a Kube that needs others, each "NAME RANGE".
func (k *kit) needing(name string, needs ...string) {
	k.kube(name, "1.0.0")
	meta := k.read("packages/"+name+"/K3.yaml") + "dependencies:\n"
	for _, need := range needs {
		d, want, _ := strings.Cut(need, " ")
		meta += fmt.Sprintf("  - name: %s\n", d)
		if want != "" {
			meta += fmt.Sprintf("    version: %q\n", want)
		}
	}
	k.write("packages/"+name+"/K3.yaml", meta)
}

// TestNeeds: what a new release needs is published, or released in the same build, and
// no Kube needs itself over others; a check says the same, of each at the line of the
// dependency.
func TestNeeds(t *testing.T) {
	for name, c := range map[string]struct {
		change func(k *kit)
		want   []string
	}{
		"of the same build": {func(k *kit) { k.kube("base", "2.0.0"); k.needing("top", "base ^2") }, nil},
		"published before":  {func(k *kit) { k.kube("base", "2.0.0"); k.needing("top", "base ^1") }, nil},
		"another version": {func(k *kit) { k.needing("top", "pony", "base ^3") },
			[]string{"top/K3.yaml:10: it needs base ^3, and there is only 1.0.0"}},
		"nowhere": {func(k *kit) { k.needing("top", "bass") },
			[]string{"top/K3.yaml:9: it needs bass, and the packages folder has no such Kube; the nearest is base"}},
		"gone": {func(k *kit) { k.gone("base", "it left"); k.needing("top", "base") },
			[]string{"top/K3.yaml:9: it needs base, and that Kube is gone: it left"}},
		"yanked": {func(k *kit) { k.releases("base", "yanked: {1.0.0: slow}\n"); k.needing("top", "base") },
			[]string{"top/K3.yaml:9: it needs base, and there is only 1.0.0, which is yanked or revoked"}},
		"a cycle": {func(k *kit) {
			k.needing("a", "b")
			k.needing("b", "c ^1")
			k.needing("c", "a")
			k.needing("d", "a")
		}, []string{
			"a/K3.yaml:9: it needs b, and that is a cycle: a needs b needs c needs a",
			"b/K3.yaml:9: it needs c ^1, and that is a cycle: b needs c needs a needs b",
			"c/K3.yaml:9: it needs a, and that is a cycle: c needs a needs b needs c",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			k := newKit(t)
			k.kube("base", "1.0.0")
			k.first()
			c.change(k)
			if c.want == nil {
				k.publish()
				return
			}
			if diff := cmp.Diff(c.want, problems(t, k.refused(nil))); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}

// TestNeedsKeepGoing: what needs a refused Kube is refused with it, however long the way.
func TestNeedsKeepGoing(t *testing.T) {
	k := newKit(t)
	k.first()
	k.needing("a", "b")
	k.needing("b", "c")
	k.kube("c", "1.0.0")
	k.remove("packages/c/manifests")
	res := k.publish(func(o *indexer.Options) { o.KeepGoing = true })
	want := []string{
		"a/K3.yaml:9: it needs b, and b 1.0.0 is refused",
		"b/K3.yaml:9: it needs c, and c 1.0.0 is refused",
		"c/manifests: no manifest and no template",
	}
	if diff := cmp.Diff(want, problems(t, res.Refused)); diff != "" {
		t.Errorf("refused (-want +got):\n%s", diff)
	}
	if len(res.Released) > 0 {
		t.Errorf("released %v", res.Released)
	}
}

// TestNeedsLost: a release that is out is not refused for what it lost, so that nothing
// keeps a Kube from being taken away; it is told.
func TestNeedsLost(t *testing.T) {
	k := newKit(t)
	k.needing("top", "pony ^1")
	k.first()
	k.gone("pony", "a back door")
	res, err := indexer.Publish(context.Background(), k.options())
	if err != nil {
		t.Fatal(err)
	}
	contains(t, strings.Join(res.Warnings, "\n"), "top 1.0.0: it needs pony ^1, and that Kube is gone: a back door")
}

// TestNeedsChanged: who needs what changed is judged for that alone.
func TestNeedsChanged(t *testing.T) {
	k := newKit(t)
	k.needing("top", "pony ^1", "nowhere")
	k.kube("pony", "2.0.0")
	k.write("packages/top/manifests/config.yaml", "no object")
	for name, c := range map[string]struct {
		names []string
		want  string
	}{
		"all":    {nil, "top/K3.yaml:9: it needs pony ^1, and there is only 2.0.0"},
		"chosen": {[]string{"pony"}, ""},
	} {
		got, err := indexer.Check(context.Background(), indexer.CheckOptions{Packages: k.options().Packages, Names: c.names, Changed: []string{"pony"}, Moved: []string{"pony"}})
		if err != nil {
			t.Fatal(err)
		}
		var said []string
		for _, p := range got.Problems {
			said = append(said, p.String())
		}
		if text := strings.Join(said, "\n"); text != c.want || !cmp.Equal(got.Kubes, []string{"pony"}) {
			t.Errorf("%s: of %v got %q, want %q", name, got.Kubes, text, c.want)
		}
	}
}
