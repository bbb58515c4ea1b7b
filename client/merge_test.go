package client

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kpm-sh/kpm/client/repos"
	"github.com/kpm-sh/kpm/client/workcopy"
	"github.com/kpm-sh/kpm/internal/cluster/api"
	"github.com/kpm-sh/kpm/internal/cluster/history"
	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/sharedtest"
	"github.com/kpm-sh/kpm/internal/sitetest"
)

// edition is a release whose Deployment has an image of that version, on request
// without or with further files.
func edition(version string, change func(files map[string]string)) *sitetest.Edition {
	e := sitetest.Release("a", version)
	files := map[string]string{
		"K3.yaml":          "name: a\nversion: " + version + "\ndescription: a is a Kube of the tests\n",
		"manifests/a.yaml": strings.ReplaceAll(deployment, "VERSION", version),
		"README.md":        "# a\n",
		"values.yaml":      "x: 1\n",
	}
	if change != nil {
		change(files)
	}
	e.Files = nil
	for _, path := range []string{"K3.yaml", "README.md", "manifests/a.yaml", "manifests/b.yaml", "values.yaml"} {
		if text, ok := files[path]; ok {
			e.Files = append(e.Files, kube.File{Path: path, Data: []byte(text)})
		}
	}
	return e
}

const deployment = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: a
spec:
  replicas: 1
  template:
    spec:
      containers:
      - name: a
        image: a:VERSION
