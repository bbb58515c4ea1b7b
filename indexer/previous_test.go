package indexer_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/kpm-sh/kpm/indexer"
	"github.com/kpm-sh/kpm/internal/fetch"
	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/trust"
	"github.com/kpm-sh/kpm/signing/signer"
)

func readAll(f index.File) ([]byte, error) {
	r, err := f.Open()
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	return data, r.Close()
}

// published is the published state, as Build takes it.
func (k *kit) published() *indexer.Published {
	e := k.envelope()
	return &indexer.Published{Head: e.head, Envelope: e.Envelope, Stored: index.Object{Ref: index.RefOf(e.stored), Data: e.stored}, Lines: k.client().sorted()}
}

// serve serves a site over HTTP. answer may answer in its place, for a path of
// the site.
func serve(t testing.TB, site string, answer func(w http.ResponseWriter, path string) bool) string {
	t.Helper()
	root, err := os.OpenRoot(site)
	if err != nil {
		t.Fatal(err)
	}
	h := indexer.Handler(root)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if answer == nil || !answer(w, strings.TrimPrefix(r.URL.Path, "/")) {
			h.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(func() { srv.Close(); _ = root.Close() })
	return srv.URL
}

// TestPrevious: an empty site and a place to read from, as in CI, go on with
// the repository; everything is carried over.
func TestPrevious(t *testing.T) {
	k := newKit(t)
	history(k, func() {})
	old := k.head()
	url := serve(t, k.site, nil)
	before := tree(t, k.site)
	published := k.site
	for name, place := range map[string]string{"URL": url, "folder": published} {
		t.Run(name, func(t *testing.T) {
			c := kitIn(k.dir)
			c.t, c.now, c.site = t, k.now, filepath.Join(t.TempDir(), "site")
			c.publish(from(place))
			after := tree(t, c.site)
			for path, d := range before {
				if path != index.HeadPath && after[path] != d {
					t.Errorf("%s is not carried over", path)
				}
			}
			got := must(index.DecodeEnvelope(must(os.ReadFile(filepath.Join(c.site, index.HeadPath)))))
			h := must(index.DecodeHead([]byte(got.Payload)))
			if h.Seq != old.Seq+1 || h.Sum != old.Sum {
				t.Errorf("head %d with sum %s goes on from %d with %s", h.Seq, h.Sum, old.Seq, old.Sum)
			}
			a, err := indexer.Audit(context.Background(), c.maintain())
			if err != nil || len(a.Findings) > 0 || a.Heads != 11 {
				t.Errorf("auditing: %v, %+v", err, a)
			}
		})
	}
	same(t, before, tree(t, published))
}

// TestPreviousRefused: whatever is not a verified head is an error, and the
// site stays empty. None of it looks like a first publish.
func TestPreviousRefused(t *testing.T) {
	k := newKit(t)
	k.first()
	other := newKit(t)
	other.key = must(signer.GenerateKey())
	other.document.Signers["index"] = trust.KeySigner(other.key.Public())
	other.signTrust(other.trustKey, other.spareKey)
	other.first()
	foreign := other.read("site/v1/index.json")

	status := func(code int) func(http.ResponseWriter) {
		return func(w http.ResponseWriter) { http.Error(w, http.StatusText(code), code) }
	}
	body := func(text string) func(http.ResponseWriter) {
		return func(w http.ResponseWriter) { _, _ = io.WriteString(w, text) }
	}
	const page = "<!doctype html><title>Welcome</title>\n"
	for name, c := range map[string]struct {
		path   string
		answer func(http.ResponseWriter)
		want   string
	}{
		"head 404":           {"v1/index.json", status(404), "no published site"},
		"head 403":           {"v1/index.json", status(403), "403"},
		"head 500":           {"v1/index.json", status(500), "500"},
		"head HTML":          {"v1/index.json", body(page), "reading envelope"},
		"head empty":         {"v1/index.json", body(""), "reading envelope"},
		"head of another":    {"v1/index.json", body(foreign), "signatures"},
		"head truncated":     {"v1/index.json", body(k.read("site/v1/index.json")[:300]), "reading envelope"},
		"head endless":       {"v1/index.json", body(strings.Repeat(" ", index.MaxHead+1)), "more than"},
		"head redirect":      {"v1/index.json", func(w http.ResponseWriter) { w.Header().Set("Location", "/login"); w.WriteHeader(302) }, "no published site"},
		"trust 404":          {"trust/1.json", status(404), "no published site"},
		"trust 403":          {"trust/1.json", status(403), "403"},
		"trust 500":          {"trust/1.json", status(500), "500"},
		"trust HTML":         {"trust/1.json", body(page), "trust document 1"},
		"trust of another":   {"trust/1.json", body(other.read("trust/1.json")), "another one"},
		"next trust 500":     {"trust/2.json", status(500), "500"},
		"everything missing": {"", status(404), "no published site"},
		"objects missing":    {"objects/", status(404), "404"},
		"objects HTML":       {"objects/", body(page), "/objects/"},
		"archive missing":    {"kubes/", status(404), "404"},
	} {
		t.Run(name, func(t *testing.T) {
			url := serve(t, k.site, func(w http.ResponseWriter, path string) bool {
				mine := strings.HasPrefix(path, c.path)
				if mine {
					c.answer(w)
				}
				return mine
			})
			ci := kitIn(k.dir)
			ci.t, ci.now, ci.site = t, k.now, filepath.Join(t.TempDir(), "site")
			_, err := ci.try(from(url), func(o *indexer.Options) {
				if name != "trust 404" { // where the source has none, the folder says it
					o.Trust = k.trust
				}
			})
			if err == nil {
				t.Fatal("published")
			}
			contains(t, err.Error(), c.want)
			if _, err := os.Stat(filepath.Join(ci.site, index.HeadPath)); err == nil {
				t.Error("a head was written")
			}
			if before := tree(t, ci.site); !strings.HasSuffix(name, "missing") && c.path != "objects/" && len(before) > 0 {
				t.Errorf("written: %v", before)
			}
		})
	}
}

// TestPreviousTold: a site that refuses what it is asked for, or has a page for it, is told
// from one with nothing in it, also by a first publish.
func TestPreviousTold(t *testing.T) {
	k := newKit(t)
	k.first()
	for name, c := range map[string]struct {
		path, body string
		status     int
		first      bool
		want       trust.Code
	}{
		"trust 403":        {"trust/1.json", "", 403, false, trust.Missing},
		"trust 401":        {"trust/1.json", "", 401, false, trust.Missing},
		"trust a page":     {"trust/1.json", "<!doctype html>", 200, false, trust.Format},
		"trust 400":        {"trust/1.json", "", 400, false, trust.Missing},
		"trust a long one": {"trust/1.json", strings.Repeat(" ", index.MaxTrust+1), 200, false, trust.Format},
		"head 403":         {"v1/index.json", "", 403, false, trust.Missing},
		"head a page":      {"v1/index.json", "<!doctype html>", 200, false, trust.Format},
		"objects 403":      {"objects/", "", 403, false, trust.Missing},
		"all 403, first":   {"", "", 403, true, trust.Missing},
		"all pages, first": {"", "<!doctype html>", 200, true, trust.Format},
		"head 403, first":  {"v1/index.json", "", 403, true, trust.Missing},
		"head page, first": {"v1/index.json", "<!doctype html>", 200, true, trust.Format},
	} {
		t.Run(name, func(t *testing.T) {
			url := serve(t, k.site, func(w http.ResponseWriter, path string) bool {
				mine := strings.HasPrefix(path, c.path)
				if mine {
					w.WriteHeader(c.status)
					_, _ = io.WriteString(w, c.body)
				} else if c.first {
					http.NotFound(w, nil)
				}
				return mine || c.first
			})
			ci := kitIn(k.dir)
			ci.t, ci.now, ci.site = t, k.now, filepath.Join(t.TempDir(), "site")
			_, err := ci.try(from(url), func(o *indexer.Options) { o.Trust, o.First = k.trust, c.first })
			if got := trust.CodeOf(err); got != c.want {
				t.Fatalf("got %q: %v, want %s", got, err, c.want)
			}
			contains(t, err.Error(), url+"/"+c.path)
			if c.status != 200 {
				contains(t, err.Error(), http.StatusText(c.status))
			}
			if e, ok := errors.AsType[*trust.Error](err); !ok || e.Facts["publisher"] == nil {
				t.Errorf("got no advice for a publisher: %v", err)
			}
		})
	}
}

// TestNotThere: hosts that answer 403 or a page for what they do not have can
// be published from: the next trust document is then not there, as it is for
// clients.
func TestNotThere(t *testing.T) {
	k := newKit(t)
	k.first()
	for name, answer := range map[string]func(http.ResponseWriter){
		"403":  func(w http.ResponseWriter) { http.Error(w, "AccessDenied", http.StatusForbidden) },
		"page": func(w http.ResponseWriter) { _, _ = io.WriteString(w, "<!doctype html><title>App</title>") },
	} {
		t.Run(name, func(t *testing.T) {
			url := serve(t, k.site, func(w http.ResponseWriter, path string) bool {
				if path != "trust/2.json" {
					return false
				}
				answer(w)
				return true
			})
			ci := kitIn(k.dir)
			ci.t, ci.now, ci.site = t, k.now, filepath.Join(t.TempDir(), "site")
			ci.publish(from(url))
		})
	}
}

// TestBehind: a source that is behind what the site itself has is refused: two
// publishes would share a number.
func TestBehind(t *testing.T) {
	k := newKit(t)
	k.first()
	stale := filepath.Join(k.dir, "stale")
	copyTree(t, k.site, stale)
	k.publish()
	k.publish()
	_ = k.refused([]string{"publish 3"}, from(stale))
	k.publish(from(k.site))

	// Another head of the same number is no better.
	fork := kitIn(k.dir)
	fork.t, fork.now, fork.site = t, k.now.Add(time.Hour), filepath.Join(k.dir, "fork")
	copyTree(t, stale, fork.site)
	for range 3 {
		fork.publish()
	}
	_ = k.refused([]string{"publish 4"}, from(fork.site))
}

// TestAtLeast is the floor of a publisher that keeps no state.
func TestAtLeast(t *testing.T) {
	k := newKit(t)
	k.first()
	k.publish()
	_ = k.refused([]string{"has published 2, which is below 3, the least that was asked for"}, func(o *indexer.Options) { o.AtLeast = 3 })
	k.publish(func(o *indexer.Options) { o.AtLeast = 2 })
}

// TestTrust: the documents in the folder must be those that are published, and
// the key must hold the role.
func TestTrust(t *testing.T) {
	k := newKit(t)
	k.first()
	k.document.MaxGraceDays = 31
	k.signTrust(k.trustKey)
	_ = k.refused([]string{"trust document 1", "has published another one"}, func(o *indexer.Options) { o.Trust = k.trust })
	_ = k.refused([]string{`"acme", not of "evil"`}, func(o *indexer.Options) { o.Name = "evil" })
	for name, key := range map[string]*signer.Key{"trust key": k.trustKey, "stranger": must(signer.GenerateKey())} {
		err := k.refused([]string{"somebody of role index"}, func(o *indexer.Options) { o.Signers = []signer.Signer{key.Signer()} })
		if trust.CodeOf(err) != trust.WrongSigner {
			t.Errorf("%s: got %v, want WRONG_SIGNER", name, err)
		}
	}
	fresh := newKit(t)
	if err := fresh.refused(nil, starting(fresh.trust), func(o *indexer.Options) { o.Signers = []signer.Signer{fresh.spareKey.Signer()} }); trust.CodeOf(err) != trust.WrongSigner {
		t.Errorf("got %v, want WRONG_SIGNER", err)
	}
	if files := tree(t, fresh.site); len(files) > 0 {
		t.Errorf("written: %v", files)
	}
}

// TestExpiry: an expired previous head is a warning, and the end of the trust
// document is announced.
func TestExpiry(t *testing.T) {
	k := newKit(t)
	if res := k.first(); len(res.Warnings) > 0 || !res.Renewal.Equal(day.Add(365*days)) {
		t.Errorf("warnings %v, renewal %v", res.Warnings, res.Renewal)
	}
	k.now = k.now.Add(15 * days)
	res := k.publish()
	contains(t, strings.Join(res.Warnings, "\n"), "the published head expired 2026-12-06")
	k.now = day.Add(275*days - 2*time.Hour)
	if res := k.publish(); len(res.Warnings) != 1 {
		t.Errorf("more than 90 days before the end: %v", res.Warnings)
	}
	if res := k.publish(); len(res.Warnings) > 0 {
		t.Errorf("exactly 90 days before the end: %v", res.Warnings)
	}
	res = k.publish()
	contains(t, strings.Join(res.Warnings, "\n"), "trust document 1 of acme expires 2027-11-22; sign the next one before that")
	for _, life := range []time.Duration{0, -time.Hour, indexer.MaxLife + 1} {
		_ = k.refused([]string{"a head lives"}, func(o *indexer.Options) { o.ExpiresIn = life })
	}
	k.audit()
}

// TestPlanted: whoever has a key that was taken away cannot make the publisher
// take over what he signs, under whichever trust document he claims.
func TestPlanted(t *testing.T) {
	for name, epoch := range map[string]int64{"lost": 1, "stolen": 2} {
		t.Run(name, func(t *testing.T) {
			k := newKit(t)
			k.heads(2)
			stolen := k.key
			k.replaceIndexKey(epoch)
			k.publish(func(o *indexer.Options) { o.Trust = k.trust })
			good := k.envelope()

			k.plant(stolen)
			for _, folder := range []string{"", k.trust} {
				err := k.refused(nil, func(o *indexer.Options) { o.Trust = folder })
				if trust.CodeOf(err) != trust.WrongSigner {
					t.Errorf("got %v, want WRONG_SIGNER", err)
				}
			}
			if _, err := indexer.Audit(context.Background(), k.maintain()); trust.CodeOf(err) != trust.WrongSigner {
				t.Errorf("auditing: got %v, want WRONG_SIGNER", err)
			}
			k.write("site/v1/index.json", string(good.stored))
			k.publish()
			k.audit()
		})
	}
}

// plant puts a head with the number 9 in place that another key signed, under
// trust document 1.
func (k *kit) plant(key *signer.Key) {
	k.t.Helper()
	own := k.key
	k.key = key
	lines := k.client().sorted()
	k.forge(k.head(), func(h *index.Head) []index.Object {
		segments, objects, err := index.Publish(nil, lines, 9)
		if err != nil {
			k.t.Fatal(err)
		}
		h.Seq, h.Trust, h.Epoch, h.Segments = 9, 1, 1, segments
		return objects
	})
	k.key = own
}

// replaceIndexKey signs the next trust document, with a new key in the role
// index instead of the old one.
func (k *kit) replaceIndexKey(epoch int64) {
	k.t.Helper()
	k.key = must(signer.GenerateKey())
	next := must(trust.DecodeDocument(must(k.document.Encode())))
	next.Version, next.Epoch = next.Version+1, epoch
	delete(next.Signers, "index")
	next.Signers["index-2"] = trust.KeySigner(k.key.Public())
	next.Roles.Index = trust.Role{Signers: []string{"index-2"}, Threshold: 1}
	k.document = next
	k.signTrust(k.spareKey)
}

// TestHandover: the index key is lost or stolen, and the next trust document,
// signed by a trust key, names a new one.
func TestHandover(t *testing.T) {
	for name, epoch := range map[string]int64{"lost": 1, "stolen": 2} {
		t.Run(name, func(t *testing.T) {
			k := newKit(t)
			k.first()
			k.publish()
			lost := k.key
			k.replaceIndexKey(epoch)
			_ = k.refused([]string{"somebody of role index"}) // not without the document
			k.kube("pony", "1.1.0")

			// Cut short just before its head: see chain.openPresent.
			k.write("site/trust/2.json", k.read("trust/2.json"))
			_ = k.refused([]string{"index"}, func(o *indexer.Options) { o.Trust = k.trust })
			k.remove("site/trust/2.json")

			k.publish(func(o *indexer.Options) { o.Trust = k.trust })
			if h := k.head(); h.Trust != 2 || h.Epoch != epoch || h.Seq != 3 {
				t.Errorf("head %d of epoch %d under trust document %d", h.Seq, h.Epoch, h.Trust)
			}
			k.audit()
			k.publish()
			k.audit()
			_ = k.refused([]string{"somebody of role index in trust document 2"}, func(o *indexer.Options) { o.Signers = []signer.Signer{lost.Signer()} })
		})
	}
}

// TestInterrupted: a context that ended stops a publish before it changes
// anything.
func TestInterrupted(t *testing.T) {
	k := newKit(t)
	k.first()
	before := tree(t, k.site)
	ctx, cancel := context.WithCancel(context.Background())
	o := k.options()
	k.kube("pony", "1.1.0")
	o.Report = func(string, int, int) { cancel() }
	if _, err := indexer.Publish(ctx, o); err == nil {
		t.Error("published")
	}
	for path, d := range tree(t, k.site) {
		if was, ok := before[path]; ok && was != d {
			t.Errorf("%s changed", path)
		}
	}
	k.audit()
	k.publish()
	k.audit()
}

// ExamplePublish starts a repository and audits it.
func ExamplePublish() {
	dir := must(os.MkdirTemp("", "kpm"))
	defer os.RemoveAll(dir) //nolint:errcheck // an example
	key := testKey("c")
	document := indexer.FirstTrust("acme", testKey("a").Public(), testKey("b").Public(), trust.KeySigner(key.Public()), nil, day.Add(365*days), 30)
	for path, content := range kubeFiles("pony", "1.0.0") {
		at := filepath.Join(dir, "packages/pony", path)
		_ = os.MkdirAll(filepath.Dir(at), 0o755)
		_ = os.WriteFile(at, []byte(content), 0o644)
	}
	_ = os.WriteFile(filepath.Join(dir, "1.json"), must(must(trust.Sign(document, testKey("a"))).Encode()), 0o644)

	res, err := indexer.Publish(context.Background(), indexer.Options{
		Packages: os.DirFS(filepath.Join(dir, "packages")), Site: filepath.Join(dir, "site"), Signers: []signer.Signer{key.Signer()},
		Trust: dir, First: true, ExpiresIn: 14 * days, Now: day,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(res.Head.Seq, res.Head.Repository, res.Released)
	a, err := indexer.Audit(context.Background(), indexer.MaintainOptions{Site: filepath.Join(dir, "site"), Now: day, Fetch: fetch.Options{}})
	fmt.Println(a.Releases, len(a.Findings), err)
	// Output:
	// 1 acme [pony 1.0.0]
	// 1 0 <nil>
}
