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
// what the index says. A release without one is refused. It gives who signed.
func (r Release) provenance(ctx context.Context, d *trust.Document, repository string) (signer string, err error) {
	var signers []string
	for _, a := range r.Attestations {
		if a.Type != signing.ProvenanceType {
			continue
		}
		bundle, err := r.bundle(ctx, a)
		if err != nil {
			return "", err
		}
		statement, err := trust.OpenProvenance(d, bundle, trust.Provenance(repository, r.Name, r.Release))
		if err != nil {
			return "", err
		}
		signers = append(signers, signersOf(d, statement)...)
	}
	if len(signers) == 0 {
		return "", &trust.Error{
			Code:  trust.Missing,
			Found: fmt.Sprintf("the index lists no provenance of %s %s", r.Name, r.Version),
			Facts: errcode.Facts{"provenance": true},
		}
	}
	slices.Sort(signers)
	return strings.Join(slices.Compact(signers), ", "), nil
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
