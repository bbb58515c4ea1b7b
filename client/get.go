package client

import (
	"context"
	"fmt"

	"github.com/kpm-sh/kpm/client/repos"
	"github.com/kpm-sh/kpm/client/workcopy"
	"github.com/kpm-sh/kpm/internal/merge"
)

// Copies are the working copies of the home.
func (c *Client) Copies() workcopy.Copies { return workcopy.Copies{Home: c.Home} }

// Checkout fetches and verifies a release, and looks at what is in the place of
// its working copy. Nothing is changed there yet.
func (c *Client) Checkout(ctx context.Context, r repos.Release) (*workcopy.Checkout, error) {
	caution(c, r)
	mine, err := c.Copies().Copy(r.Name)
	if err != nil {
		return nil, err
	}
	warnOfCopy(ctx, c, r.Name, mine)
	warnOfOlder(c, r, mine)
	k, by, err := r.Open(ctx)
	if err != nil {
		return nil, err
	}
	return c.Copies().Checkout(k, originOf(r, by))
}

func originOf(r repos.Release, by repos.Voucher) workcopy.Origin {
	return workcopy.Origin{Repository: by.Repository, Signer: by.Signer, Alias: r.Repository.Alias, Version: r.Version, Archive: r.SHA256}
}

// Merge brings a release and the working copy of its Kube together. The copy
// stays as it is until it is committed. Notices say what became of each file. It is
// nil when there is no copy that kpm made, or when that is of this release
// already and whole.
func (c *Client) Merge(ctx context.Context, r repos.Release) (*workcopy.Merging, error) {
	mine, err := c.Copies().Copy(r.Name)
	if err != nil || mine == nil || mine.Origin.Archive == "" {
		return nil, err
	}
	warnOfCopy(ctx, c, r.Name, mine)
	warnOfOlder(c, r, mine)
	if mine.Origin.Archive == r.SHA256 {
		return nil, workcopy.CheckMerged(mine.Dir)
	}
	ours, err := workcopy.Read(mine.Dir, r.Name)
	if err != nil {
		return nil, err
	}
	theirs, by, err := r.Open(ctx)
	if err != nil {
		return nil, err
	}
	if by.Repository != mine.Origin.Repository {
		return nil, usage("%s is of repository %q, and this is of %q: a merge stays within one", mine.Dir, mine.Origin.Repository, by.Repository)
	}
	base, err := c.Repos.Former(ctx, r, mine.Origin.Version, mine.Origin.Archive)
	if err != nil {
		return nil, err
	}
	m, err := mine.Merge(base, ours, theirs, originOf(r, by))
	tellMerged(c, m)
	if err != nil {
		return nil, err
	}
	return m, nil
}

// tellMerged says what became of the files.
func tellMerged(c *Client, m *workcopy.Merging) {
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

// warnOfOlder tells that a release takes a working copy back to what is older.
func warnOfOlder(c *Client, r repos.Release, copied *workcopy.Copy) {
	if copied != nil && older(r.Version, copied.Version) {
		c.warn(fmt.Sprintf("your copy %s is of %s; this goes back to %s", copied.Dir, copied.Version, r.Version))
	}
}
