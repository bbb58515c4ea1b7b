package workcopy

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/lint"
)

// Copy is a working copy as it is now.
type Copy struct {
	Dir     string   `json:"dir"`
	Version string   `json:"version,omitempty"` // "" when kpm does not know where it comes from
	Edited  []string `json:"edited,omitempty"`
	Origin  Origin   `json:"-"` // of the archive "" when kpm did not make the copy
}

// Names are the Kubes of which kpm made working copies that are there, ascending.
func (c Copies) Names() ([]string, error) {
	entries, err := os.ReadDir(c.Home.Copies())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		name, ok := strings.CutSuffix(e.Name(), ".json")
		if _, err := os.Stat(c.Home.Copy(name)); ok && err == nil {
			names = append(names, name)
		}
	}
	return names, nil
}

// Copy tells how the working copy of a Kube stands. It is nil when there is none.
func (c Copies) Copy(name string) (*Copy, error) {
	dir := c.Home.Copy(name)
	if _, err := os.Lstat(dir); errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	o, edited, err := c.compare(name)
	if err != nil {
		return nil, err
	}
	return &Copy{dir, o.Version, edited, o}, nil
}

// Changed reports whether the user edited a file of the copy; in none nothing is.
func (c *Copy) Changed(path string) bool { return c != nil && slices.Contains(c.Edited, path) }

// Replaces reports whether path is a template of the copy, read as k, beside which
// the user edited the plain file: that counts then.
func (c *Copy) Replaces(k *kube.Kube, path string) bool {
	plain, ok := strings.CutSuffix(path, ".tmpl")
	if !ok || !c.Changed(plain) {
		return false
	}
	_, ok = k.File(plain)
	return ok
}

// Lint judges the copy as it would be applied. A template is left out when the user
// edited the plain file beside it: they need not give the same objects any more.
func (c *Copy) Lint(ctx context.Context, name string) (kube.Problems, error) {
	k, err := Read(c.Dir, name)
	var problems kube.Problems
	if errors.As(err, &problems) {
		return problems, nil
	}
	if err != nil {
		return nil, err
	}
	judged := &kube.Kube{Meta: k.Meta}
	for _, f := range k.Files {
		if !c.Replaces(k, f.Path) {
			judged.Files = append(judged.Files, f)
		}
	}
	_, problems = lint.Kube(ctx, judged)
	return problems, nil
}
