package indexer

import (
	"errors"
	"fmt"
	"strings"

	"github.com/kpm-sh/kpm/internal/errcode"
	"github.com/kpm-sh/kpm/internal/fetch"
	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/trust"
)

// readingFault says what it means that a file of a source could not be read, or is not
// what it has to be: what is refused, and a page in its place, are nothing that a
// publisher may take for an empty site.
func readingFault(source *fetch.Source, what, path string, err error) error {
	at := fileAt(source, path)
	switch web := source.Folder() == ""; {
	case trust.CodeOf(err) != "":
		return err
	case web && refused(err):
		return &trust.Error{Code: trust.Missing, Found: fmt.Sprintf("%s cannot be had: %v", what, err), Facts: errcode.Facts{"publisher": true}, Err: err}
	case web && (errors.Is(err, index.ErrFormat) || errors.As(err, new(*fetch.TooLongError))):
		return &trust.Error{Code: trust.Format, Found: fmt.Sprintf("%s, %s, is no file of a kpm repository: %v", what, at, err), Facts: errcode.Facts{"publisher": true}, Err: err}
	case errors.Is(err, index.ErrFormat):
		return fmt.Errorf("reading %s: %s: %w", what, at, err)
	}
	return fmt.Errorf("reading %s: %w", what, err)
}

// damaged says which published file cannot be had as it was published; nil for a nil err.
func damaged(path string, err error) error {
	if err == nil || trust.CodeOf(err) != "" {
		return err
	}
	e, ok := errors.AsType[*trust.Error](trust.Mismatch("the published file "+path, err))
	if !ok {
		return fmt.Errorf("the published file %s: %w", path, err)
	}
	e.Facts = errcode.Facts{"publisher": true}
	return e
}

// refused tells whether a server answers, and neither gives the file nor says that it is not
// there.
func refused(err error) bool {
	if errors.Is(err, fetch.ErrNotFound) || errors.Is(err, fetch.ErrUnreachable) {
		return false
	}
	return errors.As(err, new(*fetch.StatusError)) || errors.As(err, new(*fetch.RedirectError))
}

// fileAt is the address of a file of a source.
func fileAt(source *fetch.Source, path string) string {
	return strings.TrimSuffix(source.String(), "/") + "/" + path
}

// lostHead says that a site was published and has no head that can be read. Its folder,
// where it is none of this host, is one that the user knows.
func lostHead(dir string, err error) error {
	if dir == "" {
		dir = "SITE"
	}
	return errcode.With(errcode.LostHead, errcode.Facts{"site": dir}, err)
}
