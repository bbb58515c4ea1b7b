package indexer_test

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kpm-sh/kpm/indexer"
	"github.com/kpm-sh/kpm/internal/fetch"
	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/trust"
)

// TestReplayGate: a publisher that makes a mistake does not publish it: what
// clients would refuse stops at the head, which stays as it was.
func TestReplayGate(t *testing.T) {
	for name, change := range map[string]func(p *index.Publication){
		"nothing":            nil,
		"a lost record":      func(p *index.Publication) { p.Lines = p.Lines[:len(p.Lines)-1] },
		"another record":     func(p *index.Publication) { p.Lines[0].Raw = append([]byte("{ "), p.Lines[0].Raw[1:]...) },
		"another sum":        func(p *index.Publication) { p.Head.Sum = index.DigestOf([]byte("x")) },
		"a head of before":   func(p *index.Publication) { p.Head.Seq-- },
		"another repository": func(p *index.Publication) { p.Head.Repository = "evil" },
		"another bundle": func(p *index.Publication) {
			for i, f := range p.Files {
				if strings.HasSuffix(f.Path, "/"+filepath.Base(index.ProvenancePath("pony", "1.1.0"))) {
					body := []byte("{}")
					p.Files[i].Ref, p.Files[i].Open = index.RefOf(body), func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader("{}")), nil }
				}
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			k := newKit(t)
			k.kube("horse", "1.0.0")
			k.first()
			k.kube("pony", "1.1.0")
			before := k.read("site/" + index.HeadPath)
			err := indexer.PublishChanged(context.Background(), k.options(), func(p *index.Publication) {
				if change != nil {
					change(p)
				}
			})
			if change == nil {
				if err != nil || k.head().Seq != 2 {
					t.Errorf("publish %d: %v", k.head().Seq, err)
				}
				return
			}
			if err == nil || k.read("site/"+index.HeadPath) != before {
				t.Errorf("%s was published: %v", name, err)
			}
		})
	}
}

// TestTrustBeforeHead: a head that a trust document allows is not in place
// before the document is.
func TestTrustBeforeHead(t *testing.T) {
	k := newKit(t)
	k.first()
	k.replaceIndexKey(1)
	published := filepath.Join(k.dir, "published")
	copyTree(t, k.site, published)
	k.remove("site")
	k.write("site/trust/2.json/in/the/way", "")
	_, err := k.try(func(o *indexer.Options) { o.Trust, o.Previous = k.trust, fetch.URL(published) })
	if err == nil {
		t.Fatal("published without trust document 2")
	}
	contains(t, err.Error(), "trust/2.json")
	if _, err := os.Stat(filepath.Join(k.site, filepath.FromSlash(index.HeadPath))); err == nil {
		t.Error("the head is in place, and the trust document that allows it is not")
	}
}

// TestCutBetweenTrustAndHead: a publisher that is cut short after it put a new trust
// document in place, and before the head under it, leaves what the next build begins
// with, though the head of before is of a key that lost its role.
func TestCutBetweenTrustAndHead(t *testing.T) {
	k := newKit(t)
	k.first()
	before := k.read("site/" + index.HeadPath)
	k.replaceIndexKey(1)
	withTrust := func(o *indexer.Options) { o.Trust = k.trust }
	k.write("site/.next/in/the/way", "")
	if _, err := k.try(withTrust); err == nil {
		t.Error("a head that cannot wait for its place was published")
	}
	if _, err := os.Stat(filepath.Join(k.site, filepath.FromSlash(index.TrustPath(2)))); err == nil {
		t.Error("the trust document is in place before the head waits for its own")
	}
	k.remove("site/.next")
	k.publish(withTrust)
	k.write("site/.next", k.read("site/"+index.HeadPath)) // as the cut leaves it
	k.write("site/"+index.HeadPath, before)
	k.kube("pony", "1.1.0")
	if seq := k.publish().Head.Seq; seq != 3 {
		t.Errorf("published %d after the cut, want 3", seq)
	}
	if _, err := os.Stat(filepath.Join(k.site, ".next")); err == nil {
		t.Error("a head that waits for its place stays")
	}
	k.write("site/.next", before) // of the key that lost its role
	k.write("site/"+index.HeadPath, before)
	if _, err := k.try(); trust.CodeOf(err) != trust.WrongSigner {
		t.Errorf("with a head of before that waits: got %v, want %s", err, trust.WrongSigner)
	}
}

// TestBodyThatChanges: a file whose bytes are not those that the index will name
// does not reach its place.
func TestBodyThatChanges(t *testing.T) {
	dir := t.TempDir()
	for _, body := range []string{"other", "longer than it was", ""} {
		f := index.File{Path: "objects/aa/file", Ref: index.RefOf([]byte("bytes")), Open: func() (io.ReadCloser, error) {
			return io.NopCloser(strings.NewReader(body)), nil
		}}
		if err := indexer.Add(dir, f); err == nil || !strings.Contains(err.Error(), "its body changed while it was written") {
			t.Errorf("%q: %v", body, err)
		}
		if left, _ := filepath.Glob(filepath.Join(dir, "objects/aa/*")); len(left) > 0 {
			t.Errorf("%q: %v stays", body, left)
		}
	}
}

// TestAuditOfTar: an archive whose content is not that which the index names is
// found, though its own digest fits.
func TestAuditOfTar(t *testing.T) {
	k := newKit(t)
	k.first()
	k.rewrite(func(d *index.Document) { d.Releases[0].Tar = index.DigestOf([]byte("x")) })
	a, err := indexer.Audit(context.Background(), k.maintain())
	if err != nil {
		t.Fatal(err)
	}
	contains(t, strings.Join(a.Findings, "\n"), index.ArchivePath("pony", "1.0.0")+": its tar has sha256 ")
}

// TestAuditRefusesWhatClientsDo: a record of a version that its document does not have, and
// an archive that is of another Kube, are no less found than by who installs it.
func TestAuditRefusesWhatClientsDo(t *testing.T) {
	for want, change := range map[string]func(*kit) func(*index.Document){
		"the record of pony shows version 1.0.0, which its document does not have": func(*kit) func(*index.Document) {
			return func(d *index.Document) { d.Releases[0].Version = "9.0.0" }
		},
		index.ArchivePath("pony", "1.0.0") + ": K3.yaml is that of mare 1.0.0, not of pony 1.0.0": func(k *kit) func(*index.Document) {
			k.kube("mare", "1.0.0")
			k.publish()
			k.write("site/"+index.ArchivePath("pony", "1.0.0"), k.read("site/"+index.ArchivePath("mare", "1.0.0")))
			mare := k.releasesOf("mare").Releases[0]
			return func(d *index.Document) {
				r := &d.Releases[0]
				r.SHA256, r.Size, r.Tar = mare.SHA256, mare.Size, mare.Tar
			}
		},
	} {
		t.Run(want, func(t *testing.T) {
			k := newKit(t)
			k.first()
			k.rewrite(change(k))
			a, err := indexer.Audit(context.Background(), k.maintain())
			if err != nil {
				t.Fatal(err)
			}
			contains(t, strings.Join(a.Findings, "\n"), want)
		})
	}
}
