package signer

import (
	"cmp"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/sigstore/sigstore-go/pkg/bundle"
	"github.com/sigstore/sigstore-go/pkg/fulcio/certificate"
	"github.com/sigstore/sigstore-go/pkg/sign"

	"github.com/kpm-sh/kpm/internal/errcode"
	"github.com/kpm-sh/kpm/signing"
)

// keylessAtOnce is how many signatures a Keyless makes at the same time: each waits for
// a log, and the public ones ask for moderation.
const keylessAtOnce = 8

// KeylessOptions say who signs without a key, and where.
type KeylessOptions struct {
	// Config is a signing config of Sigstore; nil for that of the public instance.
	Config []byte
	// Token gives an identity token, whose audience is sigstore. It is asked again when
	// a certificate has run out, and never from two goroutines at once.
	Token     func(context.Context) (string, error)
	Transport http.RoundTripper
	Now       func() time.Time
	Pause     time.Duration // before a service is asked again; 0: 1 s
}

// Keyless signs without a key that anybody keeps: with certificates that a Sigstore
// instance gives to who has an identity token. A certificate counts for minutes, and
// signs all that is signed in them. Signatures go into the logs, and times come from the
// timestamp authorities, that the signing config names.
type Keyless struct {
	opt      KeylessOptions
	services services

	mu   sync.Mutex
	last *certified
}

// certified is a pair of keys and the certificate for it.
type certified struct {
	keys     *sign.EphemeralKeypair
	der      []byte
	until    time.Time
	identity signing.Identity
}

// NewKeyless reads the signing config. It asks nobody for anything yet.
func NewKeyless(o KeylessOptions) (*Keyless, error) {
	if o.Config == nil {
		o.Config = publicGood
	}
	o.Pause = cmp.Or(o.Pause, time.Second)
	s, err := readServices(o.Config, o.Now())
	return &Keyless{opt: o, services: s}, err
}

// Sign makes a bundle over content, which signing.Open checks.
func (k *Keyless) Sign(ctx context.Context, content []byte) ([]byte, error) {
	return k.bundle(ctx, &sign.PlainData{Data: content})
}

// Attest makes a bundle that carries and signs an in-toto statement, which
// signing.OpenStatement checks.
func (k *Keyless) Attest(ctx context.Context, statement []byte) ([]byte, error) {
	return k.bundle(ctx, &sign.DSSEData{Data: statement, PayloadType: bundle.IntotoMediaType})
}

// Identity is whom the certificates are for. It asks for the first one.
func (k *Keyless) Identity(ctx context.Context) (signing.Identity, error) {
	c, err := k.certificate(ctx)
	if err != nil {
		return signing.Identity{}, err
	}
	return c.identity, nil
}

// AtOnce is how many signatures are best made at the same time.
func (*Keyless) AtOnce() int { return keylessAtOnce }

func (k *Keyless) bundle(ctx context.Context, content sign.Content) ([]byte, error) {
	text, err := k.sign(ctx, content)
	if errors.Is(err, errEntered) {
		text, err = k.sign(ctx, content)
	}
	if err != nil {
		return nil, fmt.Errorf("signing without a key: %w", err)
	}
	return text, nil
}

func (k *Keyless) sign(ctx context.Context, content sign.Content) ([]byte, error) {
	c, err := k.certificate(ctx)
	if err != nil {
		return nil, err
	}
	o := sign.BundleOptions{Context: ctx, CertificateProvider: c}
	asks := k.transport(ctx)
	for _, s := range k.services.logs {
		o.TransparencyLogs = append(o.TransparencyLogs, transparency(ctx, s, &http.Client{Transport: asks}))
	}
	for _, url := range k.services.stamps {
		o.TimestampAuthorities = append(o.TimestampAuthorities, sign.NewTimestampAuthority(&sign.TimestampAuthorityOptions{URL: url, Timeout: -1, Transport: asks}))
	}
	b, err := sign.Bundle(content, c.keys, o)
	if err != nil {
		return nil, plain(err)
	}
	return encodeBundle(b)
}

func (k *Keyless) transport(ctx context.Context) http.RoundTripper {
	return patient{ctx: ctx, base: k.opt.Transport, pause: k.opt.Pause}
}

// spare is how long a certificate must count yet when a signature begins: log and
// timestamp authority say the time when they are done.
const spare = 2 * time.Minute

// certificate is the one at hand, or a new one.
func (k *Keyless) certificate(ctx context.Context) (*certified, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.last != nil && k.opt.Now().Add(spare).Before(k.last.until) {
		return k.last, nil
	}
	token, err := k.opt.Token(ctx)
	if err != nil {
		return nil, err
	}
	keys, err := sign.NewEphemeralKeypair(nil)
	if err != nil {
		return nil, err
	}
	authority := sign.NewFulcio(&sign.FulcioOptions{BaseURL: k.services.authority, Timeout: -1, Transport: k.transport(ctx)})
	der, err := authority.GetCertificate(ctx, keys, &sign.CertificateProviderOptions{IDToken: token})
	if err != nil {
		return nil, errcode.With(errcode.NoSignature, nil, fmt.Errorf("getting a certificate of %s: %w", k.services.authority, plain(err)))
	}
	k.last, err = readCertificate(keys, der)
	return k.last, err
}

func readCertificate(keys *sign.EphemeralKeypair, der []byte) (*certified, error) {
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("reading certificate: %w", err)
	}
	s, err := certificate.SummarizeCertificate(leaf)
	if err != nil {
		return nil, fmt.Errorf("reading certificate: %w", err)
	}
	id := signing.Identity{Issuer: s.Issuer, SAN: s.SubjectAlternativeName, SourceRepository: s.SourceRepositoryURI}
	return &certified{keys, der, leaf.NotAfter, id}, nil
}

// GetCertificate is sign.CertificateProvider's: the certificate is there already.
func (c *certified) GetCertificate(context.Context, sign.Keypair, *sign.CertificateProviderOptions) ([]byte, error) {
	return c.der, nil
}
