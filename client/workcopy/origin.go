package workcopy

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/kube"
)

// Origin says what a working copy was when it came. Files are filled in by this
// package.
type Origin struct {
	Repository string                  `json:"repository"` // signed name
	Signer     string                  `json:"signer,omitempty"`
	Alias      string                  `json:"alias"`
	Version    string                  `json:"version"`
	Archive    index.Digest            `json:"archive"`
	Files      map[string]index.Digest `json:"files"` // path → sha256
}

// of is the origin with the files of the Kube that comes from there.
func (o Origin) of(k *kube.Kube) Origin {
	o.Files = map[string]index.Digest{}
	for _, f := range k.Files {
		o.Files[f.Path] = index.DigestOf(f.Data)
	}
	return o
}

// Origin reads where the working copy of a Kube comes from; ok is false when
// kpm did not make it, or there is none.
func (c Copies) Origin(name string) (o Origin, ok bool, err error) {
	o, _, err = c.compare(name)
	return o, o.Archive != "", err
}

// Edits lists the files in which a working copy differs from its origin: those
// that were changed, added or removed. A folder that does not exist has none.
func (c Copies) Edits(name string) ([]string, error) {
	_, edited, err := c.compare(name)
	return edited, err
}

// compare gives the origin of a working copy and how it differs from that. A
// kpm that was killed may have put a copy in place whose origin is still noted
// as the next one: if the copy is exactly that, or of its version, it is.
func (c Copies) compare(name string) (Origin, []string, error) {
	o, err := readOrigin(c.Home.Origin(name))
	if err != nil {
		return Origin{}, nil, fmt.Errorf("reading the origin of %s: %w", name, err)
	}
	edited, err := edits(c.Home.Copy(name), o.Files)
	if err != nil {
		return Origin{}, nil, fmt.Errorf("comparing the working copy of %s: %w", name, err)
	}
	if len(edited) == 0 {
		return o, nil, nil
	}
	next, err := readOrigin(c.Home.NextOrigin(name))
	if err != nil || next.Archive == "" {
		return o, edited, err
	}
	other, err := edits(c.Home.Copy(name), next.Files)
	if err != nil || len(other) == 0 || inPlace(c.Home.Copy(name), o, next) {
		return next, other, err
	}
	return o, edited, nil
}

// inPlace reports whether a merge that was cut short had put the copy in place: it
// is of the next version then, and not of the one before.
func inPlace(dir string, o, next Origin) bool {
	data, err := os.ReadFile(filepath.Join(dir, kube.MetaPath))
	if err != nil {
		return false
	}
	meta, _ := kube.ParseMeta(data) //nolint:errcheck // what else is wrong with it does not matter
	return meta.Version != nil && meta.Version.Original() == next.Version && next.Version != o.Version
}

// readOrigin reads an origin. One that is not there or damaged is as good as
// none: every file counts as the user's.
func readOrigin(path string) (Origin, error) {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Origin{}, nil
	}
	if err != nil {
		return Origin{}, err
	}
	var o Origin
	if json.Unmarshal(data, &o) != nil {
		return Origin{}, nil
	}
	return o, nil
}

func edits(dir string, files map[string]index.Digest) ([]string, error) {
	if _, err := os.Lstat(dir); errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var edited []string
	seen := map[string]bool{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || (d.IsDir() && path != dir) {
			return err
		}
		if path == dir {
			if !d.IsDir() {
				edited = append(edited, ".") // a file or a link in its place
			}
			return nil
		}
		rel, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		seen[rel] = true
		same, err := unchanged(path, d, files[rel])
		if !same {
			edited = append(edited, rel)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	for f := range files {
		if !seen[f] {
			edited = append(edited, f)
		}
	}
	slices.Sort(edited)
	return edited, nil
}

func unchanged(path string, d fs.DirEntry, want index.Digest) (bool, error) {
	if want == "" || !d.Type().IsRegular() {
		return false, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return false, err
	}
	defer f.Close() //nolint:errcheck // read only
	data, err := io.ReadAll(io.LimitReader(f, kube.MaxTotal+1))
	return index.DigestOf(data) == want, err
}
