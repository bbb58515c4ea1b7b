package client

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kpm-sh/kpm/client/workcopy"
	"github.com/kpm-sh/kpm/internal/kube"
	"github.com/kpm-sh/kpm/internal/sharedtest"
	"github.com/kpm-sh/kpm/internal/sitetest"
)

// with is a release that has further files.
func with(version string, files map[string]string) *sitetest.Edition {
	e := edition(version, nil)
	for _, path := range slices.Sorted(maps.Keys(files)) {
		e.Files = append(e.Files, kube.File{Path: path, Data: []byte(files[path])})
	}
	return e
}

// A file takes the place of a folder, or a folder that of a file: what the user wrote
// stays, the release's lies beside it, and the next merge goes on from there.
func TestMergeFoldersAndFiles(t *testing.T) {
	type files map[string]string
	for name, w := range map[string]struct {
		one, two, three files
		mine            files // "" removes
		want, next      files
		waiting         []string
	}{
		"an edited folder becomes a file": {
			one: files{"x/y": "1"}, mine: files{"x/y": "mine"}, two: files{"x": "2"}, three: files{"x": "2", "z": "3"},
			want:    files{"x/y": "mine", "x/y.theirs": "", "x.theirs": "2"},
			waiting: []string{"x/y.theirs", "x.theirs"},
			next:    files{"x/y": "mine", "z": "3"},
		},
		"a folder with a file of the user's becomes a file": {
			one: files{"x/y": "1"}, mine: files{"x/mine": "mine"}, two: files{"x": "2"}, three: files{"x": "3"},
			want:    files{"x/mine": "mine", "x.theirs": "2"},
			waiting: []string{"x.theirs"},
		},
		"a folder with a dotfile becomes a file": {
			one: files{"x/y": "1"}, mine: files{"x/.note": "mine"}, two: files{"x": "2"}, three: files{"x": "2"},
			want:    files{"x/.note": "mine", "x.theirs": "2"},
			waiting: []string{"x.theirs"},
			next:    files{"x/.note": "mine"},
		},
		"an edited file becomes a folder": {
			one: files{"x": "1"}, mine: files{"x": "mine"}, two: files{"x/y/z": "2", "x/w": "2"}, three: files{"x/y/z": "2", "x/w": "2", "z": "3"},
			want:    files{"x": "mine", "x.theirs/y/z.theirs": "2", "x.theirs/w.theirs": "2"},
			waiting: []string{"x.theirs/w.theirs", "x.theirs/y/z.theirs"},
			next:    files{"x": "mine", "z": "3"},
		},
		"a file in the place of a folder that changes": {
			one: files{"x/y": "1", "x/w": "1"}, mine: files{"x/y": "", "x/w": "", "x": "mine"}, two: files{"x/y": "2", "x/w": "1"}, three: files{"x/y": "2", "x/w": "1"},
			want:    files{"x": "mine", "x.theirs/y.theirs": "2"},
			waiting: []string{"x.theirs/y.theirs"},
			next:    files{"x": "mine"},
		},
		"a folder in the place of a file that changes": {
			one: files{"x": "1"}, mine: files{"x": "", "x/y": "mine"}, two: files{"x": "2"}, three: files{"x": "2"},
			want:    files{"x/y": "mine", "x.theirs": "2"},
			waiting: []string{"x.theirs"},
			next:    files{"x/y": "mine"},
		},
		"a folder that nobody edited becomes a file": {
			one: files{"x/y/z": "1", "x/w": "1"}, two: files{"x": "2"}, three: files{"x/y/z": "3"},
			want: files{"x": "2"}, next: files{"x/y/z": "3"},
		},
		"a folder that the user removed becomes a file": {
			one: files{"x/y": "1"}, mine: files{"x/y": ""}, two: files{"x": "2"}, three: files{"x": "3"},
			want: files{"x": "2"}, next: files{"x": "3"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := sitetest.New(t)
			s.Publish(with("1.0.0", w.one))
			s.Publish(with("2.0.0", w.two))
			s.Publish(with("3.0.0", w.three))
			c := clientOf(t, s)
			update(t, c)
			co, err := get(t, c, "a@1.0.0")
			must(t, err)
			edit(t, co.Dir, w.mine)
			checkMerge(t, c, "2.0.0", w.want, w.waiting)
			for _, f := range w.waiting {
				must(t, os.Remove(filepath.Join(co.Dir, f)))
			}
			if w.next != nil {
				checkMerge(t, c, "3.0.0", w.next, nil)
			}
		})
	}
}

// edit writes files of a copy, or removes them: first those that go.
func edit(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for path, text := range files {
		if text == "" {
			must(t, os.Remove(filepath.Join(dir, path)))
			must(t, removeEmpty(filepath.Join(dir, filepath.Dir(path)), dir))
		}
	}
	for path, text := range files {
		if text != "" {
			must(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, path)), 0o755))
			sharedtest.Write(t, filepath.Join(dir, path), text)
		}
	}
}

func removeEmpty(folder, root string) error {
	if entries, err := os.ReadDir(folder); err != nil || len(entries) > 0 || folder == root {
		return err
	}
	return os.Remove(folder)
}

// checkMerge merges a release, and wants those files in the copy beside what every
// release has, and these waiting.
func checkMerge(t *testing.T, c *Client, version string, want map[string]string, waiting []string) {
	t.Helper()
	m, err := mergeTo(t, c, version)
	var unmerged *workcopy.UnmergedError
	if errors.As(err, &unmerged) != (len(waiting) > 0) || err != nil && unmerged == nil {
		t.Fatalf("%s: got %v", version, err)
	}
	if unmerged != nil {
		if diff := cmp.Diff(waiting, unmerged.Files); diff != "" {
			t.Errorf("%s: waiting (-want +got):\n%s", version, diff)
		}
	}
	got := tree(t, m.Dir)
	for _, f := range edition(version, nil).Files {
		if got[f.Path] != string(f.Data) {
			t.Errorf("%s: %s is %q", version, f.Path, got[f.Path])
		}
		delete(got, f.Path)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", version, diff)
	}
	if o, _, err := c.Copies().Origin("a"); err != nil || o.Version != version {
		t.Errorf("origin: got %s, %v, want %s", o.Version, err, version)
	}
}
