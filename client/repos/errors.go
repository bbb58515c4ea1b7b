package repos

import (
	"errors"
	"fmt"
	"strings"

	"github.com/kpm-sh/kpm/internal/errcode"
)

var (
	// ErrNoRepository says that no repository is configured yet.
	ErrNoRepository = errcode.New(errcode.NoRepository, "no repository is configured")

	// ErrRefused says that a release must not be used by this kpm.
	ErrRefused = errors.New("refused")

	// ErrOffline says that something would have to be fetched, and must not be.
	ErrOffline = errcode.New(errcode.Offline, "kpm is offline")
)

// notUpdated says that a repository has no catalog yet.
func notUpdated(alias string) error {
	return errcode.With(errcode.NeverUpdated, nil, fmt.Errorf("repository %s was never updated", alias))
}

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

// gone says that a Kube was taken out of its repository.
func gone(name, repository, reason string) error {
	return errcode.With(errcode.Gone, nil, fmt.Errorf("Kube %s is gone from repository %s: %s", name, repository, reason)) //nolint:staticcheck // a Kube is a Kube
}

// ambiguous says that several repositories have a Kube of that name, and how each of
// these is meant.
func ambiguous(name string, aliases []string) error {
	var choices []string
	for _, alias := range aliases {
		choices = append(choices, alias+"/"+name)
	}
	return errcode.With(errcode.Ambiguous, errcode.Facts{"choices": choices}, fmt.Errorf("Kube %s is in several repositories: %s", name, strings.Join(aliases, ", "))) //nolint:staticcheck // as above
}
