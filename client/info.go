package client

import (
	"context"

	"github.com/kpm-sh/kpm/client/repos"
	"github.com/kpm-sh/kpm/client/workcopy"
	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/lint"
)

// Info is what is known of a Kube.
type Info struct {
	Repository string         // alias; "" for a folder or an archive
	Record     index.Record   // of the newest release
	Release    *index.Release // nil: the newest, of which only the record was read
	Versions   []string       // all, newest first; nil when the document was not read
	Images     []index.Image  // of the release that is shown, as far as its document was read or is at hand
	Copy       *workcopy.Copy // nil: there is no working copy
}

func infoOf(ctx context.Context, c *Client, ref repos.Ref, all bool) (Info, error) {
	if ref.Path != "" {
		k, err := load(ctx, ref)
		if err != nil {
			return Info{}, err
		}
		facts, _ := lint.Kube(ctx, k) //nolint:errcheck // what is wrong with it is for lint to say
		return Info{Record: facts.Record(k)}, nil
	}
	repo, line, err := c.Repos.Find(ctx, ref)
	if err != nil {
		return Info{}, err
	}
	info := Info{Repository: repo.Alias, Record: line.Record}
	if info.Copy, err = c.Copies().Copy(ref.Name); err != nil {
		return Info{}, err
	}
	if !all && (ref.Version == "" || ref.Version == line.Version) {
		if doc := repo.DocumentAtHand(line); doc != nil {
			newest, _ := doc.Release(line.Version)
			info.Images = newest.Images
		}
		return info, nil
	}
	doc, err := repo.Document(ctx, line)
	if err != nil {
		return Info{}, err
	}
	info.Versions = doc.Versions()
	if ref.Version != "" {
		rel, err := repos.Choose(doc, ref.Version, true)
		if err != nil {
			return Info{}, err
		}
		info.Release, info.Images = &rel, rel.Images
	} else {
		newest, _ := doc.Release(line.Version)
		info.Images = newest.Images
	}
	return info, nil
}
