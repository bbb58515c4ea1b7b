package repos

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/kube"
)

// Find gives the one repository that has a Kube of that name, and its record.
func (s *Set) Find(ctx context.Context, ref Ref) (*Repository, index.Line, error) {
	all, err := s.catalogs(ref.Repository)
	if missing, ok := errors.AsType[*NotFoundError](err); ok {
		missing.Near = ref.folder()
	}
	if err != nil {
		return nil, index.Line{}, err
	}
	var at []*Repository
	var line index.Line
	var removed error
	for _, r := range all {
		l, ok, err := r.get(ref.Name)
		switch {
		case err != nil:
			return nil, index.Line{}, err
		case ok && l.Gone != "":
			removed = gone(ref.Name, r.Alias, kube.Clean(l.Gone, false))
		case ok:
			at, line = append(at, r), l
		}
	}
	switch {
	case len(at) == 1:
		return at[0], line, nil
	case len(at) > 1:
		return nil, index.Line{}, ambiguous(ref.Name, aliases(at))
	case removed != nil:
		return nil, index.Line{}, removed
	}
	return nil, index.Line{}, &NotFoundError{What: fmt.Sprintf("Kube %q", ref.Name), Near: append(ref.folder(), nearestNames(ctx, all, ref.Name)...)}
}

// Resolve finds the release that ref names, in the catalogs and in the
// repository's document of the Kube: the version asked for, else the newest. A
// pre-release is chosen when there is nothing else, or when pre asks for it.
func (s *Set) Resolve(ctx context.Context, ref Ref, pre bool) (Release, error) {
	repo, line, err := s.Find(ctx, ref)
	if err != nil {
		return Release{}, err
	}
	doc, err := repo.Document(ctx, line)
	if err != nil {
		return Release{}, err
	}
	rel, err := Choose(doc, ref.Version, pre)
	if err != nil {
		return Release{}, err
	}
	return Release{Release: rel, Name: doc.Name, Repository: repo, Record: line.Record}, nil
}

// nearestNames lists names that are spelled like name, best first.
func nearestNames(ctx context.Context, repos []*Repository, name string) []string {
	const most = 3
	var names []string
	for _, r := range repos {
		found, err := r.search(ctx, name, most)
		if err != nil {
			continue // a hint less
		}
		for _, h := range found.Hits {
			if !slices.Contains(names, h.Name) && kube.ValidName(h.Name) == nil {
				names = append(names, h.Name)
			}
		}
	}
	return names[:min(len(names), most)]
}

func aliases(all []*Repository) []string {
	var names []string
	for _, r := range all {
		names = append(names, r.Alias)
	}
	return names
}

// Signed gives the aliases of the repositories that call themselves so.
func (s *Set) Signed(name string) ([]string, error) {
	signed, err := s.bySignedName()
	return aliases(signed[name]), err
}

// bySignedName gives the repositories by the names that they sign, which is what an
// installation remembers.
func (s *Set) bySignedName() (map[string][]*Repository, error) {
	all, err := s.catalogs("")
	if err != nil {
		return nil, err
	}
	signed := map[string][]*Repository{}
	for _, r := range all {
		name, err := r.signedName()
		if err != nil {
			return nil, err
		}
		signed[name] = append(signed[name], r)
	}
	return signed, nil
}

// Vouch finds the release whose archive has exactly these bytes, and verifies it as
// if it had been fetched; k is what they unpack to. Where no index lists that version,
// the bundle that lies beside the archive counts, if a holder of the role provenance of
// now signed it; nil is none. The error is an *UnverifiedError if nobody vouches for
// it. A release that must not be used, as a revoked one, is refused whichever way its
// archive came. What was checked is said in either case.
func (s *Set) Vouch(ctx context.Context, k *kube.Kube, archive, bundle []byte) (*Release, []Finding, error) {
	all, err := s.catalogs("")
	if err != nil {
		return nil, []Finding{fault("repository", err)}, unverified(err, "%v", err)
	}
	own := lone{k, index.DigestOf(archive), int64(len(archive)), bundle}
	reason := unverified(nil, "no repository published it")
	var checks []Finding
	for _, r := range all {
		rel, err := own.in(ctx, r)
		switch {
		case ctx.Err() != nil:
			return nil, nil, ctx.Err()
		case rel == nil:
			continue
		case err == nil || !errors.As(err, new(*UnverifiedError)):
			return rel, rel.By.Checks, err
		}
		checks, reason = rel.By.Checks, err
	}
	if checks == nil {
		checks = []Finding{fault("index", reason)}
	}
	return nil, checks, reason
}

// Requires gives the alias of a repository that publishes a Kube of that name, and of
// which this home wants nothing that nobody vouches for; "" when there is none.
func (s *Set) Requires(name string) (alias string, err error) {
	all, err := s.Repositories()
	if err != nil {
		return "", err
	}
	for _, r := range all {
		if r.Provenance != requireProvenance {
			continue
		}
		if _, ok, err := r.get(name); ok || err != nil {
			return r.Alias, err
		}
	}
	return "", nil
}

// Former gives the Kube of an earlier version of r, whose archive had that digest. It
// was verified when it came: what the home still has of it is taken as it is.
func (s *Set) Former(ctx context.Context, r Release, version string, archive index.Digest) (*kube.Kube, error) {
	data, err := os.ReadFile(s.Home.Archive(archive))
	if err == nil && index.DigestOf(data) == archive {
		r.Version = version
		return r.unpack(data)
	}
	former, err := s.Resolve(ctx, Ref{Repository: r.Repository.Alias, Name: r.Name, Version: version}, true)
	if err != nil {
		return nil, err
	}
	if former.SHA256 != archive {
		return nil, &NotFoundError{What: fmt.Sprintf("archive of %s %s any more that your copy was made from", r.Name, version)}
	}
	if data, err = former.archive(ctx); err != nil {
		return nil, fmt.Errorf("fetching %s %s: %w", r.Name, version, err)
	}
	return former.unpack(data)
}
