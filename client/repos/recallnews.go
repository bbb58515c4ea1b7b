package repos

import (
	"context"
	"maps"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/kpm-sh/kpm/internal/index"
)

// fellBack reports whether a record alone says that the newest release was taken
// back: an older one is the newest now, or all of them are yanked.
func fellBack(old, now index.Line) bool {
	return older(now.Version, old.Version) || old.Yanked == "" && now.Yanked != ""
}

// news sets what was taken back since the last update, and what no longer is: of what
// the records show, and of Kubes whose documents are at hand, which are those that were
// got or installed from here, of all others too. What cannot be fetched is told as far
// as the records say it.
func (s *pull) news(ctx context.Context, d *delta) (recalled, restored []Recall) {
	names := slices.Sorted(maps.Keys(d.before))
	taken, back := make([][]Recall, len(names)), make([][]Recall, len(names))
	var g errgroup.Group
	g.SetLimit(atOnce)
	for i, name := range names {
		old := d.before[name]
		now, ok, err := d.line(name)
		if err != nil || !ok || now.Gone != "" || old.Doc == now.Doc {
			continue
		}
		had := s.repo.documentAtHand(old)
		if had == nil && !fellBack(old, now) {
			back[i] = s.restoredOf(old, now, nil, nil)
			continue
		}
		g.Go(func() error {
			taken[i], back[i] = s.newsOf(ctx, old, now, had)
			return nil
		})
	}
	_ = g.Wait() //nolint:errcheck // none returns one
	return slices.Concat(taken...), slices.Concat(back...)
}

// newsOf compares what is published of a Kube with what was; had is nil where
// that is not known.
func (s *pull) newsOf(ctx context.Context, old, now index.Line, had *index.Document) (recalled, restored []Recall) {
	base := Recall{Name: now.Name, Version: old.Version, Repository: s.repo.Alias, Kind: Yanked, Reason: now.Yanked}
	doc, err := s.repo.Document(ctx, now)
	if err != nil {
		if !fellBack(old, now) {
			return nil, s.restoredOf(old, now, nil, nil)
		}
		if older(now.Version, old.Version) {
			base.Instead = now.Version
		}
		return []Recall{base}, nil
	}
	for _, rel := range doc.Releases {
		base.Version = rel.Version
		r := base.judged(now, doc)
		if r != nil && isNews(old, *r, had) {
			recalled = append(recalled, *r)
		}
	}
	return recalled, s.restoredOf(old, now, had, doc)
}

// restoredOf are the recalls of a Kube that were taken back themselves, as they were
// before. Without the documents it is what the records alone say.
func (s *pull) restoredOf(old, now index.Line, had, doc *index.Document) []Recall {
	base := Recall{Name: now.Name, Version: old.Version, Repository: s.repo.Alias}
	if old.Gone != "" {
		return nil // that its Kube is back is told of all
	}
	if had == nil || doc == nil {
		was := base.judged(old, nil)
		if was == nil || now.Yanked != "" || now.Version != old.Version {
			return nil
		}
		return []Recall{*was}
	}
	var all []Recall
	for _, rel := range had.Releases {
		base.Version = rel.Version
		was := base.judged(old, had)
		if _, there := doc.Release(rel.Version); was != nil && there && base.judged(now, doc) == nil {
			was.Instead = ""
			all = append(all, *was)
		}
	}
	return all
}

// isNews reports whether a release was not recalled so when the old record was
// written. Without the document of then only what that record showed is known.
func isNews(old index.Line, r Recall, had *index.Document) bool {
	if had == nil {
		return r.Version == old.Version && old.Yanked == ""
	}
	if _, there := had.Release(r.Version); !there {
		return false
	}
	before := r.judged(old, had)
	return before == nil || before.Kind != r.Kind
}
