package merge

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/kpm-sh/kpm/internal/sharedtest"
)

// TestCorpus edits objects of real manifests, one at a time, and lays the edit
// over the next release of its file. It survives, and all else is the release's.
func TestCorpus(t *testing.T) {
	for _, name := range []string{"upgrade-chain", "classic-history"} {
		t.Run(name, func(t *testing.T) {
			root := sharedtest.Path(t, "corpus/"+name)
			steps, err := os.ReadDir(root)
			if err != nil {
				t.Fatal(err)
			}
			tally := map[string]int{}
			before := map[string][]byte{}
			for _, step := range steps {
				for path, theirs := range manifests(t, filepath.Join(root, step.Name(), "packages")) {
					if base := before[path]; base != nil && !bytes.Equal(base, theirs) {
						overRelease(t, step.Name()+" "+path, base, theirs, tally)
					}
					before[path] = theirs
				}
			}
			t.Logf("%v", tally)
			if tally["field"] == 0 || tally["replicas"] == 0 {
				t.Errorf("too little was edited: %v", tally)
			}
		})
	}
}

func manifests(t *testing.T, root string) map[string][]byte {
	t.Helper()
	all := map[string][]byte{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".yaml" || filepath.Base(filepath.Dir(path)) != "manifests" {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		all[rel], err = os.ReadFile(path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// edits are made to the text of an object, each with a comment.
var edits = map[string]struct {
	line *regexp.Regexp
	to   string
}{
	"field":    {regexp.MustCompile(`(?m)^kind:.*\n`), "${0}mine: 17 # mine\n"},
	"replicas": {regexp.MustCompile(`(?m)^  replicas:.*\n`), "  replicas: 17 # mine\n"},
}

func overRelease(t *testing.T, what string, base, theirs []byte, tally map[string]int) {
	t.Helper()
	docs, ok := split(base)
	release, ok2 := split(theirs)
	if !ok || !ok2 {
		tally["by lines"]++
		return
	}
	for i, doc := range docs {
		for name, edit := range edits {
			target := release.get(doc.key)
			if doc.tree == nil || !edit.line.Match(doc.text) || name == "field" && i > 0 && (i%3 != 0 || equal(target, &doc)) {
				continue // the files are large: a third of what changed will do
			}
			text := edit.line.ReplaceAll(doc.text, []byte(edit.to))
			edited := append(append(append(stream{}, docs[:i]...), document{text: text}), docs[i+1:]...)
			mine, _ := join(edited)
			r := Merge("x.yaml", &File{Data: base}, &File{Data: mine}, &File{Data: theirs})
			if target == nil || name == "replicas" && !bytes.Equal(edit.line.Find(target.text), edit.line.Find(doc.text)) {
				tally["conflict"]++
				if r.Outcome != Conflict {
					t.Errorf("%s: %s of %s: got %s, want a conflict", what, name, doc.name(), r.Outcome)
				}
				continue
			}
			tally[name]++
			want := edit.line.ReplaceAll(target.text, []byte(edit.to))
			checkMerged(t, what+": "+name+" of "+doc.name(), r, doc.key, release, want)
		}
	}
}

// checkMerged wants the document at key as the text says, with its comment, and
// the others as they are in the release.
func checkMerged(t *testing.T, what string, r Result, key string, release stream, want []byte) {
	t.Helper()
	if r.Outcome == Conflict {
		t.Errorf("%s: conflicts: %v", what, r.Clashes)
		return
	}
	merged, ok := split(r.File.Data)
	if !ok || len(merged) != len(release) {
		t.Errorf("%s: %d documents, want %d", what, len(merged), len(release))
		return
	}
	for _, doc := range release {
		got := merged.get(doc.key)
		switch {
		case got == nil:
			t.Errorf("%s: %s is missing", what, doc.name())
		case doc.key == key && (meaning(got.text) != meaning(want) || !strings.Contains(string(got.text), "# mine")):
			t.Errorf("%s: got\n%s\nwant\n%s", what, got.text, want)
		case doc.key != key && !equal(got, &doc):
			t.Errorf("%s: %s changed", what, doc.name())
		}
	}
}
