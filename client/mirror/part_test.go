package mirror_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kpm-sh/kpm/client/mirror"
	"github.com/kpm-sh/kpm/internal/errcode"
	"github.com/kpm-sh/kpm/internal/fetch"
	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/sitetest"
	"github.com/kpm-sh/kpm/internal/trust"
)

// only mirrors a part.
func (k *kit) only(wishes ...string) (*mirror.Result, error) {
	k.t.Helper()
	o := k.options()
	o.Only = wishes
	return mirror.Run(k.t.Context(), o)
}

// factOf is a fact of an error of a kind, nil for none.
func factOf(err error, of errcode.Code, name string) any {
	for code, facts := range errcode.All(err) {
		if code == of {
			return facts[name]
		}
	}
	return nil
}

// TestPartWithoutGone: a part of a repository from which a Kube was taken lacks that one,
// too, and is whole; a second run has as many Kubes.
func TestPartWithoutGone(t *testing.T) {
	k := newKit(t)
	k.site.Publish(sitetest.Gone("pony", "superseded"))
	if res, err := k.only("hello"); err != nil || res.Kubes != 1 {
		t.Fatalf("%+v, %v", res, err)
	}
	k.verify()
	if res, err := k.only("hello"); err != nil || !res.Unchanged || res.Kubes != 1 {
		t.Errorf("%+v, %v", res, err)
	}
}

// TestOnlyNoRelease: a range that no release is in is an error that names those that there
// are, and nothing is made; one that is only needed is told.
func TestOnlyNoRelease(t *testing.T) {
	k := newKit(t)
	k.site.Publish(sitetest.Release("hello", "1.1.0"))
	_, err := k.only("pony", "hello@^9")
	if !errcode.Has(err, errcode.NotFound) || !strings.Contains(err.Error(), "no release of hello that is ^9") {
		t.Errorf("got %v", err)
	}
	if diff := cmp.Diff([]string{"1.1.0", "1.0.0"}, factOf(err, errcode.NotFound, "have")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if _, err := os.Stat(filepath.Join(k.dir, "kubes")); err == nil {
		t.Error("something was copied")
	}
	withdraw := func(r *index.Release) { r.Withdrawn = "it eats data" }
	for _, version := range []string{"1.0.0", "1.1.0"} {
		k.site.Publish(sitetest.Recalled("hello", version, withdraw))
	}
	if _, err := k.only("hello@^1"); !errcode.Has(err, errcode.NotFound) {
		t.Errorf("of releases that were withdrawn: %v", err)
	}
}

// TestMirrorOfPart: what the origin left out itself is UNMIRRORED, not MISSING, and no
// reason to ask for another head.
func TestMirrorOfPart(t *testing.T) {
	k := newKit(t)
	k.site.Publish(sitetest.Release("hello", "2.0.0"))
	if _, err := k.only("hello@^1"); err != nil {
		t.Fatal(err)
	}
	part, err := fetch.Open(fetch.URL(k.dir), fetch.Options{})
	if err != nil {
		t.Fatal(err)
	}
	mirrored := func(dir string, dry bool, wishes ...string) error {
		o := k.options()
		o.Sources, o.Dir, o.Only, o.DryRun = []*fetch.Source{part}, filepath.Join(t.TempDir(), dir), wishes, dry
		_, err := mirror.Run(t.Context(), o)
		return err
	}
	for _, c := range []struct {
		wish, says string
	}{{"", "hello 2.0.0 was left out"}, {"pony", "pony was left out"}, {"hello", "hello 2.0.0 was left out"}, {"hello@^2", "hello 2.0.0 was left out"}} {
		for _, dry := range []bool{false, true} {
			var wishes []string
			if c.wish != "" {
				wishes = []string{c.wish}
			}
			if err := mirrored("copy", dry, wishes...); trust.CodeOf(err) != trust.Unmirrored || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%q, dry %v: %v", c.wish, dry, err)
			}
		}
	}
	if err := mirrored("copy", false, "hello@^1"); err != nil {
		t.Errorf("of what is there: %v", err)
	}
	if said := strings.Join(k.said, "\n"); strings.Contains(said, "changes") {
		t.Errorf("it said %s", said)
	}
}

// TestOwnFolder: a mirror in the folder that it is made from, by whatever name, or below
// it, is refused before anything is written; where another source is, that is asked.
func TestOwnFolder(t *testing.T) {
	k := newKit(t)
	site := filepath.Join(t.TempDir(), "site")
	k.site.Write(site)
	if err := os.Symlink(site, site+"-link"); err != nil {
		t.Fatal(err)
	}
	for from, dirs := range map[string][]string{
		site:           {site, site + "/", site + "-link", site + "/below", site + "-link/a/b"},
		site + "-link": {site, site + "-link"},
		site + "/":     {site},
	} {
		for _, dir := range dirs {
			own, err := fetch.Open(fetch.URL(from), fetch.Options{Pause: time.Millisecond})
			if err != nil {
				t.Fatal(err)
			}
			o := k.options()
			o.Sources, o.Dir = []*fetch.Source{own}, dir
			if _, err := mirror.Run(t.Context(), o); !errcode.Has(err, errcode.Usage) {
				t.Errorf("of %s in %s: %v", from, dir, err)
			}
		}
	}
	for _, path := range []string{"mirror.json", ".lock", "below", "a"} {
		if _, err := os.Lstat(filepath.Join(site, path)); err == nil {
			t.Errorf("%s was made", path)
		}
	}
	k.dir = site
	o := k.options()
	own, err := fetch.Open(fetch.URL(site), fetch.Options{})
	if err != nil {
		t.Fatal(err)
	}
	o.Sources = append([]*fetch.Source{own}, o.Sources...)
	if _, err := mirror.Run(t.Context(), o); err != nil {
		t.Errorf("with another source: %v", err)
	}
	k.verify()
}
