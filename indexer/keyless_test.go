package indexer_test

import (
	"context"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/kpm-sh/kpm/indexer"
	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/trust"
	"github.com/kpm-sh/kpm/signing"
	"github.com/kpm-sh/kpm/signing/signer"
	"github.com/kpm-sh/kpm/signing/signingtest"
)

// keylessKit is a kit whose index a CI signs that has no key.
type keylessKit struct {
	*kit
	services *signingtest.Services
	source   string // for whom the CI works
}

func newKeylessKit(t *testing.T) *keylessKit {
	k := &keylessKit{newKit(t), signingtest.Serve(t, 2), "https://github.com/acme/packages"}
	k.now = time.Now() // what the instance proves is real
	k.document.Expires = index.At(k.now.Add(365 * days))
	k.document.Signers["ci"] = trust.Signer{Keyless: &trust.Keyless{Sigstore: "ours", Issuer: signingtest.Issuer, SAN: signingtest.SAN, SourceRepository: k.source}}
	k.document.Roles.Index.Signers = []string{"ci"}
	k.pinRoot()
	k.signTrust(k.trustKey)
	return k
}

// pinRoot has the trust document pin the trusted root of the instance as it is now.
func (k *keylessKit) pinRoot() {
	root := k.services.TrustedRoot()
	ref := index.RefOf(root)
	k.document.Sigstore = map[string]trust.Sigstore{"ours": {TrustedRoot: ref, Profile: signing.ProfilePrivateLog}}
	k.write("trust/"+k.document.Sigstore["ours"].RootName(), string(root))
}

// keyless publishes as a job of a repository, on the documents in the folder trust.
func (k *keylessKit) keyless(source string) func(*indexer.Options) {
	return func(o *indexer.Options) {
		o.Trust = k.trust
		o.Signers = []signer.Signer{must(signer.NewKeyless(signer.KeylessOptions{
			Config: k.services.Config(), Transport: http.DefaultTransport, Now: time.Now, Pause: time.Millisecond,
			Token: func(context.Context) (string, error) { return signingtest.Token(signingtest.SAN, source), nil },
		}))}
	}
}

func TestKeyless(t *testing.T) {
	k := newKeylessKit(t)
	k.kube("mule", "1.0.0")
	k.publish(starting(k.trust), k.keyless(k.source))
	if got := k.services.Entered(); got != 3 {
		t.Errorf("the log got %d entries, for two archives and a head", got)
	}
	k.audit()
	k.publish(k.keyless(k.source)) // as every day: a head, and nothing else
	if got := k.services.Entered(); got != 4 || k.services.Issued() != 2 {
		t.Errorf("the log got %d entries with %d certificates", got, k.services.Issued())
	}
	k.audit()

	// A garbage collection keeps what signatures are checked against, and a site that
	// starts empty gets it.
	if _, err := indexer.Collect(t.Context(), k.maintain(), false); err != nil {
		t.Fatal(err)
	}
	k.audit()
	if err := os.Rename(k.site, k.dir+"/old"); err != nil {
		t.Fatal(err)
	}
	k.publish(k.keyless(k.source), func(o *indexer.Options) { o.Previous = "file://" + k.dir + "/old"; o.Trust = "" })
	k.audit()
	if err := os.Remove(k.site + "/" + index.ObjectPath(k.document.Sigstore["ours"].TrustedRoot.SHA256)); err != nil {
		t.Fatal(err)
	}
	if a, err := indexer.Audit(t.Context(), k.maintain()); err == nil && len(a.Findings) == 0 {
		t.Error("an audit misses no trusted root")
	}
}

