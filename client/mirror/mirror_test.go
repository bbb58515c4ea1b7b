package mirror_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kpm-sh/kpm/client/mirror"
	"github.com/kpm-sh/kpm/internal/fetch"
	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/sitetest"
	"github.com/kpm-sh/kpm/internal/trust"
)

// kit is a published site and a folder to mirror it into.
type kit struct {
	t    *testing.T
	site *sitetest.Site
	dir  string
	said []string
}

func newKit(t *testing.T) *kit {
	k := &kit{t: t, site: sitetest.New(t), dir: filepath.Join(t.TempDir(), "mirror")}
	k.site.Publish(sitetest.Release("hello", "1.0.0"), sitetest.Release("pony", "1.0.0"))
	return k
}

// options mirror the site; each call has a source of its own.
func (k *kit) options() mirror.Options {
	k.t.Helper()
	s, err := fetch.Open(k.site.URL, fetch.Options{Pause: time.Millisecond})
	if err != nil {
		k.t.Fatal(err)
	}
	say := func(text string) { k.said = append(k.said, text) }
	return mirror.Options{
		Origin: mirror.Origin{Sources: []*fetch.Source{s}, Pin: &k.site.Pin}, Dir: k.dir,
		Now: func() time.Time { return k.site.Now }, Warn: say, Note: say,
	}
}

func (k *kit) run() *mirror.Result {
	k.t.Helper()
	res, err := mirror.Run(k.t.Context(), k.options())
	if err != nil {
		k.t.Fatal(err)
	}
	return res
}

func (k *kit) verify() {
	k.t.Helper()
	v, err := mirror.Verify(k.t.Context(), k.dir, &k.site.Pin)
	if err != nil {
		k.t.Fatal(err)
	}
	if len(v.Findings) > 0 {
		k.t.Errorf("findings: %s", strings.Join(v.Findings, "\n"))
	}
}

// refused wants a refusal with a code, and that nothing of the folder's index changed.
func (k *kit) refused(code trust.Code) {
	k.t.Helper()
	before, _ := os.ReadFile(filepath.Join(k.dir, "v1", "index.json")) //nolint:errcheck // there may be none
	_, err := mirror.Run(k.t.Context(), k.options())
	if got := trust.CodeOf(err); got != code {
		k.t.Errorf("got %v, want %s", err, code)
	}
	after, _ := os.ReadFile(filepath.Join(k.dir, "v1", "index.json")) //nolint:errcheck // there may be none
	if !bytes.Equal(before, after) {
		k.t.Error("the head was replaced")
	}
}

// TestEveryFileIsTheOrigins: every signed file byte for byte, so that verification does
// not know the difference.
func TestEveryFileIsTheOrigins(t *testing.T) {
	k := newKit(t)
	k.run()
	k.site.Publish(sitetest.Release("hello", "1.1.0"), sitetest.Gone("pony", "superseded"))
	k.run()
	k.verify()
	n := 0
	err := filepath.WalkDir(k.dir, func(at string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || d.Name() == "mirror.json" || d.Name() == ".lock" {
			return err
		}
		n++
		rel, err := filepath.Rel(k.dir, at)
		if err != nil {
			return err
		}
		got, err := os.ReadFile(at)
		if want := k.site.Get(filepath.ToSlash(rel)); !bytes.Equal(got, want) {
			t.Errorf("%s is another file", rel)
		}
		return err
	})
	if err != nil || n < 10 {
		t.Errorf("%d files, %v", n, err)
	}
}

// TestSecondRun copies what changed: 4 requests, and the objects themselves.
func TestSecondRun(t *testing.T) {
	k := newKit(t)
	for i := range 20 {
		k.site.Publish(sitetest.Release(fmt.Sprintf("kube%d", i), "1.0.0"))
	}
	k.run()
	k.site.Publish(sitetest.Release("hello", "1.1.0"))
	k.site.Misbehave(nil)
	res := k.run()
	asked := map[string]int{}
	for _, path := range k.site.Requests() {
		top, _, _ := strings.Cut(path, "/")
		asked[top]++
	}
	if asked["trust"] != 1 || asked["v1"] != 1 || asked["kubes"] != 2 || res.Requests > 10 {
		t.Errorf("requests %v of %d: %v", asked, res.Requests, k.site.Requests())
	}
	k.verify()
}

// TestFloorsStay: a mirror never goes back, is of one repository, and takes nothing that
// is not signed.
func TestFloorsStay(t *testing.T) {
	k := newKit(t)
	old := k.site.Copy()
	k.site.Publish(sitetest.Release("hello", "1.1.0"))
	k.run()
	now := k.site
	k.site = old
	k.refused(trust.Rollback)
	old.Publish(sitetest.Release("hello", "2.0.0"))
	k.refused(trust.Equivocation)
	k.site = now
	k.site.Sign(sitetest.NewKey(t))
	k.refused(trust.Signature)
	k.verify()
}

