package signing

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/sigstore/sigstore-go/pkg/verify"
)

// Policy says who may sign and how many of them must.
type Policy struct {
	Verifiers []Verifier
	Threshold int // distinct signers, at least 1
}

// Verified is content whose signatures were checked. Open and OpenStatement are
// the only ways to one; the zero value holds no content and no signer.
type Verified struct {
	content string
	signers []Identity
	proven  time.Time
}

// Bytes is the content, a copy.
func (v Verified) Bytes() []byte {
	return []byte(v.content)
}

// Signers are those of the policy that signed, each once, in the order of their
// bundles. There are at least as many as the threshold.
func (v Verified) Signers() []Identity {
	return slices.Clone(v.signers)
}

// Proven is the latest time that the signatures prove: a log's, or that of a timestamp
// authority. It is zero where all are made with keys, which prove none.
func (v Verified) Proven() time.Time {
	return v.proven
}

// Open checks the bundles that Sign made over content. Enough distinct signers
// of the policy must have signed; otherwise the error is a *ThresholdError.
func Open(content []byte, bundles [][]byte, policy Policy) (Verified, error) {
	v := Verified{content: string(content)}
	sum := sha256.Sum256(content)
	digest := verify.WithArtifactDigest("sha256", sum[:])
	c := count{policy: policy}
	for _, text := range bundles {
		b, err := parseBundle(text)
		switch {
		case err != nil:
			c.reject(err)
		case b.statement != nil:
			c.reject(errors.New("reading bundle: it is an attestation, not a signature"))
		default:
			c.add(b, digest)
		}
	}
	return c.result(v)
}

// OpenStatement checks a bundle that Attest made and gives its statement. As a
// bundle holds one signature, a threshold above 1 is never met.
func OpenStatement(text []byte, policy Policy) (Verified, error) {
	c := count{policy: policy}
	b, err := parseBundle(text)
	switch {
	case err != nil:
		c.reject(err)
		return c.result(Verified{})
	case b.statement == nil:
		c.reject(errors.New("reading bundle: it is a signature, not an attestation"))
		return c.result(Verified{})
	}
	c.add(b, verify.WithoutArtifactUnsafe()) // the statement is in the bundle
	return c.result(Verified{content: string(b.statement)})
}

// count is how far the bundles met so far satisfy a policy.
type count struct {
	policy  Policy
	signers []Identity
	proven  time.Time
	causes  []error
}

// add looks for the signer of b. A bundle counts once, for the first signer it
// fits that was not counted yet.
func (c *count) add(b *parsed, content verify.ArtifactPolicyOption) {
	var cause error
	for _, v := range c.policy.Verifiers {
		if slices.Contains(c.signers, v.id) {
			continue
		}
		at, err := v.verify(b, content)
		if err == nil {
			c.signers = append(c.signers, v.id)
			c.proven = later(c.proven, at)
			return
		}
		cause = clearest(cause, err)
	}
	if cause != nil {
		c.reject(cause)
	}
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// clearest is which of two causes says most about a bundle: whose it is, else that it
// cannot be checked, else the first.
func clearest(a, b error) error {
	var other *OtherSignerError
	var unchecked *UncheckedError
	switch {
	case a == nil, errors.As(b, &other), errors.As(b, &unchecked) && !errors.As(a, &other):
		return b
	}
	return a
}

func (c *count) reject(cause error) {
	c.causes = append(c.causes, cause)
}

func (c *count) result(v Verified) (Verified, error) {
	if c.policy.Threshold < 1 {
		return Verified{}, fmt.Errorf("verifying: threshold %d is below 1", c.policy.Threshold)
	}
	if len(c.signers) < c.policy.Threshold {
		return Verified{}, &ThresholdError{c.signers, c.policy.Threshold, c.causes}
	}
	v.signers, v.proven = c.signers, c.proven
	return v, nil
}
