package indexer_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/kpm-sh/kpm/indexer"
	"github.com/kpm-sh/kpm/internal/index"
)

// damages are what may become of a file at rest.
var damages = map[string]func(at string, data []byte) error{
	"flipped": func(at string, data []byte) error {
		data[len(data)/2] ^= 1
		return os.WriteFile(at, data, 0o644)
	},
	"truncated": func(at string, data []byte) error { return os.WriteFile(at, data[:len(data)/2], 0o644) },
	"emptied":   func(at string, _ []byte) error { return os.WriteFile(at, nil, 0o644) },
	"longer":    func(at string, data []byte) error { return os.WriteFile(at, append(data, 'x'), 0o644) },
	"deleted":   func(at string, _ []byte) error { return os.Remove(at) },
}

// TestDamage: whatever happens to whichever file of a site, the audit says so,
// and no build signs over what the published head leads to.
func TestDamage(t *testing.T) {
	k := newKit(t)
	k.kube("horse", "1.0.0")
	k.first()
	k.kube("pony", "1.1.0")
	k.publish()
	k.gone("horse", "no reason")
	k.publish()
	k.audit()
	present, headCopy := presentFiles(k), k.headCopy()
	for path := range tree(t, k.site) {
		at := filepath.Join(k.site, filepath.FromSlash(path))
		whole := k.read("site/" + path)
		for name, damage := range damages {
			if err := damage(at, []byte(whole)); err != nil {
				t.Fatal(err)
			}
			a, err := indexer.Audit(context.Background(), k.maintain())
			if missing := path == headCopy && name == "deleted"; err == nil && !missing && !strings.Contains(strings.Join(a.Findings, "\n"), filepath.Base(path)) {
				t.Errorf("%s %s: the audit finds %q", path, name, a.Findings)
			}
			if present[path] {
				_ = k.refused(nil)
			}
			if _, err := indexer.Collect(context.Background(), k.maintain(), true); err == nil && !strings.HasPrefix(path, "kubes/") && path != headCopy {
				t.Errorf("%s %s: gc would go on", path, name)
			}
			k.write("site/"+path, whole)
		}
	}
	k.audit()
}

// presentFiles are what a new client may ask for.
func presentFiles(k *kit) map[string]bool {
	k.t.Helper()
	present := map[string]bool{index.HeadPath: true, "trust/1.json": true}
	for _, s := range k.head().Segments {
		for _, p := range s.Parts {
			present[index.ObjectPath(p.SHA256)] = true
		}
	}
	for _, l := range k.client().lines {
		present[index.ObjectPath(l.Doc.SHA256)] = true
		for _, r := range k.releasesOf(l.Name).Releases {
			present[index.ArchivePath(l.Name, r.Version)] = true
			present[index.ProvenancePath(l.Name, r.Version)] = true
		}
	}
	return present
}

// TestPast: what a holder of the index key may not do to released versions is
// found over the chain of heads.
func TestPast(t *testing.T) {
	for name, c := range map[string]struct {
		change func(d *index.Document)
		want   string
	}{
		"digest changed":   {func(d *index.Document) { d.Releases[0].SHA256 = index.DigestOf([]byte("x")) }, "pony 1.1.0 has sha256"},
		"tar changed":      {func(d *index.Document) { d.Releases[1].Tar = index.DigestOf([]byte("x")) }, "pony 1.0.0"},
		"version vanished": {func(d *index.Document) { d.Releases = d.Releases[:1] }, "pony 1.0.0 was released and is no longer listed"},
		"no provenance":    {func(d *index.Document) { d.Releases[0].Attestations = nil }, "kubes/pony/pony-1.1.0.tgz: no provenance"},
		"provenance of another version": {
			func(d *index.Document) { d.Releases[0].Attestations = d.Releases[1].Attestations },
			"kubes/pony/pony-1.0.0.tgz.sigstore.json: ",
		},
	} {
		t.Run(name, func(t *testing.T) {
			k := newKit(t)
			k.first()
			k.kube("pony", "1.1.0")
			k.publish()
			k.rewrite(c.change)
			a, err := indexer.Audit(context.Background(), k.maintain())
			if err != nil {
				t.Fatal(err)
			}
			if !slices.ContainsFunc(a.Findings, func(f string) bool { return strings.Contains(f, c.want) }) {
				t.Errorf("the audit finds %q, want %q", a.Findings, c.want)
			}
		})
	}
}

