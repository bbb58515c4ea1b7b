package client

import (
	"context"
	"fmt"
	"maps"

	"github.com/kpm-sh/kpm/client/repos"
	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/history"
	"github.com/kpm-sh/kpm/internal/cluster/plan"
	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/lint"
	"github.com/kpm-sh/kpm/internal/manifest"
)

// Testing are the tests of an installation.
type Testing struct {
	ID    api.Installation
	Tests []manifest.Object // Jobs and Pods; there may be none

	client  *Client
	cluster *api.Client
	state   history.State
}

func findTests(ctx context.Context, c *Client, k *api.Client, namespace string, ref repos.Ref, here history.Holder) (*Testing, error) {
	var opened *Opened
	var err error
	if ref.Path != "" {
		if opened, err = openPath(ctx, c, ref.Path); err != nil {
			return nil, err
		}
		ref.Name = opened.Kube.Name
	}
	t, err := findTarget(ctx, c, k, api.Installation{Namespace: namespace, Name: ref.Name}, Options{Holder: here})
	switch {
	case err != nil:
		return nil, err
	case !t.Installed():
		return nil, t.notInstalled()
	case t.state.Err != nil:
		return nil, t.state.Err
	}
	if opened, err = t.openInstalled(ctx, opened); err != nil {
		return nil, err
	}
	tests := &Testing{ID: t.ID, client: c, cluster: k, state: t.state}
	if tests.Tests, err = tests.read(opened.Kube); err != nil {
		return tests, err
	}
	from, err := rewritingOf(ctx, c, opened)
	if err != nil {
		return tests, err
	}
	tests.Tests, err = from.apply(tests.Tests)
	return tests, err
}

// openInstalled opens what is installed from where it came; given is what the user
// says it is, nil when nothing was named.
func (t *target) openInstalled(ctx context.Context, given *Opened) (*Opened, error) {
	r := t.state.Installed()
	switch {
	case given != nil && given.Release != nil && string(given.Release.SHA256) == r.Digest && !r.Edited:
		return given, nil
	case given != nil:
		return given, t.isApplied(ctx, given)
	case r.Edited:
		edited, err := openCopy(t.client, t.ID.Name)
		if err != nil {
			return nil, err
		}
		if edited == nil {
			return nil, &repos.NotFoundError{What: fmt.Sprintf("working copy of %s, which is installed from one that was edited", t.ID.Name)}
		}
		return edited, t.isApplied(ctx, edited)
	case r.Repository == "" || r.Digest == "":
		return nil, unpublished(t.ID)
	}
	rel, err := t.recordedRelease(ctx, r.Repository, r.Version, r.Digest)
	if err != nil {
		return nil, err
	}
	return openRelease(ctx, rel)
}

// isApplied refuses what does not give, with what is recorded, what was applied.
func (t *target) isApplied(ctx context.Context, opened *Opened) error {
	recorded, err := t.recordedValues()
	if err != nil {
		return err
	}
	f := asOpened(t.client, t.ID, t.action, opened)
	f.values, f.earlier = layers{}.over(recorded), t.last
	h, err := f.Hook()
	if err != nil {
		return err
	}
	same := false
	if h == nil {
		p, err := f.Prepare()
		if err != nil {
			return err
		}
		objects, _, err := p.objects(ctx)
		if err != nil {
			return err
		}
		if same, err = plan.Matches(ctx, t.cluster, objects, t.ID, t.state.Current.Manifests); err != nil {
			return err
		}
	}
	if !same {
		return t.conflict("this is not what is installed as %s: its tests would be of something else", t.ID)
	}
	return nil
}

// read reads the tests of a Kube. What cannot be one is a kube.Problems.
func (t *Testing) read(k *kube.Kube) ([]manifest.Object, error) {
	all, problems := lint.Tests(k)
	for i, o := range all {
		if o.Namespace != "" && o.Namespace != t.ID.Namespace {
			problems = append(problems, kube.Problem{
				Path: o.Path, Line: o.Line, Message: fmt.Sprintf("%s names a namespace, and tests run in that of the installation", o),
			})
		}
		all[i] = marked(o)
	}
	return all, problems.Err()
}

// marked is a copy of a test with the label of one.
func marked(o manifest.Object) manifest.Object {
	o.Value = maps.Clone(o.Value)
	meta, _ := o.Value["metadata"].(map[string]any)
	meta = maps.Clone(meta)
	labels, _ := meta["labels"].(map[string]any)
	labels = maps.Clone(labels)
	if labels == nil {
		labels = map[string]any{}
	}
	labels[api.LabelTest] = "true"
	meta["labels"] = labels
	o.Value["metadata"] = meta
	return o
}
