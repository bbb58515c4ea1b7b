package trust

import (
	"errors"
	"strings"
	"testing"

	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/signing"
	"github.com/kpm-sh/kpm/signing/signer"
)

func testRelease() index.Release {
	return index.Release{Version: "1.0.0+a", SHA256: index.DigestOf([]byte("etcd")), Commit: "0123abcd"}
}

func testProvenance() signing.Provenance {
	return Provenance("acme", "etcd", testRelease())
}

func TestOpenProvenance(t *testing.T) {
	k := newKit(t)
	d := k.open(t, k.document())
	bundle := must(k.index.Attest(must(testProvenance().Statement())))
	v, err := OpenProvenance(d, bundle, testProvenance())
	if err != nil {
		t.Fatal(err)
	}
	if got := must(signing.ParseProvenance(v)); got.Archive != "etcd-1.0.0_a.tgz" || got.Commit != "0123abcd" {
		t.Errorf("got %v", got)
	}
	if got := d.Name(v.Signers()[0]); got != "index" {
		t.Errorf("signed by %s, want index", got)
	}
	loose := testProvenance()
	loose.Commit, loose.Archive = "", ""
	if _, err := OpenProvenance(d, bundle, loose); err != nil {
		t.Errorf("commit and archive not known: %v", err)
	}
	if _, err := OpenProvenance(KeyDocument(k.index.Public()), bundle, testProvenance()); err != nil {
		t.Errorf("under a key alone: %v", err)
	}
}

func TestOpenProvenanceRejects(t *testing.T) {
	k := newKit(t)
	own := k.document()
	own.Roles.Provenance = &Role{[]string{"spare"}, 1}
	attest := func(key *signer.Key, change func(*signing.Provenance)) []byte {
		p := testProvenance()
		change(&p)
		return must(key.Attest(must(p.Statement())))
	}
	same := func(*signing.Provenance) {}
	stmt := must(testProvenance().Statement())
	for name, c := range map[string]struct {
		d      *Document
		bundle []byte
		code   Code
		part   string
	}{
		"stranger":        {k.document(), attest(k.stranger, same), Signature, "the provenance of etcd 1.0.0+a has 0 of 1"},
		"role of its own": {own, attest(k.index, same), WrongSigner, "but by index, expected 1 of spare"},
		"repository":      {k.document(), attest(k.index, func(p *signing.Provenance) { p.Repository = "b" }), Digest, `repository "b", expected "acme"`},
		"name":            {k.document(), attest(k.index, func(p *signing.Provenance) { p.Name = "b" }), Digest, "the name"},
		"version":         {k.document(), attest(k.index, func(p *signing.Provenance) { p.Version = "2.0.0" }), Digest, "the version"},
		"other archive":   {k.document(), attest(k.index, func(p *signing.Provenance) { p.SHA256 = strings.Repeat("0", 64) }), Digest, "the sha256"},
		"commit":          {k.document(), attest(k.index, func(p *signing.Provenance) { p.Commit = "" }), Digest, "the commit"},
		"file name":       {k.document(), attest(k.index, func(p *signing.Provenance) { p.Archive = "x.tgz" }), Digest, "the archive"},
		"other build":     {k.document(), must(k.index.Attest([]byte(strings.Replace(string(stmt), signing.BuildType, "https://example.com", 1)))), Format, "build type"},
		"a signature":     {k.document(), must(k.index.Sign(stmt)), Signature, "0 of 1"},
		"a page":          {k.document(), []byte("<html>"), Signature, "0 of 1"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := OpenProvenance(k.open(t, c.d), c.bundle, testProvenance())
			want(t, err, c.code, c.part)
			if c.code == Signature && !errors.Is(err, signing.ErrSignature) {
				t.Errorf("got %v, want the cause %v", err, signing.ErrSignature)
			}
		})
	}
}

// A bundle of a signer who was replaced since counts where the index lists it. One of a
// signer who stayed is judged by the roles of now. A lone archive has the newest
// document alone.
func TestProvenanceOfReplacedSigner(t *testing.T) {
	k := newKit(t)
	first := k.open(t, k.document())
	bundle := must(k.index.Attest(must(testProvenance().Statement())))
	next := func(change func(*Document)) *Document {
		d := k.document()
		d.Version = 2
		change(d)
		return must(OpenNext(first, must(Sign(d, k.trust))))
	}
	replaced := next(func(d *Document) { d.Signers["index"] = KeySigner(k.stranger.Public()) })
	if _, err := OpenProvenance(replaced, bundle, testProvenance()); err != nil {
		t.Errorf("replaced: %v", err)
	}
	if _, err := replaced.Attested(bundle, testProvenance()); CodeOf(err) != WrongSigner {
		t.Errorf("replaced, for a lone archive: got %v, want %s", err, WrongSigner)
	}
	demoted := next(func(d *Document) { d.Roles.Provenance = &Role{[]string{"spare"}, 1} })
	if _, err := OpenProvenance(demoted, bundle, testProvenance()); CodeOf(err) != WrongSigner {
		t.Errorf("without the role now: got %v, want %s", err, WrongSigner)
	}
	other := must(k.stranger.Attest(must(testProvenance().Statement())))
	if _, err := OpenProvenance(next(func(*Document) {}), other, testProvenance()); CodeOf(err) != Signature {
		t.Errorf("a stranger: got %v, want %s", err, Signature)
	}
}
