package repos

import (
	"fmt"
	"slices"

	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/kube"
)

// Release is one published version of a Kube, and where it was found.
type Release struct {
	index.Release
	Name       string
	Repository *Repository
	Record     index.Record // of the Kube's newest release
	By         Voucher      // who answers for it; empty until that was verified
}

// Newer is the newest release of the same Kube that is given to who names none, if it is
// newer than r; else "".
func (r Release) Newer() string { return newerThan(r.Version, r.Record) }

// Choose gives the release of an exact version, or the newest that is not
// yanked; where all are, the newest of them, and a revoked one, which is refused
// later, when there is nothing else.
func Choose(doc *index.Document, version string, pre bool) (index.Release, error) {
	if version != "" {
		rel, ok := doc.Release(version)
		if !ok {
			return index.Release{}, &NotFoundError{What: fmt.Sprintf("version %q of %s", version, doc.Name), Have: doc.Versions()}
		}
		return rel, nil
	}
	for _, pass := range []func(index.Release) bool{index.Release.Offered, notRevoked, notWithdrawn} {
		if rel, ok := doc.Newest(pre, pass); ok {
			return rel, nil
		}
	}
	return index.Release{}, &NotFoundError{What: fmt.Sprintf("release of %s that can be used", doc.Name), Have: doc.Versions()}
}

func notRevoked(r index.Release) bool {
	return notWithdrawn(r) && (r.Yanked == nil || !r.Yanked.Revoked)
}

func notWithdrawn(r index.Release) bool { return r.Withdrawn == "" }

// knownNeeds are the words of `needs` that this client understands. There are
// none yet.
var knownNeeds []string

// usable refuses a release that was taken back, or that is not for this kpm.
func (r Release) usable() error {
	refuse := func(format string, args ...any) error {
		return fmt.Errorf("%s %s is %w: %s", r.Name, kube.Clean(r.Version, false), ErrRefused, kube.Clean(fmt.Sprintf(format, args...), false))
	}
	switch {
	case r.Withdrawn != "":
		return refuse("its archive was withdrawn: %s", r.Withdrawn)
	case r.Yanked != nil && r.Yanked.Revoked:
		return revoked(r)
	}
	for _, word := range slices.Concat(r.Needs, r.Record.Needs) {
		if !slices.Contains(knownNeeds, word) {
			return refuse("it needs %q, which this kpm does not know; a newer kpm may", word)
		}
	}
	admitted, err := kube.ParseRange(r.KPM)
	if err != nil {
		return refuse("it names the kpm that it wants in a way that this one cannot read: %v", err)
	}
	if kpm := r.Repository.opt.Version; kpm != nil && !admitted.AdmitsInstalled(kpm) {
		return refuse("it wants kpm %s, this is %s", r.KPM, kpm)
	}
	return nil
}
