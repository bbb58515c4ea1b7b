package client

import (
	"context"
	"fmt"

	"github.com/kpm-sh/kpm/client/repos"
	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/errcode"
	"github.com/kpm-sh/kpm/internal/hook"
	"github.com/kpm-sh/kpm/internal/render"
)

func upgradeSource(ctx context.Context, c *Client, k *api.Client, namespace string, ref repos.Ref, o Options) (*Source, error) {
	s, err := findSource(ctx, c, k, namespace, ref, o)
	switch {
	case err != nil:
		return nil, err
	case !s.Installed():
		return s.first(ctx, ref)
	}
	if err := s.confirmed(ctx); err != nil {
		return nil, err
	}
	recorded, err := s.continued()
	if err != nil {
		return nil, err
	}
	if err := s.mergeCopy(ctx, ref); err != nil {
		return nil, err
	}
	if s.local == nil {
		if s.release, err = s.newest(ctx, ref); err != nil {
			return nil, err
		}
	}
	if err := s.copyRecalled(ctx); err != nil {
		return nil, err
	}
	if s.values.recorded = recorded; !o.ResetValues {
		s.values = s.values.over(recorded)
	}
	return s, nil
}

// continued makes it an upgrade of what is installed, and gives the values that this
// has.
func (s *Source) continued() ([]render.Layer, error) {
	if s.state.Err != nil {
		return nil, s.state.Err
	}
	s.action = hook.Upgrade
	return s.recordedValues()
}

// first goes on with what was never installed. Values of an attempt that failed do not
// count: nothing that is live says that they were the user's.
func (s *Source) first(ctx context.Context, ref repos.Ref) (_ *Source, err error) {
	tried := len(s.state.Revisions) > 0
	if !tried && !s.options.InstallMissing {
		return nil, s.notInstalled()
	}
	if s.last != nil && !overrides(s.values.given) && !sameOverrides(s.last.Overrides, nil) {
		s.client.note(fmt.Sprintf("%s was never installed; the values that the attempt set do not count, give them again", s.ID))
	}
	if s.local != nil {
		return s, s.copyRecalled(ctx)
	}
	s.release, err = s.sameRelease(ctx, ref)
	return s, err
}

// newest finds the release to upgrade to. Who names no version wants nothing that
// is older than what is installed.
func (s *Source) newest(ctx context.Context, ref repos.Ref) (*repos.Release, error) {
	ref, err := s.inItsRepository(ref)
	if err != nil {
		return nil, err
	}
	rel, err := s.find(ctx, ref)
	if err != nil {
		return nil, err
	}
	if ref.Version == "" && older(rel.Version, s.state.Installed().Version) {
		return s.sameRelease(ctx, ref)
	}
	return &rel, s.caution(ctx, rel)
}

// inItsRepository lets a ref without a repository mean the one that the installation
// is from.
func (t *target) inItsRepository(ref repos.Ref) (repos.Ref, error) {
	name := t.state.Installed().Repository
	if ref.Repository != "" || name == "" {
		return ref, nil
	}
	var err error
	ref.Repository, err = aliasOf(t.client, name, t.ID)
	return ref, err
}

// aliasOf is the alias of the repository that calls itself so, which an
// installation is from.
func aliasOf(c *Client, signedName string, id api.Installation) (string, error) {
	at, err := c.Repos.Signed(signedName)
	switch {
	case err != nil:
		return "", err
	case len(at) == 0:
		return "", &repos.NotFoundError{What: fmt.Sprintf("repository that calls itself %q, which %s is from", signedName, id)}
	case len(at) > 1:
		var choices []string
		for _, alias := range at {
			choices = append(choices, alias+"/"+id.Name)
		}
		return "", errcode.With(errcode.Ambiguous, errcode.Facts{"choices": choices}, fmt.Errorf("several repositories call themselves %q, which %s is from", signedName, id))
	}
	return at[0], nil
}
