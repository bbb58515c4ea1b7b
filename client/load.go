package client

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/kpm-sh/kpm/client/repos"
	"github.com/kpm-sh/kpm/internal/kube"
)

// load reads a Kube that is no repository's: the folder or the archive that ref
// names by its path. Nobody but the user vouches for it.
func load(ctx context.Context, ref repos.Ref) (*kube.Kube, error) {
	info, err := statPath(ref.Path)
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		k, problems, err := Lint(ctx, ref.Path)
		if err != nil {
			return nil, err
		}
		return k, problems.In(ref.Path).Err()
	}
	if !strings.HasSuffix(ref.Path, ".tgz") || !info.Mode().IsRegular() {
		return nil, usage("%s is neither a folder nor an archive (.tgz)", ref.Path)
	}
	f, err := os.Open(ref.Path)
	if err != nil {
		return nil, fmt.Errorf("reading a Kube: %w", err)
	}
	defer f.Close() //nolint:errcheck // read only
	k, err := kube.Unpack(f, "", "")
	if problems, ok := errors.AsType[kube.Problems](err); ok {
		return nil, problems.In(ref.Path)
	}
	if err != nil {
		return nil, fmt.Errorf("unpacking %s: %w", ref.Path, err)
	}
	return k, nil
}

// statPath is what lies at the path that somebody named.
func statPath(path string) (fs.FileInfo, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, usage("%s is not there: a Kube is a folder with a K3.yaml, or an archive (.tgz)", path)
	case err != nil:
		return nil, fmt.Errorf("reading a Kube: %w", err)
	}
	return info, nil
}
