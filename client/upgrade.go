package client

import (
	"context"
	"fmt"

	"github.com/kpm-sh/kpm/internal/cluster"
	"github.com/kpm-sh/kpm/internal/hook"
	"github.com/kpm-sh/kpm/internal/kube"
)

// Upgrade begins to turn what is installed in a namespace into the Kube that
// ref names; without a version, into the newest release of the repository that it
// is from. The values that are remembered stay under the new ones, unless
// resetValues drops them. The steps after it are those of Install.
//
// A working copy is merged with that release in memory, and put in place by Apply.
// Where its edits conflict with the release, both sides are left to the user, and
// the error is a *UnmergedError.
//
// Where nothing was ever installed but attempts failed, it is a first install of
// whatever ref names, and with how.First also where nobody has tried.
func (c *Client) Upgrade(ctx context.Context, k *cluster.Cluster, namespace string, ref Ref, how Install, resetValues bool) (*Installing, error) {
	in, err := c.begin(ctx, k, namespace, ref, how)
	if err != nil {
		return nil, err
	}
	if in.state.Installed() == nil {
		return in, in.first(ctx, ref)
	}
	if err := in.witnessed(ctx); err != nil {
		return nil, err
	}
	if err := in.again(); err != nil {
		return nil, err
	}
	if err := in.bring(ctx, ref); err != nil {
		return nil, err
	}
	if in.taken == nil {
		if err := in.newest(ctx, ref); err != nil {
			return nil, err
		}
	}
	if !resetValues {
		in.own, in.recalls = append(in.had[:len(in.had):len(in.had)], in.own...), true
	}
	return in, nil
}

// again goes on with what is installed already.
func (in *Installing) again() error {
	if in.state.Err != nil {
		return in.state.Err
	}
	in.action = hook.Upgrade
	return in.recall()
}

// first goes on with what was never installed. Values of an attempt that failed do not
// count: nothing that is live says that they were the user's.
func (in *Installing) first(ctx context.Context, ref Ref) error {
	tried := len(in.state.Revisions) > 0
	if !tried && !in.how.First {
		return in.neverInstalled()
	}
	if in.before != nil && !overrides(in.own) && !sameOverrides(in.before.Overrides, nil) {
		in.client.note(fmt.Sprintf("%s was never installed; the values that the attempt set do not count, give them again", in.ID))
	}
	if in.taken == nil {
		return in.resolve(ctx, ref)
	}
	return nil
}

// neverInstalled is the error for what is not installed.
func (in *Installing) neverInstalled() error {
	e := &NotInstalledError{Installation: in.ID, Tried: len(in.state.Revisions) > 0}
	if e.Tried {
		last := in.state.Revisions[0]
		e.Local = last.Repository == "" && !last.Edited
	}
	return e
}

// newest finds the release to upgrade to. Who names no version wants nothing that
// is older than what is installed.
func (in *Installing) newest(ctx context.Context, ref Ref) error {
	if err := in.home(&ref); err != nil {
		return err
	}
	rel, err := in.find(ctx, ref)
	if err != nil {
		return err
	}
	if ref.Version == "" && older(rel.Version, in.state.Installed().Version) {
		return in.resolve(ctx, ref) // the same version
	}
	in.caution(rel)
	in.release = &rel
	return nil
}

// home lets a ref without a repository mean the one that the installation is from.
func (in *Installing) home(ref *Ref) error {
	name := in.state.Installed().Repository
	if ref.Repository != "" || name == "" {
		return nil
	}
	var err error
	ref.Repository, err = in.client.aliasOf(name, in.ID)
	return err
}

// aliasOf is the alias of the repository that calls itself so, which an
// installation is from.
func (c *Client) aliasOf(signedName string, id cluster.Installation) (string, error) {
	shelves, err := c.shelves("")
	if err != nil {
		return "", err
	}
	defer closeAll(shelves)
	signed, err := bySignedName(shelves)
	if err != nil {
		return "", err
	}
	var at []Repository
	for _, s := range signed[signedName] {
		at = append(at, s.repo)
	}
	switch len(at) {
	case 0:
		return "", &NotFoundError{What: fmt.Sprintf("repository that calls itself %q, which %s is from", signedName, id)}
	case 1:
		return at[0].Alias, nil
	}
	return "", &AmbiguousError{id.Name, aliases(at)}
}

func older(a, b string) bool {
	v, err := kube.ParseVersion(a)
	w, err2 := kube.ParseVersion(b)
	return err == nil && err2 == nil && v.LessThan(w)
}

// losses are what an upgrade gives up beside objects: the user's edits, and who
// answered for the Kube.
func (in *Installing) losses() []string {
	had := in.state.Installed()
	if in.action != hook.Upgrade || had == nil || in.taken.Copy != nil {
		return nil
	}
	var facts []string
	if had.Edited {
		facts = append(facts, fmt.Sprintf("%s is installed from a copy that was edited, and this is not that copy", in.ID))
	}
	if name := in.signedName(); had.Repository != "" && name != had.Repository {
		facts = append(facts, fmt.Sprintf("%s is from repository %q, and this is %s", in.ID, had.Repository, in.taken.publisher()))
	}
	return facts
}

// signedName is how the repository calls itself that vouches for what was taken;
// "" when none does.
func (in *Installing) signedName() string {
	if in.taken.Release == nil {
		return ""
	}
	return in.client.standing(in.taken.Release.Repository).Name
}
