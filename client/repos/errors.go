package repos

import (
	"fmt"
	"strings"

	"github.com/kpm-sh/kpm/internal/errcode"
)

var (
	// ErrNoRepository says that no repository is configured yet.
	ErrNoRepository = errcode.New(errcode.NoRepository, "no repository is configured")

	// ErrOffline says that something would have to be fetched, and must not be.
	ErrOffline = errcode.New(errcode.Offline, "kpm is offline")
)

// NotUpdatedError says that a repository has no catalog yet.
type NotUpdatedError struct{ Alias string }

func (e *NotUpdatedError) Error() string {
	return fmt.Sprintf("repository %s was never updated", e.Alias)
}

// ErrorCode is NEVER_UPDATED.
func (e *NotUpdatedError) ErrorCode() errcode.Code { return errcode.NeverUpdated }

// NotFoundError says that there is no such Kube, version or repository.
type NotFoundError struct {
	What string   // what was looked for, as in `Kube "etdc"`
	Near []string // names that are spelled similarly
	Have []string // what there is instead
	Err  error    // why, where that is known
}

func (e *NotFoundError) Error() string {
	return fmt.Sprintf("there is no %s", e.What)
}

func (e *NotFoundError) Unwrap() error { return e.Err }

// ErrorCode is NOT_FOUND.
func (e *NotFoundError) ErrorCode() errcode.Code { return errcode.NotFound }

// ErrorFacts are what was near, or else the first of what there is.
func (e *NotFoundError) ErrorFacts() errcode.Facts {
	const most = 10
	switch {
	case len(e.Near) > 0:
		return errcode.Facts{"near": e.Near}
	case len(e.Have) > 0:
		return errcode.Facts{"have": e.Have[:min(most, len(e.Have))]}
	}
	return nil
}

// GoneError says that a Kube was taken out of its repository.
type GoneError struct{ Name, Repository, Reason string }

func (e *GoneError) Error() string {
	return fmt.Sprintf("Kube %s is gone from repository %s: %s", e.Name, e.Repository, e.Reason)
}

// ErrorCode is GONE.
func (e *GoneError) ErrorCode() errcode.Code { return errcode.Gone }

// AmbiguousError says that several repositories have a Kube of that name.
type AmbiguousError struct {
	Name         string
	Repositories []string // aliases
}

func (e *AmbiguousError) Error() string {
	return fmt.Sprintf("Kube %s is in several repositories: %s", e.Name, strings.Join(e.Repositories, ", "))
}

// ErrorCode is AMBIGUOUS.
func (e *AmbiguousError) ErrorCode() errcode.Code { return errcode.Ambiguous }

// ErrorFacts are the names that say which one is meant.
func (e *AmbiguousError) ErrorFacts() errcode.Facts {
	var choices []string
	for _, alias := range e.Repositories {
		choices = append(choices, alias+"/"+e.Name)
	}
	return errcode.Facts{"choices": choices}
}

// RefusedError says that a release must not be used by this kpm.
type RefusedError struct {
	Name, Version string
	Reason        string
}

func (e *RefusedError) Error() string {
	return fmt.Sprintf("%s %s is refused: %s", e.Name, e.Version, e.Reason)
}
