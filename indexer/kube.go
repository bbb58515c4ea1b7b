package indexer

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"runtime"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/lint"
)

// names lists the Kubes of a packages folder: every folder whose name does not
// start with a dot. Files beside them are ignored.
func names(packages fs.FS) ([]string, error) {
	entries, err := fs.ReadDir(packages, ".")
	if err != nil {
		return nil, fmt.Errorf("reading the packages folder: %w", err)
	}
	var out []string
	for _, e := range entries {
		if e.IsDir() && !strings.HasPrefix(e.Name(), ".") {
			out = append(out, e.Name())
		}
	}
	return out, nil
}

// folder is what a packages folder says of one Kube: its content, or that it
// is gone, and what became of its releases.
type folder struct {
	name     string
	kube     *kube.Kube // nil for one that is gone
	releases kube.Releases
}

// readFolder reads and checks the structure of packages/name.
func readFolder(packages fs.FS, name string) (folder, kube.Problems) {
	f := folder{name: name}
	dir, err := fs.Sub(packages, name)
	if err != nil {
		return f, kube.Problems{{Path: name, Message: err.Error()}}
	}
	data, err := fs.ReadFile(dir, kube.ReleasesPath)
	switch {
	case err == nil:
		var ps kube.Problems
		if f.releases, ps = kube.ReadReleases(data); ps.Err() != nil {
			return f, ps.In(name)
		}
	case !errors.Is(err, fs.ErrNotExist):
		return f, kube.Problems{{Path: path.Join(name, kube.ReleasesPath), Message: err.Error()}}
	}
	if f.releases.Gone != "" {
		return f, onlyReleases(dir).In(name)
	}
	var ps kube.Problems
	f.kube, ps = kube.ReadDir(dir, name)
	return f, ps.In(name)
}

// onlyReleases: the folder of a Kube that is gone holds nothing else, so that
// nobody takes it for a Kube.
func onlyReleases(dir fs.FS) kube.Problems {
	entries, err := fs.ReadDir(dir, ".")
	if err != nil {
		return kube.Problems{{Message: err.Error()}}
	}
	var ps kube.Problems
	for _, e := range entries {
		if e.Name() != kube.ReleasesPath && !strings.HasPrefix(e.Name(), ".") {
			ps = append(ps, kube.Problem{Path: e.Name(), Message: "releases.yaml says that the Kube is gone: its folder holds nothing else"})
		}
	}
	return ps
}

// Check judges every Kube of a packages folder and reports all problems at
// once, in the order of their paths, and how many Kubes it saw. report, which
// may be nil, is told how far it is.
func Check(ctx context.Context, packages fs.FS, report Report) (kube.Problems, int, error) {
	all, err := names(packages)
	if err != nil {
		return nil, 0, err
	}
	var mu sync.Mutex
	var problems kube.Problems
	err = forEach(ctx, all, report.stage("checking", len(all)), func(name string) error {
		f, ps := readFolder(packages, name)
		if f.kube != nil {
			_, more := lint.Kube(f.kube)
			ps = append(ps, more.In(name)...)
		}
		mu.Lock()
		defer mu.Unlock()
		problems = append(problems, ps...)
		return nil
	})
	problems.Sort()
	return problems, len(all), err
}

// forEach runs do for every item, one for each core at once, and says after
// each how many are done.
func forEach[T any](ctx context.Context, items []T, done func(), do func(T) error) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(runtime.GOMAXPROCS(0))
	for item := range slices.Values(items) {
		g.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			defer done()
			return do(item)
		})
	}
	return g.Wait()
}
