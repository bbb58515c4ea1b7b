package kube

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// checkPath says why p cannot be the path of a file of a Kube, in words that
// follow the path.
func checkPath(p string) error {
	if len(p) > MaxPath {
		return fmt.Errorf("has a path of %d bytes, more than %d", len(p), MaxPath)
	}
	return checkSpelling(p)
}

// checkSpelling is checkPath for paths of any length.
func checkSpelling(p string) error {
	switch {
	case p == "":
		return errors.New("has no name")
	case !utf8.ValidString(p):
		return errors.New("has a name that is not UTF-8")
	case p[0] == '/':
		return errors.New("has an absolute path")
	}
	if r, bad := unprintable(p, false); bad {
		return fmt.Errorf("has the control or format character %U in its name", r)
	}
	if i := strings.IndexAny(p, `\:<>"|?*`); i >= 0 {
		return fmt.Errorf("has %c in its name, which not every system allows", p[i])
	}
	if !norm.NFC.IsNormalString(p) {
		return errors.New("has a name that is not in Unicode form NFC")
	}
	for part := range strings.SplitSeq(p, "/") {
		if err := checkPart(part); err != nil {
			return err
		}
	}
	return nil
}

func checkPart(part string) error {
	switch {
	case part == "":
		return errors.New("has an empty part in its path")
	case part == "." || part == "..":
		return fmt.Errorf("has %s in its path", part)
	case strings.HasSuffix(part, ".") || strings.HasSuffix(part, " "):
		return errors.New("has a name that ends in a dot or a space")
	case isDevice(part):
		return errors.New("has a name that is reserved on Windows")
	}
	return nil
}

// packed refuses what a Kube's folder may have, and its archive has not.
func packed(p string) error {
	switch {
	case isHidden(p):
		return errors.New("starts with a dot, and dotfiles are not packed")
	case p == ReleasesPath:
		return errors.New("is never packed")
	}
	return nil
}

// isHidden reports whether p has a part that starts with a dot.
func isHidden(p string) bool {
	return p[0] == '.' || strings.Contains(p, "/.")
}

// paths are the paths of a Kube so far, as a file system that ignores case sees
// them.
type paths map[string]pathUse

type pathUse struct {
	path string
	file bool
}

// add takes p, or says why it cannot be there beside the others.
func (ps paths) add(p string) error {
	for i, c := range p {
		if c == '/' {
			if err := ps.addPart(p[:i], false); err != nil {
				return err
			}
		}
	}
	return ps.addPart(p, true)
}

func (ps paths) addPart(p string, file bool) error {
	key := fold(p)
	old, ok := ps[key]
	switch {
	case !ok:
		ps[key] = pathUse{p, file}
		return nil
	case old.path != p:
		return fmt.Errorf("differs from %q only in case", old.path)
	case old.file && file:
		return errors.New("is there twice")
	case old.file != file:
		return errors.New("is a file and a folder")
	}
	return nil
}

// fold makes paths equal that a file system may take for one. Upper case first
// joins what has one capital (ſ and s, ς and σ).
func fold(p string) string {
	return norm.NFC.String(strings.ToLower(strings.ToUpper(p)))
}
