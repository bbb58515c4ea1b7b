package main

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha1" //nolint:gosec // the names of git's objects are SHA-1
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/kpm-sh/kpm/internal/kube"
)

// gitCommit is the commit that has the Kubes of the folder dir exactly as they
// lie there, byte for byte. Where there is none it is empty, and why says so:
// provenance that names a commit promises that it can be built again from it.
func gitCommit(ctx context.Context, dir string) (commit, why string) {
	r, changed, err := compareCommit(ctx, dir)
	switch {
	case errors.Is(err, errNoRepository):
		return "", fmt.Sprintf("%s %v", dir, errNoRepository)
	case errors.Is(err, exec.ErrNotFound):
		return "", fmt.Sprintf("%s lies in a git repository, and git is not installed", dir)
	case err != nil:
		return "", fmt.Sprintf("asking git for the commit of %s: %v", dir, err)
	case len(changed) > 0:
		return "", fmt.Sprintf("%s has changes that are not committed: %s", dir, few(changed))
	}
	return r.commit, ""
}

// compareCommit finds the repository of the folder dir, and which files of dir
// its commit has otherwise.
func compareCommit(ctx context.Context, dir string) (*gitRepository, []string, error) {
	at, err := filepath.Abs(dir)
	if err != nil {
		return nil, nil, err
	}
	if at, err = filepath.EvalSymlinks(at); err != nil {
		return nil, nil, err
	}
	r, err := openRepository(ctx, at)
	if err != nil {
		return nil, nil, err
	}
	want, err := r.blobs(ctx, at)
	if err != nil {
		return nil, nil, err
	}
	differ, err := r.compare(ctx, at, want)
	return r, differ.files, err
}

// changedSince are the Kubes of the folder dir that have files which the commit of a
// revision has not, or otherwise; and those that it has and the folder has not. Without a
// revision nothing is asked.
func changedSince(ctx context.Context, dir, revision string) (since, error) {
	if revision == "" {
		return since{}, nil
	}
	fail := func(err error) (since, error) {
		return since{}, fmt.Errorf("asking git what of %s changed since %s: %w", dir, revision, err)
	}
	at, err := filepath.Abs(dir)
	if err != nil {
		return fail(err)
	}
	if at, err = filepath.EvalSymlinks(at); err != nil {
		return fail(err)
	}
	r, err := openRepository(ctx, at)
	if err != nil {
		return fail(err)
	}
	head := r.commit
	if r.commit, err = r.commitOf(ctx, revision); err != nil {
		return fail(err)
	}
	r.index = readIndex(r.dir)
	want, err := r.blobs(ctx, at)
	if err != nil {
		return fail(err)
	}
	differ, err := r.compare(ctx, at, want)
	if err != nil {
		return fail(err)
	}
	changed := slices.Sorted(slices.Values(slices.Concat(differ.files, differ.folders)))
	out := since{changed: []string{}}
	for _, file := range changed {
		name, rest, _ := strings.Cut(file, "/")
		if _, err := os.Stat(filepath.Join(at, name)); err == nil {
			out.changed = append(out.changed, name)
		}
		if rest == kube.MetaPath || rest == kube.ReleasesPath {
			out.moved = append(out.moved, name)
		}
	}
	if out.submodules, err = r.submodules(ctx, head, at, differ.folders); err != nil {
		return fail(err)
	}
	out.changed, out.moved = slices.Compact(out.changed), slices.Compact(out.moved)
	return out, nil
}

// since are names of Kubes that are not as in a commit.
type since struct {
	changed []string // nil for all; without those that are gone altogether
	moved   []string // with another K3.yaml or releases.yaml, or with none any more
	// submodules are paths in the folder at which HEAD has a commit of another repository.
	submodules []string
}

func showsNothing(dir string) bool {
	entries, err := os.ReadDir(dir)
	return err == nil && !slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return !strings.HasPrefix(e.Name(), ".") })
}

func linksFolder(at string, d fs.DirEntry) bool {
	if d.Type()&fs.ModeSymlink == 0 || strings.HasPrefix(d.Name(), ".") {
		return false
	}
	info, err := os.Stat(at)
	return err == nil && info.IsDir()
}

// submodules are those of the folders at which a commit has a commit of another repository.
func (r *gitRepository) submodules(ctx context.Context, commit, dir string, folders []string) ([]string, error) {
	if len(folders) == 0 {
		return nil, nil
	}
	prefix, err := r.within(dir)
	if err != nil {
		return nil, err
	}
	args := []string{"ls-tree", "-z", "--full-tree", commit, "--"}
	for _, f := range folders {
		args = append(args, prefix+strings.TrimSuffix(f, "/"))
	}
	listed, err := r.git(ctx, args...)
	if err != nil {
		return nil, err
	}
	var out []string
	for entry := range strings.SplitSeq(string(listed), "\x00") {
		if facts, at, ok := strings.Cut(entry, "\t"); ok && strings.Contains(facts, " commit ") {
			out = append(out, strings.TrimPrefix(at, prefix))
		}
	}
	return out, nil
}

// few names the first of many.
func few(paths []string) string {
	const most = 3
	if n := len(paths) - most; n > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(paths[:most], ", "), n)
	}
	return strings.Join(paths, ", ")
}

