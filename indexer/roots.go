package indexer

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"

	"github.com/kpm-sh/kpm/internal/fetch"
	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/inputfile"
	"github.com/kpm-sh/kpm/internal/trust"
)

// readRoots reads the trusted roots that a document pins, of the folder or else of the
// source, so that keyless signatures can be checked. That one is missing counts when it
// is needed: see requireRoots.
func (c *chain) readRoots(ctx context.Context, source *fetch.Source, dir string, d *trust.Document) error {
	for _, name := range slices.Sorted(maps.Keys(d.Sigstore)) {
		s := d.Sigstore[name]
		ref := s.TrustedRoot
		if c.roots[ref.SHA256] != nil {
			continue
		}
		data, err := readRoot(ctx, source, dir, s)
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fetch.ErrNotFound) {
			continue
		}
		if err != nil {
			return fmt.Errorf("reading the trusted root of %s: %w", name, err)
		}
		c.roots[ref.SHA256] = data
	}
	return nil
}

func readRoot(ctx context.Context, source *fetch.Source, dir string, s trust.Sigstore) ([]byte, error) {
	ref := s.TrustedRoot
	if dir != "" {
		path := filepath.Join(dir, s.RootName())
		data, err := inputfile.Read(path, ref.Size)
		if err == nil {
			if err := ref.Match(data); err != nil {
				return nil, fmt.Errorf("%s: %w", path, err)
			}
			return data, nil
		}
		if !errors.Is(err, fs.ErrNotExist) || source == nil {
			return nil, err
		}
	}
	return source.Object(ctx, index.ObjectPath(ref.SHA256), ref, false)
}

// trustedRoot is a trusted root as trust.Document asks for it.
func (c *chain) trustedRoot(ref index.Ref) ([]byte, error) {
	if data := c.roots[ref.SHA256]; data != nil {
		return data, nil
	}
	return nil, fs.ErrNotExist
}

// requireRoots refuses to publish a document without the trusted roots that it pins:
// clients could not check what keyless signers sign.
func (c *chain) requireRoots() error {
	d := c.newest()
	for _, name := range slices.Sorted(maps.Keys(d.Sigstore)) {
		s := d.Sigstore[name]
		if c.roots[s.TrustedRoot.SHA256] == nil {
			return &trust.Error{
				Code:     trust.Missing,
				Found:    fmt.Sprintf("%s pins a trusted root of %s that is not at hand", d, name),
				Expected: fmt.Sprintf("%s beside the trust documents, or in the site", s.RootName()),
			}
		}
	}
	return nil
}

// rootFiles are the trusted roots as the site has them.
func (c *chain) rootFiles() []index.File {
	var all []index.File
	for _, d := range slices.Sorted(maps.Keys(c.roots)) {
		all = append(all, dataFile(index.ObjectPath(d), c.roots[d]))
	}
	return all
}
