package signer

import (
	"bytes"
	"context"
	"crypto"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"

	protobundle "github.com/sigstore/protobuf-specs/gen/pb-go/bundle/v1"
	protocommon "github.com/sigstore/protobuf-specs/gen/pb-go/common/v1"
	"github.com/sigstore/sigstore-go/pkg/bundle"
	"github.com/sigstore/sigstore-go/pkg/sign"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/kpm-sh/kpm/signing"
)

// Sign makes a bundle over content, which signing.Open checks. The same content gives
// the same bundle.
func (k *Key) Sign(content []byte) ([]byte, error) {
	return k.bundle(&sign.PlainData{Data: content})
}

// Attest makes a bundle that carries and signs an in-toto statement, which
// signing.OpenStatement checks. The same statement gives the same bundle.
func (k *Key) Attest(statement []byte) ([]byte, error) {
	return k.bundle(&sign.DSSEData{Data: statement, PayloadType: bundle.IntotoMediaType})
}

func (k *Key) bundle(content sign.Content) ([]byte, error) {
	b, err := sign.Bundle(content, keypair{k}, sign.BundleOptions{})
	if err != nil {
		return nil, fmt.Errorf("signing: %w", err)
	}
	return encodeBundle(b)
}

// encodeBundle writes the one form of a bundle: protojson varies its white
// space on purpose.
func encodeBundle(b *protobundle.Bundle) ([]byte, error) {
	text, err := protojson.Marshal(b)
	if err != nil {
		return nil, fmt.Errorf("encoding bundle: %w", err)
	}
	var out bytes.Buffer
	if err := json.Compact(&out, text); err != nil {
		return nil, fmt.Errorf("encoding bundle: %w", err)
	}
	if out.Len() > signing.MaxBundle {
		return nil, fmt.Errorf("encoding bundle: %d bytes exceed %d", out.Len(), signing.MaxBundle)
	}
	return out.Bytes(), nil
}

// keypair is a Key as sigstore-go wants it.
type keypair struct{ *Key }

func (keypair) GetHashAlgorithm() protocommon.HashAlgorithm {
	return protocommon.HashAlgorithm_SHA2_256
}

func (keypair) GetSigningAlgorithm() protocommon.PublicKeyDetails {
	return protocommon.PublicKeyDetails_PKIX_ECDSA_P256_SHA_256
}

func (keypair) GetKeyAlgorithm() string { return "ECDSA" }

// GetHint is how other Sigstore tools write it; nothing here reads it.
func (p keypair) GetHint() []byte {
	sum := p.public.Digest()
	return []byte(base64.StdEncoding.EncodeToString(sum[:]))
}

func (p keypair) GetPublicKey() crypto.PublicKey { return &p.private.PublicKey }

func (p keypair) GetPublicKeyPem() (string, error) { return string(p.public.PEM()), nil }

// SignData gives signature and digest. Without a source of randomness the
// signature is the deterministic one of RFC 6979.
func (p keypair) SignData(_ context.Context, content []byte) (signature, digest []byte, err error) {
	sum := sha256.Sum256(content)
	signature, err = p.private.Sign(nil, sum[:], crypto.SHA256)
	return signature, sum[:], err
}
