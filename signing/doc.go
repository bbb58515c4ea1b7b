// Package signing opens Sigstore bundles: it says who signed. Package signer
// makes them. Whose signature counts is not decided here; the caller brings a
// Policy.
//
// # Keys
//
// A key is ECDSA P-256. Its public half is one PUBLIC KEY block of PEM; anything
// beside it is refused. Two keys are the same key when their fingerprints are:
// the sha256 of the SubjectPublicKeyInfo as this package encodes it.
//
// # Bundles
//
// Every signature is a Sigstore bundle v0.3 in JSON, at most 64 KiB. There are
// two kinds, and none is ever accepted for the other:
//
//   - A message_signature over the sha256 of any bytes; Open checks it against
//     the bytes.
//   - A DSSE envelope around an in-toto statement; OpenStatement checks it and
//     gives the statement.
//
// Stock tools check one:
//
//	cosign verify-blob --key index.pub --insecure-ignore-tlog --bundle b.json payload
//
// # Verification
//
// It needs no network and no clock. The key hint in a bundle is chosen by
// whoever made the bundle and is ignored, and so are log entries and timestamps
// beside a key signature. A threshold counts distinct signers: a bundle counts
// once, and so does a key, under however many names and in however many bundles.
// Bundles that cannot be read count for nothing and harm nothing.
//
// The only way to a Verified is a signature that was checked.
//
// # Keyless signers
//
// Their bundles hold a certificate of a Sigstore instance for an identity, and what
// the instance's Profile asks for: an entry of a transparency log, a proof of when the
// signature was made, a timestamp of the certificate log. They are checked against a
// TrustedRoot. Bundles of Rekor v1 and v2 count alike. A certificate lives for minutes;
// it is judged at the proven time.
package signing
