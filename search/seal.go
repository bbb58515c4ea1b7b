package search

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// seal is the last file of a generation to be written. It says what a whole
// one holds: Bleve itself opens an index that was cut off in its first build
// without an error, and empty.
type seal struct {
	Mapping  int              `json:"mapping"`  // mappingVersion of the program that built it
	Lines    int              `json:"lines"`    // documents, gone ones included
	Kubes    int              `json:"kubes"`    // documents that are not gone
	Updated  int              `json:"updated"`  // upserts since the last full build
	Base     int              `json:"base"`     // segments of the last full build
	Segments int              `json:"segments"` // in use; merged ones may still lie about as files
	Files    map[string]int64 `json:"files"`    // slash path below the generation → bytes
}

// measure fills in the files of the generation in dir.
func (s *seal) measure(dir string) error {
	s.Files = map[string]int64{}
	return filepath.WalkDir(filepath.Join(dir, indexFolder), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		fi, err := d.Info()
		if err != nil {
			return err
		}
		name, err := filepath.Rel(dir, path)
		s.Files[filepath.ToSlash(name)] = fi.Size()
		return err
	})
}

// isSegment reports whether a file holds a segment: Bleve never changes one
// once it is written, so generations share them.
func isSegment(name string) bool {
	return strings.HasSuffix(name, ".zap")
}

func (s *seal) write(dir string) error {
	b, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return writeFile(filepath.Join(dir, sealFile), b)
}

// readSeal reads the seal of the generation in dir and checks that every file
// is there, whole. What was altered without changing a size is not noticed.
func readSeal(dir string) (seal, error) {
	var s seal
	b, err := os.ReadFile(filepath.Join(dir, sealFile))
	if err != nil {
		return s, err
	}
	if err := json.Unmarshal(b, &s); err != nil {
		return s, fmt.Errorf("reading %s: %w", sealFile, err)
	}
	for name, size := range s.Files {
		fi, err := os.Stat(filepath.Join(dir, filepath.FromSlash(name)))
		if err != nil {
			return s, err
		}
		if fi.Size() != size {
			return s, fmt.Errorf("%s is %d bytes, was %d", name, fi.Size(), size)
		}
	}
	return s, nil
}
