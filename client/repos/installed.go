package repos

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
)

// recallPatience is how long is waited for documents that are not at hand: what is
// listed must not hang on a repository that does not answer.
const recallPatience = 5 * time.Second

// Installed is something that is installed somewhere.
type Installed struct {
	Namespace, Name, Version string
	Repository               string // as it calls itself; "" for what nobody vouches for
	Edited                   bool   // it is of a working copy that was edited
}

// Recalls says which of what is installed are of a release that was taken back, as
// the repository that they came from has it since the last update, in the order
// given. What an index says of older releases is in its documents; those that are not
// at hand are fetched. What cannot be known is a notice, never an error: it keeps
// nobody from seeing what is installed.
func (s *Set) Recalls(ctx context.Context, there []Installed) []Recall {
	there = slices.DeleteFunc(slices.Clone(there), func(i Installed) bool { return i.Repository == "" })
	if len(there) == 0 {
		return nil
	}
	signed, err := s.bySignedName()
	if err != nil {
		if !errors.Is(err, ErrNoRepository) {
			s.note("whether something was recalled is not known: " + err.Error())
		}
		return nil
	}
	return s.recallsOf(ctx, there, signed)
}

func (s *Set) recallsOf(ctx context.Context, there []Installed, signed map[string][]*Repository) []Recall {
	ctx, cancel := context.WithTimeout(ctx, recallPatience)
	defer cancel()
	found := make([]*Recall, len(there))
	unknown := make([]error, len(there))
	var g errgroup.Group
	g.SetLimit(atOnce)
	for i, had := range there {
		from := signed[had.Repository]
		if len(from) != 1 {
			continue // a Kube of the same name elsewhere is another Kube
		}
		g.Go(func() error {
			found[i], unknown[i] = from[0].recallOf(ctx, had)
			return nil
		})
	}
	_ = g.Wait() //nolint:errcheck // none returns one
	var lost []string
	for i, err := range unknown {
		if err != nil && !slices.Contains(lost, there[i].Name) {
			lost = append(lost, there[i].Name)
		}
	}
	if i := slices.IndexFunc(unknown, func(err error) bool { return err != nil }); i >= 0 {
		s.note(fmt.Sprintf("whether releases of %s were recalled is not known: %v", strings.Join(lost, ", "), unknown[i]))
	}
	var all []Recall
	for _, r := range found {
		if r != nil {
			all = append(all, *r)
		}
	}
	return all
}

// recallOf is what the repository of an installation took back of it; nil when it
// took back nothing. With an error it is what the record alone says.
func (r *Repository) recallOf(ctx context.Context, had Installed) (*Recall, error) {
	line, ok, err := r.get(had.Name)
	if err != nil || !ok {
		return nil, err
	}
	base := Recall{Namespace: had.Namespace, Name: had.Name, Version: had.Version, Repository: r.Alias}
	doc, err := r.Document(ctx, line)
	if err != nil {
		doc = nil
	}
	return base.judged(line, doc), err
}

// Outdated is an installation of which a newer release is out.
type Outdated struct {
	Namespace  string `json:"namespace"`
	Name       string `json:"name"`
	Installed  string `json:"installed"`
	Available  string `json:"available"`
	Repository string `json:"repository"` // alias
	Edited     bool   `json:"edited,omitempty"`
}

// Outdated lists what is installed of which the catalog of the repository that it
// came from has a newer release. No other repository counts: a Kube of the same name
// elsewhere is another Kube. Nothing is fetched.
func (s *Set) Outdated(there []Installed) ([]Outdated, error) {
	signed, err := s.bySignedName()
	if err != nil {
		return nil, err
	}
	list := []Outdated{}
	var lost []string // repositories that were told already
	for _, had := range there {
		from := signed[had.Repository]
		switch {
		case had.Repository == "":
		case len(from) == 1:
			o, err := from[0].newer(had)
			if err != nil {
				return nil, err
			}
			if o != nil {
				list = append(list, *o)
			}
		case !slices.Contains(lost, had.Repository):
			lost = append(lost, had.Repository)
			s.note(fmt.Sprintf("%s in namespace %s is from repository %q, which is configured here %d times; it is passed over, as all that is from there",
				had.Name, had.Namespace, had.Repository, len(from)))
		}
	}
	return list, nil
}

// newer is what the catalog has that is newer than what is installed; nil when it has
// nothing such.
func (r *Repository) newer(had Installed) (*Outdated, error) {
	line, ok, err := r.get(had.Name)
	if err != nil {
		return nil, err
	}
	if !ok || newerThan(had.Version, line.Record) == "" {
		return nil, nil
	}
	return &Outdated{had.Namespace, had.Name, had.Version, line.Version, r.Alias, had.Edited}, nil
}
