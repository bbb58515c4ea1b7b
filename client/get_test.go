package client

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kpm-sh/kpm/client/repos"
	"github.com/kpm-sh/kpm/client/workcopy"
	"github.com/kpm-sh/kpm/internal/index"
	"github.com/kpm-sh/kpm/internal/sharedtest"
	"github.com/kpm-sh/kpm/internal/sitetest"
	"github.com/kpm-sh/kpm/internal/trust"
)

// get gets a Kube as a user would who answers every question with yes.
func get(t *testing.T, c *Client, name string) (*workcopy.Checkout, error) {
	t.Helper()
	ref, err := repos.ParseRef(name)
	if err != nil {
		return nil, err
	}
	rel, err := c.Repos.Resolve(t.Context(), ref, false)
	if err != nil {
		return nil, err
	}
	co, err := c.Checkout(t.Context(), rel)
	if err != nil {
		return nil, err
	}
	return co, c.Copies().Commit(t.Context(), co)
}

// checkout is get without its end.
func checkout(t *testing.T, c *Client, name string) (*workcopy.Checkout, error) {
	t.Helper()
	rel, err := c.Repos.Resolve(t.Context(), repos.Ref{Name: name}, false)
	must(t, err)
	return c.Checkout(t.Context(), rel)
}

func TestGetMakesAWorkingCopy(t *testing.T) {
	s := sitetest.New(t)
	s.Publish(sitetest.Release("a", "1.0.0"))
	c := clientOf(t, s)
	update(t, c)
	co, err := get(t, c, "a")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range co.Kube.Files {
		data, err := os.ReadFile(filepath.Join(co.Dir, f.Path))
		if err != nil || string(data) != string(f.Data) {
			t.Errorf("%s: got %q, %v, want %q", f.Path, data, err, f.Data)
		}
	}
	if edits, err := c.Copies().Edits("a"); len(edits) > 0 || err != nil {
		t.Errorf("a fresh copy has the edits %v, %v", edits, err)
	}
	o, ok, err := c.Copies().Origin("a")
	if err != nil || !ok || o.Repository != "test" || o.Alias != "main" || o.Version != "1.0.0" {
		t.Errorf("origin: got %+v, %v, %v", o, ok, err)
	}
}

// What was fetched once works without a network, and is hashed at each use.
func TestGetOffline(t *testing.T) {
	s := sitetest.New(t)
	s.Publish(sitetest.Release("a", "1.0.0"))
	c := clientOf(t, s)
	update(t, c)
	co, err := get(t, c, "a")
	if err != nil {
		t.Fatal(err)
	}
	c.Repos.Offline = true
	if _, err := get(t, c, "a"); err != nil {
		t.Errorf("offline: %v", err)
	}
	archive := c.Home.Archive(co.Origin.Archive)
	sharedtest.Write(t, archive, "something else")
	if _, err := get(t, c, "a"); !errors.Is(err, repos.ErrOffline) {
		t.Errorf("with a damaged archive: got %v, want ErrOffline", err)
	}
	c.Repos.Offline = false
	if _, err := get(t, c, "a"); err != nil {
		t.Errorf("fetching the damaged archive again: %v", err)
	}
}

func TestGetNeverLosesEdits(t *testing.T) {
	for name, c := range map[string]struct {
		edit func(t *testing.T, dir string)
		want []string
	}{
		"changed": {func(t *testing.T, dir string) { sharedtest.Write(t, filepath.Join(dir, "K3.yaml"), "x") }, []string{"K3.yaml"}},
		"added":   {func(t *testing.T, dir string) { sharedtest.Write(t, filepath.Join(dir, ".notes"), "x") }, []string{".notes"}},
		"removed": {func(t *testing.T, dir string) { must(t, os.Remove(filepath.Join(dir, "run.sh"))) }, []string{"run.sh"}},
		"linked": {func(t *testing.T, dir string) {
			must(t, os.Remove(filepath.Join(dir, "run.sh")))
			must(t, os.Symlink("K3.yaml", filepath.Join(dir, "run.sh")))
		}, []string{"run.sh"}},
		"replaced": {func(t *testing.T, dir string) { must(t, os.RemoveAll(dir)); sharedtest.Write(t, dir, "mine") }, []string{".", "K3.yaml", "manifests/a.yaml", "run.sh"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := sitetest.New(t)
			s.Publish(sitetest.Release("a", "1.0.0"))
			client := clientOf(t, s)
			update(t, client)
			co, err := get(t, client, "a")
			must(t, err)
			c.edit(t, co.Dir)
			again, err := checkout(t, client, "a")
			must(t, err)
			if len(again.Edited) == 0 {
				t.Fatal("no question is asked")
			}
			if diff := cmp.Diff(c.want, again.Edited); diff != "" {
				t.Errorf("edits (-want +got):\n%s", diff)
			}
			must(t, client.Copies().Commit(t.Context(), again))
			if edits, err := client.Copies().Edits("a"); len(edits) > 0 || err != nil {
				t.Errorf("after yes: got edits %v, %v", edits, err)
			}
		})
	}
}

