package indexer

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/lint"
	"github.com/kpm-sh/kpm/signing"
)

// packer makes archives and their provenance in a folder of the site.
type packer struct {
	dir        string // where archives lie until they are published
	repository string
	commit     string
	now        time.Time
	attest     func(ctx context.Context, statement []byte) ([]byte, error)
	verify     func(bundle []byte, want signing.Provenance) (signing.Verified, error)
	images     *resolver
}

// packed is one release, ready to be published. Files are its archive and its
// provenance bundle.
type packed struct {
	release index.Release
	record  index.Record // without Rev and Doc
	readme  string
	files   []index.File
}

// pack writes the archive of k and signs where it came from.
func (p packer) pack(ctx context.Context, k *kube.Kube, facts lint.Facts, tar index.Digest) (*packed, error) {
	version := k.Version.String()
	at := filepath.Join(p.dir, index.ArchiveBase(k.Name, version)+".tgz")
	ref, err := writeArchive(k, at)
	if err != nil {
		return nil, fmt.Errorf("packing %s %s: %w", k.Name, version, err)
	}
	bundle, err := p.prove(ctx, k.Name, version, ref)
	if err != nil {
		return nil, fmt.Errorf("packing %s %s: %w", k.Name, version, err)
	}
	out := p.describe(k, facts, tar, ref, bundle)
	if out.release.Images, err = p.images.resolve(ctx, k.Name, slices.Concat(facts.Images, facts.TestImages)); err != nil {
		return nil, err
	}
	out.files = append(out.files, diskFile(index.ArchivePath(k.Name, version), ref, at))
	return out, nil
}

// bundleSize is about how many bytes a provenance bundle has.
const bundleSize = 3000

// packUnsigned packs k as a packer does, but keeps and signs nothing: what cannot be
// published is refused, and what is published of it has its length.
func packUnsigned(_ context.Context, k *kube.Kube, facts lint.Facts, tar index.Digest) (*packed, error) {
	ref, err := packInto(io.Discard, k)
	if err != nil {
		return nil, fmt.Errorf("packing %s %s: %w", k.Name, k.Version, err)
	}
	out := packer{now: time.Unix(0, 0), commit: strings.Repeat("0", 40)}.describe(k, facts, tar, ref, make([]byte, bundleSize))
	for _, image := range slices.Concat(facts.Images, facts.TestImages) {
		out.release.Images = append(out.release.Images, index.Image{Ref: image})
	}
	return out, nil
}

// describe is what the index says of a release.
func (p packer) describe(k *kube.Kube, facts lint.Facts, tar index.Digest, archive index.Ref, bundle []byte) *packed {
	version := k.Version.String()
	out := &packed{readme: k.Readme()}
	out.record = facts.Record(k)
	out.record.Built = index.At(p.now)
	out.release = index.Release{
		Version: version, SHA256: archive.SHA256, Size: archive.Size, Tar: tar, Built: index.At(p.now), Commit: p.commit,
		Dependencies: out.record.Dependencies, Kubernetes: out.record.Kubernetes, KPM: out.record.KPM, Hook: out.record.Hook,
		Provides: out.record.Provides,
	}
	provenance := dataFile(index.ProvenancePath(k.Name, version), bundle)
	out.release.Attestations = []index.Attestation{{
		Type: signing.ProvenanceType, Path: provenance.Path, SHA256: provenance.SHA256, Size: provenance.Size,
	}}
	out.files = []index.File{provenance}
	return out
}

func (p packer) prove(ctx context.Context, name, version string, archive index.Ref) ([]byte, error) {
	from := signing.Provenance{
		Repository: p.repository, Name: name, Version: version, Commit: p.commit,
		Archive: index.ArchiveBase(name, version) + ".tgz", SHA256: string(archive.SHA256),
	}
	statement, err := from.Statement()
	if err != nil {
		return nil, err
	}
	bundle, err := p.attest(ctx, statement)
	if err != nil {
		return nil, err
	}
	_, err = p.verify(bundle, from)
	return bundle, err
}

func writeArchive(k *kube.Kube, at string) (index.Ref, error) {
	f, err := os.Create(at)
	if err != nil {
		return index.Ref{}, err
	}
	defer f.Close() //nolint:errcheck // the second close of the good path
	ref, err := packInto(f, k)
	if err != nil {
		return index.Ref{}, err
	}
	return ref, f.Close()
}

// packInto writes the archive of k, and refuses one that is too large.
func packInto(w io.Writer, k *kube.Kube) (index.Ref, error) {
	h := sha256.New()
	n := &counter{}
	if err := k.Pack(io.MultiWriter(w, h, n)); err != nil {
		return index.Ref{}, err
	}
	if n.n > kube.MaxArchive {
		return index.Ref{}, refuse(k.Name, "its archive has %d bytes, more than %d", n.n, kube.MaxArchive)
	}
	return index.Ref{SHA256: digest(h), Size: n.n}, nil
}

type counter struct{ n int64 }

func (c *counter) Write(p []byte) (int, error) {
	c.n += int64(len(p))
	return len(p), nil
}
