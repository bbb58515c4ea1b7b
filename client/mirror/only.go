package mirror

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/kpm-sh/kpm/internal/errcode"
	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/kube"
)

// wanted is a Kube to be mirrored, and which releases of it.
type wanted struct {
	name     string
	versions kube.Range
}

// parseOnly reads NAME and NAME@RANGE.
func parseOnly(texts []string) ([]wanted, error) {
	var all []wanted
	for _, text := range texts {
		name, versions, _ := strings.Cut(text, "@")
		err := kube.ValidName(name)
		w := wanted{name: name}
		if err == nil {
			w.versions, err = kube.ParseRange(versions)
		}
		if err != nil {
			return nil, errcode.With(errcode.Usage, nil, fmt.Errorf("%q: %w; a Kube to mirror is written NAME or NAME@RANGE", text, err))
		}
		all = append(all, w)
	}
	return all, nil
}

// selection is what of the index is mirrored: of each Kube the ranges of which one has
// to admit a release. An empty one is everything.
type selection map[string][]kube.Range

// add adds a wish, and reports whether it is new.
func (s selection) add(w wanted) bool {
	if slices.ContainsFunc(s[w.name], w.versions.Equal) {
		return false
	}
	s[w.name] = append(s[w.name], w.versions)
	return true
}

// admits reports whether a release is mirrored.
func (s selection) admits(name, version string) bool {
	ranges, ok := s[name]
	if !ok {
		return len(s) == 0
	}
	v, err := kube.ParseVersion(version)
	return err == nil && slices.ContainsFunc(ranges, func(r kube.Range) bool { return r.AdmitsInstalled(v) })
}

// needs are the wishes that follow from a document's mirrored releases.
func (s selection) needs(d *index.Document) ([]wanted, error) {
	var all []wanted
	var errs []error
	for _, r := range d.Releases {
		if !s.admits(d.Name, r.Version) {
			continue
		}
		for _, dep := range r.Dependencies {
			versions, err := kube.ParseRange(dep.Version)
			errs = append(errs, err)
			all = append(all, wanted{dep.Name, versions})
		}
	}
	return all, errors.Join(errs...)
}

// checkWishes is an error where no release is what was asked for, with the versions that
// there are, and warns where none is what another Kube needs.
func (s selection) checkWishes(asked []wanted, docs map[string]*index.Document, warn func(string)) error {
	for _, name := range slices.Sorted(maps.Keys(s)) {
		var have []string
		for _, r := range docs[name].Releases {
			if r.Withdrawn == "" {
				have = append(have, r.Version)
			}
		}
		for _, versions := range s[name] {
			one := selection{name: {versions}}
			if versions.IsZero() || slices.ContainsFunc(have, func(v string) bool { return one.admits(name, v) }) {
				continue
			}
			if slices.ContainsFunc(asked, func(w wanted) bool { return w.name == name && w.versions.Equal(versions) }) {
				return noRelease(name, versions, have)
			}
			warn(fmt.Sprintf("Kube %s %s is needed, and no release is that", name, versions))
		}
	}
	return nil
}

// noRelease names the newest of the versions that there are.
func noRelease(name string, versions kube.Range, have []string) error {
	const most = 10
	facts := errcode.Facts{}
	if len(have) > 0 {
		facts["have"] = have[:min(most, len(have))]
	}
	return errcode.With(errcode.NotFound, facts, fmt.Errorf("there is no release of %s that is %s", name, versions))
}