// rewrite publishes another document of pony, as one who has the index key can.
func (k *kit) rewrite(change func(*index.Document)) {
	k.t.Helper()
	published := k.published()
	doc := k.releasesOf("pony")
	change(doc)
	p, err := indexer.Build(published, []indexer.Revision{{Record: k.line("pony").Record, Document: doc}}, indexer.Terms{
		Repository: "acme", Root: published.Head.Root, Trust: 1, Epoch: 1, Seq: published.Head.Seq + 1, Now: k.now, ExpiresIn: days,
	})
	if err != nil {
		k.t.Fatal(err)
	}
	for _, f := range p.Files {
		k.write("site/"+f.Path, string(must(readAll(f))))
	}
	k.forge(p.Head, func(*index.Head) []index.Object { return nil })
}

// TestForgedHead: a head that does not fit what it leads to, or that a client
// would not take, is an error to the audit and to the next build.
func TestForgedHead(t *testing.T) {
	for name, change := range map[string]func(h *index.Head){
		"other repository": func(h *index.Head) { h.Repository = "evil" },
		"other root":       func(h *index.Head) { h.Root = index.DigestOf([]byte("x")) },
		"higher epoch":     func(h *index.Head) { h.Epoch = 2 },
		"later trust":      func(h *index.Head) { h.Trust = 2 },
		"other sum":        func(h *index.Head) { h.Sum = index.DigestOf([]byte("x")) },
		"other count":      func(h *index.Head) { h.Kubes++ },
		"missing segment":  func(h *index.Head) { h.Segments[0].Parts[0].SHA256 = index.DigestOf([]byte("x")) },
		"no records":       func(h *index.Head) { h.Segments = []index.Segment{{To: h.Seq, Parts: []index.Part{}}} },
	} {
		t.Run(name, func(t *testing.T) {
			k := newKit(t)
			k.first()
			k.forge(k.head(), func(h *index.Head) []index.Object { change(h); return nil })
			if a, err := indexer.Audit(context.Background(), k.maintain()); err == nil {
				t.Errorf("the audit passes with %q", a.Findings)
			}
			_ = k.refused(nil)
		})
	}
}

// TestRestart: a repository that starts again at 1 in the middle of its life
// is seen by whoever has a copy of an older head, and refused by the publisher
// as long as a trace of the old one is there.
func TestRestart(t *testing.T) {
	k := newKit(t)
	k.first()
	k.publish()
	k.remove("site/v1")
	_ = k.refused([]string{"has trust/1.json already"}, starting(k.trust))
	k.remove("site/trust")
	_ = k.refused([]string{"objects"}, starting(k.trust))
}

// TestStranger: what no head leads to does not disturb audit or build, and gc
// removes it.
func TestStranger(t *testing.T) {
	k := newKit(t)
	k.first()
	k.write("site/objects/00/leftover", "x")
	k.write("site/kubes/pony/pony-0.9.0.tgz", "never published")
	k.write("site/index.html", "<p>hello")
	k.audit()
	k.kube("pony", "1.1.0")
	k.write("site/"+index.ArchivePath("pony", "1.1.0"), "from a build that died")
	k.publish()
	k.audit()
	got, err := indexer.Collect(context.Background(), k.maintain(), false)
	if err != nil || got.Removed != 2 {
		t.Errorf("gc: %v, %+v; want 2 files removed", err, got)
	}
	if k.read("site/index.html") != "<p>hello" {
		t.Error("gc touches a page")
	}
	k.audit()
}

// TestAuditURL: a site is audited over HTTP as it is in a folder.
func TestAuditURL(t *testing.T) {
	k := newKit(t)
	k.heads(3)
	o := k.maintain()
	o.Site = serve(t, k.site, nil)
	want := k.audit()
	got, err := indexer.Audit(context.Background(), o)
	if err != nil || len(got.Findings) > 0 || got.Files != want.Files || got.Heads != 3 || got.Releases != 3 {
		t.Errorf("over HTTP: %v, %+v; in the folder: %+v", err, got, want)
	}
	archive := index.ArchivePath("pony", "1.2.0")
	k.remove("site/" + archive)
	got, err = indexer.Audit(context.Background(), o)
	if err != nil || len(got.Findings) != 1 || !strings.Contains(got.Findings[0], archive) {
		t.Errorf("without an archive: %v, %+v", err, got)
	}
	ctx, cancel := context.WithCancel(context.Background())
	o.Report = func(string, int, int) { cancel() }
	if got, err := indexer.Audit(ctx, o); err == nil {
		t.Errorf("interrupted, and the audit finds %q", got.Findings)
	}
}
