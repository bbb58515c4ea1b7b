package mirror

import (
	"context"
	"maps"
	"slices"

	"github.com/kpm-sh/kpm/internal/errcode"
	"github.com/kpm-sh/kpm/internal/fetch"
	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/mirrorfile"
	"github.com/kpm-sh/kpm/internal/trust"
)

// leftOut is err, that a file is MISSING, or UNMIRRORED where the source is a mirror
// itself that left out what is chosen of it.
func leftOut(ctx context.Context, source *fetch.Source, choice selection, err error) error {
	if trust.CodeOf(err) != trust.Missing {
		return err
	}
	if said := sayLeftOut(ctx, source, choice); said != nil {
		return said
	}
	return err
}

// sayLeftOut asks whether a source says that it left out something that is chosen.
func sayLeftOut(ctx context.Context, source *fetch.Source, choice selection) error {
	got, err := source.Get(ctx, mirrorfile.Path, fetch.Get{Limit: mirrorfile.Max, AcceptGzip: true})
	if err != nil {
		return nil //nolint:nilerr // it is no mirror
	}
	note, err := mirrorfile.Decode(got.Body)
	if err != nil {
		return nil //nolint:nilerr // nothing follows from it
	}
	for _, name := range slices.Sorted(maps.Keys(note.Lacks)) {
		if _, ok := choice[name]; !ok && len(choice) > 0 {
			continue
		}
		versions := note.Lacks[name]
		i := slices.IndexFunc(versions, func(v string) bool { return choice.admits(name, v) })
		if len(versions) > 0 && i < 0 {
			continue
		}
		version := ""
		if i >= 0 {
			version = versions[i]
		}
		return &trust.Error{
			Code:  trust.Unmirrored,
			Found: kube.Clean(note.LeftOut(name, version, source.String()), false),
			Facts: errcode.Facts{"origin": kube.Clean(note.Origin, false), "name": name},
		}
	}
	return nil
}
