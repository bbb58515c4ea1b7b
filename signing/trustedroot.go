package signing

import (
	"bytes"
	_ "embed"
	"fmt"
	"sync"

	"github.com/sigstore/sigstore-go/pkg/root"
)

// TrustedRoot is what the certificates, logs and timestamps of one Sigstore instance
// are checked against: the keys of its authorities, each with the time in which they
// counted. It is Sigstore's trusted_root.json.
type TrustedRoot struct {
	material *root.TrustedRoot
	text     []byte
}

// ParseTrustedRoot reads a trusted_root.json.
func ParseTrustedRoot(text []byte) (*TrustedRoot, error) {
	material, err := root.NewTrustedRootFromJSON(text)
	if err != nil {
		return nil, fmt.Errorf("reading trusted root: %w", err)
	}
	return &TrustedRoot{material, text}, nil
}

//go:embed public-good.json
var publicGood []byte

// PublicGood is the trusted root of the public Sigstore instance as it was when this
// program was built. A repository that wants another one carries it.
var PublicGood = sync.OnceValues(func() (*TrustedRoot, error) { return ParseTrustedRoot(publicGood) })

// JSON is the trusted_root.json, a copy.
func (r *TrustedRoot) JSON() []byte { return bytes.Clone(r.text) }
