package main

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/kpm-sh/kpm/internal/inputfile"
)

// gitIndex is what git noted of the files of the working tree when it last looked at
// them (gitformat-index(5)): a file that is as noted has the content that is noted. It
// is read and never asked for, so that nothing that it names is run. What is of a form
// that is not known has no notes, and every file is hashed.
type gitIndex struct {
	notes   map[string]note // by path from the root of the working tree
	written time.Time
}

type note struct {
	sec, nsec, size uint32
	name            string // of the blob
}

// maxIndex bounds the file: a million files need some 100 MB.
const maxIndex = 256 << 20

// readIndex reads the index in the folder of a repository.
func readIndex(dir string) gitIndex {
	file := filepath.Join(dir, "index")
	info, err := os.Stat(file)
	if err != nil {
		return gitIndex{}
	}
	data, err := inputfile.Read(file, maxIndex)
	if err != nil {
		return gitIndex{}
	}
	return gitIndex{parseIndex(data), info.ModTime()}
}

// parseIndex reads version 2 or 3 with names of SHA-1.
func parseIndex(data []byte) map[string]note {
	const header, fixed, digest = 12, 62, 20
	if len(data) < header || string(data[:4]) != "DIRC" {
		return nil
	}
	version, count := binary.BigEndian.Uint32(data[4:]), binary.BigEndian.Uint32(data[8:])
	if version != 2 && version != 3 {
		return nil
	}
	notes := make(map[string]note, min(int(count), len(data)/fixed))
	for rest := data[header:]; count > 0; count-- {
		if len(rest) < fixed {
			return nil
		}
		flags := binary.BigEndian.Uint16(rest[60:])
		start := fixed
		if version == 3 && flags&0x4000 != 0 {
			start += 2
		}
		if len(rest) < start {
			return nil
		}
		end := bytes.IndexByte(rest[start:], 0)
		if end < 0 {
			return nil
		}
		if stage := flags >> 12 & 3; stage == 0 {
			notes[string(rest[start:start+end])] = note{
				binary.BigEndian.Uint32(rest[8:]), binary.BigEndian.Uint32(rest[12:]), binary.BigEndian.Uint32(rest[36:]),
				hex.EncodeToString(rest[40 : 40+digest]),
			}
		}
		next := (start + end + 8) / 8 * 8 // padded with 1 to 8 zeros
		if next > len(rest) {
			return nil
		}
		rest = rest[next:]
	}
	return notes
}

// has tells whether the file at path is noted to be a blob, and was not written since.
// What was written as late as the notes themselves may have been written after them.
func (x gitIndex) has(path, blob string, info fs.FileInfo) bool {
	n, ok := x.notes[path]
	at := info.ModTime()
	return ok && n.name == blob && uint64(n.size) == uint64(info.Size()) && //nolint:gosec // a size is not negative
		int64(n.sec) == at.Unix() && int64(n.nsec) == int64(at.Nanosecond()) && at.Before(x.written)
}
