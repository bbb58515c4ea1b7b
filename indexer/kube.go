package indexer

import (
	"context"
	"fmt"
	"io/fs"
	"path"
	"runtime"
	"slices"
	"strings"

	"github.com/kpm-sh/kpm/internal/errcode"
	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/workers"
)

// names lists the Kubes of a packages folder: every folder whose name does not
// start with a dot, and every link to one, which its author may take for a Kube and
// readFolder refuses. Files beside them are ignored, but for those that besides
// refuses.
func names(packages fs.FS) ([]string, error) {
	entries, err := fs.ReadDir(packages, ".")
	if err != nil {
		return nil, fmt.Errorf("reading the packages folder: %w", err)
	}
	var out []string
	for _, e := range entries {
		if (e.IsDir() || linksFolder(packages, e)) && !strings.HasPrefix(e.Name(), ".") {
			out = append(out, e.Name())
		}
	}
	return out, nil
}

// linksFolder is true as well for what has the name of a Kube and leads out of the folder.
func linksFolder(packages fs.FS, e fs.DirEntry) bool {
	if e.Type()&fs.ModeSymlink == 0 {
		return false
	}
	info, err := fs.Stat(packages, e.Name())
	if err != nil {
		return kube.ValidName(e.Name()) == nil
	}
	return info.IsDir()
}

// folder is what a packages folder says of one Kube: its content, or that it
// is gone, and what became of its releases.
type folder struct {
	name     string
	kube     *kube.Kube // nil for one that is gone
	releases kube.Releases
	marks    []byte // releases.yaml
}

// readFolder reads and checks the structure of packages/name.
func readFolder(packages fs.FS, name string) (folder, kube.Problems) {
	f := folder{name: name}
	if info, err := fs.Lstat(packages, name); err == nil && info.Mode()&fs.ModeSymlink != 0 {
		return f, kube.Problems{{Path: name, Message: "is a symbolic link; a Kube is a folder of its own"}}
	}
	below, err := fs.Sub(packages, name)
	if err != nil {
		return f, kube.Problems{{Path: name, Message: err.Error()}}
	}
	dir := listing{below, map[string][]fs.DirEntry{}}
	if ps := embedded(dir, "."); len(ps) > 0 {
		return f, ps.In(name)
	}
	var ps kube.Problems
	if f.marks, ps = readReleases(dir); f.marks != nil {
		f.releases, ps = kube.ReadReleases(f.marks)
	}
	if f.releases.Gone != "" {
		return f, append(ps, onlyReleases(dir)...).In(name)
	}
	f.kube, ps = kube.ReadDir(dir, name) // which says what is wrong with releases.yaml, too
	return f, ps.In(name)
}

// readReleases gives releases.yaml, where it is a regular file of a size that
// it may have. A link or a device is not opened: kube.ReadDir refuses it.
func readReleases(dir fs.FS) ([]byte, kube.Problems) {
	fault := func(err error) ([]byte, kube.Problems) {
		return nil, kube.Problems{{Path: kube.ReleasesPath, Message: err.Error()}}
	}
	entries, err := fs.ReadDir(dir, ".")
	if err != nil {
		return fault(err)
	}
	i := slices.IndexFunc(entries, func(e fs.DirEntry) bool { return e.Name() == kube.ReleasesPath })
	if i < 0 || !entries[i].Type().IsRegular() {
		return nil, nil
	}
	info, err := entries[i].Info()
	if err != nil {
		return fault(err)
	}
	if info.Size() > kube.MaxMeta {
		return fault(fmt.Errorf("is %d bytes, more than %d", info.Size(), kube.MaxMeta))
	}
	data, err := fs.ReadFile(dir, kube.ReleasesPath)
	if err != nil {
		return fault(err)
	}
	return data, nil
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

// forEach runs do for every item, one for each core at once, and says after
// each how many are done.
func forEach[T any](ctx context.Context, items []T, done func(), do func(T) error) error {
	return forEachOf(ctx, runtime.GOMAXPROCS(0), items, done, do)
}

// forEachOf is forEach with atOnce items at a time: more than there are processors
// where most of the time is waiting.
func forEachOf[T any](ctx context.Context, atOnce int, items []T, done func(), do func(T) error) error {
	return workers.Each(ctx, atOnce, len(items), func(_ context.Context, i int) error {
		defer done()
		return do(items[i])
	})
}

// choose gives the names that are wanted, ascending, nil for all, and of these those
// that changed, nil for all. It refuses wanted names that no folder has.
func choose(all, wanted, changed []string) ([]string, error) {
	if wanted == nil {
		wanted = all
	}
	for _, name := range wanted {
		if !slices.Contains(all, name) {
			facts := errcode.Facts{}
			if near, edits := kube.Nearest(path.Base(name), all); near != "" && edits <= 2 { // path.Base: a folder, as the shell completes it
				facts["near"] = near
			}
			return nil, errcode.With(errcode.NotFound, facts, fmt.Errorf("the packages folder has no Kube %q", name))
		}
	}
	wanted = slices.Clone(wanted)
	if changed != nil {
		wanted = slices.DeleteFunc(wanted, func(name string) bool { return !slices.Contains(changed, name) })
	}
	slices.Sort(wanted)
	return slices.Compact(wanted), nil
}
