package trust

import (
	"fmt"

	"github.com/kpm-sh/kpm/internal/index"
)

// SigningKey makes a bundle over content, as a signer.Key does. No private key is ever
// in this package: clients import it.
type SigningKey interface {
	Sign(content []byte) ([]byte, error)
}

// Sign writes a trust document and signs it with each key. It does not ask whether
// these keys suffice: open the result as a client would, with Open or OpenNext.
func Sign(d *Document, keys ...SigningKey) (*index.Envelope, error) {
	payload, err := d.Encode()
	if err != nil {
		return nil, err
	}
	return cosign(index.NewEnvelope(payload), keys...)
}

// SignHead writes a head and signs it with each key. Open the result with
// VerifyHead before it is published.
func SignHead(h *index.Head, keys ...SigningKey) (*index.Envelope, error) {
	payload, err := h.Encode()
	if err != nil {
		return nil, err
	}
	return cosign(index.NewEnvelope(payload), keys...)
}

// cosign gives an envelope with the payload and bundles of env and one more bundle
// for each key. So people who each keep a key sign one after another.
func cosign(env *index.Envelope, keys ...SigningKey) (*index.Envelope, error) {
	payload := []byte(env.Payload)
	bundles := env.Bundles()
	for _, k := range keys {
		b, err := k.Sign(payload)
		if err != nil {
			return nil, fmt.Errorf("signing %s: %w", env.Digest(), err)
		}
		bundles = append(bundles, b)
	}
	return index.NewEnvelope(payload, bundles...), nil
}