// TestDamagedHead: a head in the folder that cannot be read, or that nobody signed, is
// told and replaced; of another repository nothing is mixed with this one.
func TestDamagedHead(t *testing.T) {
	for name, damage := range map[string]func(head string) string{
		"empty":     func(string) string { return "" },
		"half":      func(head string) string { return head[:len(head)/2] },
		"no JSON":   func(string) string { return "<html>" },
		"a bit":     func(head string) string { return strings.Replace(head, `\"seq\":`, `\"seq\":9`, 1) },
		"signature": func(head string) string { return strings.Replace(head, `"signature":"M`, `"signature":"N`, 1) },
	} {
		t.Run(name, func(t *testing.T) {
			k := newKit(t)
			k.run()
			at := filepath.Join(k.dir, "v1", "index.json")
			head, err := os.ReadFile(at)
			if err != nil {
				t.Fatal(err)
			}
			damaged := damage(string(head))
			if damaged == string(head) {
				t.Fatalf("%s is as it was", head)
			}
			if err := os.WriteFile(at, []byte(damaged), 0o644); err != nil {
				t.Fatal(err)
			}
			k.run()
			k.verify()
			if said := strings.Join(k.said, "\n"); !strings.Contains(said, "is damaged, and is replaced") {
				t.Errorf("it said %q", said)
			}
		})
	}
	k, other := newKit(t), sitetest.Named(t, "other")
	k.run()
	other.Publish(sitetest.Release("hello", "1.0.0"))
	k.site = other
	k.refused(trust.TrustPin)
}

// TestHostileOrigin: other bytes than signed, and files that are not there.
func TestHostileOrigin(t *testing.T) {
	for name, c := range map[string]struct {
		path string
		data []byte
		code trust.Code
	}{
		"archive":  {index.ArchivePath("hello", "1.0.0"), []byte("other"), trust.Size},
		"gone":     {index.ArchivePath("hello", "1.0.0"), nil, trust.Missing},
		"bundle":   {index.ProvenancePath("hello", "1.0.0"), nil, trust.Missing},
		"no trust": {index.TrustPath(1), nil, trust.Missing},
	} {
		t.Run(name, func(t *testing.T) {
			k := newKit(t)
			k.site.Remove(c.path)
			if c.data != nil {
				k.site.Put(c.path, c.data)
			}
			_, err := mirror.Run(t.Context(), k.options())
			if got := trust.CodeOf(err); got != c.code {
				t.Errorf("got %v, want %s", err, c.code)
			}
			if _, err := os.Stat(filepath.Join(k.dir, "v1", "index.json")); err == nil {
				t.Error("a head that leads to nothing is there")
			}
		})
	}
}

// TestPublisherAtWork: race-free against a publisher. What a head leads to may be
// collected while it is copied: then the head after it is.
func TestPublisherAtWork(t *testing.T) {
	k := newKit(t)
	moved := false
	archive := index.ArchivePath("pony", "1.0.0")
	k.site.Misbehave(func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path != "/"+archive {
			return false
		}
		if !moved {
			moved = true
			k.site.Publish(sitetest.Recalled("pony", "1.0.0", func(r *index.Release) { r.Withdrawn = "it eats data" }))
		}
		w.WriteHeader(http.StatusNotFound)
		return true
	})
	res := k.run()
	if res.Head.Seq != k.site.Head.Seq || !moved {
		t.Errorf("the mirror has %d, the origin %d", res.Head.Seq, k.site.Head.Seq)
	}
	k.verify()
}

// TestCutShort: interrupted anywhere, the same command goes on, and until then nothing
// says that the mirror is whole.
func TestCutShort(t *testing.T) {
	k := newKit(t)
	total := int(k.run().Requests)
	for stop := 1; stop <= total; stop++ {
		k := newKit(t)
		ctx, cancel := context.WithCancel(t.Context())
		left := stop
		k.site.Misbehave(func(http.ResponseWriter, *http.Request) bool {
			if left--; left == 0 {
				cancel()
			}
			return false
		})
		_, err := mirror.Run(ctx, k.options())
		if err == nil {
			continue
		}
		if !errors.Is(err, context.Canceled) {
			t.Errorf("after %d requests: %v", stop, err)
		}
		k.site.Misbehave(nil)
		k.run()
		k.verify()
	}
}

// TestOnly holds what was asked for, and what that needs.
func TestOnly(t *testing.T) {
	k := newKit(t)
	need := sitetest.Release("needy", "1.0.0")
	need.Record.Dependencies = []index.Dependency{{Name: "hello", Version: "^2"}}
	need.Change = func(r *index.Release) { r.Dependencies = need.Record.Dependencies }
	k.site.Publish(need, sitetest.Release("hello", "2.0.0"), sitetest.Release("hello", "2.1.0"))
	o := k.options()
	o.Only = []string{"needy"}
	if _, err := mirror.Run(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	var there []string
	for _, at := range []string{"hello@1.0.0", "hello@2.0.0", "hello@2.1.0", "needy@1.0.0", "pony@1.0.0"} {
		name, version, _ := strings.Cut(at, "@")
		if _, err := os.Stat(filepath.Join(k.dir, index.ArchivePath(name, version))); err == nil {
			there = append(there, at)
		}
	}
	if diff := cmp.Diff([]string{"hello@2.0.0", "hello@2.1.0", "needy@1.0.0"}, there); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	k.verify()
	k.run() // all of it, over the part
	k.verify()
}
