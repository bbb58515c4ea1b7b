package client

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
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

// MergeError says that a release would conflict with the edits of a working copy.
type MergeError struct {
	Name, Version string
	Files         []string
}

func (e *MergeError) Error() string {
	return fmt.Sprintf("%s %s conflicts with your edits in %s", e.Name, e.Version, strings.Join(e.Files, " "))
}

// mergedAll refuses a folder in which a merge is not finished: what the user
// meant is not known before.
func mergedAll(dir string) error {
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
