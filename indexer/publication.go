package indexer

import (
	"bytes"
	"io"
	"os"

	"github.com/kpm-sh/kpm/internal/index"
)

// File is one file that a publish adds to a site: where it goes, what its bytes
// are, and how to get them.
type File struct {
	Path string
	index.Ref
	Open func() (io.ReadCloser, error)
}

func objectFile(o index.Object) File {
	return File{index.ObjectPath(o.SHA256), o.Ref, opener(o.Data)}
}

func dataFile(path string, data []byte) File {
	return File{path, index.RefOf(data), opener(data)}
}

func opener(data []byte) func() (io.ReadCloser, error) {
	return func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil }
}

func diskFile(path string, ref index.Ref, at string) File {
	return File{path, ref, func() (io.ReadCloser, error) { return os.Open(at) }}
}

// Publication is what one publish adds to a site, before it is written: the
// head, not yet signed, the whole state that it announces, and the new files.
type Publication struct {
	Head  *index.Head
	Lines []index.Line
	Files []File

	revisions []Revision
}
