package signer_test

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kpm-sh/kpm/internal/errcode"
	"github.com/kpm-sh/kpm/signing"
	"github.com/kpm-sh/kpm/signing/signer"
	"github.com/kpm-sh/kpm/signing/signingtest"
)

const source = "https://github.com/acme/packages"

// keylessOf signs with the services as somebody of the source repository, at the time
// that now says.
func keylessOf(t *testing.T, s *signingtest.Services, now func() time.Time) *signer.Keyless {
	t.Helper()
	k, err := signer.NewKeyless(signer.KeylessOptions{
		Config: s.Config(), Transport: http.DefaultTransport, Now: now, Pause: time.Millisecond,
		Token: func(context.Context) (string, error) { return signingtest.Token(signingtest.SAN, source), nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func policyOf(t *testing.T, trustedRoot []byte, id signing.Identity) signing.Policy {
	t.Helper()
	root, err := signing.ParseTrustedRoot(trustedRoot)
	if err != nil {
		t.Fatal(err)
	}
	v, err := signing.KeylessVerifier(id, root, signing.ProfilePrivateLog)
	if err != nil {
		t.Fatal(err)
	}
	return signing.Policy{Verifiers: []signing.Verifier{v}, Threshold: 1}
}

var workflow = signing.Identity{Issuer: signingtest.Issuer, SAN: signingtest.SAN, SourceRepository: source}

// TestKeyless: what is signed verifies offline, with logs of both versions, and one
// certificate signs many times, also at once.
func TestKeyless(t *testing.T) {
	for _, version := range []int{1, 2} {
		s := signingtest.Serve(t, version)
		k := keylessOf(t, s, time.Now)
		if id, err := k.Identity(t.Context()); err != nil || id != workflow {
			t.Errorf("log %d: it signs as %v, %v", version, id, err)
		}
		policy := policyOf(t, s.TrustedRoot(), workflow)
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				b, err := k.Sign(t.Context(), []byte("a head"))
				if err == nil {
					_, err = signing.Open([]byte("a head"), [][]byte{b}, policy)
				}
				if err != nil {
					t.Errorf("log %d: %v", version, err)
				}
			})
		}
		wg.Wait()
		statement, err := signing.Provenance{Repository: "acme", Name: "a", Version: "1.0.0", Archive: "a-1.0.0.tgz", SHA256: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}.Statement()
		if err != nil {
			t.Fatal(err)
		}
		b, err := k.Attest(t.Context(), statement)
		if err == nil {
			_, err = signing.OpenStatement(b, policy)
		}
		if err != nil {
			t.Errorf("log %d: a statement: %v", version, err)
		}
		if s.Issued() != 1 || s.Entered() != 5 {
			t.Errorf("log %d: %d certificates and %d entries for 5 signatures", version, s.Issued(), s.Entered())
		}
	}
}

// TestKeylessRenews: a certificate that is about to run out is not used any more.
func TestKeylessRenews(t *testing.T) {
	s := signingtest.Serve(t, 2)
	now := time.Now()
	k := keylessOf(t, s, func() time.Time { return now })
	for range 3 {
		if _, err := k.Identity(t.Context()); err != nil {
			t.Fatal(err)
		}
		now = now.Add(5 * time.Minute)
	}
	if s.Issued() != 2 {
		t.Errorf("%d certificates in 10 minutes, want 2", s.Issued())
	}
}

// TestKeylessIsPatient: a service that has too much to do is asked again, but not for
// ever.
func TestKeylessIsPatient(t *testing.T) {
	s := signingtest.Serve(t, 2)
	k := keylessOf(t, s, time.Now)
	s.Refuse(3)
	if _, err := k.Sign(t.Context(), []byte("x")); err != nil {
		t.Fatal(err)
	}
	s.Refuse(1 << 20)
	before := s.Requests()
	_, err := k.Sign(t.Context(), []byte("y"))
	if !errcode.Has(err, errcode.NoSignature) || s.Requests()-before != 4 {
		t.Errorf("after %d requests: %v", s.Requests()-before, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := k.Sign(ctx, []byte("z")); !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted: %v", err)
	}
}

// TestKeylessRotation: what is signed with new keys of the instance can be called neither
// good nor bad by who has the trusted root of before.
func TestKeylessRotation(t *testing.T) {
	s := signingtest.Serve(t, 2)
	old := s.TrustedRoot()
	s.Rotate()
	b, err := keylessOf(t, s, time.Now).Sign(t.Context(), []byte("a head"))
	if err != nil {
		t.Fatal(err)
	}
	var unchecked *signing.UncheckedError
	if _, err := signing.Open([]byte("a head"), [][]byte{b}, policyOf(t, old, workflow)); !errors.As(err, &unchecked) {
		t.Errorf("with the old trusted root: %v", err)
	}
	if _, err := signing.Open([]byte("a head"), [][]byte{b}, policyOf(t, s.TrustedRoot(), workflow)); err != nil {
		t.Errorf("with the new one: %v", err)
	}
}

// TestSigningConfig: configs that cannot serve are refused before anybody is asked.
func TestSigningConfig(t *testing.T) {
	if _, err := signer.NewKeyless(signer.KeylessOptions{Now: time.Now}); err != nil {
		t.Errorf("the public instance: %v", err)
	}
	const authority = `"caUrls":[{"url":"https://ca.example","majorApiVersion":1}]`
	const media = `"mediaType":"application/vnd.dev.sigstore.signingconfig.v0.2+json"`
	for name, config := range map[string]string{
		"no JSON":                  `x`,
		"no version 0.2":           `{"mediaType":"application/vnd.dev.sigstore.signingconfig.v0.1+json",` + authority + `}`,
		"no authority":             `{` + media + `}`,
		"no https":                 `{` + media + `,"caUrls":[{"url":"http://ca.example","majorApiVersion":1}]}`,
		"nothing proves a time":    `{` + media + `,` + authority + `}`,
		"a log of version 2 alone": `{` + media + `,` + authority + `,"rekorTlogUrls":[{"url":"https://log.example","majorApiVersion":2}],"rekorTlogConfig":{"selector":"ANY"}}`,
		"no selector":              `{` + media + `,` + authority + `,"rekorTlogUrls":[{"url":"https://log.example","majorApiVersion":1}]}`,
		"authority not yet valid":  `{` + media + `,"caUrls":[{"url":"https://ca.example","majorApiVersion":1,"validFor":{"start":"2999-01-01T00:00:00Z"}}]}`,
	} {
		if _, err := signer.NewKeyless(signer.KeylessOptions{Config: []byte(config), Now: time.Now}); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

// TestFetchTrustedRoot: a trusted root comes from a TUF repository whose root document is
// trusted, and from no other.
func TestFetchTrustedRoot(t *testing.T) {
	want := signingtest.Serve(t, 2).TrustedRoot()
	url, root := signingtest.ServeTUF(t, want)
	got, err := signer.FetchTrustedRoot(t.Context(), url, root)
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("got %d bytes, %v", len(got), err)
	}
	_, other := signingtest.ServeTUF(t, want)
	if _, err := signer.FetchTrustedRoot(t.Context(), url, other); !errcode.Has(err, errcode.NoTrustedRoot) {
		t.Errorf("with the root of another repository: %v", err)
	}
	if _, err := signer.FetchTrustedRoot(t.Context(), "http://127.0.0.1:1", root); !errcode.Has(err, errcode.NoTrustedRoot) {
		t.Errorf("where nobody answers: %v", err)
	}
}

// TestActionsToken: a job of GitHub Actions asks where its runner says, with the secret
// that it has from it, for a token for sigstore.
func TestActionsToken(t *testing.T) {
	runner := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Header.Get("Authorization") != "Bearer secret":
			http.Error(w, "who are you?", http.StatusUnauthorized)
		case r.URL.Query().Get("audience") != "sigstore" || r.URL.Query().Get("api-version") != "2.0":
			http.Error(w, "what?", http.StatusBadRequest)
		default:
			_, _ = w.Write([]byte(`{"count": 1, "value": "token"}`)) //nolint:errcheck // who asked may be gone
		}
	}))
	t.Cleanup(runner.Close)
	ask := func(at, secret string) (string, error) {
		return signer.ActionsToken(at+"/idtoken?api-version=2.0", secret, http.DefaultTransport)(t.Context())
	}
	if got, err := ask(runner.URL, "secret"); err != nil || got != "token" {
		t.Errorf("got %q, %v", got, err)
	}
	for what, c := range map[string]struct{ at, secret string }{
		"another secret": {runner.URL, "other"}, "an address that is not confidential": {"http://actions.example", "secret"},
	} {
		_, err := ask(c.at, c.secret)
		if !errcode.Has(err, errcode.NoSignature) {
			t.Errorf("%s: got %v", what, err)
		} else if strings.Contains(err.Error(), c.secret) {
			t.Errorf("%s: the error tells the secret: %v", what, err)
		}
	}
}
