package client

import (
	"context"
	"errors"

	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/lint"
)

// LintCopy judges a working copy as it would be applied. A template is left out
// when the user edited the plain file beside it: they need not give the same
// objects any more.
func (c *Client) LintCopy(ctx context.Context, name string) (kube.Problems, error) {
	info, err := c.Copy(name)
	if err != nil {
		return nil, err
	}
	if info == nil {
		return nil, &NotFoundError{What: "working copy of " + name}
	}
	t := &Taken{Copy: info}
	t.Kube, err = readFolder(info.Dir, name)
	var problems kube.Problems
	if errors.As(err, &problems) {
		return problems, nil
	}
	if err != nil {
		return nil, err
	}
	judged := &kube.Kube{Meta: t.Kube.Meta}
	for _, f := range t.Kube.Files {
		if !t.replaced(f.Path) {
			judged.Files = append(judged.Files, f)
		}
	}
	_, problems = lint.Kube(ctx, judged)
	return problems, nil
}
