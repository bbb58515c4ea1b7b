package signing

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
)

// PublicKey is an ECDSA P-256 public key. The zero value is no key; it verifies
// nothing. In JSON it is its PEM text.
type PublicKey struct {
	key *ecdsa.PublicKey
	der string // SubjectPublicKeyInfo as we encode it
}

// ParsePublicKey reads a public key from PEM text that holds one PUBLIC KEY
// block and nothing else but white space.
func ParsePublicKey(text []byte) (PublicKey, error) {
	block, err := OnlyBlock(text)
	if err != nil {
		return PublicKey{}, fmt.Errorf("reading public key: %w", err)
	}
	if block.Type != "PUBLIC KEY" {
		return PublicKey{}, fmt.Errorf("reading public key: the PEM block is %q, not PUBLIC KEY", block.Type)
	}
	key, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		return PublicKey{}, fmt.Errorf("reading public key: %w", err)
	}
	ec, ok := key.(*ecdsa.PublicKey)
	if !ok {
		return PublicKey{}, fmt.Errorf("reading public key: %w, not %T", ErrNotP256, key)
	}
	return PublicKeyOf(ec)
}

// ErrNotP256 is why a key of another algorithm or curve is refused.
var ErrNotP256 = errors.New("the key must be ECDSA P-256")

// PublicKeyOf takes a key on P-256; on another curve it is refused with ErrNotP256.
func PublicKeyOf(key *ecdsa.PublicKey) (PublicKey, error) {
	if key.Curve != elliptic.P256() {
		return PublicKey{}, fmt.Errorf("reading key: %w, not %s", ErrNotP256, key.Curve.Params().Name)
	}
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		return PublicKey{}, fmt.Errorf("encoding public key: %w", err)
	}
	return PublicKey{key, string(der)}, nil
}

// PEM is the one text form of the key, with a newline at its end.
func (k PublicKey) PEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: []byte(k.der)})
}

// Fingerprint is the sha256 of the key's SubjectPublicKeyInfo, in lower-case hex.
func (k PublicKey) Fingerprint() string {
	sum := k.Digest()
	return hex.EncodeToString(sum[:])
}

// Digest is what Fingerprint spells in hex.
func (k PublicKey) Digest() [sha256.Size]byte {
	return sha256.Sum256([]byte(k.der))
}

// IsZero reports whether k is no key at all.
func (k PublicKey) IsZero() bool {
	return k.key == nil
}

// Equal reports whether both are the same key.
func (k PublicKey) Equal(other PublicKey) bool {
	return k.der == other.der
}

// MarshalText writes PEM.
func (k PublicKey) MarshalText() ([]byte, error) {
	if k.IsZero() {
		return nil, errors.New("encoding public key: there is none")
	}
	return k.PEM(), nil
}

// UnmarshalText reads what ParsePublicKey reads.
func (k *PublicKey) UnmarshalText(text []byte) (err error) {
	*k, err = ParsePublicKey(text)
	return err
}

// OnlyBlock is the PEM block that text consists of. pem.Decode alone would skip
// text in front of a block, and a first block that it cannot read.
func OnlyBlock(text []byte) (*pem.Block, error) {
	begin := []byte("-----BEGIN ")
	text = bytes.TrimSpace(text)
	if !bytes.HasPrefix(text, begin) {
		return nil, errors.New("the text does not start with a PEM block")
	}
	block, rest := pem.Decode(text)
	switch {
	case block == nil:
		return nil, errors.New("the PEM block is malformed")
	case bytes.Count(text, begin) > 1:
		return nil, errors.New("there is more than one PEM block")
	case len(bytes.TrimSpace(rest)) > 0:
		return nil, errors.New("there is text after the PEM block")
	case len(block.Headers) > 0:
		return nil, errors.New("the PEM block has headers")
	}
	return block, nil
}