`

// tree are the files below dir.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, _ := filepath.Rel(dir, path)
		data, err := os.ReadFile(path)
		all[filepath.ToSlash(rel)] = string(data)
		return err
	})
	must(t, err)
	return all
}

// merging is a client with a copy of release 1 and two more releases out.
func merging(t *testing.T, two, three func(files map[string]string)) (c *Client, dir string) {
	t.Helper()
	s := sitetest.New(t)
	s.Publish(edition("1.0.0", nil))
	s.Publish(edition("2.0.0", two))
	s.Publish(edition("3.0.0", three))
	c = clientOf(t, s)
	update(t, c)
	co, err := get(t, c, "a@1.0.0")
	must(t, err)
	return c, co.Dir
}

// mergeTo merges a release into the copy, and commits that.
func mergeTo(t *testing.T, c *Client, version string) (*workcopy.Merging, error) {
	t.Helper()
	rel, err := c.Repos.Resolve(t.Context(), repos.Ref{Name: "a", Version: version}, false)
	must(t, err)
	m, err := c.Merge(t.Context(), rel)
	must(t, err)
	return m, c.Copies().CommitMerge(t.Context(), m)
}

// Edits go along over three releases; what was not edited is each release's own.
func TestMergeKeepsEdits(t *testing.T) {
	c, dir := merging(t, func(files map[string]string) { files["manifests/b.yaml"] = "kind: ConfigMap\n" },
		func(files map[string]string) { files["README.md"] = "# A\n" })
	mine := strings.Replace(deployment, "  replicas: 1\n", "  # two zones\n  replicas: 3\n", 1)
	sharedtest.Write(t, filepath.Join(dir, "manifests/a.yaml"), strings.ReplaceAll(mine, "VERSION", "1.0.0"))
	sharedtest.Write(t, filepath.Join(dir, "notes.txt"), "mine")
	must(t, os.Mkdir(filepath.Join(dir, ".git"), 0o755))
	sharedtest.Write(t, filepath.Join(dir, ".git/HEAD"), "mine, too")
	must(t, os.Remove(filepath.Join(dir, "values.yaml")))
	for _, version := range []string{"2.0.0", "3.0.0"} {
		m, err := mergeTo(t, c, version)
		must(t, err)
		want := map[string]string{
			"K3.yaml":          "name: a\nversion: " + version + "\ndescription: a is a Kube of the tests\n",
			"manifests/a.yaml": strings.ReplaceAll(mine, "VERSION", version),
			"README.md":        "# a\n", "notes.txt": "mine", ".git/HEAD": "mine, too",
			"manifests/b.yaml": "kind: ConfigMap\n",
		}
		if version == "3.0.0" {
			want["README.md"] = "# A\n"
			delete(want, "manifests/b.yaml")
		}
		if diff := cmp.Diff(want, tree(t, dir)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", version, diff)
		}
		o, _, err := c.Copies().Origin("a")
		if err != nil || o.Version != version || o.Archive != m.Origin.Archive {
			t.Errorf("origin: got %s, %v, want %s", o.Version, err, version)
		}
		edited := []string{"manifests/a.yaml", "notes.txt", "values.yaml"}
		if diff := cmp.Diff(edited, m.Copy().Edited); diff != "" {
			t.Errorf("edited (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(append([]string{".git/HEAD"}, edited...), edits1(t, c)); diff != "" {
			t.Errorf("edits (-want +got):\n%s", diff)
		}
	}
}

func edits1(t *testing.T, c *Client) []string {
	t.Helper()
	all, err := c.Copies().Edits("a")
	must(t, err)
	return all
}

// What conflicts stays the user's, with the release's beside it, and nothing is
// done with the copy until that is gone.
func TestMergeConflicts(t *testing.T) {
	c, dir := merging(t, func(files map[string]string) {
		files["manifests/a.yaml"] = strings.Replace(deployment, "replicas: 1", "replicas: 2", 1)
		files["values.yaml"] = "x: 2\n"
		delete(files, "README.md")
	}, nil)
	mine := strings.Replace(deployment, "replicas: 1", "replicas: 3", 1)
	sharedtest.Write(t, filepath.Join(dir, "manifests/a.yaml"), mine)
	sharedtest.Write(t, filepath.Join(dir, "README.md"), "# mine\n")
	must(t, os.Remove(filepath.Join(dir, "values.yaml")))
	_, err := mergeTo(t, c, "2.0.0")
	var unmerged *workcopy.UnmergedError
	if !errors.As(err, &unmerged) {
		t.Fatalf("got %v, want a *UnmergedError", err)
	}
	want := map[string]string{
		"K3.yaml":          "name: a\nversion: 2.0.0\ndescription: a is a Kube of the tests\n",
		"manifests/a.yaml": mine, "manifests/a.yaml.theirs": strings.Replace(deployment, "replicas: 1", "replicas: 2", 1),
		"README.md": "# mine\n", "README.md.theirs": "",
		"values.yaml.theirs": "x: 2\n",
	}
	if diff := cmp.Diff(want, tree(t, dir)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	_, lintErr := lintCopy(t, c)
	_, openErr := c.Open(t.Context(), repos.Ref{Name: "a"}, false)
	_, folderErr := c.Open(t.Context(), repos.Ref{Path: dir}, false)
	_, _, lintDirErr := Lint(t.Context(), dir)
	_, _, packErr := Package(t.Context(), dir, t.TempDir())
	rel, err := c.Repos.Resolve(t.Context(), repos.Ref{Name: "a", Version: "3.0.0"}, false)
	must(t, err)
	_, mergeErr := c.Merge(t.Context(), rel)
	for what, err := range map[string]error{
		"lint of the copy": lintErr, "open": openErr, "folder": folderErr, "lint": lintDirErr, "package": packErr, "merge": mergeErr,
	} {
		if !errors.As(err, &unmerged) || len(unmerged.Files) != 3 {
			t.Errorf("%s: got %v, want a *UnmergedError of 3 files", what, err)
		}
	}
	for _, f := range unmerged.Files {
		must(t, os.Remove(filepath.Join(dir, f)))
	}
	if opened, err := c.Open(t.Context(), repos.Ref{Name: "a"}, false); err != nil || opened.Copy.Version != "2.0.0" {
		t.Errorf("after merging: got %+v, %v", opened, err)
	}
}

// A kill between the steps of a commit leaves the old copy with the old origin or
// the merged one with the new, also when the user goes on editing before kpm sees it.
func TestMergeCutShort(t *testing.T) {
	c, dir := merging(t, nil, nil)
	notes := filepath.Join(dir, "notes.txt")
	sharedtest.Write(t, notes, "mine")
	before, err := os.ReadFile(c.Home.Origin("a"))
	must(t, err)
	_, err = mergeTo(t, c, "2.0.0")
	must(t, err)
	after, err := os.ReadFile(c.Home.Origin("a"))
	must(t, err)

	// The copy was put in place, and its origin was not.
	sharedtest.Write(t, c.Home.Origin("a"), string(before))
	sharedtest.Write(t, c.Home.NextOrigin("a"), string(after))
	sharedtest.Write(t, notes, "mine, edited again")
	if o, _, err := c.Copies().Origin("a"); err != nil || o.Version != "2.0.0" {
		t.Errorf("the merged copy: got %s, %v, want 2.0.0", o.Version, err)
	}
	if diff := cmp.Diff([]string{"notes.txt"}, edits1(t, c)); diff != "" {
		t.Errorf("edits (-want +got):\n%s", diff)
	}
	_, err = mergeTo(t, c, "3.0.0")
	must(t, err)
	if o, _, err := c.Copies().Origin("a"); err != nil || o.Version != "3.0.0" {
		t.Errorf("the merge after it: got %s, %v, want 3.0.0", o.Version, err)
	}

	// The next origin was written, and the copy is as it was.
	sharedtest.Write(t, c.Home.NextOrigin("a"), strings.Replace(string(after), "2.0.0", "4.0.0", 1))
	if o, _, err := c.Copies().Origin("a"); err != nil || o.Version != "3.0.0" {
		t.Errorf("the old copy: got %s, %v, want 3.0.0", o.Version, err)
	}
}

// A copy that was edited after it was merged is left alone.
func TestMergeOverNewEdits(t *testing.T) {
	c, dir := merging(t, nil, nil)
	rel, err := c.Repos.Resolve(t.Context(), repos.Ref{Name: "a", Version: "2.0.0"}, false)
	must(t, err)
	m, err := c.Merge(t.Context(), rel)
	must(t, err)
	sharedtest.Write(t, filepath.Join(dir, "README.md"), "just now")
	before := tree(t, dir)
	if err := c.Copies().CommitMerge(t.Context(), m); err == nil || !strings.Contains(err.Error(), "edited just now") {
		t.Errorf("got %v", err)
	}
	if diff := cmp.Diff(before, tree(t, dir)); diff != "" {
		t.Errorf("the copy changed (-want +got):\n%s", diff)
	}
	if o, _, err := c.Copies().Origin("a"); err != nil || o.Version != "1.0.0" {
		t.Errorf("origin: got %s, %v", o.Version, err)
	}
}

// An upgrade goes on with the merged copy, which is not in place before Apply.
func TestBring(t *testing.T) {
	for name, w := range map[string]struct {
		edit    func(t *testing.T, dir string)
		ref     repos.Ref
		dryRun  bool
		version string // of what is opened; "": no copy is
		merges  bool
	}{
		"the newest":           {nil, repos.Ref{Name: "a"}, false, "3.0.0", true},
		"a named one":          {nil, repos.Ref{Name: "a", Version: "2.0.0"}, false, "2.0.0", true},
		"that of the copy":     {nil, repos.Ref{Name: "a", Version: "1.0.0"}, false, "1.0.0", false},
		"a repository's":       {nil, repos.Ref{Repository: "main", Name: "a"}, false, "", false},
		"a dry run":            {nil, repos.Ref{Name: "a"}, true, "3.0.0", true},
		"edits come along":     {func(t *testing.T, dir string) { sharedtest.Write(t, filepath.Join(dir, "notes.txt"), "x") }, repos.Ref{Name: "a"}, false, "3.0.0", true},
		"there is nothing new": {nil, repos.Ref{Name: "b"}, false, "", false},
	} {
		t.Run(name, func(t *testing.T) {
			c, dir := merging(t, nil, nil)
			if w.edit != nil {
				w.edit(t, dir)
			}
			before := tree(t, dir)
			installed := history.Revision{Version: "1.0.0", Repository: "test", Status: history.Installed}
			s := &Source{target: target{client: c, cluster: &api.Client{}, options: Options{DryRun: w.dryRun}, state: history.State{Revisions: []history.Revision{installed}}}}
			if err := s.mergeCopy(t.Context(), w.ref); err != nil {
				t.Fatal(err)
			}
			switch {
			case w.version == "" && s.local != nil:
				t.Errorf("got a copy of %s", s.local.Copy.Version)
			case w.version != "" && (s.local == nil || s.local.Copy == nil || s.local.Kube.Version.Original() != w.version):
				t.Errorf("got %+v, want the copy at %s", s.local, w.version)
			}
			if w.merges != (s.merging != nil) || s.release != nil {
				t.Errorf("merging %v, release %v", s.merging, s.release)
			}
			if diff := cmp.Diff(before, tree(t, dir)); diff != "" {
				t.Errorf("the copy changed (-want +got):\n%s", diff)
			}
		})
	}
}

// What conflicts is left to the user before anything is applied, but not by a
// dry run.
func TestBringConflicts(t *testing.T) {
	for _, dryRun := range []bool{true, false} {
		c, dir := merging(t, nil, func(files map[string]string) { files["README.md"] = "theirs\n" })
		sharedtest.Write(t, filepath.Join(dir, "README.md"), "mine\n")
		before := tree(t, dir)
		installed := history.Revision{Version: "1.0.0", Repository: "test", Status: history.Installed}
		s := &Source{target: target{client: c, cluster: &api.Client{}, options: Options{DryRun: dryRun}, state: history.State{Revisions: []history.Revision{installed}}}}
		err := s.mergeCopy(t.Context(), repos.Ref{Name: "a"})
		if errors.As(err, new(*workcopy.MergeError)) != dryRun || errors.As(err, new(*workcopy.UnmergedError)) == dryRun {
			t.Errorf("dry run %v: got %v", dryRun, err)
		}
		if same := cmp.Equal(before, tree(t, dir)); same != dryRun {
			t.Errorf("dry run %v: the copy is unchanged: %v", dryRun, same)
		}
	}
}

// The release that a copy was made from is fetched again where it is not at hand.
func TestMergeFetchesBase(t *testing.T) {
	c, dir := merging(t, nil, nil)
	sharedtest.Write(t, filepath.Join(dir, "notes.txt"), "mine")
	o, _, err := c.Copies().Origin("a")
	must(t, err)
	must(t, os.Remove(c.Home.Archive(o.Archive)))
	_, err = mergeTo(t, c, "2.0.0")
	must(t, err)
}

// A merge stays within one repository: another one's Kube of the same name is
// another Kube.
func TestMergeOfAnotherRepository(t *testing.T) {
	s, other := sitetest.New(t), sitetest.Named(t, "other")
	s.Publish(edition("1.0.0", nil))
	other.Publish(edition("2.0.0", nil))
	c := clientOf(t, s)
	must(t, c.Repos.ConfigFile().Add(t.Context(), repos.Config{Alias: "other", Sources: []string{other.URL}, Pin: &other.Pin}))
	must(t, c.Repos.Update(t.Context(), "", func(repos.Updated) {}))
	_, err := get(t, c, "main/a")
	must(t, err)
	rel, err := c.Repos.Resolve(t.Context(), repos.Ref{Repository: "other", Name: "a"}, false)
	must(t, err)
	if _, err := c.Merge(t.Context(), rel); err == nil || !strings.Contains(err.Error(), "a merge stays within one") {
		t.Errorf("got %v, want a refusal", err)
	}
}
