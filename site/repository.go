package site

import (
	"context"

	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/trust"
)

// Repository is what is drawn: a published index that was verified, and how to
// read what it leads to.
type Repository struct {
	Head     *index.Head
	Lines    []index.Line // ascending by name, gone ones included
	Read     Reader
	Document func(ctx context.Context, l index.Line) (*index.Document, error) // of one of Lines
	Trust    *trust.Document
	Pin      string       // the first trust document, as `kpm repo add --trust` takes it
	Before   []index.Line // what pages that are there already show, nil where everything has to be drawn
	Keep     Keeper       // nil where there are none
	URL      string       // where the site is served, "" where nobody said
	Source   string       // where its packages are developed, "" where nobody said
}

// Reader gives the bytes at a path of the published site, which are those that
// ref names. It and Document are called from several goroutines.
type Reader func(ctx context.Context, path string, ref index.Ref) ([]byte, error)

// Keeper keeps the pages that are there at a path, or below one that ends with a
// slash, as they are. It reports false where there are none, or not as they
// were drawn. It is called from several goroutines.
type Keeper func(path string) (bool, error)

// Page is one file of the web site. Path is relative to the root of the
// published site.
type Page struct {
	Path string
	Data []byte
}
