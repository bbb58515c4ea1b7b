package signer

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/x509"
	"errors"
	"fmt"

	"github.com/youmark/pkcs8"
)

// rounds of PBKDF2: OWASP's figure of 2023 for HMAC-SHA-256.
const rounds = 600_000

// saltSize is in bytes, as NIST SP 800-132 asks.
const saltSize = 16

func encrypt(key *ecdsa.PrivateKey, passphrase []byte) ([]byte, error) {
	return pkcs8.MarshalPrivateKey(key, passphrase, &pkcs8.Opts{
		Cipher:  pkcs8.AES256CBC,
		KDFOpts: pkcs8.PBKDF2Opts{SaltSize: saltSize, IterationCount: rounds, HMACHash: crypto.SHA256},
	})
}

// decrypt gives the plain PKCS#8 of an encrypted one. The library panics on a
// ciphertext that is not whole blocks; that is a malformed key, not a crash.
func decrypt(der, passphrase []byte) (plain []byte, err error) {
	if len(passphrase) == 0 {
		return nil, fmt.Errorf("%w: the key is encrypted and there is none", ErrPassphrase)
	}
	defer func() {
		if recover() != nil {
			plain, err = nil, errors.New("the encrypted key is malformed")
		}
	}()
	key, kdf, err := pkcs8.ParsePrivateKey(der, passphrase)
	if err != nil {
		// The library has no value for a wrong passphrase, and cannot always tell.
		return nil, fmt.Errorf("%w, or a key that is sealed otherwise: %w", ErrPassphrase, err)
	}
	if kdf == nil {
		return nil, errors.New("the encrypted key is malformed")
	}
	return x509.MarshalPKCS8PrivateKey(key)
}
