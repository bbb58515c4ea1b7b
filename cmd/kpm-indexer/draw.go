package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"

	"github.com/kpm-sh/kpm/indexer"
	"github.com/kpm-sh/kpm/site"
)

// drawing is how a build draws the web site, and by what: the pages of another
// program, or with other settings, are all drawn again.
func drawing(url, source string) (draw indexer.Draw, drawn string, err error) {
	program := released()
	if program == "" {
		if program, err = ownDigest(); err != nil {
			return nil, "", fmt.Errorf("reading this program: %w", err)
		}
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\n%s\n%s\n", program, url, source))
	draw = func(ctx context.Context, o *indexer.Opened, pages *indexer.Pages) error {
		r := repositoryOf(o)
		r.Before, r.Keep = pages.Before, pages.Keep
		return site.Draw(ctx, r, func(p site.Page) error { return pages.Put(p.Path, p.Data) })
	}
	return draw, hex.EncodeToString(sum[:]), nil
}

func repositoryOf(o *indexer.Opened) site.Repository {
	return site.Repository{Head: o.Head, Lines: o.Lines, Read: o.Read, Document: o.Document, Trust: o.Trust, Pin: o.Pin, URL: o.Head.URL(), Source: o.Head.Source()}
}

// ownDigest is the digest of the program that runs: one that no release names may
// have been changed without another version.
func ownDigest() (string, error) {
	at, err := os.Executable()
	if err != nil {
		return "", err
	}
	f, err := os.Open(at)
	if err != nil {
		return "", err
	}
	defer f.Close() //nolint:errcheck // read only
	h := sha256.New()
	_, err = io.Copy(h, f)
	return hex.EncodeToString(h.Sum(nil)), err
}
