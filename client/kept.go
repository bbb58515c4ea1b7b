package client

import (
	"context"
	"errors"
	"fmt"

	"github.com/kpm-sh/kpm/internal/kube"
)

// same refuses what would not be the same as what is installed.
func (in *Installing) same() error {
	installed := in.state.Installed()
	if installed == nil {
		return nil
	}
	if in.state.Err != nil {
		return in.state.Err
	}
	version := in.needs().Version
	if installed.Version != version {
		return in.conflict("%s %s is installed in namespace %s, and this is %s", in.ID.Name, installed.Version, in.ID.Namespace, version)
	}
	rel := in.published()
	if rel == nil {
		return nil
	}
	if installed.Digest != "" && installed.Digest != string(rel.SHA256) {
		return in.conflict("%s %s is installed in namespace %s, and repository %s has something else of that version",
			in.ID.Name, version, in.ID.Namespace, rel.Repository.Alias)
	}
	if installed.Edited {
		return in.conflict("%s %s is installed in namespace %s from a copy that was edited, and this is not that copy", in.ID.Name, version, in.ID.Namespace)
	}
	if newest := rel.Record.Version; newest != version {
		in.client.note(fmt.Sprintf("%s %s is installed; %s is out", in.ID.Name, version, newest))
	}
	return nil
}

// published is the release that is installed; nil when it is none.
func (in *Installing) published() *Release {
	if in.release == nil && in.taken != nil {
		return in.taken.Release
	}
	return in.release
}

func (in *Installing) conflict(format string, args ...any) error {
	return &ConflictError{in.ID, fmt.Sprintf(format, args...)}
}

// remember takes the values that the installation has. Whoever gives others is
// refused.
func (in *Installing) remember() error {
	if err := in.recall(); err != nil || in.had == nil {
		return err
	}
	if overrides(in.own) {
		same, err := in.repeated()
		if err != nil {
			return err
		}
		if !same {
			return in.conflict("%s is installed in namespace %s with other values", in.ID.Name, in.ID.Namespace)
		}
	}
	in.own, in.recalls = in.had, true
	return nil
}

// repeated reports whether the user gave the values that are remembered. The Kube
// may not be here yet, so each word of --set counts as the kind that is remembered.
func (in *Installing) repeated() (bool, error) {
	k := &kube.Kube{}
	if in.taken != nil {
		k = in.taken.Kube
	}
	all, err := resolve(k, append(in.had[:len(in.had):len(in.had)], in.own...))
	if errors.As(err, new(*UsageError)) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	now, err := encodeOverrides(all[len(in.had):])
	return err == nil && sameOverrides(in.state.Current.Overrides, now), err
}

// recall reads the values that the installation has, if there is one.
func (in *Installing) recall() error {
	if in.state.Installed() == nil {
		return nil
	}
	var err error
	in.had, err = recalled(in.ID, in.state.Current)
	return err
}

// recorded finds the release that a record names: of the repository that calls
// itself so, in that version, with that digest.
func (in *Installing) recorded(ctx context.Context, repository, version, digest string) (Release, error) {
	alias, err := in.client.aliasOf(repository, in.ID)
	if err != nil {
		return Release{}, err
	}
	rel, err := in.client.Resolve(ctx, Ref{Repository: alias, Name: in.ID.Name, Version: version}, true)
	if err != nil {
		return Release{}, err
	}
	if string(rel.SHA256) != digest {
		return Release{}, in.conflict("repository %s has something else of version %s than what was installed as %s", alias, version, in.ID)
	}
	return rel, nil
}
