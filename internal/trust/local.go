package trust

import "github.com/kpm-sh/kpm/signing"

// localGraceDays is the longest grace where no trust document says one.
const localGraceDays = 180

// KeyDocument is the trust document that a client makes for itself when it was
// given a key: version 0, the key holds every role, nothing expires. It cannot be
// encoded: it never travels.
func KeyDocument(key signing.PublicKey) *Document {
	return localDocument("key", KeySigner(key))
}

// IdentityDocument is KeyDocument for a keyless signer of the public-good Sigstore.
// The source repository may be "".
func IdentityDocument(issuer, san, sourceRepository string) *Document {
	return localDocument("identity", Signer{Keyless: &Keyless{PublicGood, issuer, san, sourceRepository}})
}

func localDocument(name string, s Signer) *Document {
	all := Role{[]string{name}, 1}
	return &Document{
		Schema:       Schema,
		Signers:      map[string]Signer{name: s},
		Roles:        Roles{Trust: all, Index: all},
		MaxGraceDays: localGraceDays,
	}
}
