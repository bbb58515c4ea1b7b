package images

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"

	"github.com/kpm-sh/kpm/internal/lazyregexp"
)

// dockerHub is the host of references that name none.
const dockerHub = "docker.io"

// Ref is an image reference, normalised.
type Ref struct {
	Host   string // with its port
	Path   string // below the host
	Tag    string // "" only beside a digest
	Digest string // "sha256:…", or ""
}

// The grammar of a reference's parts:
// https://github.com/distribution/reference/blob/main/regexp.go
var (
	hostForm   = lazyregexp.New(`^(?:(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])(?:\.(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]))*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?$`)
	pathForm   = lazyregexp.New(`^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*$`)
	tagForm    = lazyregexp.New(`^\w[\w.-]*$`)
	digestForm = lazyregexp.New(`^sha256:[a-f0-9]{64}$`)
)

const (
	maxName = 255 // bytes of host and path together
	maxTag  = 128
)

// Parse reads a reference as Docker does.
func Parse(text string) (Ref, error) {
	r, err := parse(text)
	if err != nil {
		return Ref{}, fmt.Errorf("reading the image reference %q: %w", text, err)
	}
	return r, nil
}

func parse(text string) (Ref, error) {
	rest, digest, pinned := strings.Cut(text, "@")
	if pinned && !digestForm().MatchString(digest) {
		return Ref{}, errors.New("what follows @ is no sha256 digest")
	}
	r := Ref{Digest: digest}
	if colon := strings.LastIndexByte(rest, ':'); colon > strings.LastIndexByte(rest, '/') {
		rest, r.Tag = rest[:colon], rest[colon+1:]
		if len(r.Tag) > maxTag || !tagForm().MatchString(r.Tag) {
			return Ref{}, fmt.Errorf("%q is no tag", r.Tag)
		}
	}
	if r.Tag == "" && !pinned {
		r.Tag = "latest"
	}
	r.Host, r.Path = splitHost(rest)
	switch {
	case !hostForm().MatchString(r.Host), strings.HasPrefix(r.Host, "[") && addressOf(r.Host) == r.Host:
		return Ref{}, fmt.Errorf("%q is no host", r.Host)
	case !pathForm().MatchString(r.Path):
		return Ref{}, fmt.Errorf("%q is no path of a repository", r.Path)
	case len(r.Name()) > maxName:
		return Ref{}, fmt.Errorf("its name has %d characters, more than %d", len(r.Name()), maxName)
	}
	return r, nil
}

func splitHost(name string) (host, path string) {
	host, path, ok := strings.Cut(name, "/")
	if !ok || !strings.ContainsAny(host, ".:") && host != "localhost" && strings.ToLower(host) == host {
		host, path = dockerHub, name
	}
	if host == "index."+dockerHub {
		host = dockerHub
	}
	if host == dockerHub && !strings.Contains(path, "/") {
		path = "library/" + path
	}
	return host, path
}

// Name is host and path: the repository in its registry.
func (r Ref) Name() string { return r.Host + "/" + r.Path }

// String is the whole reference, with nothing left out.
func (r Ref) String() string {
	text := r.Name()
	if r.Tag != "" {
		text += ":" + r.Tag
	}
	if r.Digest != "" {
		text += "@" + r.Digest
	}
	return text
}

// Under is what the reference is called below an image mirror, REGISTRY/PREFIX: by
// its digest, or by its tag where digest is "". What is too long for a registry is an error.
func (r Ref) Under(mirror, digest string) (string, error) {
	name := strings.TrimSuffix(mirror, "/") + "/" + Below(r.Name())
	if len(name) > maxName {
		return "", fmt.Errorf("image %s is called %s in the mirror: %d characters, and a registry takes %d", r, name, len(name), maxName)
	}
	if digest != "" {
		return name + "@" + digest, nil
	}
	return name + ":" + r.Tag, nil
}

// Below is the path of a repository HOST/PATH below an image mirror. A path has no
// colon: that of a port is an underscore, and those of an IPv6 address, written with all
// its digits and without brackets, are hyphens.
func Below(name string) string {
	return strings.ReplaceAll(strings.ToLower(addressOf(name)), ":", "_")
}

// addressOf gives a name with the IPv6 address at its beginning as it stands in a path;
// one that is none stays.
func addressOf(name string) string {
	text, rest, ok := strings.Cut(strings.TrimPrefix(name, "["), "]")
	if !ok || !strings.HasPrefix(name, "[") {
		return name
	}
	address, err := netip.ParseAddr(text)
	if err != nil {
		return name
	}
	return strings.ReplaceAll(address.StringExpanded(), ":", "-") + rest
}

// ParseMirror reads REGISTRY/PREFIX; the prefix may be missing.
func ParseMirror(text string) (host, prefix string, err error) {
	host, prefix, _ = strings.Cut(strings.TrimSuffix(text, "/"), "/")
	switch {
	case !hostForm().MatchString(host) || !strings.ContainsAny(host, ".:") && host != "localhost":
		return "", "", fmt.Errorf("reading the image mirror %q: %q is no registry: it is written with a dot, a port or as localhost", text, host)
	case prefix != "" && !pathForm().MatchString(prefix):
		return "", "", fmt.Errorf("reading the image mirror %q: %q is no path of a repository", text, prefix)
	}
	return host, prefix, nil
}

// CheckMirror refuses what is no REGISTRY/PREFIX, and what is no platform; "" is neither.
func CheckMirror(mirror, platform string) error {
	if mirror != "" {
		if _, _, err := ParseMirror(mirror); err != nil {
			return err
		}
	}
	if platform != "" {
		return CheckPlatform(platform)
	}
	return nil
}
