package client

import (
	"errors"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kpm-sh/kpm/client/repos"
	"github.com/kpm-sh/kpm/internal/cluster/history"
	"github.com/kpm-sh/kpm/internal/sharedtest"
)

// Undo leaves alone what somebody else has begun since: it is theirs to end. Where
// nobody has, what was made goes.
func TestUndoLeavesOthersAlone(t *testing.T) {
	for name, others := range map[string]bool{"nobody else": false, "somebody else": true} {
		t.Run(name, func(t *testing.T) {
			s, k := connected(t)
			c := newClient(t)
			var told []string
			c.Notice = func(n repos.Notice) { told = append(told, n.Text) }
			dir := t.TempDir()
			for path, text := range kubeFiles("mine", map[string]string{
				"manifests/a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n",
				"manifests/b.yaml": "apiVersion: v1\nkind: Service\nmetadata: {name: b}\n",
			}) {
				sharedtest.Write(t, dir+"/"+path, text)
			}
			source, p := prepare(t, c, k, dir, Options{Holder: history.Here("first", "tester"), MayUndo: true})
			planned, err := source.Plan(t.Context(), p)
			must(t, err)
			s.Before(func(r *http.Request) int {
				if r.Method == http.MethodPatch && r.URL.Query().Get("dryRun") == "" && strings.HasSuffix(r.URL.Path, "/services/b") {
					return http.StatusForbidden
				}
				return 0
			})
			applied, err := planned.Apply(t.Context(), Wait{})
			if err == nil {
				t.Fatal("the fault of the test does not fail it")
			}
			s.Before(nil)
			if others {
				theirs, p := prepare(t, c, k, dir, Options{Holder: history.Here("second", "other")})
				planned, err := theirs.Plan(t.Context(), p)
				must(t, err)
				begun, err := begin(t.Context(), k, planned.Plan, planned.next, theirs.options.Holder, Wait{})
				must(t, err)
				must(t, begun.end(t.Context(), errors.New("a fault of the test")))
			}
			s.Writes()
			must(t, applied.Undo(t.Context(), Wait{}))
			all := strings.Join(told, "\n")
			if others && (len(s.Writes()) > 0 || !strings.Contains(all, "somebody else has begun since")) {
				t.Errorf("written: %v, told: %s", s.Writes(), all)
			}
			if there := s.Live("/api/v1/namespaces/web/configmaps/a") != nil; there != others {
				t.Errorf("the object is there: %v, want %v; told: %s", there, others, all)
			}
		})
	}
}

// kubeFiles are the files of a Kube of which some are given.
func kubeFiles(name string, more map[string]string) map[string]string {
	files := map[string]string{"K3.yaml": "name: " + name + "\nversion: 1.0.0\ndescription: A Kube of the tests\n"}
	maps.Copy(files, more)
	return files
}

// Undo touches nothing when what it would undo is no longer the newest revision, is
// somebody else's, or has not ended.
func TestUndoesOnlyItsOwn(t *testing.T) {
	for name, c := range map[string]struct {
		since  func(meta map[string]any) // what becomes of the revision before Undo
		again  bool                      // the same run applies once more
		undone bool
	}{
		"its own":             {undone: true},
		"somebody else's":     {since: func(meta map[string]any) { meta["annotations"].(map[string]any)["kpm.sh/holder"] = `{"run":"another"}` }},
		"not ended":           {since: func(meta map[string]any) { meta["labels"].(map[string]any)["kpm.sh/status"] = string(history.Pending) }},
		"a later one of ours": {again: true},
	} {
		t.Run(name, func(t *testing.T) {
			s, k := connected(t)
			cl := newClient(t)
			dir := t.TempDir()
			sharedtest.Write(t, filepath.Join(dir, "K3.yaml"), "name: mine\nversion: 1.0.0\ndescription: A Kube\n")
			must(t, os.Mkdir(filepath.Join(dir, "manifests"), 0o755))
			apply := func(value string) *Applied {
				sharedtest.Write(t, filepath.Join(dir, "manifests", "a.yaml"), "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {k: "+value+"}\n")
				source, p := prepare(t, cl, k, dir, Options{Holder: history.Here("run", "tester")})
				planned, err := source.Plan(t.Context(), p)
				must(t, err)
				applied, err := planned.Apply(t.Context(), Wait{})
				must(t, err)
				return applied
			}
			applied := apply("one")
			if c.again {
				apply("two")
			}
			if c.since != nil {
				s.Change("/api/v1/namespaces/web/secrets/kpm.mine.v1", func(o map[string]any) { c.since(o["metadata"].(map[string]any)) })
			}
			s.Writes()
			must(t, applied.Undo(t.Context(), Wait{}))
			if wrote := s.Writes(); (len(wrote) > 0) != c.undone {
				t.Errorf("it wrote %q", wrote)
			}
			if gone := s.Live("/api/v1/namespaces/web/configmaps/a") == nil; gone != c.undone {
				t.Errorf("the object is gone: %v", gone)
			}
		})
	}
}
