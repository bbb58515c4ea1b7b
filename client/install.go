package client

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/kpm-sh/kpm/client/repos"
	"github.com/kpm-sh/kpm/client/solve"
	"github.com/kpm-sh/kpm/client/workcopy"
	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/history"
	"github.com/kpm-sh/kpm/internal/errcode"
	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/render"
	"github.com/kpm-sh/kpm/internal/trust"
)

// Source is where what is to be applied comes from: a release to be fetched, what was
// read from a folder, an archive or a working copy, or an earlier revision. It is made
// by Install, Upgrade, Rollback and Diff; the next link of the chain is a [Fetched].
type Source struct {
	target

	named    bool              // the user named the version, or a revision of that version
	release  *repos.Release    // to be fetched; nil: local or past is it
	local    *Opened           // nil: release or past is it
	merging  *workcopy.Merging // what local is of, a working copy with a release that is not in place yet; nil: it stays as it is
	past     *pastRevision
	values   layers
	expected []history.Listed // what will be installed before it, by this command
}

// layers are the values that the user lays over a Kube's.
type layers struct {
	given    []render.Layer // in this run
	recorded []render.Layer // that the record has; none: there are none
	all      []render.Layer // that count: of this run, of the record, or both
	reused   bool           // those of the record are among them
}

// over gives v with the values of the record under those of this run.
func (v layers) over(recorded []render.Layer) layers {
	return layers{given: v.given, recorded: recorded, all: append(slices.Clip(recorded), v.given...), reused: true}
}

func installSource(ctx context.Context, c *Client, k *api.Client, namespace string, ref repos.Ref, o Options) (*Source, error) {
	s, err := findSource(ctx, c, k, namespace, ref, o)
	if err != nil {
		return nil, err
	}
	if err := s.confirmed(ctx); err != nil {
		return nil, err
	}
	if s.local == nil {
		if s.release, err = s.sameRelease(ctx, ref); err != nil {
			return nil, err
		}
	}
	s.wanted = spelled(ref, s.release)
	if err := s.copyRecalled(ctx); err != nil {
		return nil, err
	}
	if err := s.sameVersion(ctx); err != nil {
		return nil, err
	}
	s.values, err = s.sameValues(ctx)
	return s, err
}

// spelled is how an upgrade names what ref stands for.
func spelled(ref repos.Ref, rel *repos.Release) string {
	if rel == nil {
		return cmp.Or(ref.Path, ref.Name)
	}
	return fmt.Sprintf("%s/%s@%s", rel.Repository.Alias, rel.Name, rel.Version)
}

// findSource reads the user's values, what is no release to be fetched, and what is there.
func findSource(ctx context.Context, c *Client, k *api.Client, namespace string, ref repos.Ref, o Options) (*Source, error) {
	given, err := o.Values.layers()
	if err != nil {
		return nil, err
	}
	local, err := openLocal(ctx, c, ref)
	if err != nil {
		return nil, err
	}
	id := api.Installation{Namespace: namespace, Name: ref.Name}
	if local != nil {
		id.Name = local.Kube.Name
	}
	t, err := findTarget(ctx, c, k, id, o)
	if err != nil {
		return nil, err
	}
	return &Source{target: t, named: ref.Version != "", local: local, values: layers{given: given, all: given}}, nil
}

// String names the Kube and its version.
func (s *Source) String() string { return s.ID.Name + " " + s.needs().Version }

// needs are the name, the version and the dependencies of what is to be installed, as
// the signed index, the Kube itself or the record says.
func (s *Source) needs() solve.Kube {
	switch {
	case s.release != nil:
		return rootOfRelease(*s.release)
	case s.local != nil:
		return s.local.root()
	case s.past == nil:
		return solve.Kube{Name: s.ID.Name}
	}
	return solve.Kube{Name: s.ID.Name, Version: s.past.record.Version, Needs: s.past.record.Dependencies}
}

// published is the release that is to be installed; nil when it is none.
func (s *Source) published() *repos.Release {
	if s.local != nil {
		return s.local.Release
	}
	return s.release
}

// moves reports whether the version of something installed changes.
func (s *Source) moves() bool {
	had := s.state.Installed()
	return had != nil && had.Version != s.needs().Version
}

// Yanked asks before a release is used that was yanked and that nobody named, as
// where all are; nil when it is none, or what is installed already.
func (s *Source) Yanked() *Question {
	rel := s.release
	if rel == nil || rel.Yanked == nil || rel.Yanked.Revoked || s.named {
		return nil
	}
	if had := s.state.Installed(); had != nil && had.Version == rel.Version {
		return nil
	}
	return &Question{
		Facts: []string{fmt.Sprintf("every release of %s was taken back; %s is the highest that may still be had: %s", rel.Name, rel.Version, rel.Yanked.Reason)},
		Ask:   "Use it all the same?",
	}
}

// Recalled says whether what is installed under the name, and stays so, was taken
// back; nil when nothing is installed, when it was not, or when this leaves it behind.
func (s *Source) Recalled(ctx context.Context) *repos.Recall {
	had := s.state.Installed()
	if had == nil || s.moves() {
		return nil
	}
	all := recallsOf(ctx, s.client, []history.Listed{{Installation: s.ID, Installed: had}})
	if len(all) == 0 {
		return nil
	}
	return &all[0]
}

// sameRelease finds the release that ref means: without a version, the one that is
// installed.
func (s *Source) sameRelease(ctx context.Context, ref repos.Ref) (*repos.Release, error) {
	if r := s.state.Installed(); r != nil && ref.Version == "" {
		ref.Version = r.Version
	}
	rel, err := s.find(ctx, ref)
	if err != nil {
		return nil, err
	}
	return &rel, s.caution(ctx, rel)
}

