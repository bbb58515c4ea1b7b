package client

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/kpm-sh/kpm/client/repos"
	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/kube"
)

// Verify says who answers for a published Kube, or for an archive that the user has,
// with the bundle beside it if there is one. What was checked is said even when that is
// nobody: err is then why not.
func (c *Client) Verify(ctx context.Context, ref repos.Ref, pre bool) (rel *repos.Release, checks []repos.Finding, err error) {
	if ref.Path != "" {
		return verifyFile(ctx, c, ref.Path)
	}
	found, err := c.Repos.Resolve(ctx, ref, pre)
	if err != nil {
		return nil, nil, err
	}
	if _, found.By, err = found.Open(ctx); err == nil {
		err = found.By.Tested(ctx, found, "")
	}
	return &found, found.By.Checks, err
}

func verifyFile(ctx context.Context, c *Client, path string) (*repos.Release, []repos.Finding, error) {
	info, err := statPath(path)
	if err != nil {
		return nil, nil, err
	}
	if info.IsDir() {
		return nil, nil, usage("%s is a folder: only archives are signed", path)
	}
	data, err := readArchive(path, info)
	if err != nil {
		return nil, nil, err
	}
	k, err := kube.Unpack(bytes.NewReader(data), "", "")
	if err != nil {
		// nobody published what cannot be unpacked
		err = &repos.UnverifiedError{Reason: fmt.Sprintf("unpacking %s: %v", path, err), Err: err}
		return nil, []repos.Finding{{Subject: "content", Text: fmt.Sprintf("its sha256 is %s, and it does not unpack: %v", index.DigestOf(data), errors.Unwrap(err)), Err: err}}, err
	}
	bundle, err := readBundle(path)
	if err != nil {
		return nil, nil, err
	}
	return c.Repos.Vouch(ctx, k, data, bundle)
}
