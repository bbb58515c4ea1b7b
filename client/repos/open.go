package repos

import (
	"bytes"
	"context"
	"fmt"

	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/kube"
)

// Voucher is who answers for a release.
type Voucher struct {
	Repository string // as it calls itself in what it signs
	Signer     string // of the provenance
}

// Open gives the Kube of a release, in memory, and who answers for it. Its archive is
// the one that the signed index names, its provenance is signed and fits, and neither
// head nor trust document has expired. A revoked release is refused.
func (r Release) Open(ctx context.Context) (k *kube.Kube, by Voucher, err error) {
	if err := r.usable(); err != nil {
		return nil, by, err
	}
	doc, head, err := r.Repository.current()
	if err != nil {
		return nil, by, err
	}
	data, err := r.archive(ctx)
	if err != nil {
		return nil, by, fmt.Errorf("fetching %s %s: %w", r.Name, r.Version, err)
	}
	by.Repository = head.Repository
	if by.Signer, err = r.provenance(ctx, doc, head.Repository); err != nil {
		return nil, by, fmt.Errorf("verifying %s %s: %w", r.Name, r.Version, err)
	}
	k, err = r.unpack(data)
	return k, by, err
}

func (r Release) unpack(archive []byte) (*kube.Kube, error) {
	k, err := kube.Unpack(bytes.NewReader(archive), r.Name, r.Version)
	if err != nil {
		return nil, formatFault(r.Repository, fmt.Errorf("unpacking %s: %w", index.ArchivePath(r.Name, r.Version), err))
	}
	return k, nil
}
