// Package signer makes the bundles that package signing opens. It holds the
// private keys: only what publishes imports it, and no client does.
//
// A private key is PKCS#8 in one PEM block, PRIVATE KEY or, under a passphrase,
// ENCRYPTED PRIVATE KEY (PBES2: PBKDF2 with HMAC-SHA-256 and AES-256-CBC, which
// openssl reads and writes too). Anything beside the one block is refused.
//
// Key.Sign makes a message_signature over the sha256 of any bytes, Key.Attest a
// DSSE envelope around an in-toto statement. Signatures are deterministic (RFC
// 6979) and the JSON has one form, so the same key and the same bytes give the
// same bundle.
package signer
