package workcopy

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/kpm-sh/kpm/internal/merge"
)

// giveWay makes a conflict of each file that the release adds where something of the
// user's stays: files in a folder of that name, or a file in the place of a folder.
func (m *Merging) giveWay() error {
	goes := map[string]bool{}
	for _, f := range m.Files {
		goes[f.Path] = f.Outcome == merge.Removed
	}
	root, err := os.OpenRoot(m.Dir)
	if err != nil {
		return err
	}
	defer root.Close() //nolint:errcheck // read only
	for i, f := range m.Files {
		if f.Outcome != merge.Added {
			continue
		}
		above := fileAbove(root, f.Path)
		below, err := fileBelow(root, f.Path, goes)
		if err != nil {
			return err
		}
		text := ""
		switch {
		case above != "" && !goes[above]:
			text = "the release added it, and you have a file " + above
		case below != "":
			text = "the release added it, and you have a folder with " + below
		default:
			continue
		}
		m.Files[i].Result = merge.Result{Outcome: merge.Conflict, Clashes: []merge.Clash{{Text: text}}}
	}
	return nil
}

// fileAbove is the file that is where the folder of a path would be; "" if there is none.
func fileAbove(root *os.Root, p string) string {
	for dir := path.Dir(p); dir != "."; dir = path.Dir(dir) {
		if info, err := root.Lstat(filepath.FromSlash(dir)); err == nil && !info.IsDir() {
			return dir
		}
	}
	return ""
}

// fileBelow is a file in the folder at a path that does not go; "" if there is none. Files
// that are not the Kube's, as dotfiles, are the user's, too.
func fileBelow(root *os.Root, p string, goes map[string]bool) (string, error) {
	if info, err := root.Lstat(filepath.FromSlash(p)); err != nil || !info.IsDir() {
		return "", nil
	}
	found := ""
	err := fs.WalkDir(root.FS(), p, func(below string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && below != p && !goes[below] {
			found = below
			return fs.SkipAll
		}
		return err
	})
	return found, err
}

// isFolder reports whether the release has a folder at a path: the files in it say that it
// has no file there.
func (m *Merging) isFolder(p string) bool {
	for file := range m.theirs {
		if strings.HasPrefix(file, p+"/") {
			return true
		}
	}
	return false
}

// beside is where the release's version of a file lies: beside that of the user, also
// where theirs is a file in the place of the folder.
func beside(root *os.Root, p string) string {
	if file := fileAbove(root, p); file != "" {
		p = file + theirsSuffix + strings.TrimPrefix(p, file)
	}
	return p + theirsSuffix
}

// makeRoom removes a file, or a folder in which there is none.
func makeRoom(root *os.Root, p string) error {
	var all []string
	err := fs.WalkDir(root.FS(), p, func(below string, d fs.DirEntry, err error) error {
		if err == nil && (below == p || d.IsDir()) {
			all = append(all, filepath.FromSlash(below))
		}
		return err
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	for i := len(all) - 1; i >= 0 && err == nil; i-- {
		err = root.Remove(all[i])
	}
	return err
}
