package repos

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/kpm-sh/kpm/internal/atomicfile"
	"github.com/kpm-sh/kpm/internal/fetch"
	"github.com/kpm-sh/kpm/internal/index"
)

// Document gives the document that a record names: from an earlier time when
// its bytes are still the right ones, else from a source. One that lacks the
// release that the record shows is none: what is shown is what can be had.
func (r *Repository) Document(ctx context.Context, l index.Line) (*index.Document, error) {
	if data, err := os.ReadFile(r.documentPath(l.Name)); err == nil && l.Doc.Match(data) == nil {
		return decodeDocument(r, l, data)
	}
	data, err := r.object(ctx, index.ObjectPath(l.Doc.SHA256), l.Doc)
	if err != nil {
		return nil, fmt.Errorf("fetching the document of %s: %w", l.Name, unmirrored(ctx, r, l.Name, "", err))
	}
	doc, err := decodeDocument(r, l, data)
	if err != nil {
		return nil, err
	}
	keep(r.documentPath(l.Name), data)
	return doc, nil
}

// documentAtHand is the document of a record as an earlier command kept it; nil
// when there is none.
func (r *Repository) documentAtHand(l index.Line) *index.Document {
	data, err := os.ReadFile(r.documentPath(l.Name))
	if err != nil || l.Doc.Match(data) != nil {
		return nil
	}
	doc, err := decodeDocument(r, l, data)
	if err != nil {
		return nil
	}
	return doc
}

func decodeDocument(r *Repository, l index.Line, data []byte) (*index.Document, error) {
	doc, err := index.DecodeDocument(l.Record, data)
	if err != nil {
		return nil, formatFault(r, err)
	}
	return doc, nil
}

// documents is the folder of documents, in that of a repository.
const documents = "documents"

func (r *Repository) documentPath(name string) string {
	return filepath.Join(r.opt.Home.Repository(r.Alias), documents, name)
}

// keep stores bytes that can be fetched again. Where they cannot be stored, as
// in a home that is read-only, or when another kpm sweeps meanwhile, the next use fetches
// them again.
func keep(path string, data []byte) {
	if os.MkdirAll(filepath.Dir(path), 0o700) == nil {
		_ = atomicfile.Write(path, data, 0o600) //nolint:errcheck // then it is fetched again
	}
}

// object fetches a file of known bytes from the first source that has it; when
// none has, once more past the caches on the way.
func (r *Repository) object(ctx context.Context, path string, ref index.Ref) ([]byte, error) {
	sources, err := r.sources()
	if err != nil {
		return nil, err
	}
	var data []byte
	err = firstSource(sources, func(s *fetch.Source, noCache bool) (err error) {
		data, err = s.Object(ctx, path, ref, noCache)
		return err
	})
	if err != nil {
		return nil, objectFault(ctx, r, err)
	}
	return data, nil
}

// firstSource calls try for each source until one has what is wanted, and then
// for each again, past caches. The error is the worst of all.
func firstSource(sources []*fetch.Source, try func(s *fetch.Source, noCache bool) error) error {
	var errs []error
	for _, noCache := range []bool{false, true} {
		for _, s := range sources {
			err := try(s, noCache)
			if err == nil {
				return nil
			}
			if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
				return err
			}
			errs = append(errs, err)
		}
	}
	return mostSevere(errs)
}
