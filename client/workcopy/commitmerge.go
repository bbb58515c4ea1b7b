package workcopy

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/kpm-sh/kpm/internal/atomicfile"
	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/merge"
)

// CommitMerge puts a merged copy in place, in one step. Where both sides changed
// something, what the user wrote stays, with the release's file beside it as
// FILE.theirs, which is empty where the release has no such file, and a folder where it has
// one of that name; the error is then a
// *UnmergedError, and the copy is of the release once that file is gone. A copy that
// was edited since it was merged is left alone, with an error.
func (c Copies) CommitMerge(ctx context.Context, m *Merging) error {
	unlock, err := c.Home.Lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	if err := c.unchangedSince(m); err != nil {
		return err
	}
	if err := c.finishCommit(m.Name); err != nil {
		return err
	}
	tmp, err := atomicfile.TempDir(c.Home.Dir)
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp) //nolint:errcheck // it is gone when all went well
	if err := m.write(tmp); err != nil {
		return fmt.Errorf("merging into %s: %w", m.Dir, err)
	}
	if err := c.replace(m.Name, tmp, m.Origin); err != nil {
		return err
	}
	return CheckMerged(m.Dir)
}

// unchangedSince refuses when the copy is not what was merged any more.
func (c Copies) unchangedSince(m *Merging) error {
	info, err := os.Lstat(m.Dir)
	switch {
	case err != nil:
		return fmt.Errorf("merging: %w", err)
	case !info.IsDir():
		return fmt.Errorf("merging into %s: it is no folder, but a link or a file", m.Dir)
	}
	o, _, err := c.Origin(m.Name)
	if err != nil {
		return err
	}
	now, err := Read(m.Dir, m.Name)
	if err != nil {
		return err
	}
	same := slices.EqualFunc(now.Files, m.was, func(a, b kube.File) bool {
		return a.Path == b.Path && a.Exec == b.Exec && string(a.Data) == string(b.Data)
	})
	if !same || o.Archive != m.from {
		return fmt.Errorf("merging into %s: it was edited just now; nothing was changed", m.Dir)
	}
	return nil
}

// write makes the merged copy in dir: all that the copy holds, also what is not
// the Kube's, with the merged files in their places.
func (m *Merging) write(dir string) error {
	if err := os.CopyFS(dir, os.DirFS(m.Dir)); err != nil {
		return err
	}
	root, err := openCopy(dir)
	if err != nil {
		return err
	}
	defer root.Close() //nolint:errcheck // read only
	for _, f := range m.Files {
		if f.Outcome == merge.Removed {
			if err := root.Remove(filepath.FromSlash(f.Path)); err != nil {
				return err
			}
		}
	}
	for _, f := range m.Files {
		if err := m.writeMerged(root, f); err != nil {
			return err
		}
	}
	return nil
}

func (m *Merging) writeMerged(root *os.Root, f MergedFile) error {
	theirs := m.theirs[f.Path]
	if theirs == nil {
		theirs = &merge.File{}
	}
	if f.Outcome == merge.Conflict && !m.isFolder(f.Path) {
		if err := replaceFile(root, beside(root, f.Path), theirs); err != nil {
			return err
		}
	}
	if f.File == nil {
		return nil
	}
	return replaceFile(root, f.Path, f.File)
}

// replaceFile writes a file anew, so that its mode is the one wanted.
func replaceFile(root *os.Root, path string, f *merge.File) error {
	if err := makeRoom(root, path); err != nil {
		return err
	}
	return writeFile(root, kube.File{Path: path, Data: f.Data, Exec: f.Exec})
}
