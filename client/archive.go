package client

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"syscall"

	"github.com/kpm-sh/kpm/internal/atomicfile"
	"github.com/kpm-sh/kpm/internal/fetch"
	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/kube"
)

// Open gives the Kube of a release, in memory. Its archive is the one that the
// signed index names, its provenance is signed and fits, and neither head nor
// trust document has expired. A revoked release is refused.
func (c *Client) Open(ctx context.Context, r Release) (*kube.Kube, error) {
	k, _, err := c.open(ctx, r)
	return k, err
}

// voucher is who answers for a release.
type voucher struct {
	repository string // signed name
	signer     string // of the provenance
}

// open is Open, and says who answers for the release.
func (c *Client) open(ctx context.Context, r Release) (k *kube.Kube, by voucher, err error) {
	if err := c.usable(r); err != nil {
		return nil, by, err
	}
	doc, head, err := c.current(r.Repository)
	if err != nil {
		return nil, by, err
	}
	data, err := c.archive(ctx, r)
	if err != nil {
		return nil, by, fmt.Errorf("fetching %s %s: %w", r.Name, r.Version, err)
	}
	by.repository = head.Repository
	if by.signer, err = c.provenance(ctx, doc, head.Repository, r); err != nil {
		return nil, by, fmt.Errorf("verifying %s %s: %w", r.Name, r.Version, err)
	}
	k, err = kube.Unpack(bytes.NewReader(data), r.Name, r.Version)
	if err != nil {
		return nil, by, formatFault(r.Repository, fmt.Errorf("unpacking %s: %w", index.ArchivePath(r.Name, r.Version), err))
	}
	return k, by, nil
}

// archive gives the bytes of an archive, hashed just now.
func (c *Client) archive(ctx context.Context, r Release) ([]byte, error) {
	file := c.Home.Archive(r.SHA256)
	if data, err := os.ReadFile(file); err == nil && r.Ref().Match(data) == nil {
		return data, nil
	}
	held, err := c.lockArchives(ctx, r)
	if unkeepable(err) {
		return c.unkept(ctx, r)
	}
	if err != nil {
		return nil, err
	}
	defer held.Unlock()
	if data, err := os.ReadFile(file); err == nil && r.Ref().Match(data) == nil {
		return data, nil // another kpm fetched it meanwhile
	}
	if err := c.download(ctx, r, file); err != nil {
		return nil, err
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	return data, r.Ref().Match(data)
}

// lockArchives keeps other kpms from fetching the same archive.
func (c *Client) lockArchives(ctx context.Context, r Release) (*atomicfile.Held, error) {
	if err := c.Home.Make(c.Home.Archives()); err != nil {
		return nil, err
	}
	return atomicfile.Lock(ctx, filepath.Join(c.Home.Archives(), ".lock-"+string(r.SHA256[:1])))
}

// unkeepable reports whether a home keeps nothing: it is read-only, or has no locks.
func unkeepable(err error) bool {
	return errors.Is(err, syscall.EROFS) || errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.ENOLCK) || errors.Is(err, syscall.ENOSYS)
}

// unkept fetches an archive for this one use.
func (c *Client) unkept(ctx context.Context, r Release) ([]byte, error) {
	dir, err := os.MkdirTemp("", "kpm-archive-*")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir) //nolint:errcheck // what stays of it is the system's to sweep
	file := filepath.Join(dir, "archive")
	if err := c.download(ctx, r, file); err != nil {
		return nil, err
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	return data, r.Ref().Match(data)
}

// download asks the repository's sources for an archive, and then the further
// places that the release names; a download that broke off goes on.
func (c *Client) download(ctx context.Context, r Release, file string) error {
	sources, err := c.sources(r.Repository)
	if err != nil {
		return err
	}
	defer closeSources(sources)
	var errs []error
	for _, s := range sources {
		err := s.Download(ctx, index.ArchivePath(r.Name, r.Version), r.Ref(), file, c.Progress)
		if err == nil || ctx.Err() != nil || !elsewhere(err) {
			return err
		}
		errs = append(errs, err)
	}
	for _, raw := range r.URLs {
		err := c.downloadURL(ctx, raw, r.Ref(), file)
		if err == nil || ctx.Err() != nil {
			return err
		}
		errs = append(errs, err)
	}
	return objectFault(ctx, r.Repository, worst(errs))
}

// downloadURL fetches an archive from a place that is no source of ours, and so
// gets no credential.
func (c *Client) downloadURL(ctx context.Context, raw string, ref index.Ref, file string) error {
	u, err := url.Parse(raw)
	if err != nil || u.Scheme != "https" {
		return fmt.Errorf("%q: %w", raw, errors.Join(fetch.ErrNotFound, err))
	}
	dir, base := path.Split(u.Path)
	u.Path, u.RawPath = dir, ""
	s, err := fetch.Open(u.String(), c.Fetch)
	if err != nil {
		return err
	}
	defer s.Close()
	return s.Download(ctx, base, ref, file, c.Progress)
}

// elsewhere reports whether another source may do better: this one lacks the
// file, cannot be reached, or has other bytes.
func elsewhere(err error) bool {
	return absent(err) || errors.As(err, new(*index.MismatchError)) ||
		errors.As(err, new(*fetch.StatusError)) || errors.As(err, new(*fetch.RedirectError))
}
