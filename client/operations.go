package client

import (
	"context"

	"github.com/kpm-sh/kpm/client/repos"
	"github.com/kpm-sh/kpm/client/solve"
	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/history"
)

// Install begins to install the Kube that ref names into a namespace. Of a Kube that is
// installed already it means the same version and the same values: others are a conflict.
func (c *Client) Install(ctx context.Context, k *api.Client, namespace string, ref repos.Ref, o Options) (*Source, error) {
	return installSource(ctx, c, k, namespace, ref, o)
}

// Upgrade begins to turn what is installed in a namespace into the Kube that ref
// names; without a version, into the newest release of the repository that it is from.
// The values that are recorded stay under the new ones, unless o.ResetValues drops
// them.
//
// A working copy is merged with that release in memory, and put in place by Apply.
// Where its edits conflict with the release, both sides are left to the user, and
// the error is a *UnmergedError.
//
// Where nothing was ever installed but attempts failed, it is a first install of
// whatever ref names, and with o.InstallMissing also where nobody has tried.
func (c *Client) Upgrade(ctx context.Context, k *api.Client, namespace string, ref repos.Ref, o Options) (*Source, error) {
	return upgradeSource(ctx, c, k, namespace, ref, o)
}

// Rollback begins to go back to a revision of an installation: to the one of that
// number, or with 0 to the one that was installed before (after a rollback to where
// that one went). The steps after it are those of Install; no hook runs.
//
// What was applied then is rendered again from the verified archive, with the
// values and with what the hook wrote as they are recorded. Where that cannot be
// done, the recorded manifests are applied: nobody vouches for them, which has to be
// agreed to, and they reach out of the namespace only when that is allowed. A
// release that was revoked is refused.
func (c *Client) Rollback(ctx context.Context, k *api.Client, id api.Installation, number int, o Options) (*Source, error) {
	return rollbackSource(ctx, c, k, id, number, o)
}

// Diff begins to compare what is live with what would be applied: without a
// version, of the version that is installed, or else of the one that was tried; with
// one, as an upgrade to it would go, with the edits of a working copy. It is for
// [Source.Compare]. Nothing is changed, and nobody is waited for.
func (c *Client) Diff(ctx context.Context, k *api.Client, namespace string, ref repos.Ref, o Options) (*Source, error) {
	return diffSource(ctx, c, k, namespace, ref, o)
}

// Preview begins to show, without a cluster, what the Kube that ref names gives. It is
// for [Prepared.Rendered]; a hook is told namespace.
func (c *Client) Preview(ctx context.Context, ref repos.Ref, v Values, pre bool, namespace string) (*Fetched, error) {
	return previewKube(ctx, c, ref, v, pre, namespace)
}

// Test finds the tests of what is installed in a namespace: those of the
// verified archive that it was installed from. What was installed from a folder, an
// archive that nobody vouches for, or an edited copy is tested with the tests of
// that, if it still gives what was applied; otherwise it is a conflict.
func (c *Client) Test(ctx context.Context, k *api.Client, namespace string, ref repos.Ref, here history.Holder) (*Testing, error) {
	return findTests(ctx, c, k, namespace, ref, here)
}

// Status reads an installation, and each of its objects once. What cannot be read is
// not ready, and says why.
func (c *Client) Status(ctx context.Context, k *api.Client, id api.Installation) (*Status, error) {
	return statusOf(ctx, c, k, id)
}

// Uninstall plans to remove what is installed as id.
// Only what the installation made is deleted; claims, definitions and namespaces
// stay unless Purge is set. With Purge it also removes what an earlier uninstall left.
func (c *Client) Uninstall(ctx context.Context, k *api.Client, id api.Installation, o Options) (*uninstalling, error) {
	return planUninstall(ctx, c, k, id, o)
}

// Dependencies tells what the Kube that ref names needs, and what that needs in
// turn; see [solve.Solve]. What is installed somewhere does not count.
func (c *Client) Dependencies(ctx context.Context, ref repos.Ref, pre bool) (*solve.Dependency, error) {
	return dependenciesOf(ctx, c, ref, pre)
}

// Info tells what is known of a Kube. For the newest release it needs nothing
// but the catalog; for another version the repository's document of the Kube,
// and so does the list of all versions. A folder or an archive speaks for itself.
func (c *Client) Info(ctx context.Context, ref repos.Ref, all bool) (Info, error) {
	return infoOf(ctx, c, ref, all)
}

// Recalls says which of the installations are of a release that was taken back; see
// [repos.Set.Recalls].
func (c *Client) Recalls(ctx context.Context, there []history.Listed) []repos.Recall {
	return recallsOf(ctx, c, there)
}

// Outdated lists the installations among there of which a newer release is out; see
// [repos.Set.Outdated].
func (c *Client) Outdated(there []history.Listed) ([]repos.Outdated, error) {
	return outdatedOf(c, there)
}

// Journal begins one for a command and the Kube that it was given.
func (c *Client) Journal(command, kube string) *Journal {
	return newJournal(c, command, kube)
}
