package indexer

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/lint"
	"github.com/kpm-sh/kpm/signing"
	"github.com/kpm-sh/kpm/signing/signer"
)

// packer makes archives and their provenance in a folder of the site.
type packer struct {
	dir        string // where archives lie until they are published
	repository string
	commit     string
	now        time.Time
	key        *signer.Key
}

// packed is one release, ready to be published. Files are its archive and its
// provenance bundle.
type packed struct {
	release index.Release
	record  index.Record // without Rev and Doc
	readme  string
	files   []File
}

func digest(h hash.Hash) index.Digest {
	return index.Digest(hex.EncodeToString(h.Sum(nil)))
}

// pack writes the archive of k and signs where it came from.
func (p packer) pack(k *kube.Kube, facts lint.Facts, tar index.Digest) (*packed, error) {
	version := k.Version.String()
	at := filepath.Join(p.dir, index.ArchiveBase(k.Name, version)+".tgz")
	ref, err := writeArchive(k, at)
	if err != nil {
		return nil, fmt.Errorf("packing %s %s: %w", k.Name, version, err)
	}
	bundle, err := p.attest(k.Name, version, ref)
	if err != nil {
		return nil, fmt.Errorf("packing %s %s: %w", k.Name, version, err)
	}
	out := &packed{readme: k.Readme()}
	out.record = facts.Record(k)
	out.record.Built = index.At(p.now)
	out.release = index.Release{
		Version: version, SHA256: ref.SHA256, Size: ref.Size, Tar: tar, Built: index.At(p.now), Commit: p.commit,
		Dependencies: out.record.Dependencies, Kubernetes: out.record.Kubernetes, KPM: out.record.KPM, Hook: out.record.Hook,
		Images: images(out.record.Images), Provides: out.record.Provides,
	}
	provenance := dataFile(index.ProvenancePath(k.Name, version), bundle)
	out.release.Attestations = []index.Attestation{{
		Type: signing.ProvenanceType, Path: provenance.Path, SHA256: provenance.SHA256, Size: provenance.Size,
	}}
	out.files = []File{diskFile(index.ArchivePath(k.Name, version), ref, at), provenance}
	return out, nil
}

func (p packer) attest(name, version string, archive index.Ref) ([]byte, error) {
	statement, err := signing.Provenance{
		Repository: p.repository, Name: name, Version: version, Commit: p.commit,
		Archive: index.ArchiveBase(name, version) + ".tgz", SHA256: string(archive.SHA256),
	}.Statement()
	if err != nil {
		return nil, err
	}
	return p.key.Attest(statement)
}

func writeArchive(k *kube.Kube, at string) (index.Ref, error) {
	f, err := os.Create(at)
	if err != nil {
		return index.Ref{}, err
	}
	defer f.Close() //nolint:errcheck // the second close of the good path
	h := sha256.New()
	n := &counter{}
	if err := k.Pack(io.MultiWriter(f, h, n)); err != nil {
		return index.Ref{}, err
	}
	if n.n > index.MaxArchive {
		return index.Ref{}, refuse(k.Name, "its archive has %d bytes, more than %d", n.n, index.MaxArchive)
	}
	return index.Ref{SHA256: digest(h), Size: n.n}, f.Close()
}

type counter struct{ n int64 }

func (c *counter) Write(p []byte) (int, error) {
	c.n += int64(len(p))
	return len(p), nil
}

func images(refs []string) []index.Image {
	var out []index.Image
	for _, ref := range refs {
		out = append(out, index.Image{Ref: ref})
	}
	return out
}
