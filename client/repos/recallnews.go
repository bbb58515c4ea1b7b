package repos

import (
	"context"
	"maps"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/kube"
)

// fellBack reports whether a record alone says that the newest release was taken
// back: an older one is the newest now, or all of them are yanked.
func fellBack(old, now index.Line) bool {
	return older(now.Version, old.Version) || old.Yanked == "" && now.Yanked != ""
}

// recalled says which releases were taken back since the last update: those that
// the records show, and of Kubes whose documents are at hand, which are those that
// were got or installed from here, all others too. What cannot be fetched is told as
// far as the records say it.
func (s *pull) recalled(ctx context.Context, d *delta) []Recall {
	names := slices.Sorted(maps.Keys(d.before))
	found := make([][]Recall, len(names))
	var g errgroup.Group
	g.SetLimit(atOnce)
	for i, name := range names {
		old := d.before[name]
		now, ok, err := d.line(name)
		if err != nil || !ok || old.Gone != "" || now.Gone != "" || old.Doc == now.Doc {
			continue
		}
		had := s.repo.DocumentAtHand(old)
		if had == nil && !fellBack(old, now) {
			continue
		}
		g.Go(func() error {
			found[i] = s.recalledOf(ctx, old, now, had)
			return nil
		})
	}
	_ = g.Wait() //nolint:errcheck // none returns one
	return slices.Concat(found...)
}

// recalledOf compares what is published of a Kube with what was; had is nil where
// that is not known.
func (s *pull) recalledOf(ctx context.Context, old, now index.Line, had *index.Document) []Recall {
	base := Recall{Name: now.Name, Version: old.Version, Repository: s.repo.Alias, Kind: Yanked, Reason: now.Yanked}
	doc, err := s.repo.Document(ctx, now)
	if err != nil {
		if !fellBack(old, now) {
			return nil
		}
		if older(now.Version, old.Version) {
			base.Instead = now.Version
		}
		return []Recall{base}
	}
	var all []Recall
	for _, rel := range doc.Releases {
		base.Version = rel.Version
		r := base.judged(now, doc)
		if r != nil && news(old, *r, had) {
			all = append(all, *r)
		}
	}
	return all
}

// news reports whether a release was not recalled so when the old record was
// written. Without the document of then only what that record showed is known.
func news(old index.Line, r Recall, had *index.Document) bool {
	if had == nil {
		return r.Version == old.Version && old.Yanked == ""
	}
	if _, there := had.Release(r.Version); !there {
		return false
	}
	before := r.judged(old, had)
	return before == nil || before.Kind != r.Kind
}

func older(a, b string) bool {
	v, err := kube.ParseVersion(a)
	w, err2 := kube.ParseVersion(b)
	return err == nil && err2 == nil && v.LessThan(w)
}
