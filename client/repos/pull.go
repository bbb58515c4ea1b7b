package repos

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/kpm-sh/kpm/internal/fetch"
	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/trust"
	"github.com/kpm-sh/kpm/search"
)

// pull is one update of one repository, under the lock of its catalog.
type pull struct {
	repo    *Repository // as it was before
	grace   time.Duration
	sources []*fetch.Source
	writer  *search.Writer

	doc    *trust.Document // the newest; nil before the pinned one was fetched
	floor  *trust.Floor    // nil before the first head
	stored stored
}

// run takes the steps of an update in their order: trust, head, records,
// floors, catalog.
func (s *pull) run(ctx context.Context, u *Updated) (err error) {
	if s.grace, err = s.repo.grace(); err != nil {
		return err
	}
	if s.doc, err = s.repo.chain(); err != nil && !errors.Is(err, errNoTrust) {
		return err
	}
	if err := s.extend(ctx, u); err != nil {
		return err
	}
	if s.floor, err = s.repo.floor(); err != nil {
		return err
	}
	if s.stored, err = s.repo.stored(); err != nil {
		return err
	}
	if s.stored.damage != nil {
		s.repo.opt.note(fmt.Sprintf("the catalog of %s is damaged and is built anew", s.repo.Alias))
	}
	if err := s.first(ctx, u); err != nil {
		return err
	}
	return s.history(ctx, u.root)
}

// first takes the head of the first source that has one to accept.
func (s *pull) first(ctx context.Context, u *Updated) error {
	var errs []error
	for _, src := range s.sources {
		err := s.pullFrom(ctx, src, u)
		if err == nil || ctx.Err() != nil {
			return err
		}
		if local(err) {
			return err
		}
		if len(s.sources) > 1 {
			s.passOver(src, err)
		}
		errs = append(errs, err)
	}
	return mostSevere(errs)
}

// local reports whether an error has nothing to do with the source.
func local(err error) bool {
	return trust.CodeOf(err) == "" && !elsewhere(err)
}

// staleAfter is how far a source may be behind without a warning.
const staleAfter = 7 * day

// passOver tells why a source is passed over. One that is out of reach, incomplete or a
// few days behind is no warning.
func (s *pull) passOver(src *fetch.Source, err error) {
	text := fmt.Sprintf("source %s is passed over: %v", src, err)
	switch code := trust.CodeOf(err); {
	case code == "", code == trust.Missing, code == trust.Rollback && lag(err) < staleAfter:
		s.repo.opt.note(text)
	default:
		s.repo.opt.warn(text)
	}
}

// lag is how much older the index of a source is than the newest that was accepted.
func lag(err error) time.Duration {
	var e *trust.Error
	if !errors.As(err, &e) {
		return 0
	}
	d, _ := e.Facts["behind"].(time.Duration)
	return d
}

// pullFrom updates from the head of one source. Where an object is missing, the
// head may have been replaced while we fetched: it is asked for once more.
func (s *pull) pullFrom(ctx context.Context, src *fetch.Source, u *Updated) error {
	a, err := s.ask(ctx, src, false)
	if err != nil {
		return err
	}
	err = s.advance(ctx, a, u)
	if !absent(err) || ctx.Err() != nil {
		return recordsFault(s.repo, err)
	}
	again, askErr := s.ask(ctx, src, true)
	if askErr == nil && again.Digest != a.Digest {
		err = s.advance(ctx, again, u)
	}
	return recordsFault(s.repo, err)
}

func recordsFault(r *Repository, err error) error {
	switch {
	case err == nil || trust.CodeOf(err) != "":
		return err
	case elsewhere(err):
		return fileFault("records of repository "+r.Alias, err)
	case errors.Is(err, errDisagrees) || errors.Is(err, index.ErrFormat):
		return formatFault(r, err)
	}
	return err
}

// advance brings the catalog to an accepted head. What does not add up is fetched
// once more from the beginning: what is held may be damaged.
func (s *pull) advance(ctx context.Context, a answer, u *Updated) error {
	from := s.start(a)
	u.root = a.Root
	u.Kubes, u.Issued, u.First = a.Kubes, a.Issued.Time, from == 0
	if from == a.Seq && s.stored.digest == a.Digest {
		u.Unchanged = true
		return s.keep(ctx, a)
	}
	d, err := s.collect(ctx, a, from)
	if from > 0 && maybeOurs(err) {
		d, err = s.collect(ctx, a, 0)
	}
	if err != nil {
		return err
	}
	if err := s.keepFloor(a.Head); err != nil {
		return err
	}
	if err := s.write(ctx, a, d); err != nil {
		if d.from == 0 || !maybeOurs(err) {
			return err
		}
		if d, err = s.collect(ctx, a, 0); err != nil {
			return err
		}
		if err := s.write(ctx, a, d); err != nil {
			return err
		}
	}
	u.changes, u.First = d.changes, d.from == 0
	u.Recalled, u.Restored = s.news(ctx, d)
	return nil
}

// maybeOurs reports whether an error may come from what is held.
func maybeOurs(err error) bool {
	return errors.Is(err, errDisagrees) || errors.Is(err, search.ErrCorrupt) || errors.Is(err, index.ErrFormat)
}

// keepFloor writes the floor that a head is from now on, unless it is that.
func (s *pull) keepFloor(h *trust.Head) error {
	f := h.Floor(s.floor)
	if s.floor != nil && *s.floor == *f {
		return nil
	}
	return writeFloor(s.repo.opt.Home, s.repo.Alias, f)
}

// keep notes where the head at hand was seen last, if that is new.
func (s *pull) keep(ctx context.Context, a answer) error {
	if err := s.keepFloor(a.Head); err != nil {
		return err
	}
	if s.stored.ETag == a.etag && s.stored.Source == a.source.String() {
		return nil
	}
	st, err := a.state()
	if err != nil {
		return err
	}
	return s.writer.Apply(ctx, nil, st)
}

// write makes the new generation of the catalog.
func (s *pull) write(ctx context.Context, a answer, d *delta) error {
	st, err := a.state()
	if err != nil {
		return err
	}
	if d.from == 0 {
		return s.writer.Replace(ctx, d.all(), st)
	}
	var changed []index.Line
	for l, err := range d.all() {
		if err != nil {
			return err
		}
		changed = append(changed, l)
	}
	return s.writer.Apply(ctx, changed, st)
}
