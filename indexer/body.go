package indexer

import (
	"bytes"
	"encoding/hex"
	"hash"
	"io"
	"os"

	"github.com/kpm-sh/kpm/internal/index"
)

// The bodies of files that a publish adds: bytes at hand, or a file on this host.

func objectFile(o index.Object) index.File {
	return dataFile(index.ObjectPath(o.SHA256), o.Data)
}

func dataFile(path string, data []byte) index.File {
	return index.File{Path: path, Ref: index.RefOf(data), Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil }}
}

func diskFile(path string, ref index.Ref, at string) index.File {
	return index.File{Path: path, Ref: ref, Open: func() (io.ReadCloser, error) { return os.Open(at) }}
}

func digest(h hash.Hash) index.Digest {
	return index.Digest(hex.EncodeToString(h.Sum(nil)))
}
