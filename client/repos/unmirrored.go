package repos

import (
	"context"

	"github.com/kpm-sh/kpm/internal/errcode"
	"github.com/kpm-sh/kpm/internal/fetch"
	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/mirrorfile"
	"github.com/kpm-sh/kpm/internal/trust"
)

// unmirrored is err, that something of a release is MISSING, or UNMIRRORED where a source
// says that it is a mirror and left that out. Nobody signs that: it is a reason, and
// nothing else follows from it.
func unmirrored(ctx context.Context, r *Repository, name, version string, err error) error {
	sources, serr := r.sources()
	if trust.CodeOf(err) != trust.Missing || serr != nil {
		return err
	}
	for _, s := range sources {
		got, gerr := s.Get(ctx, mirrorfile.Path, fetch.Get{Limit: mirrorfile.Max, AcceptGzip: true})
		if gerr != nil {
			continue
		}
		note, derr := mirrorfile.Decode(got.Body)
		if derr != nil || !note.Lacked(name, version) {
			continue
		}
		return &trust.Error{
			Code:  trust.Unmirrored,
			Found: kube.Clean(note.LeftOut(name, version, s.String()), false),
			Facts: errcode.Facts{"origin": kube.Clean(note.Origin, false), "name": name},
		}
	}
	return err
}
