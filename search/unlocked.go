package search

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/blevesearch/bleve/v2"
)

// Bleve takes a shared lock to read an index, although nobody changes the index of a
// generation once it is sealed. A file system without locks, as NFS without its lock
// service, refuses it: there the few bytes that are locked are copied to where locks
// work, and the segments are read where they lie.

// boltTimeout bounds the wait for the lock inside an index. Nobody holds it
// exclusively, so the wait itself would be a fault.
const boltTimeout = "1s"

func openIndex(path string) (bleve.Index, error) {
	return bleve.OpenUsing(path, map[string]any{"read_only": true, "bolt_timeout": boltTimeout})
}

// openCopy opens the index at path by a copy of what is locked. Once it is open, the
// copy has no name any more, so a process that is killed leaves nothing behind.
func openCopy(path string) (ix bleve.Index, err error) {
	dir, err := os.MkdirTemp("", "kpm-catalog-*")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if err := shadow(path, dir); err != nil {
		return nil, err
	}
	return openIndex(dir)
}

// shadow makes dir like the index at path: segments as links, all else copied.
func shadow(path, dir string) error {
	return filepath.WalkDir(path, func(from string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(path, from)
		if err != nil {
			return err
		}
		to := filepath.Join(dir, rel)
		switch {
		case d.IsDir():
			return os.MkdirAll(to, 0o700)
		case isSegment(d.Name()):
			return os.Symlink(from, to)
		}
		return copyFile(from, to)
	})
}
