package trust

import (
	"errors"
	"fmt"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/signing"
)

// Schema is the schema word of a trust document.
const Schema = "kpm.trust/v1"

// Document is the payload of a trust document. Which rules it obeys is written at
// DecodeDocument; one made by hand is checked by Encode.
type Document struct {
	Schema       string                    `json:"schema"`
	Repository   string                    `json:"repository"`
	Version      int64                     `json:"version"` // its place in the chain, from 1
	Epoch        int64                     `json:"epoch"`   // from 1; raised after a compromise
	Expires      index.Time                `json:"expires"`
	Signers      map[string]Signer         `json:"signers"` // by name
	Roles        Roles                     `json:"roles"`
	Sigstore     map[string]Sigstore       `json:"sigstore"` // instances that keyless signers use, by name
	MaxGraceDays int64                     `json:"maxGraceDays"`
	Extensions   map[string]jsontext.Value `json:"extensions"`

	digest index.Digest // of the payload it was read from
	root   index.Digest // of document 1, if known
	last   *Document    // the one before, if d was opened as its next

	objects func(index.Ref) ([]byte, error) // see WithObjects; may be nil
	signed  []signing.Identity
}

// Roles says who signs what. Provenance and Tests may be nil; see Document.Role.
type Roles struct {
	Trust      Role  `json:"trust"`
	Index      Role  `json:"index"`
	Provenance *Role `json:"provenance,omitempty"`
	Tests      *Role `json:"tests,omitempty"`
}

// Role is met when Threshold distinct ones of Signers signed.
type Role struct {
	Signers   []string `json:"signers"` // names in Document.Signers
	Threshold int64    `json:"threshold"`
}

// RoleName is a role as the document spells it.
type RoleName string

// The roles.
const (
	TrustRole      RoleName = "trust"
	IndexRole      RoleName = "index"
	ProvenanceRole RoleName = "provenance"
	TestsRole      RoleName = "tests"
)

// Role is the role of the given name. Provenance and tests, if the document does
// not give them to anybody, are held by any one signer of the index: an
// attestation carries one signature, whatever the threshold for heads is.
func (d *Document) Role(name RoleName) Role {
	anyone := Role{d.Roles.Index.Signers, 1}
	switch name {
	case TrustRole:
		return d.Roles.Trust
	case IndexRole:
		return d.Roles.Index
	case ProvenanceRole:
		if d.Roles.Provenance != nil {
			return *d.Roles.Provenance
		}
		return anyone
	case TestsRole:
		if d.Roles.Tests != nil {
			return *d.Roles.Tests
		}
		return anyone
	}
	return Role{}
}

// DecodeDocument reads the payload of a trust document, strictly, and checks every
// rule that the payload alone can break. It does not verify signatures: Open and
// OpenNext do.
//
//   - repository is 1 to 128 printable ASCII characters without a space; version
//     and epoch are at least 1; expires is given; maxGraceDays is at most 3650.
//   - There are 1 to 64 signers. A signer's name is of [A-Za-z0-9._-], at most 63
//     long. A signer is either a key or keyless; issuer and san of a keyless one
//     are exact strings, and its sigstore is an entry of sigstore, or public-good.
//   - A role has at least one signer, each once and each known. Its threshold is
//     at least 1, at most the number of its distinct signers, and at most the
//     number of signatures in an envelope.
//   - Role trust reaches its threshold with keys alone, so that no change at a
//     Sigstore instance can lock the repository out.
//   - An attestation carries one signature: the thresholds of provenance and tests
//     are 1.
func DecodeDocument(payload []byte) (*Document, error) {
	if len(payload) > index.MaxTrust {
		return nil, fmt.Errorf("reading trust document: %d bytes exceed %d", len(payload), index.MaxTrust)
	}
	var d Document
	if err := index.DecodeStrict(payload, &d); err != nil {
		return nil, fmt.Errorf("reading trust document: %w", err)
	}
	if err := d.check(); err != nil {
		return nil, fmt.Errorf("reading trust document: %w: %w", index.ErrFormat, err)
	}
	d.digest = index.DigestOf(payload)
	if d.Version == 1 {
		d.root = d.digest
	}
	return &d, nil
}

// Encode writes the payload; the same document gives the same bytes.
func (d *Document) Encode() ([]byte, error) {
	if err := d.check(); err != nil {
		return nil, fmt.Errorf("writing trust document: %w", err)
	}
	payload, err := json.Marshal(d, json.Deterministic(true))
	if err != nil {
		return nil, fmt.Errorf("writing trust document: %w", err)
	}
	if len(payload) > index.MaxTrust {
		return nil, fmt.Errorf("writing trust document: %d bytes exceed %d", len(payload), index.MaxTrust)
	}
	return payload, nil
}

// Digest is the digest of the payload that d was read from, "" if there is none.
func (d *Document) Digest() index.Digest {
	return d.digest
}

// Root is the digest of document 1, which heads name; "" if d was opened by a pin
// of a later document or is of version 0. The first head then says it.
func (d *Document) Root() index.Digest {
	return d.root
}

// Before is the document that d was opened as the next of; nil where that is not known.
func (d *Document) Before() *Document {
	return d.last
}

// String names the document in a text.
func (d *Document) String() string {
	if d.Version == 0 {
		return "what the repository was added with"
	}
	return fmt.Sprintf("trust document %d of %s", d.Version, d.Repository)
}

// CheckExpiry refuses, as TRUST_EXPIRED, a document that expired more than grace
// before now. Grace is cut to what the document allows. Version 0 never expires.
func (d *Document) CheckExpiry(now time.Time, grace time.Duration) error {
	if d.Version == 0 || !now.After(d.Expires.Add(d.grace(grace))) {
		return nil
	}
	return &Error{
		Code:     TrustExpired,
		Found:    fmt.Sprintf("%s expired at %s", d, stamp(d.Expires.Time)),
		Expected: fmt.Sprintf("one that is valid at %s", stamp(now)),
	}
}

// RenewalWarning is how long before a document expires its publishers are told to
// sign the next one.
const RenewalWarning = 90 * 24 * time.Hour

// grace is what of the wanted grace the document allows.
func (d *Document) grace(want time.Duration) time.Duration {
	return max(0, min(want, time.Duration(d.MaxGraceDays)*24*time.Hour))
}

func stamp(t time.Time) string {
	return t.UTC().Format(time.RFC3339)
}

var errNoSigner = errors.New("there is no such signer")