// blob is a file of a commit.
type blob struct {
	mode, name string // as in git-ls-tree(1); name is the digest
}

// difference is how a packages folder is not as a commit has it.
type difference struct {
	files []string // of Kubes, ascending: other ones, new ones, and those that are gone
	// folders, each with a slash at its end, of which the commit knows nothing and that show
	// no files: a submodule that is not checked out is one. Among them are the links to
	// folders beside the Kubes, and where the commit itself has submodules.
	folders []string
}

// compare says how dir is not as the commit, whose files there are want. Of files only what a
// Kube is made of counts: no hidden ones, and none beside the Kubes.
func (r *gitRepository) compare(ctx context.Context, dir string, want map[string]blob) (difference, error) {
	var out difference
	known, found := foldersOf(want), make(map[string]bool, len(want))
	err := filepath.WalkDir(dir, func(at string, d fs.DirEntry, err error) error {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil || at == dir {
			return err
		}
		rel := filepath.ToSlash(strings.TrimPrefix(at[len(dir):], string(filepath.Separator)))
		if d.IsDir() {
			switch {
			case strings.HasPrefix(d.Name(), "."):
				return fs.SkipDir
			case !known[rel] && showsNothing(at):
				out.folders = append(out.folders, rel+"/")
			}
			return nil
		}
		if !ofKube(rel) {
			if linksFolder(at, d) {
				out.folders = append(out.folders, rel+"/")
			}
			return nil
		}
		found[rel] = true
		if same, err := r.is(want[rel], at, d); err != nil || same {
			return err
		}
		out.files = append(out.files, rel)
		return nil
	})
	for rel, b := range want {
		if b == (blob{}) {
			out.folders = append(out.folders, rel+"/")
		}
		if !found[rel] {
			out.files = append(out.files, rel)
		}
	}
	slices.Sort(out.files)
	return out, err
}

// foldersOf are the folders of files.
func foldersOf(files map[string]blob) map[string]bool {
	out := map[string]bool{}
	for file := range files {
		for at := path.Dir(file); at != "." && !out[at]; at = path.Dir(at) {
			out[at] = true
		}
	}
	return out
}

// ofKube reports whether a path of the packages folder is one of a Kube's.
func ofKube(rel string) bool {
	return strings.Contains(rel, "/") && !strings.HasPrefix(rel, ".") && !strings.Contains(rel, "/.")
}

// blobs are the files of the commit below dir that Kubes are made of.
func (r *gitRepository) blobs(ctx context.Context, dir string) (map[string]blob, error) {
	prefix, err := r.within(dir)
	if err != nil {
		return nil, err
	}
	args := []string{"ls-tree", "-r", "-z", "--full-tree", r.commit}
	if prefix != "" {
		args = append(args, "--", prefix)
	}
	listed, err := r.git(ctx, args...)
	if err != nil {
		return nil, err
	}
	out := make(map[string]blob, bytes.Count(listed, []byte{0}))
	for entry := range bytes.SplitSeq(bytes.TrimSuffix(listed, []byte{0}), []byte{0}) {
		facts, path, _ := strings.Cut(string(entry), "\t")
		if rel := strings.TrimPrefix(path, prefix); ofKube(rel) {
			out[rel] = parseBlob(facts)
		}
	}
	return out, nil
}

// within is the path of dir in the repository with a slash at its end, empty
// for the root.
func (r *gitRepository) within(dir string) (string, error) {
	rel, err := filepath.Rel(r.root, dir)
	if err != nil || rel == "." {
		return "", err
	}
	return filepath.ToSlash(rel) + "/", nil
}

// parseBlob reads "mode type name"; what is no blob is never a file.
func parseBlob(facts string) blob {
	words := strings.Fields(facts)
	if len(words) != 3 || words[1] != "blob" {
		return blob{}
	}
	return blob{mode: words[0], name: words[2]}
}

// is reports whether the file at path is this one. Windows has no execute bit
// to compare.
func (r *gitRepository) is(b blob, path string, d fs.DirEntry) (bool, error) {
	if !d.Type().IsRegular() {
		return false, nil
	}
	info, err := d.Info()
	if err != nil {
		return false, err
	}
	mode := "100644"
	if info.Mode()&0o100 != 0 || (runtime.GOOS == "windows" && b.mode == "100755") {
		mode = "100755"
	}
	if mode != b.mode {
		return false, nil
	}
	if rel, err := filepath.Rel(r.root, path); err == nil && r.index.has(filepath.ToSlash(rel), b.name, info) {
		return true, nil
	}
	name, err := blobName(path, info.Size(), len(b.name))
	return name == b.name, err
}

// blobName is what git calls a file of size bytes: the SHA-1, or in new
// repositories the SHA-256, of its content after a header.
func blobName(path string, size int64, digits int) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close() //nolint:errcheck // read only
	h := sha1.New() //nolint:gosec // see above
	if digits == hex.EncodedLen(sha256.Size) {
		h = sha256.New()
	}
	_, err = fmt.Fprintf(h, "blob %d\x00", size)
	_, copied := io.Copy(h, io.LimitReader(f, size+1))
	return hex.EncodeToString(h.Sum(nil)), cmp.Or(err, copied)
}