// Two callers of one reusable workflow are two signers.
func TestKeylessCallers(t *testing.T) {
	k := newKeylessKit(t)
	err := k.refused([]string{"at hand is " + signingtest.SAN + " for https://github.com/evil/packages"}, starting(k.trust), k.keyless("https://github.com/evil/packages"))
	if trust.CodeOf(err) != trust.WrongSigner {
		t.Errorf("another caller: %v", err)
	}
	k.publish(starting(k.trust), k.keyless(k.source))
	if err := k.refused([]string{"somebody of role index"}); trust.CodeOf(err) != trust.WrongSigner {
		t.Errorf("the key of before: %v", err)
	}
}

// A rotation of Sigstore's keys stops the publish, not the clients; the next trust
// document heals it.
func TestKeylessRotation(t *testing.T) {
	k := newKeylessKit(t)
	k.publish(starting(k.trust), k.keyless(k.source))
	k.services.Rotate()
	before := k.read("site/" + index.HeadPath)
	for _, version := range []string{"1.0.0", "1.1.0"} { // a head alone, and a release
		k.kube("pony", version)
		_, err := k.try(k.keyless(k.source))
		if trust.CodeOf(err) != trust.Unchecked {
			t.Errorf("%s after the rotation: %v", version, err)
		}
		if k.read("site/"+index.HeadPath) != before {
			t.Fatal("clients see another head")
		}
	}
	k.audit()

	k.document.Version = 2
	k.pinRoot()
	k.signTrust(k.trustKey)
	k.publish(k.keyless(k.source))
	k.audit() // what was signed before stays good
	if h := k.head(); h.Trust != 2 {
		t.Errorf("the head is under trust document %d", h.Trust)
	}
}

// A document that pins a trusted root which nobody has is not published.
func TestKeylessWithoutItsRoot(t *testing.T) {
	k := newKeylessKit(t)
	k.remove("trust/" + k.document.Sigstore["ours"].RootName())
	if err := k.refused([]string{"that is not at hand"}, starting(k.trust), k.keyless(k.source)); trust.CodeOf(err) != trust.Missing {
		t.Errorf("got %v", err)
	}
}

// TestUnreachableSigstore: where Sigstore does not serve nothing is published.
func TestUnreachableSigstore(t *testing.T) {
	k := newKeylessKit(t)
	k.publish(starting(k.trust), k.keyless(k.source))
	k.services.Refuse(1 << 20)
	if err := k.refused([]string{"it answers 503"}, k.keyless(k.source)); !strings.Contains(err.Error(), "127.0.0.1") {
		t.Errorf("it does not say who: %v", err)
	}
}

// Where the trust document asks for two signatures on a head, two are made, and one does
// not do.
func TestTwoSigners(t *testing.T) {
	k := newKit(t)
	second := must(signer.GenerateKey())
	k.document.Signers["second"] = trust.KeySigner(second.Public())
	k.document.Roles.Index = trust.Role{Signers: []string{"index", "second"}, Threshold: 2}
	k.document.Roles.Provenance = &trust.Role{Signers: []string{"second"}, Threshold: 1}
	k.signTrust(k.trustKey)
	both := func(o *indexer.Options) { o.Signers = append(o.Signers, second.Signer()) }
	_ = k.refused([]string{"asks for 2 signatures of role index, and 1 of its signers are at hand"}, starting(k.trust))
	_ = k.refused([]string{"asks for 2 signatures"}, starting(k.trust), func(o *indexer.Options) { o.Signers = append(o.Signers, k.key.Signer()) })
	k.publish(starting(k.trust), both)
	if n := len(must(index.DecodeEnvelope([]byte(k.read("site/" + index.HeadPath)))).Bundles()); n != 2 {
		t.Errorf("the head has %d signatures", n)
	}
	k.audit()
	k.publish(both)
	stranger := must(signer.GenerateKey())
	if err := k.refused([]string{"at hand is key " + stranger.Public().Fingerprint()}, both, func(o *indexer.Options) { o.Signers = append(o.Signers, stranger.Signer()) }); trust.CodeOf(err) != trust.WrongSigner {
		t.Errorf("a stranger beside them: %v", err)
	}
}