// An edit between question and answer is not lost.
func TestCommitAfterALateEdit(t *testing.T) {
	s := sitetest.New(t)
	s.Publish(sitetest.Release("a", "1.0.0"))
	c := clientOf(t, s)
	update(t, c)
	co, err := get(t, c, "a")
	must(t, err)
	again, err := checkout(t, c, "a")
	must(t, err)
	sharedtest.Write(t, filepath.Join(co.Dir, "K3.yaml"), "mine")
	if err := c.Copies().Commit(t.Context(), again); err == nil {
		t.Error("the edit was overwritten")
	}
}

// A kpm that was killed between putting a copy in place and noting its origin
// leaves no edits behind.
func TestGetAfterAKill(t *testing.T) {
	s := sitetest.New(t)
	s.Publish(sitetest.Release("a", "1.0.0"))
	c := clientOf(t, s)
	update(t, c)
	_, err := get(t, c, "a")
	must(t, err)
	old, err := os.ReadFile(c.Home.Origin("a"))
	must(t, err)
	s.Publish(sitetest.Release("a", "2.0.0"))
	update(t, c)
	_, err = get(t, c, "a")
	must(t, err)
	must(t, os.Rename(c.Home.Origin("a"), c.Home.NextOrigin("a")))
	sharedtest.Write(t, c.Home.Origin("a"), string(old))
	if o, ok, err := c.Copies().Origin("a"); o.Version != "2.0.0" || !ok || err != nil {
		t.Errorf("origin: got %s, %v, %v, want 2.0.0", o.Version, ok, err)
	}
	if edits, err := c.Copies().Edits("a"); len(edits) > 0 || err != nil {
		t.Errorf("got the edits %v, %v", edits, err)
	}
	s.Publish(sitetest.Release("a", "3.0.0"))
	update(t, c)
	co, err := get(t, c, "a")
	if err != nil || len(co.Edited) > 0 {
		t.Errorf("the next get: %v, edits %v", err, co.Edited)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// A user's own folder of that name is an edit as a whole.
func TestGetBesideAFolderOfTheUser(t *testing.T) {
	s := sitetest.New(t)
	s.Publish(sitetest.Release("a", "1.0.0"))
	c := clientOf(t, s)
	update(t, c)
	must(t, os.MkdirAll(c.Home.Copy("a"), 0o755))
	sharedtest.Write(t, filepath.Join(c.Home.Copy("a"), "thesis.txt"), "years of work")
	rel, err := c.Repos.Resolve(t.Context(), repos.Ref{Name: "a"}, false)
	must(t, err)
	co, err := c.Checkout(t.Context(), rel)
	must(t, err)
	if len(co.Edited) == 0 {
		t.Error("no question is asked")
	}
}

// What is refused makes no working copy.
func TestGetRefuses(t *testing.T) {
	s := sitetest.New(t)
	s.Publish(sitetest.Release("a", "1.0.0"))
	c := clientOf(t, s)
	update(t, c)
	archive := index.ArchivePath("a", "1.0.0")
	s.Put(archive, append(s.Get(archive), 0))
	if _, err := get(t, c, "a"); trust.CodeOf(err) != trust.Size {
		t.Errorf("got %v, want %s", err, trust.Size)
	}
	if _, err := os.Stat(c.Home.Copy("a")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a working copy was made: %v", err)
	}
}
