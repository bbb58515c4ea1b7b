package signer

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"

	"github.com/kpm-sh/kpm/signing"
)

// Key is a private key. It never prints itself.
type Key struct {
	private *ecdsa.PrivateKey
	public  signing.PublicKey
}

// PEM block types of a private key.
const (
	plainBlock     = "PRIVATE KEY"
	encryptedBlock = "ENCRYPTED PRIVATE KEY"
)

// ErrPassphrase is what ParseKey refuses an encrypted key with when the
// passphrase is wrong or missing.
var ErrPassphrase = errors.New("wrong passphrase")

// GenerateKey makes a new key from the system's randomness.
func GenerateKey() (*Key, error) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("generating key: %w", err)
	}
	return newKey(private)
}

// ParseKey reads a private key from PEM text that holds one PKCS#8 block and
// nothing else. The passphrase is used as it is, byte by byte; a key that is not
// encrypted needs none and ignores it.
func ParseKey(text, passphrase []byte) (*Key, error) {
	block, err := signing.OnlyBlock(text)
	if err != nil {
		return nil, fmt.Errorf("reading private key: %w", err)
	}
	der := block.Bytes
	switch block.Type {
	case plainBlock:
	case encryptedBlock:
		if der, err = decrypt(der, passphrase); err != nil {
			return nil, fmt.Errorf("reading private key: %w", err)
		}
	default:
		return nil, fmt.Errorf("reading private key: the PEM block is %q, not %s (PKCS#8)", block.Type, plainBlock)
	}
	key, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return nil, fmt.Errorf("reading private key: %w", err)
	}
	private, ok := key.(*ecdsa.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("reading private key: %w, not %T", signing.ErrNotP256, key)
	}
	return newKey(private)
}

func newKey(private *ecdsa.PrivateKey) (*Key, error) {
	public, err := signing.PublicKeyOf(&private.PublicKey)
	if err != nil {
		return nil, err
	}
	return &Key{private, public}, nil
}

// PEM is the private key as PKCS#8, encrypted unless the passphrase is empty.
func (k *Key) PEM(passphrase []byte) ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(k.private)
	if err != nil {
		return nil, fmt.Errorf("encoding private key: %w", err)
	}
	block := &pem.Block{Type: plainBlock, Bytes: der}
	if len(passphrase) > 0 {
		block.Type = encryptedBlock
		if block.Bytes, err = encrypt(k.private, passphrase); err != nil {
			return nil, fmt.Errorf("encrypting private key: %w", err)
		}
	}
	return pem.EncodeToMemory(block), nil
}

// Public is the public half.
func (k *Key) Public() signing.PublicKey {
	return k.public
}

// String names the key by its public half, so that no log shows the private one.
func (k *Key) String() string {
	return "private key of " + k.public.Fingerprint()
}

// GoString is String: %#v does not show the private half either.
func (k *Key) GoString() string {
	return k.String()
}
