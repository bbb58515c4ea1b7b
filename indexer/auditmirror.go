package indexer

import (
	"context"

	"github.com/kpm-sh/kpm/internal/fetch"
	"github.com/kpm-sh/kpm/internal/mirrorfile"
	"github.com/kpm-sh/kpm/internal/words"
)

// mirrored notes that the site is a mirror, and what it says that it left out. Nobody
// signs that: what is not there is a finding all the same.
func (a *auditor) mirrored(ctx context.Context) {
	got, err := a.source.Get(ctx, mirrorfile.Path, fetch.Get{Limit: mirrorfile.Max, AcceptGzip: true})
	if err != nil {
		return
	}
	note, err := mirrorfile.Decode(got.Body)
	if err != nil {
		a.note("%v", err)
		return
	}
	kubes, releases := 0, 0
	for _, versions := range note.Lacks {
		releases += len(versions)
		if len(versions) == 0 {
			kubes++
		}
	}
	a.note("the site is a mirror of %s, and has no heads before its own; %s says that it lacks %s and %s of others", note.Origin, mirrorfile.Path, words.Count(kubes, "Kube"), words.Count(releases, "release"))
}
