// Package mirrorfile is mirror.json, the unsigned note at the root of a mirror: where
// it came from, and what of the signed index it does not hold. It vouches for nothing:
// a reader takes it as the reason why something is not there, never as a fact about
// what is. The package is pure; docs/format.md describes the same bytes.
package mirrorfile

import (
	"fmt"
	"slices"

	"github.com/go-json-experiment/json"

	"github.com/kpm-sh/kpm/internal/index"
)

// Path is where the file lies, relative to the root of the mirror.
const Path = "mirror.json"

// Schema is the schema word of the file.
const Schema = "kpm.mirror/v1"

// Max is how many bytes of it are read.
const Max = 8 << 20

// File is what it says.
type File struct {
	Schema     string       `json:"schema"`
	Origin     string       `json:"origin"` // URL of what was mirrored
	Repository string       `json:"repository"`
	Head       index.Digest `json:"head"` // payload digest of the head that it holds, or is about to
	Seq        int64        `json:"seq"`
	Whole      bool         `json:"whole"`               // all of it is there; false while a mirror run is at work or was cut short
	Only       []string     `json:"only,omitempty"`      // what was asked for; none: everything
	Images     bool         `json:"images,omitempty"`    // images/ holds the images of what it holds
	Platforms  []string     `json:"platforms,omitempty"` // of images; none: all
	Kubes      int64        `json:"kubes,omitempty"`     // that it holds
	// Missing are the images of what it holds that their registries did not give.
	Missing []string `json:"missing,omitempty"`
	// Lacks are the Kubes that were left out, with the versions; none: all of the Kube.
	Lacks map[string][]string `json:"lacks,omitempty"`
}

// Encode writes it; the same content gives the same bytes.
func (f File) Encode() ([]byte, error) {
	f.Schema = Schema
	data, err := json.Marshal(f, json.Deterministic(true))
	if err != nil {
		return nil, fmt.Errorf("writing %s: %w", Path, err)
	}
	return append(data, '\n'), nil
}

// Decode reads it.
func Decode(data []byte) (File, error) {
	var f File
	if err := index.Decode(data, &f); err != nil {
		return File{}, fmt.Errorf("reading %s: %w", Path, err)
	}
	if f.Schema != Schema {
		return File{}, fmt.Errorf("reading %s: schema is %q, not %q", Path, f.Schema, Schema)
	}
	return f, nil
}

// Lacked reports whether a release was left out; version "" asks for the whole Kube.
func (f File) Lacked(name, version string) bool {
	versions, ok := f.Lacks[name]
	return ok && (len(versions) == 0 || slices.Contains(versions, version))
}

// LeftOut says of a release that it was left out of the mirror at an address, version "" of
// the whole Kube, and where that was made from.
func (f File) LeftOut(name, version, address string) string {
	what := name
	if version != "" {
		what += " " + version
	}
	return fmt.Sprintf("%s was left out of the mirror %s; it is in %s", what, address, f.Origin)
}
