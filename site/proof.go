package site

import (
	"context"
	"fmt"
	"strings"

	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/trust"
	"github.com/kpm-sh/kpm/signing"
)

// signer is who signed: the name that the trust document gives, and the identity behind
// it, since a name may be somebody else's later.
type signer struct {
	Name     string
	Identity string // "" where it is the name
	Short    string // of Identity: the digest of a key is long, and so is the address of a workflow
}

// shortKey is how many letters of a key's digest are shown; the page has the whole, too.
const shortKey = 16

func signersOf(d *trust.Document, ids []signing.Identity) []signer {
	var out []signer
	for _, id := range ids {
		s := signer{Name: d.Name(id), Identity: id.String(), Short: id.String()}
		switch {
		case id.Key != "":
			s.Short = "key " + id.Key[:min(len(id.Key), shortKey)] + "…"
		case id.SourceRepository != "":
			s.Short = "a job of " + strings.TrimPrefix(id.SourceRepository, "https://")
		}
		if s.Name == s.Identity {
			s.Name, s.Identity, s.Short = s.Short, "", ""
		}
		out = append(out, s)
	}
	return out
}

// indexSigners are those who may sign the head.
func indexSigners(d *trust.Document) []signer {
	var ids []signing.Identity
	for _, name := range d.Role(trust.IndexRole).Signers {
		ids = append(ids, d.Signers[name].Identity())
	}
	return signersOf(d, ids)
}

// proof is who built the archive of a release, as its provenance says. Nothing of it is
// shown that was not verified.
type proof struct {
	By         []signer
	Commit     string // whole
	CommitHref string
	Bundle     string // where the statement lies
	Problem    string // why it could not be verified
}

// Builder is who signed, in a word or two.
func (p *proof) Builder() string { return p.By[0].Name }

// Short is the beginning of the commit.
func (p *proof) Short() string { return p.Commit[:min(len(p.Commit), 12)] }

// proofOf verifies the provenance of a release; nil where the index lists none.
func proofOf(ctx context.Context, r Repository, name string, rel index.Release) (*proof, error) {
	for _, a := range rel.Attestations {
		if a.Type != signing.ProvenanceType {
			continue
		}
		bundle, err := r.Read(ctx, a.Path, index.Ref{SHA256: a.SHA256, Size: a.Size})
		if err != nil {
			return nil, fmt.Errorf("reading the provenance of %s %s: %w", name, rel.Version, err)
		}
		p := &proof{Bundle: a.Path}
		v, err := trust.OpenProvenance(r.Trust, bundle, trust.Provenance(r.Head.Repository, name, rel))
		if err != nil {
			p.Problem = kube.Clean(err.Error(), false)
			return p, nil
		}
		says, err := signing.ParseProvenance(v)
		if err != nil {
			return nil, err
		}
		p.By, p.Commit = signersOf(r.Trust, v.Signers()), says.Commit
		if source := webAddress(r.Source); source != "" && says.Commit != "" {
			p.CommitHref = strings.TrimSuffix(source, "/") + "/commit/" + says.Commit
		}
		return p, nil
	}
	return nil, nil
}
