package images

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"

	"github.com/kpm-sh/kpm/internal/lazyregexp"
)

// Bounds on what a registry may send.
const (
	MaxManifest = 4 << 20 // bytes of a manifest or an index, as registries have it
	maxEntries  = 4096    // of a manifest or an index
	maxBlob     = 1 << 40 // bytes
)

// Descriptor names bytes, as OCI image-spec 1.1 descriptor.md has it.
type Descriptor struct {
	MediaType    string            `json:"mediaType,omitempty"`
	Digest       string            `json:"digest"`
	Size         int64             `json:"size"`
	Platform     *Platform         `json:"platform,omitempty"`
	ArtifactType string            `json:"artifactType,omitempty"`
	Annotations  map[string]string `json:"annotations,omitempty"`
}

// Platform is what a manifest of an index is for.
type Platform struct {
	Architecture string `json:"architecture"`
	OS           string `json:"os"`
	Variant      string `json:"variant,omitempty"`
}

// String is OS/ARCHITECTURE[/VARIANT]; "" of what is for none, as attestations are.
func (p *Platform) String() string {
	if p == nil || p.OS == "" || p.OS == "unknown" {
		return ""
	}
	text := p.OS + "/" + p.Architecture
	if p.Variant != "" {
		text += "/" + p.Variant
	}
	return text
}

// Fits reports whether the platform is one of those wanted; no variant stands for
// all. Without wants everything fits.
func (p *Platform) Fits(wanted []string) bool {
	text := p.String()
	for _, w := range wanted {
		if text == w || strings.HasPrefix(text, w+"/") {
			return true
		}
	}
	return len(wanted) == 0
}

var platformForm = lazyregexp.New(`^[a-z0-9]+/[a-z0-9]+(?:/[a-z0-9.]+)?$`)

// CheckPlatform refuses what is not written OS/ARCHITECTURE[/VARIANT].
func CheckPlatform(text string) error {
	if !platformForm().MatchString(text) {
		return fmt.Errorf("%q is no platform: it is written OS/ARCHITECTURE, like linux/amd64", text)
	}
	return nil
}

// The media types of an index and of a manifest.
const (
	mediaIndex      = "application/vnd.oci.image.index.v1+json"
	mediaManifest   = "application/vnd.oci.image.manifest.v1+json"
	mediaDockerList = "application/vnd.docker.distribution.manifest.list.v2+json"
	mediaDocker     = "application/vnd.docker.distribution.manifest.v2+json"
)

// Accepted are the media types of manifests that are read, as a registry is asked
// for them.
var Accepted = strings.Join([]string{mediaIndex, mediaManifest, mediaDockerList, mediaDocker}, ", ")

// Manifest is a manifest or an index, read.
type Manifest struct {
	MediaType    string            `json:"mediaType"`
	ArtifactType string            `json:"artifactType"`
	Manifests    []Descriptor      `json:"manifests"` // of an index
	Config       *Descriptor       `json:"config"`
	Layers       []Descriptor      `json:"layers"`
	Subject      *Descriptor       `json:"subject"` // what it is a signature or an attestation of
	Annotations  map[string]string `json:"annotations"`
}

// ParseManifest reads a manifest or an index, and refuses what no reader could fetch.
func ParseManifest(body []byte) (*Manifest, error) {
	var m Manifest
	if err := json.Unmarshal(body, &m); err != nil {
		return nil, fmt.Errorf("reading an image manifest: %w", err)
	}
	if err := m.check(); err != nil {
		return nil, fmt.Errorf("reading an image manifest: %w", err)
	}
	return &m, nil
}

func (m *Manifest) check() error {
	if m.MediaType == "" {
		m.MediaType = mediaManifest
		if m.Config == nil {
			m.MediaType = mediaIndex
		}
	}
	switch {
	case m.Index() && m.Config != nil:
		return errors.New("it is an index and has a configuration")
	case m.MediaType == mediaIndex || m.MediaType == mediaDockerList:
	case m.MediaType != mediaManifest && m.MediaType != mediaDocker:
		return fmt.Errorf("its media type is %q", m.MediaType)
	case m.Config == nil:
		return errors.New("it has no configuration")
	}
	all := m.Blobs()
	all = append(all, m.Manifests...)
	if len(all) > maxEntries {
		return fmt.Errorf("it lists %d things, more than %d", len(all), maxEntries)
	}
	for _, d := range all {
		if !digestForm().MatchString(d.Digest) || d.Size < 0 || d.Size > maxBlob {
			return fmt.Errorf("it names %q of %d bytes", d.Digest, d.Size)
		}
	}
	return nil
}

// Index reports whether it lists manifests.
func (m *Manifest) Index() bool { return len(m.Manifests) > 0 || m.Config == nil }

// Blobs are configuration and layers of a manifest.
func (m *Manifest) Blobs() []Descriptor {
	if m.Config == nil {
		return nil
	}
	return append([]Descriptor{*m.Config}, m.Layers...)
}

// Chosen are the manifests of an index that are wanted: those of the platforms, all
// without, and the attestations of these.
func (m *Manifest) Chosen(platforms []string) []Descriptor {
	var all []Descriptor
	has := map[string]bool{}
	for _, d := range m.Manifests {
		if d.Platform.String() != "" && d.Platform.Fits(platforms) {
			all, has[d.Digest] = append(all, d), true
		}
	}
	for _, d := range m.Manifests {
		about := d.Annotations["vnd.docker.reference.digest"]
		if d.Platform.String() == "" && (has[about] || about == "" || len(platforms) == 0) {
			all = append(all, d)
		}
	}
	return all
}

// Platforms are those that an index has manifests for, sorted.
func (m *Manifest) Platforms() []string {
	all := []string{}
	for _, d := range m.Manifests {
		if text := d.Platform.String(); text != "" {
			all = append(all, text)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// ValidDigest reports whether a text is a digest as registries write it, with sha256.
func ValidDigest(text string) bool { return digestForm().MatchString(text) }
