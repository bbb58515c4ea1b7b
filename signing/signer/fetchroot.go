package signer

import (
	"context"
	"fmt"

	"github.com/sigstore/sigstore-go/pkg/tuf"

	"github.com/kpm-sh/kpm/internal/errcode"
)

// MaxRoot is how many bytes a trusted root, or the root document of a TUF repository, may
// have.
const MaxRoot = 1 << 20

// FetchTrustedRoot gets the newest trusted_root.json of a Sigstore instance from its TUF
// repository, which starts at the root document at hand. Nothing is kept on disk. Without
// both it is that of the public instance.
func FetchTrustedRoot(ctx context.Context, url string, root []byte) ([]byte, error) {
	o := (&tuf.Options{RepositoryBaseURL: tuf.DefaultMirror, Root: tuf.DefaultRoot(), DisableLocalCache: true}).WithContext(ctx)
	if url != "" {
		o.RepositoryBaseURL, o.Root = url, root
	}
	client, err := tuf.New(o)
	if err != nil {
		return nil, noRoot(o.RepositoryBaseURL, err)
	}
	text, err := client.GetTarget("trusted_root.json")
	if err != nil {
		return nil, noRoot(o.RepositoryBaseURL, err)
	}
	return text, nil
}

func noRoot(url string, err error) error {
	return errcode.With(errcode.NoTrustedRoot, nil, fmt.Errorf("getting the trusted root of %s: %w", url, err))
}
