package workcopy

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/kpm-sh/kpm/internal/errcode"
	"github.com/kpm-sh/kpm/internal/kube"
)

// theirsSuffix marks a release's version of a file that could not be merged; it
// lies beside the user's.
const theirsSuffix = ".theirs"

// UnmergedError says that files of a release wait beside the user's to be merged.
type UnmergedError struct {
	Dir   string
	Files []string // relative to Dir, each with its suffix
}

func (e *UnmergedError) Error() string {
	return fmt.Sprintf("%s has conflicts that wait to be merged: %s", e.Dir, strings.Join(e.Files, " "))
}

// ErrorCode is UNMERGED.
func (e *UnmergedError) ErrorCode() errcode.Code { return errcode.Unmerged }

// ErrorFacts are the paths of the files.
func (e *UnmergedError) ErrorFacts() errcode.Facts {
	var files []string
	for _, f := range e.Files {
		files = append(files, filepath.Join(e.Dir, f))
	}
	return errcode.Facts{"files": files}
}

// MergeError says that a release would conflict with the edits of a working copy.
type MergeError struct {
	Name, Version string
	Files         []string
}

func (e *MergeError) Error() string {
	return fmt.Sprintf("%s %s conflicts with your edits in %s", e.Name, e.Version, strings.Join(e.Files, " "))
}

// ErrorCode is CONFLICTS.
func (e *MergeError) ErrorCode() errcode.Code { return errcode.Conflicts }

// ErrorFacts name the release.
func (e *MergeError) ErrorFacts() errcode.Facts {
	return errcode.Facts{"name": e.Name, "version": e.Version}
}

// Read reads the folder of a Kube without judging its objects; with "" as its name
// it may have any. One with files that wait to be merged is refused.
func Read(dir, name string) (*kube.Kube, error) {
	if err := CheckMerged(dir); err != nil {
		return nil, err
	}
	k, problems := kube.ReadDir(os.DirFS(dir), name)
	return k, problems.Err()
}

// isKube keeps from walking through a folder that is no Kube's: it may be the root of a disk.
func isKube(dir string) bool {
	for _, name := range []string{kube.MetaPath, kube.MetaPath + theirsSuffix} {
		if _, err := os.Lstat(filepath.Join(dir, name)); !errors.Is(err, fs.ErrNotExist) {
			return true
		}
	}
	return false
}

// CheckMerged refuses a folder in which a merge is not finished, with an
// *UnmergedError: what the user meant is not known before.
func CheckMerged(dir string) error {
	if !isKube(dir) {
		return nil
	}
	files, err := Unmerged(dir)
	if err != nil || len(files) == 0 {
		return err
	}
	return &UnmergedError{dir, files}
}

// Unmerged lists the files below dir that a merge left to the user, relative to
// dir. Dotfiles are not the Kube's.
func Unmerged(dir string) ([]string, error) {
	var files []string
	err := fs.WalkDir(os.DirFS(dir), ".", func(p string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case p != "." && strings.HasPrefix(path.Base(p), ".") && d.IsDir():
			return fs.SkipDir
		case !d.IsDir() && strings.HasSuffix(p, theirsSuffix) && !strings.HasPrefix(path.Base(p), "."):
			files = append(files, filepath.FromSlash(p))
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("looking for what is to be merged: %w", err)
	}
	return files, nil
}
