package indexer

import (
	"fmt"

	"github.com/kpm-sh/kpm/internal/index"
)

// replay reads the new head as clients will: its signature, its segments from
// every state that a client may be in, and the provenance of each new archive.
func (p *publisher) replay(publication *Publication, stored []byte) error {
	envelope, err := index.DecodeEnvelope(stored)
	if err != nil {
		return err
	}
	head, err := p.chain.openHead(envelope, p.published, p.Now)
	if err != nil {
		return err
	}
	read := func(ref index.Ref) ([]byte, error) { return p.site.read(index.ObjectPath(ref.SHA256), ref) }
	if err := index.Replay(head, publication.Lines, read); err != nil {
		return err
	}
	return p.replayProvenance(publication)
}

// replayProvenance checks the bundle of each release in the new documents.
func (p *publisher) replayProvenance(publication *Publication) error {
	for _, rev := range publication.revisions {
		for _, rel := range rev.Document.Releases {
			if err := p.replayRelease(rev, rel); err != nil {
				return fmt.Errorf("%s %s: %w", rev.Document.Name, rel.Version, err)
			}
		}
	}
	return nil
}

func (p *publisher) replayRelease(rev Revision, rel index.Release) error {
	for _, f := range rev.Files {
		if f.Path != index.ProvenancePath(rev.Document.Name, rel.Version) {
			continue
		}
		bundle, err := p.site.read(f.Path, f.Ref)
		if err != nil {
			return err
		}
		return p.chain.openProvenance(bundle, rev.Document.Name, rel)
	}
	return nil
}
