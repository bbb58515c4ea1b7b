package indexer

import (
	"context"

	"github.com/kpm-sh/kpm/internal/fetch"
	"github.com/kpm-sh/kpm/internal/trust"
)

// Documents gives the trust documents of a site, and those that the folder of trust
// documents has beyond it, from the first on, each proven by the one before. Site may
// be empty.
func (o MaintainOptions) Documents(ctx context.Context) ([]*trust.Document, error) {
	var source *fetch.Source
	if o.Site != "" {
		var err error
		if source, err = fetch.Open(fetch.URL(o.Site), o.Fetch); err != nil {
			return nil, err
		}
		defer source.Close()
	}
	c, err := openChain(ctx, source, o.Trust)
	if err != nil {
		return nil, err
	}
	return c.documents, nil
}
