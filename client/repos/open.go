package repos

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/trust"
)

// Open gives the Kube of a release, in memory, and who answers for it. Its archive is
// the one that the signed index names, its provenance is signed and fits as far as the
// policy of the repository asks, and neither head nor trust document has expired. A
// revoked release is refused.
func (r Release) Open(ctx context.Context) (k *kube.Kube, by Voucher, err error) {
	doc, head, err := r.listed(&by)
	if err != nil {
		return nil, by, err
	}
	data, err := r.archive(ctx)
	if err != nil {
		return nil, by, by.failed("archive", fmt.Errorf("fetching %s %s: %w", r.Name, r.Version, err))
	}
	by.passed("archive", "its sha256 is %s, as the document says", r.SHA256)
	if err := r.provenance(ctx, doc, head.Repository, &by); err != nil {
		return nil, by, by.failed("provenance", fmt.Errorf("verifying %s %s: %w", r.Name, r.Version, err))
	}
	if k, err = r.unpack(data); err != nil {
		return nil, by, by.failed("content", err)
	}
	by.passed("content", "it unpacks to %s %s", r.Name, r.Version)
	return k, by, nil
}

// Proven is who signed the provenance of a release, and what it says. The archive itself is
// not asked for.
func (r Release) Proven(ctx context.Context) (by Voucher, err error) {
	doc, head, err := explain(r.Repository, &by)
	if err != nil {
		return by, err
	}
	by.Repository = head.Repository
	return by, r.provenance(ctx, doc, head.Repository, &by)
}

// Published says where a release that was verified is published, and who signed it.
func (r Release) Published() string {
	text := "published in repository " + r.Repository.Alias
	if r.By.Signer != "" {
		text += ", signed by " + r.By.Signer
	}
	return text
}

// listed checks all that leads to a release: whom the repository is trusted to, the
// index, and what that says of the release.
func (r Release) listed(by *Voucher) (*trust.Document, *trust.Head, error) {
	doc, head, err := explain(r.Repository, by)
	if err != nil {
		return nil, nil, err
	}
	by.Repository = head.Repository
	if err := r.usable(); err != nil {
		return nil, nil, by.failed("release", err)
	}
	by.passed("release", "the index leads to the document of %s (sha256 %s), which lists %s and does not revoke it", r.Name, r.Record.Doc.SHA256, r.Version)
	return doc, head, nil
}

// explain is Repository.current, and says what that checked.
func explain(r *Repository, by *Voucher) (*trust.Document, *trust.Head, error) {
	by.passed("repository", "%s, from %s, %s", r.Alias, r.Sources[0], r.trustedBy())
	doc, head, err := r.current()
	if err != nil {
		return nil, nil, by.failed("index", err)
	}
	if doc.Version > 0 {
		by.passed("trust", "%s, sha256 %s, signed by %s, proven from the pin on, valid until %s", doc, doc.Digest(), strings.Join(doc.SignedBy(), ", "), doc.Expires.Format(time.DateOnly))
	}
	var names []string
	for _, id := range head.Signers {
		names = append(names, doc.Name(id)+" ("+id.String()+")")
	}
	by.passed("index", "%s, sha256 %s, signed by %s, which holds the role index, valid until %s", head, head.Digest, strings.Join(names, ", "), head.Deadline().Format(time.DateOnly))
	return doc, head, nil
}

func (r Release) unpack(archive []byte) (*kube.Kube, error) {
	k, err := kube.Unpack(bytes.NewReader(archive), r.Name, r.Version)
	if err != nil {
		return nil, formatFault(r.Repository, fmt.Errorf("unpacking %s: %w", index.ArchivePath(r.Name, r.Version), err))
	}
	return k, nil
}
