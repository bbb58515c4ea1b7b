package indexer

import (
	"context"
	"fmt"
	"strings"

	"github.com/kpm-sh/kpm/internal/trust"
	"github.com/kpm-sh/kpm/signing"
	"github.com/kpm-sh/kpm/signing/signer"
)

// holders are those at hand who hold a role, as many as it asks for at the least. They are
// asked who they are before anything is signed. Somebody who holds no role of the newest
// document is refused: it is the wrong key, or the wrong identity.
func (c *chain) holders(ctx context.Context, all []signer.Signer, name trust.RoleName) ([]signer.Signer, error) {
	if err := c.requireRoots(); err != nil {
		return nil, err
	}
	d := c.newest()
	role := d.Role(name)
	found := map[signing.Identity]bool{}
	var in []signer.Signer
	var ids []signing.Identity
	for _, s := range all {
		id, err := s.Identity(ctx)
		if err != nil {
			return nil, err
		}
		ids = append(ids, id)
		if !holdsAny(d, id) {
			return nil, notOf(d, name, id)
		}
		if as, ok := heldAs(d, role, id); ok && !found[as] {
			found[as], in = true, append(in, s)
		}
	}
	switch {
	case len(in) == 0:
		return nil, notOf(d, name, ids...)
	case int64(len(in)) < role.Threshold:
		return nil, fmt.Errorf("%s asks for %d signatures of role %s, and %d of its signers are at hand", d, role.Threshold, name, len(in))
	}
	return in, nil
}

// attester signs statements as one of the holders of a role at hand. That there is none
// counts when there is something to sign.
func (c *chain) attester(ctx context.Context, all []signer.Signer, name trust.RoleName) (sign func(context.Context, []byte) ([]byte, error), atOnce int) {
	in, err := c.holders(ctx, all, name)
	if err != nil {
		return func(context.Context, []byte) ([]byte, error) { return nil, err }, 0
	}
	return in[0].Attest, in[0].AtOnce()
}

// heldAs is who somebody is in a role of the document: one who is named without a source
// repository is that one wherever he signs.
func heldAs(d *trust.Document, role trust.Role, id signing.Identity) (signing.Identity, bool) {
	for _, name := range role.Signers {
		as := d.Signers[name].Identity()
		anywhere := id
		if as.SourceRepository == "" {
			anywhere.SourceRepository = ""
		}
		if as == anywhere {
			return as, true
		}
	}
	return signing.Identity{}, false
}

func holdsAny(d *trust.Document, id signing.Identity) bool {
	for _, name := range []trust.RoleName{trust.IndexRole, trust.ProvenanceRole, trust.TestsRole} {
		if _, ok := heldAs(d, d.Role(name), id); ok {
			return true
		}
	}
	return false
}

// notOf says that nobody at hand holds a role.
func notOf(d *trust.Document, name trust.RoleName, ids ...signing.Identity) error {
	var have, want []string
	for _, id := range ids {
		have = append(have, id.String())
	}
	for _, one := range d.Role(name).Signers {
		want = append(want, fmt.Sprintf("%s, %s", one, d.Signers[one].Identity()))
	}
	return &trust.Error{
		Code:     trust.WrongSigner,
		Found:    fmt.Sprintf("at hand is %s", strings.Join(have, ", ")),
		Expected: fmt.Sprintf("somebody of role %s in %s: %s", name, d, strings.Join(want, "; ")),
	}
}
