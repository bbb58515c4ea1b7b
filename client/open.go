package client

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/kpm-sh/kpm/client/repos"
	"github.com/kpm-sh/kpm/client/workcopy"
	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/inputfile"
	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/trust"
)

// Opened is a Kube that was opened from where its user named it.
type Opened struct {
	Kube    *kube.Kube
	Release *repos.Release // what it was verified to be; nil: nobody vouches for it
	Copy    *workcopy.Copy // the working copy that it is; nil: it is none
}

// Verified reports whether the Kube is, byte for byte, a release that its
// repository signed.
func (t *Opened) Verified() bool { return t.Release != nil }

// Open opens the Kube that ref names: the working copy of a bare NAME where there
// is one, else the release; the folder or the archive of a path. An archive is
// verified if a repository published it. Notices say what was opened instead of a
// verified release.
func (c *Client) Open(ctx context.Context, ref repos.Ref, pre bool) (*Opened, error) {
	if t, err := openLocal(ctx, c, ref); err != nil {
		return nil, err
	} else if t != nil {
		warnOfCopy(ctx, c, t.Kube.Name, t.Copy)
		return t, nil
	}
	rel, err := c.Repos.Resolve(ctx, ref, pre)
	if err != nil {
		return nil, err
	}
	caution(c, rel)
	return openRelease(ctx, rel)
}

func openRelease(ctx context.Context, rel repos.Release) (*Opened, error) {
	k, by, err := rel.Open(ctx)
	if err != nil {
		return nil, err
	}
	rel.By = by
	return &Opened{Kube: k, Release: &rel}, nil
}

// openLocal opens what is no release to be fetched: a folder, an archive, or a
// working copy. It is nil when ref names none of these.
func openLocal(ctx context.Context, c *Client, ref repos.Ref) (*Opened, error) {
	switch {
	case ref.Path != "":
		return openPath(ctx, c, ref.Path)
	case ref.Repository == "" && ref.Version == "":
		return openCopy(c, ref.Name)
	}
	return nil, nil
}

func openCopy(c *Client, name string) (*Opened, error) {
	if err := c.Home.Check(); err != nil {
		return nil, err
	}
	info, err := c.Copies().Copy(name)
	if info == nil || err != nil {
		return nil, err
	}
	note := "Using your copy " + info.Dir
	if len(info.Edited) > 0 {
		note += ", edited"
	}
	c.note(note)
	k, err := workcopy.Read(info.Dir, name)
	if err != nil {
		return nil, err
	}
	return &Opened{Kube: k, Copy: info}, nil
}

// openPath opens a folder or an archive.
func openPath(ctx context.Context, c *Client, path string) (*Opened, error) {
	info, err := statPath(path)
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		k, err := workcopy.Read(path, "")
		if err != nil {
			return nil, err
		}
		if err := c.refuseOwn(path, k.Name, nil); err != nil {
			return nil, err
		}
		c.note(fmt.Sprintf("Using the folder %s as it is; nobody vouches for it", path))
		return &Opened{Kube: k}, nil
	}
	data, err := readArchive(path, info)
	if err != nil {
		return nil, err
	}
	k, err := kube.Unpack(bytes.NewReader(data), "", "")
	if err != nil {
		return nil, fmt.Errorf("unpacking %s: %w", path, err)
	}
	bundle, err := readBundle(path)
	if err != nil {
		return nil, err
	}
	rel, _, err := c.Repos.Vouch(ctx, k, data, bundle)
	var unverified *repos.UnverifiedError
	switch {
	case errors.As(err, &unverified):
		if err := c.refuseOwn(path, k.Name, unverified); err != nil {
			return nil, err
		}
		c.warn(fmt.Sprintf("%s is not verified: %s", path, unverified.Reason))
	case err != nil:
		return nil, err
	default:
		caution(c, *rel)
	}
	return &Opened{Kube: k, Release: rel}, nil
}

// readArchive reads a file that is called an archive, within the limit of one.
func readArchive(path string, info fs.FileInfo) ([]byte, error) {
	if !strings.HasSuffix(path, ".tgz") || !info.Mode().IsRegular() {
		return nil, usage("%s is neither a folder nor an archive (.tgz)", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("reading a Kube: %w", err)
	}
	defer f.Close() //nolint:errcheck // read only
	data, err := io.ReadAll(io.LimitReader(f, kube.MaxArchive+1))
	if err != nil {
		return nil, fmt.Errorf("reading a Kube: %w", err)
	}
	return data, nil
}

// refuseOwn refuses what nobody vouches for where a repository that publishes a Kube of
// that name is to be had with provenance alone.
func (c *Client) refuseOwn(path, name string, why error) error {
	alias, err := c.Repos.Requires(name)
	if err != nil || alias == "" {
		return err
	}
	found := fmt.Sprintf("nobody vouches for %s, and of repository %s, which has %s, provenance is required", path, alias, name)
	if why != nil {
		found += ": " + why.Error()
	}
	return &trust.Error{Code: trust.Unlisted, Found: found, Err: why}
}

// readBundle reads the bundle that lies beside an archive; nil where none does.
func readBundle(archive string) ([]byte, error) {
	data, err := inputfile.Read(archive+index.BundleSuffix, index.MaxBundle)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the bundle of %s: %w", archive, err)
	}
	return data, nil
}

// caution says what its publisher wants to be known of a release before it is
// used.
func caution(c *Client, r repos.Release) {
	if r.Yanked != nil && !r.Yanked.Revoked {
		c.warn(fmt.Sprintf("%s %s was yanked: %s", r.Name, r.Version, r.Yanked.Reason))
	}
	if r.Record.Deprecated != "" {
		c.warn(fmt.Sprintf("%s is deprecated: %s", r.Name, r.Record.Deprecated))
	}
}

// publisher says who answers for what was opened.
func (t *Opened) publisher() string {
	switch {
	case t.Release != nil:
		return t.Release.Published()
	case t.Copy != nil:
		return "of your copy"
	}
	return "for which nobody vouches"
}
