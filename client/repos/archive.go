package repos

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"syscall"

	"github.com/kpm-sh/kpm/internal/atomicfile"
	"github.com/kpm-sh/kpm/internal/fetch"
	"github.com/kpm-sh/kpm/internal/index"
)

// archive gives the bytes of an archive, hashed just now.
func (r Release) archive(ctx context.Context) ([]byte, error) {
	file := r.Repository.opt.Home.Archive(r.SHA256)
	if data, err := os.ReadFile(file); err == nil && r.Ref().Match(data) == nil {
		return data, nil
	}
	held, err := r.lockArchives(ctx)
	if unkeepable(err) {
		return r.fetchUncached(ctx)
	}
	if err != nil {
		return nil, err
	}
	defer held.Unlock()
	if data, err := os.ReadFile(file); err == nil && r.Ref().Match(data) == nil {
		return data, nil // another kpm fetched it meanwhile
	}
	if err := r.download(ctx, file); err != nil {
		return nil, err
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	return data, r.Ref().Match(data)
}

// lockArchives keeps other kpms from fetching the same archive.
func (r Release) lockArchives(ctx context.Context) (*atomicfile.Held, error) {
	if err := r.Repository.opt.Home.Make(r.Repository.opt.Home.Archives()); err != nil {
		return nil, err
	}
	return atomicfile.Lock(ctx, filepath.Join(r.Repository.opt.Home.Archives(), ".lock-"+string(r.SHA256[:1])))
}

// unkeepable reports whether a home keeps nothing: it is read-only, or has no locks.
func unkeepable(err error) bool {
	return errors.Is(err, syscall.EROFS) || errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.ENOLCK) || errors.Is(err, syscall.ENOSYS)
}

// fetchUncached fetches an archive for this one use.
func (r Release) fetchUncached(ctx context.Context) ([]byte, error) {
	dir, err := os.MkdirTemp("", "kpm-archive-*")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir) //nolint:errcheck // what stays of it is the system's to sweep
	file := filepath.Join(dir, "archive")
	if err := r.download(ctx, file); err != nil {
		return nil, err
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	return data, r.Ref().Match(data)
}

// download asks the repository's sources for an archive, and then the further
// places that the release names; a download that broke off goes on.
func (r Release) download(ctx context.Context, file string) error {
	sources, err := r.Repository.sources()
	if err != nil {
		return err
	}
	var errs []error
	for _, s := range sources {
		err := s.Download(ctx, index.ArchivePath(r.Name, r.Version), r.Ref(), file, r.Repository.opt.Progress)
		if err == nil || ctx.Err() != nil || !elsewhere(err) {
			return err
		}
		errs = append(errs, err)
	}
	for _, raw := range r.URLs {
		err := r.downloadURL(ctx, raw, file)
		if err == nil || ctx.Err() != nil {
			return err
		}
		errs = append(errs, err)
	}
	return unmirrored(ctx, r.Repository, r.Name, r.Version, objectFault(ctx, r.Repository, mostSevere(errs)))
}

// downloadURL fetches an archive from a place that is no source of ours, and so
// gets no credential.
func (r Release) downloadURL(ctx context.Context, raw, file string) error {
	u, err := url.Parse(raw)
	if err != nil || u.Scheme != "https" {
		return fmt.Errorf("%q: %w", raw, errors.Join(fetch.ErrNotFound, err))
	}
	dir, base := path.Split(u.Path)
	u.Path, u.RawPath = dir, ""
	s, err := fetch.Open(u.String(), r.Repository.opt.Fetch)
	if err != nil {
		return err
	}
	defer s.Close()
	return s.Download(ctx, base, r.Ref(), file, r.Repository.opt.Progress)
}

// elsewhere reports whether another source may do better: this one lacks the
// file, cannot be reached, or has other bytes.
func elsewhere(err error) bool {
	return absent(err) || errors.As(err, new(*index.MismatchError)) ||
		errors.As(err, new(*fetch.StatusError)) || errors.As(err, new(*fetch.RedirectError))
}
