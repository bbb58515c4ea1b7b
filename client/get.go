package client

import (
	"bytes"
	"context"
	"fmt"
	"os"

	"github.com/kpm-sh/kpm/client/workcopy"
	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/merge"
)

// Copies are the working copies of the home.
func (c *Client) Copies() workcopy.Copies { return workcopy.Copies{Home: c.Home} }

// Checkout fetches and verifies a release, and looks at what is in the place of
// its working copy. Nothing is changed there yet.
func (c *Client) Checkout(ctx context.Context, r Release) (*workcopy.Checkout, error) {
	c.caution(r)
	k, by, err := c.open(ctx, r)
	if err != nil {
		return nil, err
	}
	return c.Copies().Checkout(k, originOf(r, by))
}

func originOf(r Release, by voucher) workcopy.Origin {
	return workcopy.Origin{Repository: by.repository, Signer: by.signer, Alias: r.Repository.Alias, Version: r.Version, Archive: r.SHA256}
}

// Merge brings a release and the working copy of its Kube together. The copy
// stays as it is until it is committed. Notices say what became of each file. It is
// nil when there is no copy that kpm made, or when that is of this release
// already.
func (c *Client) Merge(ctx context.Context, r Release) (*workcopy.Merging, error) {
	mine, err := c.Copies().Copy(r.Name)
	if err != nil || mine == nil || mine.Origin.Archive == "" || mine.Origin.Archive == r.SHA256 {
		return nil, err
	}
	ours, err := workcopy.Read(mine.Dir, r.Name)
	if err != nil {
		return nil, err
	}
	theirs, by, err := c.open(ctx, r)
	if err != nil {
		return nil, err
	}
	if by.repository != mine.Origin.Repository {
		return nil, usage("%s is of repository %q, and this is of %q: a merge stays within one", mine.Dir, mine.Origin.Repository, by.repository)
	}
	base, err := c.mergeBase(ctx, r, mine.Origin)
	if err != nil {
		return nil, err
	}
	m, err := mine.Merge(base, ours, theirs, originOf(r, by))
	c.tellMerged(m)
	if err != nil {
		return nil, err
	}
	return m, nil
}

// mergeBase is the release that a working copy was made from. It was verified
// when it came, and its digest was noted.
func (c *Client) mergeBase(ctx context.Context, r Release, o workcopy.Origin) (*kube.Kube, error) {
	data, err := os.ReadFile(c.Home.Archive(o.Archive))
	if err != nil || index.DigestOf(data) != o.Archive {
		ref := Ref{Repository: r.Repository.Alias, Name: r.Name, Version: o.Version}
		base, err := c.Resolve(ctx, ref, true)
		if err != nil {
			return nil, err
		}
		if base.SHA256 != o.Archive {
			return nil, &NotFoundError{What: fmt.Sprintf("archive of %s %s any more that your copy was made from", r.Name, o.Version)}
		}
		if data, err = c.archive(ctx, base); err != nil {
			return nil, fmt.Errorf("fetching %s %s: %w", r.Name, o.Version, err)
		}
	}
	k, err := kube.Unpack(bytes.NewReader(data), r.Name, o.Version)
	if err != nil {
		return nil, formatFault(r.Repository, fmt.Errorf("unpacking %s: %w", index.ArchivePath(r.Name, o.Version), err))
	}
	return k, nil
}

// tellMerged says what became of the files.
func (c *Client) tellMerged(m *workcopy.Merging) {
	c.note(fmt.Sprintf("Merging %s %s into your copy %s", m.Name, m.Version, m.Dir))
	for _, f := range m.Files {
		for _, clash := range f.Clashes {
			at := f.Path
			if clash.Line > 0 {
				at = fmt.Sprintf("%s:%d", at, clash.Line)
			}
			text := fmt.Sprintf("%s: %s", at, clash.Text)
			if clash.Base+clash.Ours+clash.Theirs != "" {
				text += fmt.Sprintf(": it was %s, yours is %s and stays, the release has %s", clash.Base, clash.Ours, clash.Theirs)
			}
			c.warn(text)
		}
		if f.Outcome != merge.Kept && f.Outcome != merge.Conflict {
			c.note(fmt.Sprintf("%s %s", f.Outcome, f.Path))
		}
	}
}
