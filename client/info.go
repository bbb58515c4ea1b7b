package client

import (
	"context"
	"slices"
	"time"

	"github.com/kpm-sh/kpm/client/repos"
	"github.com/kpm-sh/kpm/client/workcopy"
	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/lint"
	"github.com/kpm-sh/kpm/internal/pagelist"
)

// Info is what is known of a Kube.
type Info struct {
	Repository string            // alias; "" for a folder or an archive
	Record     index.Record      // of the newest release
	Release    *index.Release    // nil: the newest, of which only the record was read
	Versions   []string          // all, newest first; nil when the document was not read
	Recalled   map[string]string // which of them were taken back: "yanked" or "revoked"
	Images     []index.Image     // of the release that is shown, as far as its document was read or is at hand
	Copy       *workcopy.Copy    // nil: there is no working copy
	Failed     []string          // versions of Kubernetes on which that release failed its test, ascending; as Images
	By         repos.Voucher     // who signed the provenance of the release, and which commit it names
	Unproven   error             // why By is not known; nil also where nobody answers for a Kube
	Source     string            // where its repository is developed, "" where its publisher did not say
	Page       string            // the address of its web page, "" where there is none
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
	head, err := repo.Head()
	if err != nil {
		return Info{}, err
	}
	if info.Page = pagelist.Address(head, repo.Sources[0], line.Name); head != nil {
		info.Source = head.Source()
	}
	if info.Copy, err = c.Copies().Copy(ref.Name); err != nil {
		return Info{}, err
	}
	warnOfCopy(ctx, c, ref.Name, info.Copy)
	if !all && (ref.Version == "" || ref.Version == line.Version) {
		return info.ofNewest(ctx, repo, line, ref.Version), nil
	}
	doc, err := repo.Document(ctx, line)
	if err != nil {
		return Info{}, err
	}
	info.Versions, info.Recalled = doc.Versions(), recalledVersions(doc)
	return info.chosen(ctx, repo, line, doc, ref.Version)
}

func recalledVersions(doc *index.Document) map[string]string {
	out := map[string]string{}
	for _, rel := range doc.Releases {
		switch {
		case rel.Yanked != nil && rel.Yanked.Revoked:
			out[rel.Version] = repos.Revoked
		case rel.Yanked != nil:
			out[rel.Version] = repos.Yanked
		}
	}
	return out
}

// chosen is of the release of an exact version, or else of the one that an install takes.
// Where all were taken back, that need not be the one of the record.
func (i Info) chosen(ctx context.Context, repo *repos.Repository, line index.Line, doc *index.Document, version string) (Info, error) {
	rel, _ := doc.Release(line.Version)
	if version != "" || line.Yanked != "" {
		var err error
		if rel, err = repos.Choose(doc, version, version != ""); err != nil {
			return Info{}, err
		}
		i.Release = &rel
	}
	return i.of(ctx, repo, line, rel), nil
}

// ofNewest adds what the document has of the newest release. Its record says all else,
// so that it is not waited for long.
func (i Info) ofNewest(ctx context.Context, repo *repos.Repository, line index.Line, version string) Info {
	ctx, cancel := context.WithTimeout(ctx, infoPatience)
	defer cancel()
	doc, err := repo.Document(ctx, line)
	if err != nil {
		i.Unproven = err
		return i
	}
	if line.Yanked == "" {
		version = "" // the record is of it
	}
	newest, err := i.chosen(ctx, repo, line, doc, version)
	if err != nil {
		i.Unproven = err
		return i
	}
	return newest
}

// infoPatience is how long is waited for what is not at hand of the newest release.
const infoPatience = 5 * time.Second

// of adds what the document has of a release, and who answers for it.
func (i Info) of(ctx context.Context, repo *repos.Repository, line index.Line, rel index.Release) Info {
	i.Images = rel.Images
	for _, a := range slices.Backward(rel.TestResults()) {
		if a.Result != "PASSED" {
			i.Failed = append(i.Failed, a.Server)
		}
	}
	i.By, i.Unproven = repos.Release{Release: rel, Name: line.Name, Repository: repo, Record: line.Record}.Proven(ctx)
	return i
}
