package client

import (
	"context"
	"fmt"
	"maps"

	"github.com/kpm-sh/kpm/internal/cluster"
	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/lint"
	"github.com/kpm-sh/kpm/internal/manifest"
)

// Testing are the tests of an installation.
type Testing struct {
	ID    cluster.Installation
	Tests []manifest.Object // Jobs and Pods; there may be none

	client  *Client
	cluster *cluster.Cluster
	state   cluster.State
}

// Test finds the tests of what is installed in a namespace: those of the
// verified archive that it was installed from. What was installed from a folder, an
// archive that nobody vouches for, or an edited copy is tested with the tests of
// that, if it still gives what was applied; otherwise it is a *ConflictError.
func (c *Client) Test(ctx context.Context, k *cluster.Cluster, namespace string, ref Ref, here cluster.Holder) (*Testing, error) {
	in := &Installing{client: c, cluster: k, how: Install{Holder: here}}
	var err error
	if ref.Path != "" {
		if in.taken, err = c.takePath(ctx, ref.Path); err != nil {
			return nil, err
		}
		ref.Name = in.taken.Kube.Name
	}
	if err := in.look(ctx, cluster.Installation{Namespace: namespace, Name: ref.Name}); err != nil {
		return nil, err
	}
	switch {
	case in.state.Installed() == nil:
		return nil, in.neverInstalled()
	case in.state.Err != nil:
		return nil, in.state.Err
	}
	if err := in.takeInstalled(ctx); err != nil {
		return nil, err
	}
	t := &Testing{ID: in.ID, client: c, cluster: k, state: in.state}
	t.Tests, err = t.read(in.taken.Kube)
	return t, err
}

// takeInstalled takes what is installed from where it came, unless it was taken
// already and is the same.
func (in *Installing) takeInstalled(ctx context.Context) error {
	r := in.state.Installed()
	var err error
	switch {
	case in.taken != nil && in.taken.Release != nil && string(in.taken.Release.SHA256) == r.Digest && !r.Edited:
		return nil
	case in.taken != nil:
		return in.still(ctx)
	case r.Edited:
		if in.taken, err = in.client.takeCopy(in.ID.Name); err != nil {
			return err
		}
		if in.taken == nil {
			return &NotFoundError{What: fmt.Sprintf("working copy of %s, which is installed from one that was edited", in.ID.Name)}
		}
		return in.still(ctx)
	case r.Repository == "" || r.Digest == "":
		return nobodys(in.ID)
	}
	rel, err := in.recorded(ctx, r.Repository, r.Version, r.Digest)
	if err != nil {
		return err
	}
	in.taken, err = in.client.takeRelease(ctx, rel)
	return err
}

// still refuses what does not give, with what is remembered, what was applied.
func (in *Installing) still(ctx context.Context) error {
	had, err := recalled(in.ID, in.state.Current)
	if err != nil {
		return err
	}
	in.own = had
	_, run, err := in.Hook()
	if err != nil {
		return err
	}
	same := false
	if !run {
		objects, err := in.objects(ctx)
		if err != nil {
			return err
		}
		if same, err = in.cluster.Matches(ctx, objects, in.ID, in.state.Current); err != nil {
			return err
		}
	}
	if !same {
		return in.conflict("this is not what is installed as %s: its tests would be of something else", in.ID)
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
	labels[cluster.LabelTest] = "true"
	meta["labels"] = labels
	o.Value["metadata"] = meta
	return o
}
