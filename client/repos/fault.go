package repos

import (
	"context"
	"errors"
	"fmt"

	"github.com/kpm-sh/kpm/internal/errcode"
	"github.com/kpm-sh/kpm/internal/fetch"
	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/trust"
)

// fileFault says what it means that a signed file could not be had: other bytes
// than signed, or MISSING. A source out of reach stays what it is.
func fileFault(what string, err error) error {
	var long *fetch.TooLongError
	switch {
	case errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded):
		return err
	case errors.As(err, new(*index.MismatchError)):
		return trust.Mismatch(what, err)
	case errors.As(err, &long):
		return &trust.Error{Code: trust.Size, Found: fmt.Sprintf("%s has more than %d bytes", what, long.Limit), Err: err}
	case errors.Is(err, fetch.ErrUnreachable):
		return err
	}
	missing := &trust.Error{
		Code:  trust.Missing,
		Found: fmt.Sprintf("%s cannot be had: %v", what, err),
		Facts: errcode.Facts{"file": true},
		Err:   err,
	}
	if errors.Is(err, fetch.ErrForbidden) {
		missing.Facts = errcode.Facts{"private": true}
	}
	return missing
}

// objectFault is fileFault for what the index of a repository leads to.
func objectFault(ctx context.Context, r *Repository, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return fileFault("a file of repository "+r.Alias, err)
}

// notOurs says that a source answered with something else than was asked for.
func notOurs(src *fetch.Source, path string, err error) error {
	return &trust.Error{
		Code:  trust.Format,
		Found: fmt.Sprintf("%s/%s is no file of a kpm repository: %v", src, path, err),
		Facts: errcode.Facts{"stranger": true},
		Err:   err,
	}
}

// formatFault says that signed bytes do not obey the format.
func formatFault(r *Repository, err error) error {
	return &trust.Error{Code: trust.Format, Found: fmt.Sprintf("repository %s: %v", r.Alias, err), Err: err}
}

func revoked(r Release) error {
	return &trust.Error{
		Code:  trust.Revoked,
		Found: kube.Clean(fmt.Sprintf("%s %s was revoked: %s", r.Name, r.Version, r.Yanked.Reason), false),
		Facts: errcode.Facts{"name": r.Name},
	}
}

// mostSevere chooses which of several errors to tell: that something is forged
// weighs more than that it is missing, and that more than that a source is out
// of reach. Among equals it is the first. It is nil for none.
func mostSevere(errs []error) error {
	var chosen error
	most := -1
	for _, err := range errs {
		if w := severity(err); w > most {
			chosen, most = err, w
		}
	}
	return chosen
}

func severity(err error) int {
	switch code := trust.CodeOf(err); {
	case errors.Is(err, context.Canceled):
		return 4
	case code == "" && !errors.As(err, new(*index.MismatchError)):
		return 0
	case code == trust.Missing:
		return 1
	case code == trust.Format:
		return 2
	}
	return 3
}
