package index

import (
	"errors"
	"fmt"

	"github.com/go-json-experiment/json/jsontext"
)

// Envelope is how a signed payload travels: the payload as a JSON string, so
// that the signed bytes survive any re-encoding of the file, and Sigstore
// bundles over exactly those bytes. All digests of signed files are digests of
// the payload.
type Envelope struct {
	Payload    string           `json:"payload"`
	Signatures []jsontext.Value `json:"signatures"`
}

// DecodeEnvelope reads an envelope. It says nothing about its signatures.
func DecodeEnvelope(data []byte) (*Envelope, error) {
	var e Envelope
	if err := DecodeStrict(data, &e); err != nil {
		return nil, fmt.Errorf("reading envelope: %w", err)
	}
	if err := e.check(); err != nil {
		return nil, fmt.Errorf("reading envelope: %w: %w", ErrFormat, err)
	}
	return &e, nil
}

// NewEnvelope puts a payload and the bundles over it together.
func NewEnvelope(payload []byte, bundles ...[]byte) *Envelope {
	e := &Envelope{Payload: string(payload)}
	for _, b := range bundles {
		e.Signatures = append(e.Signatures, jsontext.Value(b))
	}
	return e
}

// Bundles are the signatures as bytes.
func (e *Envelope) Bundles() [][]byte {
	bs := make([][]byte, len(e.Signatures))
	for i, s := range e.Signatures {
		bs[i] = s
	}
	return bs
}

// Encode writes the file, with a newline at its end.
func (e *Envelope) Encode() ([]byte, error) {
	if err := e.check(); err != nil {
		return nil, fmt.Errorf("writing envelope: %w", err)
	}
	b, err := encode(e)
	return append(b, '\n'), err
}

// Digest names the payload; the envelope around it may be written differently.
func (e *Envelope) Digest() Digest {
	return DigestOf([]byte(e.Payload))
}

func (e *Envelope) check() error {
	if e.Payload == "" {
		return errors.New("payload is empty")
	}
	if n := len(e.Signatures); n < 1 || n > MaxSignatures {
		return fmt.Errorf("%d signatures, not 1 to %d", n, MaxSignatures)
	}
	for i, s := range e.Signatures {
		if len(s) > MaxBundle {
			return fmt.Errorf("signature %d has %d bytes, more than %d", i, len(s), MaxBundle)
		}
		if s.Kind() != '{' {
			return fmt.Errorf("signature %d is not an object", i)
		}
	}
	return nil
}
