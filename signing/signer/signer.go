package signer

import (
	"context"

	"github.com/kpm-sh/kpm/signing"
)

// Signer signs what a publisher publishes: with a Key, or as a Keyless. Its methods may
// be called from several goroutines.
type Signer interface {
	// Sign makes a bundle over content, which signing.Open checks.
	Sign(ctx context.Context, content []byte) ([]byte, error)
	// Attest makes a bundle that carries and signs an in-toto statement, which
	// signing.OpenStatement checks.
	Attest(ctx context.Context, statement []byte) ([]byte, error)
	// Identity is whose signatures these are.
	Identity(ctx context.Context) (signing.Identity, error)
	// AtOnce is how many signatures are best made at the same time, 0 for as many as
	// there are processors.
	AtOnce() int
}

// Signer is who signs with the key.
func (k *Key) Signer() Signer { return keySigner{k} }

type keySigner struct{ key *Key }

func (s keySigner) Sign(_ context.Context, content []byte) ([]byte, error) {
	return s.key.Sign(content)
}

func (s keySigner) Attest(_ context.Context, statement []byte) ([]byte, error) {
	return s.key.Attest(statement)
}

func (s keySigner) Identity(context.Context) (signing.Identity, error) {
	return signing.Identity{Key: s.key.public.Fingerprint()}, nil
}

func (keySigner) AtOnce() int { return 0 }
