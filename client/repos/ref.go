package repos

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/kpm-sh/kpm/internal/errcode"
	"github.com/kpm-sh/kpm/internal/kube"
)

// Ref is how a user names a Kube: NAME, NAME@VERSION, either of them after
// REPO/, the folder of a Kube (./DIR), or an archive (FILE.tgz).
type Ref struct {
	Repository string // alias; "" is any
	Name       string
	Version    string // "" is the newest
	Path       string // of a folder or an archive; then the others are empty
}

// ParseRef reads what a user typed. Its errors are USAGE.
func ParseRef(s string) (Ref, error) {
	if isPath(s) {
		return Ref{Path: s}, nil
	}
	var r Ref
	rest := s
	if alias, name, ok := strings.Cut(rest, "/"); ok {
		r.Repository, rest = alias, name
		if err := kube.ValidName(alias); err != nil {
			return Ref{}, usage("%q: repository %w; a folder is written ./%s", s, err, s)
		}
	}
	name, version, versioned := strings.Cut(rest, "@")
	if err := kube.ValidName(name); err != nil {
		return Ref{}, usage("%q: %w", s, err)
	}
	r.Name = name
	if !versioned {
		return r, nil
	}
	if _, err := kube.ParseVersion(version); err != nil {
		return Ref{}, usage("%q: %w", s, err)
	}
	r.Version = version
	return r, nil
}

func isPath(s string) bool {
	return s == "." || s == ".." || strings.HasSuffix(s, ".tgz") || filepath.IsAbs(s) ||
		strings.HasPrefix(s, "./") || strings.HasPrefix(s, "../") || strings.ContainsRune(s, '\\')
}

// String is the ref as it is typed.
func (r Ref) String() string {
	if r.Path != "" {
		return r.Path
	}
	s := r.Name
	if r.Repository != "" {
		s = r.Repository + "/" + s
	}
	if r.Version != "" {
		s += "@" + r.Version
	}
	return s
}

// usage says that what was asked for makes no sense as it was typed.
func usage(format string, args ...any) error {
	return errcode.With(errcode.Usage, nil, fmt.Errorf(format, args...))
}

// folder is how the ref would have to be typed to mean the folder of a Kube that
// lies at it; nil if none does.
func (r Ref) folder() []string {
	path := "./" + Ref{Repository: r.Repository, Name: r.Name}.String()
	if _, err := os.Stat(filepath.Join(path, kube.MetaPath)); err != nil || r.Version != "" {
		return nil
	}
	return []string{path}
}
