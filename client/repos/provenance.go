package repos

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/kpm-sh/kpm/internal/errcode"
	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/trust"
	"github.com/kpm-sh/kpm/signing"
)

// provenance checks where an archive comes from: each attestation of that kind
// that the index lists must be there, be signed in the role provenance, and say
// what the index says. A release without one is refused, unless the policy says
// otherwise. It notes who signed.
func (r Release) provenance(ctx context.Context, d *trust.Document, repository string, by *Voucher) error {
	if r.Repository.Provenance == ignoreProvenance {
		by.passed("provenance", "nobody asks for it: that is the policy of this home for %s", r.Repository.Alias)
		return nil
	}
	var signers []string
	for _, a := range r.Attestations {
		if a.Type != signing.ProvenanceType {
			continue
		}
		bundle, err := r.bundle(ctx, a)
		if err != nil {
			return err
		}
		statement, err := trust.OpenProvenance(d, bundle, trust.Provenance(repository, r.Name, r.Release))
		if err != nil {
			return err
		}
		by.attested(d, statement)
		signers = append(signers, signersOf(d, statement)...)
	}
	if len(signers) == 0 && r.Repository.Provenance == optionalProvenance {
		by.passed("provenance", "the index lists none, and the policy of this home for %s allows that", r.Repository.Alias)
		return nil
	}
	if len(signers) == 0 {
		return &trust.Error{
			Code:  trust.Missing,
			Found: fmt.Sprintf("the index lists no provenance of %s %s", r.Name, r.Version),
			Facts: errcode.Facts{"provenance": true},
		}
	}
	slices.Sort(signers)
	by.Signer = strings.Join(slices.Compact(signers), ", ")
	return nil
}

// attested notes what a statement says that was verified.
func (v *Voucher) attested(d *trust.Document, statement signing.Verified) {
	p, err := signing.ParseProvenance(statement)
	if err != nil {
		return // it was read before
	}
	v.Commit = p.Commit
	commit := p.Commit
	if commit == "" {
		commit = "no commit that is named"
	}
	v.passed("provenance", "signed by %s, which holds the role provenance: %s %s of %s, sha256 %s, made from %s",
		strings.Join(signersOf(d, statement), ", "), p.Name, p.Version, p.Repository, p.SHA256, commit)
}

// signersOf names who signed: as the trust document calls them, and by key or
// certificate, because a name may be given to somebody else later.
func signersOf(d *trust.Document, v signing.Verified) []string {
	var names []string
	for _, id := range v.Signers() {
		name := d.Name(id)
		if name != id.String() {
			name += " (" + id.String() + ")"
		}
		names = append(names, name)
	}
	return names
}

// bundle gives the bytes of an attestation, hashed just now.
func (r Release) bundle(ctx context.Context, a index.Attestation) ([]byte, error) {
	ref := index.Ref{SHA256: a.SHA256, Size: a.Size}
	if a.Size > index.MaxBundle {
		return nil, &trust.Error{Code: trust.Size, Found: fmt.Sprintf("the provenance of %s %s has %d bytes", r.Name, r.Version, a.Size)}
	}
	file := r.Repository.opt.Home.Bundle(r.SHA256)
	if data, err := os.ReadFile(file); err == nil && ref.Match(data) == nil {
		return data, nil
	}
	data, err := r.Repository.object(ctx, a.Path, ref)
	if err != nil {
		return nil, err
	}
	keep(file, data)
	return data, nil
}