// caution says what its publisher wants to be known of a release before it is
// used. Of one that is asked about, and of one that is installed, that it was yanked
// is told with the question or with what is installed. A test result that counts here has
// to be signed: one that is not is refused, and one that cannot be had is told.
func (s *Source) caution(ctx context.Context, rel repos.Release) error {
	had := s.state.Installed()
	same := had != nil && had.Version == rel.Version
	if !same {
		if text := untested(rel.Name, rel.Release, s.cluster.Version); text != "" {
			s.client.warn(text)
		}
		err := new(repos.Voucher).Tested(ctx, rel, s.cluster.Version)
		switch {
		case errcode.Has(err, errcode.Unreachable), errcode.Has(err, errcode.Offline), errcode.Has(err, trust.Missing):
			s.client.warn(err.Error())
		case err != nil:
			return err
		}
	}
	if !s.named || same {
		rel.Yanked = nil
	}
	caution(s.client, rel)
	return nil
}

// find finds a release. What is installed from elsewhere is not to be looked for in
// repositories that never had it.
func (t *target) find(ctx context.Context, ref repos.Ref) (repos.Release, error) {
	rel, err := t.client.Repos.Resolve(ctx, ref, t.options.Pre)
	r := t.state.Installed()
	if err == nil || r == nil || r.Repository != "" || r.Edited || ref.Repository != "" || (ref.Version != "" && ref.Version != r.Version) {
		return rel, err
	}
	if errors.As(err, new(*repos.NotFoundError)) || errors.Is(err, repos.ErrNoRepository) {
		return rel, unpublished(t.ID)
	}
	return rel, err
}

// unpublished is the error for what only its user has.
func unpublished(id api.Installation) error {
	return usage("%s was installed from a folder or from an archive that nobody vouches for: name that, as in ./%s", id, id.Name)
}

// sameVersion refuses what would not be the same as what is installed.
func (s *Source) sameVersion(ctx context.Context) error {
	installed := s.state.Installed()
	if installed == nil {
		return nil
	}
	if s.state.Err != nil {
		return s.state.Err
	}
	version := s.needs().Version
	if installed.Version != version {
		return installedConflict(ctx, &s.target, "%s %s is installed in namespace %s, and this is %s", s.ID.Name, installed.Version, s.ID.Namespace, version)
	}
	rel := s.published()
	if rel == nil {
		return nil
	}
	if installed.Digest != "" && installed.Digest != string(rel.SHA256) {
		return installedConflict(ctx, &s.target, "%s %s is installed in namespace %s, and repository %s has something else of that version",
			s.ID.Name, version, s.ID.Namespace, rel.Repository.Alias)
	}
	if installed.Edited {
		return installedConflict(ctx, &s.target, "%s %s is installed in namespace %s from a copy that was edited, and this is not that copy", s.ID.Name, version, s.ID.Namespace)
	}
	if newer := rel.Newer(); newer != "" {
		s.client.note(fmt.Sprintf("%s %s is installed; %s is out", s.ID.Name, version, newer))
	}
	return nil
}

// sameValues are the values that the installation has. Whoever gives others is
// refused.
func (s *Source) sameValues(ctx context.Context) (layers, error) {
	v := s.values
	recorded, err := s.recordedValues()
	if err != nil || recorded == nil {
		return v, err
	}
	if overrides(v.given) {
		same, err := v.repeats(recorded, s.local, s.state.Current)
		if err != nil {
			return v, err
		}
		if !same {
			return v, installedConflict(ctx, &s.target, "%s is installed in namespace %s with other values", s.ID.Name, s.ID.Namespace)
		}
	}
	return layers{given: v.given, recorded: recorded, all: recorded, reused: true}, nil
}

// repeats reports whether the user gave the values that are recorded. The Kube may not
// be here yet, so each word of --set counts as the kind that is recorded.
func (v layers) repeats(recorded []render.Layer, local *Opened, r *history.Record) (bool, error) {
	k := &kube.Kube{}
	if local != nil {
		k = local.Kube
	}
	all, err := resolve(k, v.over(recorded).all)
	if errcode.Has(err, errcode.Usage) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	had := render.Values{} // a null that was recorded removes a default
	if len(recorded) > 0 {
		had = recorded[0].Values
	}
	now, err := encodeOverrides(had, all[len(recorded):])
	return err == nil && sameOverrides(r.Overrides, now), err
}

// recordedValues are the values that the installation has; none when nothing is
// installed.
func (t *target) recordedValues() ([]render.Layer, error) {
	if t.state.Installed() == nil {
		return nil, nil
	}
	return recordedLayers(t.ID, t.state.Current)
}

// recordedRelease finds the release that a record names: of the repository that calls
// itself so, in that version, with that digest.
func (t *target) recordedRelease(ctx context.Context, repository, version, digest string) (repos.Release, error) {
	alias, err := aliasOf(t.client, repository, t.ID)
	if err != nil {
		return repos.Release{}, err
	}
	rel, err := t.client.Repos.Resolve(ctx, repos.Ref{Repository: alias, Name: t.ID.Name, Version: version}, true)
	if err != nil {
		return repos.Release{}, err
	}
	if string(rel.SHA256) != digest {
		return repos.Release{}, t.conflict("repository %s has something else of version %s than what was installed as %s", alias, version, t.ID)
	}
	return rel, nil
}
