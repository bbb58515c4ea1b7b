package trust

import (
	"fmt"
	"slices"

	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/signing"
)

// OpenProvenance is Attested under the document, or, for a signer whom it names no more,
// under one before it: a bundle that the signed index lists was written once, and its
// signer may have been replaced since.
func OpenProvenance(d *Document, bundle []byte, want signing.Provenance) (signing.Verified, error) {
	v, first := d.Attested(bundle, want)
	for before := d.last; first != nil && before != nil; before = before.last {
		if v, err := before.Attested(bundle, want); err == nil && !d.named(v.Signers()) {
			return v, nil
		}
	}
	return v, first
}

// named reports whether the document gives roles to any of the signers.
func (d *Document) named(ids []signing.Identity) bool {
	for _, s := range d.Signers {
		if slices.Contains(ids, s.Identity()) {
			return true
		}
	}
	return false
}

// Attested checks that a bundle, signed as the provenance role of d asks, says of an
// archive what is wanted: repository, name, version and sha256 must be equal (DIGEST
// otherwise), commit and archive where want gives them. The result holds the
// statement, see signing.ParseProvenance, and its signer.
func (d *Document) Attested(bundle []byte, want signing.Provenance) (signing.Verified, error) {
	what := fmt.Sprintf("the provenance of %s %s", want.Name, want.Version)
	v, refused := d.verify(what, ProvenanceRole, func(p signing.Policy) (signing.Verified, error) {
		return signing.OpenStatement(bundle, p)
	})
	if refused != nil {
		return signing.Verified{}, refused
	}
	got, err := signing.ParseProvenance(v)
	if err != nil {
		return signing.Verified{}, formatError(what, err)
	}
	for _, f := range []struct {
		name, got, want string
		optional        bool
	}{
		{"repository", got.Repository, want.Repository, false},
		{"name", got.Name, want.Name, false},
		{"version", got.Version, want.Version, false},
		{"sha256", got.SHA256, want.SHA256, false},
		{"commit", got.Commit, want.Commit, true},
		{"archive", got.Archive, want.Archive, true},
	} {
		if f.got != f.want && (!f.optional || f.want != "") {
			return signing.Verified{}, &Error{
				Code:     Digest,
				Found:    fmt.Sprintf("%s is for the %s %q", what, f.name, f.got),
				Expected: fmt.Sprintf("%q", f.want),
			}
		}
	}
	return v, nil
}

// Tested opens a test result of a release of a repository: it must be signed as the tests role of d asks,
// or, by a signer whom d names no more, as that of a document before it; and say what the
// index says of it (DIGEST otherwise). The signers are those of the result.
func (d *Document) Tested(bundle []byte, repository, name string, r index.Release, a index.Attestation) (signing.TestResult, []signing.Identity, error) {
	got, v, first := openTestResult(d, bundle, repository, name, r, a)
	for before := d.last; first != nil && before != nil; before = before.last {
		if got, v, err := openTestResult(before, bundle, repository, name, r, a); err == nil && !d.named(v.Signers()) {
			return got, v.Signers(), nil
		}
	}
	return got, v.Signers(), first
}

// Provenance is what the statement about a release must say, as far as the index
// knows it.
func Provenance(repository, name string, r index.Release) signing.Provenance {
	return signing.Provenance{
		Repository: repository,
		Name:       name,
		Version:    r.Version,
		Commit:     r.Commit,
		Archive:    index.ArchiveBase(name, r.Version) + ".tgz",
		SHA256:     string(r.SHA256),
	}
}
