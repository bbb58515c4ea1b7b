package indexer

import (
	"fmt"

	"github.com/kpm-sh/kpm/internal/index"
)

// replay reads the new head as clients will: its signature, its segments from
// every state that a client may be in, and the provenance of each new archive.
func (p publisher) replay(publication *index.Publication, stored []byte) error {
	envelope, err := index.DecodeEnvelope(stored)
	if err != nil {
		return err
	}
	head, err := p.repository.chain.openHead(envelope, p.repository.published, p.now)
	if err != nil {
		return err
	}
	read := func(ref index.Ref) ([]byte, error) { return p.site.read(index.ObjectPath(ref.SHA256), ref) }
	if err := index.Replay(head, publication.Lines, read); err != nil {
		return err
	}
	return p.replayProvenance(publication)
}

// replayProvenance checks the bundle of each new release.
func (p publisher) replayProvenance(publication *index.Publication) error {
	written := map[string]index.Ref{}
	for _, f := range publication.Files {
		written[f.Path] = f.Ref
	}
	for _, d := range publication.Documents {
		for _, r := range d.Releases {
			path := index.ProvenancePath(d.Name, r.Version)
			ref, ok := written[path]
			if !ok {
				continue
			}
			bundle, err := p.site.read(path, ref)
			if err == nil {
				err = p.repository.chain.openProvenance(bundle, d.Name, r)
			}
			if err != nil {
				return fmt.Errorf("%s %s: %w", d.Name, r.Version, err)
			}
		}
	}
	return nil
}
