package client

import (
	"errors"
	"fmt"
	"strings"

	"github.com/kpm-sh/kpm/internal/cluster"
)

var (
	// ErrNoRepository says that no repository is configured yet.
	ErrNoRepository = errors.New("no repository is configured")

	// ErrOffline says that something would have to be fetched, and must not be.
	ErrOffline = errors.New("kpm is offline")
)

// NotUpdatedError says that a repository has no catalog yet.
type NotUpdatedError struct{ Alias string }

func (e *NotUpdatedError) Error() string {
	return fmt.Sprintf("repository %s was never updated", e.Alias)
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

// GoneError says that a Kube was taken out of its repository.
type GoneError struct{ Name, Repository, Reason string }

func (e *GoneError) Error() string {
	return fmt.Sprintf("Kube %s is gone from repository %s: %s", e.Name, e.Repository, e.Reason)
}

// AmbiguousError says that several repositories have a Kube of that name.
type AmbiguousError struct {
	Name         string
	Repositories []string // aliases
}

func (e *AmbiguousError) Error() string {
	return fmt.Sprintf("Kube %s is in several repositories: %s", e.Name, strings.Join(e.Repositories, ", "))
}

// RefusedError says that a release must not be used by this kpm.
type RefusedError struct {
	Name, Version string
	Reason        string
}

func (e *RefusedError) Error() string {
	return fmt.Sprintf("%s %s is refused: %s", e.Name, e.Version, e.Reason)
}

// ConflictError says that what is installed stands in the way.
type ConflictError struct {
	Installation cluster.Installation
	Text         string
}

func (e *ConflictError) Error() string { return e.Text }

// NotInstalledError says that there is no such installation, or only attempts that
// failed.
type NotInstalledError struct {
	Installation cluster.Installation
	Tried        bool
	Local        bool // what was tried is in no repository
}

func (e *NotInstalledError) Error() string {
	if e.Tried {
		return fmt.Sprintf("%s was never installed in namespace %s: the attempts failed", e.Installation.Name, e.Installation.Namespace)
	}
	return fmt.Sprintf("%s is not installed in namespace %s", e.Installation.Name, e.Installation.Namespace)
}
